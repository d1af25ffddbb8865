// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "power/energy.h"
#include "power/power_config.h"

namespace orrery {

// Holds the cores' clock at the highest step whose expected power stays under the cap. It expects
// of the future the activity of the past, averaged over a window: power that the cores would draw
// at the reference clock and voltage, and power of all that keeps its clock.
//
//   power(f) = floor + leakage V/V0 + (clock tree + cores) f/f0 (V/V0)^2 + the rest
//
// Stages that lower their rate with the cores' clock (a GEMM's loads) are taken to keep it; what
// is then seen at the lower clock corrects that, so that the clock settles where the power that is
// drawn, not expected, meets the cap.
class Governor {
 public:
  // `highest_clock_hz`: `core.clock`; the steps go down from there.
  Governor(const PowerConfig& config, std::uint64_t highest_clock_hz, PowerMode mode);

  std::uint64_t clock_hz() const { return steps_[step_].clock_hz; }
  std::uint64_t millivolts() const { return steps_[step_].millivolts; }
  bool is_highest() const { return step_ == 0; }
  // Until the averages should be brought up to date: an eighth of the window, less while little of
  // it has been seen.
  Femtoseconds interval_fs() const;

  // For `duration_fs` at the clock as it is this energy was used, `core_energy` as if at the
  // reference voltage. Chooses the clock anew.
  void observe(Femtoseconds duration_fs, Attojoules core_energy, Attojoules other_energy);

  // Of the cores' voltage: floor, leakage and clock tree at the clock as it is.
  std::uint64_t static_mw() const { return steps_[step_].static_mw; }

 private:
  struct Step {
    std::uint64_t clock_hz = 0;
    std::uint64_t millivolts = 0;
    std::uint64_t static_mw = 0;
  };
  void choose();

  PowerConfig config_;
  std::uint64_t reference_mv_;
  std::vector<Step> steps_;  // highest clock first
  std::size_t step_ = 0;
  Femtoseconds seen_fs_;       // how much past the averages stand for, at most the window
  std::uint64_t core_uw_ = 0;  // at the reference clock and voltage
  std::uint64_t other_uw_ = 0;
};

}  // namespace orrery
