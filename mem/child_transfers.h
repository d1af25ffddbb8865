// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "mem/matrix_blocks.h"
#include "mem/request_table.h"
#include "sim/transfer.h"

namespace orrery {

// The transfers a shared memory sends of its own: fills, write-backs, forwarded writes. They go out
// over lanes (one per destination of an L2, one per bank of an SRAM), each in order and within its
// own credits of outstanding bytes; a transfer larger than all credits goes when the lane is empty.
//
// Also remembers which sectors of a tag are still on their way, so that later requests for them
// wait instead of fetching again.
class ChildTransfers {
 public:
  using Child = std::uint32_t;
  using Ticket = RequestTable::Ticket;
  static constexpr Child kNone = ~Child{0};

  // One source node a lane.
  ChildTransfers(std::vector<NodeId> lane_sources, std::uint64_t credit_bytes);

  // A new, empty child, placed on the lane by `submit`.
  Child begin(std::uint32_t lane, Access access, Placement placement, Femtoseconds now_fs);
  std::vector<Block>& blocks(Child child) { return pool_[child].transfer.blocks; }
  // `requests.arrived` is called for the ticket when the child is back, or, for a child that
  // `release_when_sent`, when it has got its credits.
  void wait(Child child, Ticket ticket, RequestTable& requests);
  void release_when_sent(Child child) { pool_[child].release_when_sent = true; }
  void submit(Child child);

  // The next child of any lane that has its credits, or null.
  Transfer* take_ready(RequestTable& requests, Femtoseconds now_fs, std::uint32_t& lane);
  // A child is back: gives credits back, wakes the requests that wait for it.
  void done(Transfer& transfer, RequestTable& requests, Femtoseconds now_fs);

  // Sectors on their way, per tag: the tag keeps the head of a list, -1 when empty. It must stay
  // where it is until the list is empty or forgotten: the list shrinks as children come back.
  void note_pending(std::int32_t& head, Child child, SectorMask mask);
  // Which of `mask` are on their way; lets the ticket wait for them.
  SectorMask wait_pending(std::int32_t head,
                          SectorMask mask,
                          Ticket ticket,
                          RequestTable& requests);
  void forget_pending(std::int32_t head);

  std::uint64_t in_flight() const { return pool_.size() - free_.size(); }
  void report_waits(const std::string& who, std::vector<std::string>& lines) const;
  // Between kernels, with nothing in flight: all lists of pending sectors are void afterwards.
  void clear();

 private:
  struct Slot {
    Transfer transfer;
    std::uint32_t lane = 0;
    std::uint64_t bytes = 0;
    bool release_when_sent = false;
    bool open = false;
    std::vector<Ticket> waiters;
    std::vector<std::int32_t> pending;  // that note this child, or did until they were forgotten
  };
  struct Lane {
    NodeId source = 0;
    std::uint64_t outstanding_bytes = 0;
    std::deque<Child> queue;
  };
  struct Pending {
    Child child = kNone;
    std::int32_t next = -1;
    std::int32_t previous = -1;
    std::int32_t* head = nullptr;
    SectorMask mask = 0;
  };
  void recycle(std::int32_t index);
  void take_out_pending(Child child);
  void wake_waiters(Slot& slot, RequestTable& requests, Femtoseconds now_fs);

  std::uint64_t credit_bytes_;
  std::uint64_t sequence_ = 0;
  std::deque<Slot> pool_;  // addresses must stay
  std::vector<Child> free_;
  std::vector<Lane> lanes_;
  std::vector<std::uint32_t> busy_lanes_;  // with something submitted, in order
  std::vector<Pending> pending_;
  std::int32_t free_pending_ = -1;
};

}  // namespace orrery
