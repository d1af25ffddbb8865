// SPDX-License-Identifier: Apache-2.0
#include "mem/request_table.h"

#include <algorithm>

namespace orrery {

RequestTable::Ticket RequestTable::open(Request request) {
  if (free_.empty()) {
    free_.push_back(static_cast<Ticket>(slots_.size()));
    slots_.emplace_back();
  }
  const Ticket ticket = free_.back();
  free_.pop_back();
  slots_[ticket] = {request, 1, 0};
  return ticket;
}

void RequestTable::served(Ticket ticket, Femtoseconds finish_fs) {
  slots_[ticket].finish_fs = std::max(slots_[ticket].finish_fs, finish_fs);
  drop_one(ticket);
}

void RequestTable::arrived(Ticket ticket, const Transfer& child, Femtoseconds now_fs) {
  Slot& slot = slots_[ticket];
  slot.finish_fs = std::max(slot.finish_fs, now_fs);
  if (slot.left == 1) {
    Transfer& transfer = *slot.request.transfer;
    for (std::uint32_t i = 0; i < child.segment_count; ++i) {
      const Transfer::Segment& segment = child.segments[i];
      const Femtoseconds marked_fs = transfer.segment_count == 0
                                         ? transfer.issued_fs
                                         : transfer.segments[transfer.segment_count - 1].end_fs;
      if (segment.end_fs > marked_fs) {
        transfer.mark(segment.stage, segment.end_fs);
      }
    }
  }
  drop_one(ticket);
}

void RequestTable::drop_one(Ticket ticket) {
  Slot& slot = slots_[ticket];
  if (--slot.left > 0) {
    return;
  }
  const Femtoseconds done_fs = slot.finish_fs + latency_fs_;
  slot.request.transfer->mark(Stage::kShared, done_fs);
  completions_.push(done_fs, slot.request);
  slot.request = {};
  free_.push_back(ticket);
}

void RequestTable::report_waits(const std::string& who, std::vector<std::string>& lines) const {
  for (const Slot& slot : slots_) {
    if (slot.request.transfer != nullptr) {
      lines.push_back(who + ": transfer " + std::to_string(slot.request.transfer->sequence) +
                      " of node " + std::to_string(slot.request.transfer->source) + " waits for " +
                      std::to_string(slot.left) + " fills or writes of its own");
    }
  }
}

void RequestTable::clear() {
  slots_.clear();
  free_.clear();
  completions_.clear();
}

}  // namespace orrery
