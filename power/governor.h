// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "power/activity_average.h"
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
//
// A peak, if there is one, is kept in the same way over a far shorter time, by the die alone: the
// regulators that feed HBM are not those that the limit protects. (An H200 at 390 TFLOP/s with
// 3.6 TB/s from HBM keeps 1764 MHz, at 800 TFLOP/s with 0.8 TB/s 1605.) And a supply that
// droops stretches the cycles of a step, by as much as cores are active; its voltage stays. (An
// H200 asked for 1980 MHz runs at 1980 with one core active and at 1813 with all, whatever their
// data, from the first microseconds on; the cap acts after some 50 ms: tests/accuracy/measured.)
class Governor {
 public:
  // `highest_clock_hz`: `core.clock`; the steps go down from there.
  Governor(const PowerConfig& config,
           std::uint64_t highest_clock_hz,
           const PowerProtocol& protocol);

  std::uint64_t clock_hz() const { return stretched(steps_[step_].clock_hz); }
  std::uint64_t step_hz() const { return steps_[step_].clock_hz; }  // before it is stretched
  std::uint64_t millivolts() const { return steps_[step_].millivolts; }
  bool is_highest() const { return step_ == 0; }
  // Floor, leakage and clock tree at the clock as it is.
  std::uint64_t static_mw() const { return static_mw(steps_[step_]); }
  // Until the averages should be brought up to date: an eighth of the window, less while little of
  // it has been seen or where something reacts faster.
  Femtoseconds interval_fs() const;

  // For `duration_fs` at the clock as it is this energy was used, `core_energy` as if at the
  // reference voltage, `die_energy` by the rest of the die, `memory_energy` by HBM; of a thousand
  // cores so many are active now. Chooses the clock anew.
  void observe(Femtoseconds duration_fs,
               Attojoules core_energy,
               Attojoules die_energy,
               Attojoules memory_energy,
               std::uint64_t active_permille = 0);

 private:
  struct Step {
    std::uint64_t clock_hz = 0;
    std::uint64_t millivolts = 0;
    std::uint64_t floor_and_leakage_mw = 0;
  };
  std::uint64_t stretched(std::uint64_t clock_hz) const;
  std::uint64_t switching(std::uint64_t reference, const Step& step) const;
  std::uint64_t static_mw(const Step& step) const;
  bool keeps(const Step& step, const Activity& activity, std::uint64_t limit_mw) const;
  void choose();

  PowerConfig config_;
  std::uint64_t reference_mv_;
  std::vector<Step> steps_;  // highest clock first
  std::size_t step_ = 0;
  std::uint64_t active_permille_ = 0;
  ActivityAverage in_window_;
  ActivityAverage lately_;  // of the die, over the reaction time
};

}  // namespace orrery
