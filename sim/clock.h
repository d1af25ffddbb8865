// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/units.h"

namespace orrery {

// A clock domain. Engines count cycles of theirs; this is where cycles become femtoseconds.
// The period is rounded to 1 fs, an error of at most 1e-6 at 2 GHz.
class Clock {
 public:
  constexpr explicit Clock(std::uint64_t frequency_hz)
      : period_fs_((kFsPerSecond + frequency_hz / 2) / frequency_hz) {}

  constexpr Femtoseconds period_fs() const { return period_fs_; }
  constexpr Femtoseconds to_fs(std::uint64_t cycles) const { return cycles * period_fs_; }
  // Cycles that have begun by `time_fs`, a partial one counted whole.
  constexpr std::uint64_t to_cycles(Femtoseconds time_fs) const {
    return ceil_div(time_fs, period_fs_);
  }
  // The first clock edge at or after `time_fs`.
  constexpr Femtoseconds next_edge(Femtoseconds time_fs) const {
    return round_up(time_fs, period_fs_);
  }

 private:
  Femtoseconds period_fs_;
};

}  // namespace orrery
