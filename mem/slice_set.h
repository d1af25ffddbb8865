// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mem/matrix_blocks.h"
#include "sim/counters.h"
#include "sim/units.h"

namespace orrery {

// The data slices of one L2 partition. Lines of 128 B are dealt to slices: the lines of a block go
// to neighbouring slices, from one that the block's hash chooses. A transfer's load is added up per
// slice and booked at once, when it arrives; there is no event per slice.
class SliceSet {
 public:
  // Throws std::invalid_argument when there is no slice or no bandwidth.
  SliceSet(std::uint32_t slices, std::uint64_t bytes_per_cycle, Femtoseconds cycle_fs);

  // Counts the piece for the next `book`.
  void add(const BlockPiece& piece);
  // When all that was added has been served; `cost` is the time of a byte in that of a byte read.
  Femtoseconds book(Femtoseconds now_fs, std::uint64_t cost = 1);
  void reset();

  // Most loaded slice over the mean, in thousandths; 1000 when nothing has moved.
  std::uint64_t imbalance_permille() const;
  std::uint64_t slice_bytes(std::uint32_t slice) const { return bytes_[slice].value(); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(load_.size()); }
  void register_counters(CounterRegistry& registry, const std::string& path);

 private:
  Femtoseconds service_fs(std::uint64_t sectors);

  std::uint64_t bytes_per_cycle_;
  Femtoseconds cycle_fs_;
  std::vector<Femtoseconds> service_fs_;  // by sectors, as far as asked: divisions are slow
  std::vector<std::uint64_t> load_;       // sectors of the transfer being counted
  std::vector<Femtoseconds> next_free_fs_;
  std::vector<Counter> bytes_;
  Counter busy_fs_;
};

}  // namespace orrery
