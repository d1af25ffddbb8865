// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/inserted_time.h"
#include "sim/units.h"

namespace orrery {

// Something over time (bytes moved, time busy) in a fixed number of equal bins from time 0: a run
// of any length takes the same memory. When time outgrows the bins, neighbours are merged and all
// bins become twice as wide. Amounts are integers and their sum is exact.
class Timeline {
 public:
  // Throws std::invalid_argument unless `bin_count` is even and above 0, and `first_bin_fs` above
  // 0. Two timelines with the same first bin can always be brought to one width.
  explicit Timeline(std::size_t bin_count, Femtoseconds first_bin_fs = kFsPerNanosecond);

  // Spreads `amount` evenly over [start_fs, end_fs). What does not divide goes where it comes due:
  // until time t, floor(amount * (t - start) / (end - start)) has been counted. An empty interval
  // counts all at `start_fs`.
  void add(Femtoseconds start_fs, Femtoseconds end_fs, std::uint64_t amount);

  // Times of `add` are simulated ones from now on, and are counted where they are reported.
  void follow(const InsertedTime* inserted) { inserted_ = inserted; }
  // The same as `add` for times as they are reported.
  void add_reported(Femtoseconds start_fs, Femtoseconds end_fs, std::uint64_t amount);

  // Merges bins until they are `bin_fs` wide; throws std::invalid_argument when they never are.
  void widen_to(Femtoseconds bin_fs);

  Femtoseconds bin_fs() const { return bin_fs_; }
  // bins()[i] happened in [i * bin_fs(), (i + 1) * bin_fs()).
  const std::vector<std::uint64_t>& bins() const { return bins_; }
  std::size_t used_bins() const;  // up to the last bin that is not 0
  std::uint64_t sum() const;
  void reset();  // to narrow, empty bins

 private:
  void merge_neighbours();

  const InsertedTime* inserted_ = nullptr;
  Femtoseconds first_bin_fs_;
  Femtoseconds bin_fs_;
  std::vector<std::uint64_t> bins_;
};

}  // namespace orrery
