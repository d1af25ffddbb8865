// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "arch/chip.h"
#include "power/power_config.h"

namespace orrery {

// What operators that ran took of a chip, and what that would be on average at other clocks of the
// cores: the past of sustained work.
//
// Of an operator's time the share in which tensor or vector units computed goes with the cores'
// clock, the rest with clocks that stay. The energy of its events stays what it was.
class OperatorActivity {
 public:
  explicit OperatorActivity(const PowerConfig& power) : power_(power) {}

  // An operator, which stands for `count` equal ones.
  void add(const OperatorRun& run, std::uint64_t count);
  // A pause.
  void rest(Femtoseconds duration_fs) { other_fs_ += duration_fs; }
  // The average of a chip that repeats them for ever at this clock.
  Activity mean_at(std::uint64_t clock_hz) const;

 private:
  __extension__ using Wide = unsigned __int128;

  const PowerConfig& power_;
  Wide core_fj_ = 0;  // at the reference voltage
  Wide other_fj_ = 0;
  Wide core_cycles_ = 0;  // of the share that goes with the clock; hertz x femtoseconds
  Wide other_fs_ = 0;
};

// A past that brings about itself: the average at the clock to which the governor goes with it.
Activity settled_past(const ChipConfig& chip, const OperatorActivity& activity);

// The clock at which a chip goes on that has done this for long.
std::uint64_t clock_after(const ChipConfig& chip, const Activity& past);

}  // namespace orrery
