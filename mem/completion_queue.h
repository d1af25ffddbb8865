// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "mem/request.h"
#include "sim/units.h"

namespace orrery {

// Requests whose end is known, handed out when their time has come; those of one time in the order
// in which they were put in.
class CompletionQueue {
 public:
  void push(Femtoseconds at_fs, Request request) { heap_.push({at_fs, order_++, request}); }
  Femtoseconds next_event() const { return heap_.empty() ? kNever : heap_.top().at_fs; }
  bool pop(Femtoseconds now_fs, Request& request) {
    Femtoseconds at_fs = 0;
    return next_event() <= now_fs && pop_next(request, at_fs);
  }
  // The next to end, and when it will.
  bool pop_next(Request& request, Femtoseconds& at_fs) {
    if (heap_.empty()) {
      return false;
    }
    request = heap_.top().request;
    at_fs = heap_.top().at_fs;
    heap_.pop();
    return true;
  }
  std::size_t size() const { return heap_.size(); }
  void clear() { heap_ = {}; }

 private:
  struct Entry {
    Femtoseconds at_fs;
    std::uint64_t order;
    Request request;
    bool operator<(const Entry& other) const {  // the earliest is on top
      return at_fs != other.at_fs ? at_fs > other.at_fs : order > other.order;
    }
  };
  std::priority_queue<Entry> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace orrery
