// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/inserted_time.h"
#include "sim/units.h"

namespace orrery {

// What happened when, up to a fixed number of entries; what comes later is only counted.
class EventLog {
 public:
  enum class Kind : std::uint8_t { kKernel, kTask, kTensor, kVector };
  struct Event {
    Femtoseconds start_fs = 0;
    Femtoseconds end_fs = 0;
    std::uint32_t component = 0;  // core of a task or unit; number of a kernel in its operator
    Kind kind = Kind::kTask;
    std::uint32_t op = 0;
  };

  explicit EventLog(std::size_t capacity) : capacity_(capacity) {}

  // Times of `add` are simulated ones from now on, and are kept as they are reported.
  void follow(const InsertedTime* inserted) { inserted_ = inserted; }
  void set_op(std::uint32_t op) { op_ = op; }
  void add(Kind kind, std::uint32_t component, Femtoseconds start_fs, Femtoseconds end_fs) {
    if (inserted_ != nullptr) {
      start_fs = inserted_->reported(start_fs);
      end_fs = inserted_->reported(end_fs);
    }
    if (events_.size() < capacity_) {
      events_.push_back({start_fs, end_fs, component, kind, op_});
    } else {
      ++dropped_;
    }
  }
  void reset() {
    events_.clear();
    dropped_ = 0;
    op_ = 0;
  }
  const std::vector<Event>& events() const { return events_; }
  std::size_t capacity() const { return capacity_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  const InsertedTime* inserted_ = nullptr;
  std::size_t capacity_;
  std::vector<Event> events_;
  std::uint64_t dropped_ = 0;
  std::uint32_t op_ = 0;
};

}  // namespace orrery
