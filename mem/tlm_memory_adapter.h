// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "mem/request.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

struct TlmMemoryAdapterConfig {
  NodeId node = 0;                        // of the memory on the network
  std::uint32_t chunk_bytes = 64;         // longest payload; rows are cut at multiples of it
  std::uint32_t outstanding_chunks = 64;  // payloads on their way: the credits
};

// The border to a memory model that speaks TLM-2.0: each transfer becomes pooled generic payloads
// over the non-blocking base protocol, at most `chunk_bytes` each, one request phase at a time.
// Targets may answer in any order and in any of the legal shorter ways (TLM_COMPLETED at once,
// BEGIN_RESP without END_REQ, TLM_UPDATED on the return path). Data is zeros. A transfer is
// complete with its last response; an error response stops the simulation: sc_start throws, with
// the address and the response in the message.
class TlmMemoryAdapter : public sc_core::sc_module, public TransferTarget, public WaitReporter {
 public:
  tlm_utils::simple_initiator_socket<TlmMemoryAdapter> socket{"socket"};

  // Throws std::invalid_argument when there are no chunks.
  TlmMemoryAdapter(const sc_core::sc_module_name& name,
                   const TlmMemoryAdapterConfig& config,
                   CounterRegistry& registry);
  ~TlmMemoryAdapter() override;

  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override;
  void spread(Transfer& transfer) const override;
  void report_waits(std::vector<std::string>& lines) const override;

 private:
  class Payload;  // a generic payload with its memory manager and the transfer it is part of

  // A transfer being cut into chunks, or waiting for its last response.
  struct Job {
    Request request;
    std::size_t block = 0;  // the next chunk starts here
    std::uint32_t row = 0;
    std::uint64_t byte = 0;
    std::uint64_t chunks_left = 0;  // sent and not answered
    bool all_sent = false;
  };
  struct Response {
    Femtoseconds at_fs;
    Payload* payload;
  };

  void process();
  void send_chunks(Femtoseconds now_fs);
  bool next_chunk(Job& job, std::uint64_t& address, std::uint32_t& bytes) const;
  Payload& acquire();
  void respond(Payload& payload, const sc_core::sc_time& delay);
  void finish(Payload& payload, Femtoseconds now_fs);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);

  const TlmMemoryAdapterConfig config_;
  Inbox<Request> inbox_;
  std::deque<Job> jobs_;  // in order of arrival
  std::vector<std::unique_ptr<Payload>> pool_;
  std::vector<Payload*> free_;
  std::vector<Response> responses_;
  tlm::tlm_generic_payload* in_request_ = nullptr;  // awaits END_REQ
  std::uint32_t outstanding_ = 0;
  struct {
    Counter read_bytes, write_bytes, chunks;
  } count_;
  WakeUp wake_up_;
};

}  // namespace orrery
