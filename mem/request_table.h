// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mem/completion_queue.h"
#include "sim/transfer.h"

namespace orrery {

// The requests a shared memory works on. Each is complete `latency_fs` after its own banks or
// slices have served it and everything it waits for (fills, forwarded writes) has come back.
//
// Time per stage: what the request waited for says where the time went. The segments of the child
// that came last are taken over, so that a wait for HBM shows as memory and not as shared memory;
// the rest is Stage::kShared.
class RequestTable {
 public:
  using Ticket = std::uint32_t;

  explicit RequestTable(Femtoseconds latency_fs) : latency_fs_(latency_fs) {}

  // The request is not complete before `served` has been called.
  Ticket open(Request request);
  void wait(Ticket ticket) { ++slots_[ticket].left; }
  // All waits are known and the memory itself is done at `finish_fs`.
  void served(Ticket ticket, Femtoseconds finish_fs);
  // One of the things waited for is over. `child` is marked up to `now_fs`.
  void arrived(Ticket ticket, const Transfer& child, Femtoseconds now_fs);

  Femtoseconds next_event() const { return completions_.next_event(); }
  bool pop(Femtoseconds now_fs, Request& request) { return completions_.pop(now_fs, request); }
  // The next request whose end is known, and when that is.
  bool pop_next(Request& request, Femtoseconds& at_fs) {
    return completions_.pop_next(request, at_fs);
  }

  std::size_t outstanding() const { return slots_.size() - free_.size() + completions_.size(); }
  // Adds a line for every request that waits.
  void report_waits(const std::string& who, std::vector<std::string>& lines) const;
  void clear();

 private:
  struct Slot {
    Request request;
    std::uint32_t left = 0;
    Femtoseconds finish_fs = 0;
  };
  void drop_one(Ticket ticket);

  Femtoseconds latency_fs_;
  std::vector<Slot> slots_;
  std::vector<Ticket> free_;
  CompletionQueue completions_;
};

}  // namespace orrery
