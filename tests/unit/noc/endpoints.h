// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include <systemc>

#include "sim/ports.h"
#include "sim/sim_time.h"

// What stands on either side of a network in tests.
namespace orrery {

// Remembers what it is given back, and when.
class RecordingInitiator : public TransferInitiator {
 public:
  struct Completion {
    const Transfer* transfer;
    Femtoseconds time_fs;
  };
  void complete(Transfer& transfer, Femtoseconds at_fs) override {
    completions.push_back({&transfer, at_fs});
  }
  std::vector<Completion> completions;
};

// Answers every transfer `delay_fs` after it came; never while `silent`.
class EchoTarget : public sc_core::sc_module, public TransferTarget {
 public:
  explicit EchoTarget(const sc_core::sc_module_name& name, std::vector<Share> shares)
      : sc_core::sc_module(name), shares_(std::move(shares)) {}

  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override {
    arrivals.push_back({&transfer, at_fs});
    if (!silent) {
      initiator.complete(transfer, at_fs + delay_fs);
    }
  }
  void spread(Transfer& transfer) const override {
    for (const Share& share : shares_) {
      transfer.shares.push_back({share.node, transfer.bytes() * share.bytes / 100});
    }
  }

  std::vector<RecordingInitiator::Completion> arrivals;
  Femtoseconds delay_fs = 0;
  bool silent = false;

 private:
  std::vector<Share> shares_;  // node and per cent
};

inline Transfer make_transfer(NodeId source,
                              std::uint64_t sequence,
                              std::uint32_t bytes,
                              Access access = Access::kRead) {
  Transfer transfer;
  transfer.blocks.push_back({});
  transfer.blocks.back().row_bytes = bytes;
  transfer.access = access;
  transfer.source = source;
  transfer.sequence = sequence;
  return transfer;
}

}  // namespace orrery
