// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/units.h"

namespace orrery {

// What a chip had done at the end of a period of a kernel, since any beginning.
struct PeriodMark {
  Femtoseconds at_fs = 0;
  std::uint64_t work = 0;             // tasks or steps done
  std::uint64_t memory_bytes = 0;     // moved by memory
  std::uint64_t requested_bytes = 0;  // asked for by cores
};

// Whether a kernel has reached the steady state that sampling looks for.
//
// Even then periods differ by some percent: cores drift against each other and queues breathe. What
// must be known is their mean. The first period, which holds the start, never counts; of the others
// the longest run up to now is taken that is steady: the standard error of its mean is within a
// tolerance, and its halves differ neither in time nor in the share of requests that memory had to
// serve. Integers only, so that every machine samples alike.
class PeriodLog {
 public:
  static constexpr std::size_t kLeastFlatPeriods = 4;
  static constexpr std::size_t kMostPeriods = 32;  // that are remembered
  static constexpr std::uint64_t kPpm = 1'000'000;
  // Assumed, to keep a sampled run within 1 % of a full one.
  static constexpr std::uint64_t kErrorTolerancePpm = 10'000;   // of the mean time
  static constexpr std::uint64_t kDriftTolerancePpm = 10'000;   // beyond what the error explains
  static constexpr std::uint64_t kMemoryTolerancePpm = 20'000;  // of the bytes requested
  // Of few periods: those that scatter by chance as little as this are rare.
  static constexpr std::uint64_t kFewErrorTolerancePpm = 2'500;
  // Where time stays within this, memory makes no difference to it.
  static constexpr std::uint64_t kFlatPpm = 100;

  // `least_periods`: fewer that differ say nothing of their mean, unless they differ by little;
  // then `few_periods` do.
  explicit PeriodLog(std::size_t least_periods, std::size_t few_periods)
      : least_periods_(least_periods), few_periods_(few_periods) {}

  void restart(const PeriodMark& start);
  void add(const PeriodMark& end);

  // How many periods up to now are steady; 0 when none are.
  std::size_t steady_periods() const;
  // Of these: whether time stays the same whatever memory does.
  bool is_flat(std::size_t periods) const;
  // Twice the standard error of the mean of the last `periods`, of that mean.
  std::uint64_t error_ppm(std::size_t periods) const;

 private:
  const PeriodMark& back(std::size_t periods) const { return marks_[marks_.size() - 1 - periods]; }
  bool is_steady(std::size_t periods, std::uint64_t error_tolerance_ppm) const;
  // Mean time per work between two marks, so many periods ago.
  std::uint64_t pace(std::size_t first, std::size_t last) const;
  std::uint64_t memory_ppm(std::size_t first, std::size_t last) const;
  std::uint64_t drift_ppm(std::size_t periods) const;  // between the halves, in time
  std::uint64_t standard_error_ppm(std::size_t periods) const;

  std::size_t least_periods_;
  std::size_t few_periods_;
  std::vector<PeriodMark> marks_;
};

// Shares `total` out over `weights`, in proportion as far as integers go, its sum exact. All of it
// goes to the first where all weights are 0; nothing to nobody.
std::vector<std::uint64_t> share_out(std::uint64_t total, std::span<const std::uint64_t> weights);

}  // namespace orrery
