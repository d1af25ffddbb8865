// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "power/energy.h"
#include "power/power_config.h"
#include "sim/units.h"

namespace orrery {

// What a chip has done lately, as power: a mean over all that was seen until that is `span_fs`;
// from then on the past fades with that time constant.
class ActivityAverage {
 public:
  // Has seen `past` for `seen_fs`.
  ActivityAverage(Femtoseconds span_fs, Femtoseconds seen_fs, const Activity& past = {})
      : span_fs_(span_fs), seen_fs_(seen_fs), mean_(past) {}

  void add(Femtoseconds duration_fs, const Activity& now) {
    mean_.core_uw = mean(mean_.core_uw, now.core_uw, duration_fs);
    mean_.other_uw = mean(mean_.other_uw, now.other_uw, duration_fs);
    seen_fs_ = std::min(span_fs_, seen_fs_ + duration_fs);
  }
  const Activity& mean() const { return mean_; }
  Femtoseconds seen_fs() const { return seen_fs_; }  // the past it stands for

 private:
  std::uint64_t mean(std::uint64_t past, std::uint64_t now, Femtoseconds duration_fs) const {
    return static_cast<std::uint64_t>(
        (Attojoules{past} * seen_fs_ + Attojoules{now} * duration_fs) /
        (Attojoules{seen_fs_} + duration_fs));
  }

  Femtoseconds span_fs_;
  Femtoseconds seen_fs_;
  Activity mean_;
};

}  // namespace orrery
