// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>

#include "arch/program.h"

namespace orrery {

// The tile tasks of one program, each of whose streams works through them at its own pace: loads
// may be a task ahead of stores.
class TaskQueue {
 public:
  void assign(std::uint64_t task) { tasks_.push_back(task); }
  void close() { closed_ = true; }

  // Whether the stream has a task to work on; if not, what its program answers.
  bool has_task(Stream stream) const { return position(stream) < first_ + tasks_.size(); }
  CoreProgram::Next without_task() const {
    return closed_ ? CoreProgram::Next::kFinished : CoreProgram::Next::kNeedsTask;
  }
  std::uint64_t task(Stream stream) const { return tasks_[position(stream) - first_]; }
  // How many tasks the stream has finished: what semaphore values count in.
  std::uint64_t position(Stream stream) const {
    return positions_[static_cast<std::size_t>(stream)];
  }
  void advance(Stream stream) {
    ++positions_[static_cast<std::size_t>(stream)];
    const std::uint64_t slowest = *std::min_element(positions_.begin(), positions_.end());
    for (; first_ < slowest; ++first_) {
      tasks_.pop_front();
    }
  }

 private:
  std::deque<std::uint64_t> tasks_;
  std::uint64_t first_ = 0;
  std::array<std::uint64_t, kStreamCount> positions_{};
  bool closed_ = false;
};

}  // namespace orrery
