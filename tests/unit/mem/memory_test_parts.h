// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include <systemc>

#include "mem/completion_queue.h"
#include "mem/hbm_config.h"
#include "mem/shared_memory_config.h"
#include "sim/ports.h"
#include "sim/sim_time.h"
#include "sim/transfer.h"

// What the tests of memories share: small configurations and stand-ins for cores and memories.
namespace orrery {

inline constexpr Femtoseconds kNs = kFsPerNanosecond;

// 4 channels of 8 GB/s: 32 B take 4 ns.
inline HbmConfig small_hbm() {
  HbmConfig config;
  config.stacks = 2;
  config.channels_per_stack = 2;
  config.capacity_bytes = std::uint64_t{1} << 30;
  config.bandwidth_bytes_per_s = 32'000'000'000;
  config.array_latency_fs = 40 * kNs;
  config.front_end_latency_fs = 100 * kNs;
  return config;
}

inline SharedMemoryConfig small_l2(std::uint32_t partitions = 1) {
  SharedMemoryConfig config;
  config.kind = SharedMemoryKind::kL2;
  config.capacity_bytes = std::uint64_t{partitions} << 20;
  config.latency_cycles = 100;  // of 1 ns
  config.fill_outstanding_bytes = 1 << 20;
  config.partitions = partitions;
  config.slices = 8 * partitions;
  config.slice_bytes_per_cycle = 64;
  return config;
}

inline SharedMemoryConfig small_sram() {
  SharedMemoryConfig config;
  config.kind = SharedMemoryKind::kSram;
  config.capacity_bytes = 4 << 20;
  config.latency_cycles = 50;
  config.fill_outstanding_bytes = 1 << 20;
  config.banks = 4;
  config.bank_bytes_per_cycle = 128;
  return config;
}

// A part of a matrix of 4096 rows with a pitch of 8 KiB.
inline Block tile(std::uint32_t first_row,
                  std::uint64_t first_byte,
                  std::uint32_t rows,
                  std::uint32_t row_bytes,
                  std::uint64_t base = 0) {
  return {base, 8192, 4096, first_row, first_byte, rows, row_bytes};
}

inline Transfer transfer_of(const Block& block, Access access = Access::kRead) {
  Transfer transfer;
  transfer.blocks = {block};
  transfer.access = access;
  return transfer;
}

// A core: sends transfers and records when they come back.
class Recorder : public TransferInitiator {
 public:
  Transfer& make(const Block& block, Access access = Access::kRead, NodeId source = 0) {
    transfers_.push_back(transfer_of(block, access));
    Transfer& transfer = transfers_.back();
    transfer.source = source;
    transfer.sequence = transfers_.size();
    return transfer;
  }
  void complete(Transfer& transfer, Femtoseconds at_fs) override {
    done_fs[transfer.sequence] = at_fs;
    order.push_back(transfer.sequence);
  }

  std::map<std::uint64_t, Femtoseconds> done_fs;  // by sequence
  std::vector<std::uint64_t> order;
  std::deque<Transfer>& transfers() { return transfers_; }

 private:
  std::deque<Transfer> transfers_;
};

// Sends transfers from inside the simulation, at chosen times.
class Sender : public sc_core::sc_module {
 public:
  sc_core::sc_port<TransferTarget> port{"port"};
  Recorder recorder;

  explicit Sender(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Sender);
    SC_METHOD(process);
    sensitive << wake_;
  }
  Transfer& at(Femtoseconds time_fs,
               const Block& block,
               Access access = Access::kRead,
               NodeId source = 0) {
    Transfer& transfer = recorder.make(block, access, source);
    transfer.issued_fs = time_fs;
    plan_.emplace(time_fs, &transfer);
    return transfer;
  }

 private:
  void process() {
    while (!plan_.empty() && plan_.begin()->first <= now_fs()) {
      port->send(*plan_.begin()->second, recorder, now_fs());
      plan_.erase(plan_.begin());
    }
    if (!plan_.empty()) {
      notify_at(wake_, plan_.begin()->first);
    }
  }
  std::multimap<Femtoseconds, Transfer*> plan_;
  sc_core::sc_event wake_{"wake"};
};

// A memory that answers everything after a fixed time and remembers what it was asked.
class FixedMemory : public sc_core::sc_module, public TransferTarget {
 public:
  FixedMemory(const sc_core::sc_module_name& name, Femtoseconds latency_fs)
      : sc_module(name), latency_fs_(latency_fs) {
    SC_HAS_PROCESS(FixedMemory);
    SC_METHOD(process);
    sensitive << wake_;
    dont_initialize();
  }
  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override {
    (transfer.access == Access::kRead ? read_bytes : write_bytes) += transfer.bytes();
    sources.push_back(transfer.source);
    blocks.insert(blocks.end(), transfer.blocks.begin(), transfer.blocks.end());
    outstanding_bytes += transfer.bytes();
    most_outstanding_bytes = std::max(most_outstanding_bytes, outstanding_bytes);
    queue_.push(at_fs + latency_fs_, {&transfer, &initiator});
    notify_at(wake_, queue_.next_event());
  }
  void spread(Transfer& transfer) const override {
    transfer.shares.assign(1, {99, transfer.bytes()});
  }

  std::uint64_t read_bytes = 0, write_bytes = 0, outstanding_bytes = 0, most_outstanding_bytes = 0;
  std::vector<NodeId> sources;
  std::vector<Block> blocks;

 private:
  void process() {
    Request request;
    while (queue_.pop(now_fs(), request)) {
      outstanding_bytes -= request.transfer->bytes();
      request.transfer->mark(Stage::kMemory, now_fs());
      request.initiator->complete(*request.transfer, now_fs());
    }
    if (queue_.next_event() != kNever) {
      notify_at(wake_, queue_.next_event());
    }
  }
  Femtoseconds latency_fs_;
  CompletionQueue queue_;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace orrery
