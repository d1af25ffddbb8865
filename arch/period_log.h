// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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

// Whether the periods of a kernel have become equal: the steady state that sampling looks for.
//
// Periods are joined to blocks of 1, 2 or 4, as a period may be disturbed by where it ends: the
// last three blocks must agree in time per work and in the share of requests that memory had to serve, each
// within a tolerance, and something must lie before them, since the first period holds the start.
// Integers only, so that every machine samples alike.
class PeriodLog {
 public:
  static constexpr std::size_t kMostPeriods = 3 * 4;  // that a decision looks back on
  static constexpr std::uint64_t kPpm = 1'000'000;
  static constexpr std::uint64_t kTimeTolerancePpm = 5'000;    // of a block's time
  static constexpr std::uint64_t kMemoryTolerancePpm = 10'000;  // of the bytes requested

  void restart(const PeriodMark& start);
  void add(const PeriodMark& end);

  // How many of the last periods are the three blocks that agree; 0 when none do.
  std::size_t agreed_periods() const;
  // Half the difference between the longest and the shortest of those blocks, of their mean.
  std::uint64_t spread_ppm(std::size_t agreed_periods) const;

 private:
  bool agree(std::size_t block) const;
  std::array<std::uint64_t, 3> paces(std::size_t block) const;  // of the last three blocks
  const PeriodMark& back(std::size_t periods) const { return marks_[marks_.size() - 1 - periods]; }

  std::vector<PeriodMark> marks_;
};

// Shares `total` out over `weights`, in proportion as far as integers go, its sum exact. All of it
// goes to the first where all weights are 0; nothing to nobody.
std::vector<std::uint64_t> share_out(std::uint64_t total, std::span<const std::uint64_t> weights);

}  // namespace orrery
