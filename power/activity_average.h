// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "power/energy.h"
#include "sim/units.h"

namespace orrery {

// What a chip has done lately, as power: a mean over all that was seen until that is `span_fs`;
// from then on the past fades with that time constant.
class ActivityAverage {
 public:
  ActivityAverage(Femtoseconds span_fs, Femtoseconds seen_fs)
      : span_fs_(span_fs), seen_fs_(seen_fs) {}

  void add(Femtoseconds duration_fs, std::uint64_t core_uw, std::uint64_t other_uw) {
    core_uw_ = mean(core_uw_, core_uw, duration_fs);
    other_uw_ = mean(other_uw_, other_uw, duration_fs);
    seen_fs_ = std::min(span_fs_, seen_fs_ + duration_fs);
  }
  std::uint64_t core_uw() const { return core_uw_; }    // at the reference clock and voltage
  std::uint64_t other_uw() const { return other_uw_; }  // of what keeps its clock
  Femtoseconds seen_fs() const { return seen_fs_; }     // the past it stands for
  Femtoseconds span_fs() const { return span_fs_; }

 private:
  std::uint64_t mean(std::uint64_t past, std::uint64_t now, Femtoseconds duration_fs) const {
    return static_cast<std::uint64_t>(
        (Attojoules{past} * seen_fs_ + Attojoules{now} * duration_fs) /
        (Attojoules{seen_fs_} + duration_fs));
  }

  Femtoseconds span_fs_;
  Femtoseconds seen_fs_;
  std::uint64_t core_uw_ = 0;
  std::uint64_t other_uw_ = 0;
};

}  // namespace orrery
