// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// A count owned by the component that counts. Hot path: one integer add.
class Counter {
 public:
  Counter& operator+=(std::uint64_t n) {
    value_ += n;
    return *this;
  }
  Counter& operator++() { return *this += 1; }
  std::uint64_t value() const { return value_; }
  void reset() { value_ = 0; }

 private:
  std::uint64_t value_ = 0;
};

struct CounterEntry {
  std::string path;  // "hbm.read_bytes", "core[3].tensor.busy"
  std::string unit;  // "byte", "fs", "cycle", "1"
  std::string description;
  Counter* counter = nullptr;
};

// Every component registers its counters once, with unit and description; writers walk it.
class CounterRegistry {
 public:
  // Throws std::invalid_argument when the path is taken.
  void add(std::string path, std::string_view unit, std::string_view description, Counter& counter);
  const std::vector<CounterEntry>& entries() const { return entries_; }
  // Throws std::out_of_range when there is no such path.
  std::uint64_t value(std::string_view path) const;
  void reset();

 private:
  std::vector<CounterEntry> entries_;
  std::set<std::string, std::less<>> paths_;  // thousands of cores register: no linear search
};

}  // namespace orrery
