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
  void complete(Transfer& transfer) override { completions.push_back({&transfer, now_fs()}); }
  std::vector<Completion> completions;
};

// Answers every transfer `delay_fs` after it came, in the order of arrival; never while `silent`.
class EchoTarget : public sc_core::sc_module, public TransferTarget {
 public:
  explicit EchoTarget(const sc_core::sc_module_name& name, std::vector<Share> shares)
      : sc_core::sc_module(name), shares_(std::move(shares)) {
    SC_HAS_PROCESS(EchoTarget);
    SC_METHOD(answer);
    dont_initialize();
    sensitive << answer_event_;
  }

  void send(Transfer& transfer, TransferInitiator& initiator) override {
    arrivals.push_back({&transfer, now_fs()});
    if (silent) {
      return;
    }
    pending_.push_back({&transfer, &initiator, now_fs() + delay_fs});
    notify_at(answer_event_, pending_[answered_].due_fs);
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
  struct Pending {
    Transfer* transfer;
    TransferInitiator* initiator;
    Femtoseconds due_fs;
  };

  void answer() {
    while (answered_ < pending_.size() && pending_[answered_].due_fs <= now_fs()) {
      const Pending pending = pending_[answered_++];
      pending.initiator->complete(*pending.transfer);
    }
    if (answered_ < pending_.size()) {
      notify_at(answer_event_, pending_[answered_].due_fs);
    }
  }

  std::vector<Share> shares_;  // node and per cent
  std::vector<Pending> pending_;
  std::size_t answered_ = 0;
  sc_core::sc_event answer_event_{"answer_due"};
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
