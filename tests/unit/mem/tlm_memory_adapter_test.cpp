// SPDX-License-Identifier: Apache-2.0
#include "mem/tlm_memory_adapter.h"

#include <algorithm>
#include <exception>
#include <string>

#include <gtest/gtest.h>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

// A foreign memory: completes every request in the call itself, 30 ns later.
struct ForeignMemory : sc_core::sc_module {
  tlm_utils::simple_target_socket<ForeignMemory> socket{"socket"};
  std::uint64_t bytes = 0, writes = 0, bad_address = ~std::uint64_t{0};
  explicit ForeignMemory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_fw(this, &ForeignMemory::nb_transport_fw);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& /*phase*/,
                                     sc_core::sc_time& delay) {
    delay += sc_core::sc_time(30, sc_core::SC_NS);
    bytes += payload.get_data_length();
    writes += payload.is_write() ? 1 : 0;
    payload.set_response_status(payload.get_address() == bad_address
                                    ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                    : tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
};

// Answers phase by phase: END_REQ after 1 ns, BEGIN_RESP after 50 ns, many at a time.
struct PhasedMemory : sc_core::sc_module {
  tlm_utils::simple_target_socket<PhasedMemory> socket{"socket"};
  std::uint32_t outstanding = 0, most = 0;
  explicit PhasedMemory(const sc_core::sc_module_name& name)
      : sc_module(name), queue_(this, &PhasedMemory::on_phase) {
    socket.register_nb_transport_fw(this, &PhasedMemory::nb_transport_fw);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
      payload.acquire();
      most = std::max(most, ++outstanding);
      queue_.notify(payload, tlm::END_REQ, delay + sc_core::sc_time(1, sc_core::SC_NS));
      queue_.notify(payload, tlm::BEGIN_RESP, delay + sc_core::sc_time(50, sc_core::SC_NS));
    }
    return tlm::TLM_ACCEPTED;
  }
  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
    tlm::tlm_phase next = phase;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (phase == tlm::BEGIN_RESP) {
      --outstanding;
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    socket->nb_transport_bw(payload, next, delay);
    if (phase == tlm::BEGIN_RESP) {
      payload.release();
    }
  }
  tlm_utils::peq_with_cb_and_phase<PhasedMemory> queue_;
};

class TlmMemoryAdapterTest : public SystemCTest {
 protected:
  CounterRegistry registry_;
};

TEST_F(TlmMemoryAdapterTest, AForeignMemoryServesTransfers) {
  TlmMemoryAdapter adapter("adapter", {.node = 5, .chunk_bytes = 64}, registry_);
  ForeignMemory memory("memory");
  adapter.socket.bind(memory.socket);
  Sender core("core");
  core.port(adapter);
  Transfer& read = core.at(0, tile(0, 32, 16, 128));
  core.at(0, tile(64, 0, 16, 128), Access::kWrite);
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.order.size(), 2U);
  EXPECT_EQ(memory.bytes, 2U * 16 * 128);
  EXPECT_EQ(memory.writes, 32U);
  EXPECT_EQ(registry_.value("adapter.chunks"), 16U * 3 + 32);  // the read's rows are not aligned
  EXPECT_EQ(read.segments[0].stage, Stage::kMemory);
}

TEST_F(TlmMemoryAdapterTest, KeepsToItsCreditsAndFillsThem) {
  TlmMemoryAdapter adapter("adapter", {.node = 5, .chunk_bytes = 64, .outstanding_chunks = 8},
                           registry_);
  PhasedMemory memory("memory");
  adapter.socket.bind(memory.socket);
  Sender core("core");
  core.port(adapter);
  core.at(0, tile(0, 0, 32, 128));
  core.at(0, tile(64, 0, 32, 128));
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.order, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(memory.most, 8U);
}

TEST_F(TlmMemoryAdapterTest, EarlyCompletionWithADelayIsTakenAtItsTime) {
  TlmMemoryAdapter adapter("adapter", {.node = 5, .chunk_bytes = 128, .outstanding_chunks = 1000},
                           registry_);
  ForeignMemory memory("memory");
  adapter.socket.bind(memory.socket);
  Sender core("core");
  core.port(adapter);
  core.at(7 * kNs, tile(0, 0, 32, 128));
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.done_fs[1], 37 * kNs);
}

TEST_F(TlmMemoryAdapterTest, AnErrorResponseStopsTheSimulationWithTheAddress) {
  TlmMemoryAdapter adapter("adapter", {.node = 5, .chunk_bytes = 64}, registry_);
  ForeignMemory memory("memory");
  memory.bad_address = 8192 + 64;
  adapter.socket.bind(memory.socket);
  Sender core("core");
  core.port(adapter);
  core.at(0, tile(0, 0, 2, 128));
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  try {
    sc_core::sc_start();
    FAIL() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("TLM_ADDRESS_ERROR_RESPONSE at address 8256"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(TlmMemoryAdapterTest, WaitsAreReportedAndZeroBytesEndAtOnce) {
  TlmMemoryAdapter adapter("adapter", {.node = 5, .chunk_bytes = 64}, registry_);
  ForeignMemory memory("memory");
  adapter.socket.bind(memory.socket);
  Sender core("core");
  core.port(adapter);
  core.at(0, tile(0, 0, 0, 128));
  core.at(0, tile(0, 0, 2, 128));
  sc_core::sc_start(5, sc_core::SC_NS);
  EXPECT_EQ(core.recorder.done_fs.count(1), 1U);
  std::vector<std::string> lines;
  adapter.report_waits(lines);
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(TlmMemoryAdapterTest, RefusesNoChunks) {
  EXPECT_THROW(TlmMemoryAdapter("a", {.node = 0, .chunk_bytes = 0}, registry_),
               std::invalid_argument);
}

}  // namespace
}  // namespace orrery
