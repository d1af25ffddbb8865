// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/units.h"

namespace orrery {

// Stretches of time that are reported but were not simulated (arch/chip_sampler.h), and so the way
// from simulated to reported time. Stretches are inserted in the order of their times.
class InsertedTime {
 public:
  void insert(Femtoseconds at_fs, Femtoseconds duration_fs) {
    stretches_.push_back({at_fs, total_fs() + duration_fs});
  }
  // What is over or begins at the time of a stretch lies before it.
  Femtoseconds reported(Femtoseconds time_fs) const {
    for (auto stretch = stretches_.rbegin(); stretch != stretches_.rend(); ++stretch) {
      if (stretch->at_fs < time_fs) {
        return time_fs + stretch->until_fs;
      }
    }
    return time_fs;
  }
  Femtoseconds total_fs() const { return stretches_.empty() ? 0 : stretches_.back().until_fs; }

 private:
  struct Stretch {
    Femtoseconds at_fs;
    Femtoseconds until_fs;  // inserted up to and with this one
  };
  std::vector<Stretch> stretches_;
};

}  // namespace orrery
