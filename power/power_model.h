// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "power/energy.h"
#include "power/governor.h"
#include "power/power_config.h"

namespace orrery {

__extension__ using CycleSum = unsigned __int128;  // hertz x femtoseconds

// What an operator drew, and at which clock it ran.
struct PowerUse {
  EnergySplit energy_fj{};
  std::uint64_t core_reference_fj =
      0;                            // of the cores' parts, had they run at the reference voltage
  std::uint64_t mean_clock_hz = 0;  // over its time
  bool capped = false;  // cap or peak held the clock down, by a step in the mean or more
};

// Turns a chip's counts into energy and a clock. Time is a row of stretches with one clock each:
// `until` closes one, with all that was counted since the chip was made.
class PowerModel {
 public:
  PowerModel(const PowerConfig& config,
             std::uint64_t highest_clock_hz,
             const PowerProtocol& protocol);

  std::uint64_t clock_hz() const { return governor_.clock_hz(); }
  Femtoseconds last_edge_fs() const { return last_fs_; }
  // When the stretch should end at the latest.
  Femtoseconds next_edge_fs() const { return last_fs_ + governor_.interval_fs(); }

  // An operator begins; what happened since the last one ended is nobody's.
  void begin(Femtoseconds now_fs, const EventCounts& counts);
  // Returns the energy of the stretch.
  // `active_permille`: of a thousand cores so many work on tasks now.
  EnergySplit until(Femtoseconds now_fs,
                    const EventCounts& counts,
                    std::uint64_t active_permille = 0);
  // Of the operator, up to the end of its last stretch.
  PowerUse finish() const;

 private:
  PowerConfig config_;
  std::uint64_t highest_clock_hz_;
  std::uint64_t reference_mv_;
  std::uint64_t toggle_permille_;
  Governor governor_;
  Femtoseconds last_fs_ = 0;
  EventCounts counts_;
  // Of the operator under way.
  Attojoules core_reference_ = 0;
  std::array<Attojoules, kEnergyPartCount> energy_{};
  Femtoseconds duration_fs_ = 0;
  CycleSum cycles_ = 0;      // clock x time
  CycleSum lost_hz_fs_ = 0;  // steps below the highest, in hertz x time
};

}  // namespace orrery
