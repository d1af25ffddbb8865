// SPDX-License-Identifier: Apache-2.0
#include "mem/child_transfers.h"

#include <algorithm>

namespace orrery {

ChildTransfers::ChildTransfers(std::vector<NodeId> lane_sources, std::uint64_t credit_bytes)
    : credit_bytes_(credit_bytes), lanes_(lane_sources.size()) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].source = lane_sources[i];
  }
}

ChildTransfers::Child ChildTransfers::begin(std::uint32_t lane,
                                            Access access,
                                            Placement placement,
                                            Femtoseconds now_fs) {
  if (free_.empty()) {
    free_.push_back(static_cast<Child>(pool_.size()));
    pool_.emplace_back();
  }
  const Child child = free_.back();
  free_.pop_back();
  Slot& slot = pool_[child];
  slot.lane = lane;
  slot.open = true;
  slot.release_when_sent = false;
  Transfer& transfer = slot.transfer;
  transfer.blocks.clear();
  transfer.shares.clear();
  transfer.access = access;
  transfer.placement = placement;
  transfer.source = transfer.first_receiver = lanes_[lane].source;
  transfer.sequence = sequence_++;
  transfer.receiver_count = transfer.receivers_left = 1;
  transfer.tag = child;
  transfer.issued_fs = now_fs;
  transfer.segment_count = 0;
  return child;
}

void ChildTransfers::wait(Child child, Ticket ticket, RequestTable& requests) {
  std::vector<Ticket>& waiters = pool_[child].waiters;
  // A request asks for all its blocks in one go: its own ticket can only be the last.
  if (waiters.empty() || waiters.back() != ticket) {
    waiters.push_back(ticket);
    requests.wait(ticket);
  }
}

void ChildTransfers::submit(Child child) {
  Slot& slot = pool_[child];
  slot.bytes = slot.transfer.bytes();
  Lane& lane = lanes_[slot.lane];
  if (lane.queue.empty()) {
    busy_lanes_.push_back(slot.lane);
  }
  lane.queue.push_back(child);
}

Transfer* ChildTransfers::take_ready(RequestTable& requests,
                                     Femtoseconds now_fs,
                                     std::uint32_t& lane_index) {
  for (std::size_t i = 0; i < busy_lanes_.size(); ++i) {
    Lane& lane = lanes_[busy_lanes_[i]];
    Slot& slot = pool_[lane.queue.front()];
    if (lane.outstanding_bytes > 0 && lane.outstanding_bytes + slot.bytes > credit_bytes_) {
      continue;
    }
    lane_index = busy_lanes_[i];
    lane.outstanding_bytes += slot.bytes;
    lane.queue.pop_front();
    if (lane.queue.empty()) {
      busy_lanes_.erase(busy_lanes_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (now_fs > slot.transfer.issued_fs) {
      slot.transfer.mark(Stage::kCredit, now_fs);
    }
    if (slot.release_when_sent) {
      wake_waiters(slot, requests, now_fs);
    }
    return &slot.transfer;
  }
  return nullptr;
}

void ChildTransfers::done(Transfer& transfer, RequestTable& requests, Femtoseconds now_fs) {
  const auto child = static_cast<Child>(transfer.tag);
  Slot& slot = pool_[child];
  lanes_[slot.lane].outstanding_bytes -= slot.bytes;
  slot.open = false;
  take_out_pending(child);
  wake_waiters(slot, requests, now_fs);
  free_.push_back(child);
}

void ChildTransfers::wake_waiters(Slot& slot, RequestTable& requests, Femtoseconds now_fs) {
  for (const Ticket ticket : slot.waiters) {
    requests.arrived(ticket, slot.transfer, now_fs);
  }
  slot.waiters.clear();
}

void ChildTransfers::note_pending(std::int32_t& head, Child child, SectorMask mask) {
  if (free_pending_ < 0) {
    free_pending_ = static_cast<std::int32_t>(pending_.size());
    pending_.emplace_back();
  }
  const std::int32_t index = free_pending_;
  Pending& pending = pending_[static_cast<std::size_t>(index)];
  free_pending_ = pending.next;
  pending = {child, head, -1, &head, mask};
  if (head >= 0) {
    pending_[static_cast<std::size_t>(head)].previous = index;
  }
  head = index;
  pool_[child].pending.push_back(index);
}

void ChildTransfers::recycle(std::int32_t index) {
  Pending& pending = pending_[static_cast<std::size_t>(index)];
  if (pending.previous < 0) {
    *pending.head = pending.next;
  } else {
    pending_[static_cast<std::size_t>(pending.previous)].next = pending.next;
  }
  if (pending.next >= 0) {
    pending_[static_cast<std::size_t>(pending.next)].previous = pending.previous;
  }
  pending.child = kNone;
  pending.next = free_pending_;
  free_pending_ = index;
}

void ChildTransfers::take_out_pending(Child child) {
  for (const std::int32_t index : pool_[child].pending) {
    if (pending_[static_cast<std::size_t>(index)].child == child) {
      recycle(index);
    }  // else forgotten, and perhaps in use for another
  }
  pool_[child].pending.clear();
}

SectorMask ChildTransfers::wait_pending(std::int32_t head,
                                        SectorMask mask,
                                        Ticket ticket,
                                        RequestTable& requests) {
  SectorMask found = 0;
  while (head >= 0 && mask != 0) {
    const Pending& pending = pending_[static_cast<std::size_t>(head)];
    if ((pending.mask & mask) != 0) {
      found |= pending.mask & mask;
      wait(pending.child, ticket, requests);
    }
    head = pending.next;
  }
  return found;
}

void ChildTransfers::forget_pending(std::int32_t head) {
  while (head >= 0) {
    Pending& pending = pending_[static_cast<std::size_t>(head)];
    const std::int32_t next = pending.next;
    pending.child = kNone;
    pending.next = free_pending_;
    free_pending_ = head;
    head = next;
  }
}

void ChildTransfers::report_waits(const std::string& who, std::vector<std::string>& lines) const {
  for (const Slot& slot : pool_) {
    if (slot.open) {
      const char* what = slot.transfer.access == Access::kRead ? "fill" : "write";
      lines.push_back(who + ": its " + what + " " + std::to_string(slot.transfer.sequence) +
                      " of " + std::to_string(slot.bytes) + " B is outstanding on lane " +
                      std::to_string(slot.lane));
    }
  }
}

void ChildTransfers::clear() {
  pending_.clear();
  free_pending_ = -1;
  sequence_ = 0;
  for (Lane& lane : lanes_) {
    lane.outstanding_bytes = 0;
    lane.queue.clear();
  }
  busy_lanes_.clear();
  free_.clear();
  pool_.clear();
}

}  // namespace orrery
