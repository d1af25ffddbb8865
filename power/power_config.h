// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "power/energy.h"
#include "power/voltage_curve.h"
#include "sim/config_node.h"

namespace orrery {

inline constexpr std::uint64_t kNoPeak = ~std::uint64_t{0} / 1000;

// The map `power` of a chip. Voltage and clock are those of the cores; network, shared memory and
// HBM have clocks and voltages of their own, which do not change.
struct PowerConfig {
  std::uint64_t cap_mw = 0;    // of the average over the window
  Femtoseconds window_fs = 0;  // over which the governor averages what it sees
  // What reacts at once, where the chip has it. Above the peak the clock falls whatever the average
  // was; and cycles stretch while cores are active, by `droop_permille` when all are.
  std::uint64_t peak_mw = kNoPeak;
  std::uint64_t droop_permille = 0;
  Femtoseconds reaction_fs = 0;  // 0: of no interest
  std::uint64_t lowest_clock_hz = 0;
  std::uint64_t clock_step_hz = 0;
  std::uint64_t floor_mw = 0;       // of the board, whatever the clock
  std::uint64_t leakage_mw = 0;     // at the reference clock's voltage
  std::uint64_t clock_tree_mw = 0;  // at the reference clock and its voltage
  std::uint64_t reference_clock_hz = 0;
  VoltageCurve voltage;
  EventEnergy energy;                // at the reference clock's voltage
  std::uint64_t zeros_permille = 0;  // energy of events whose operands are zeros

  std::uint64_t reference_mv() const { return voltage.millivolts_at(reference_clock_hz); }
};

// What a run assumes of the device's past and of its data.
enum class PowerMode : std::uint8_t {
  kBurst,      // it idled before: short work is over before the governor has noticed
  kSustained,  // it has done such work for long
};
enum class Operands : std::uint8_t { kRandom, kZeros };
// What a chip does, as power.
struct Activity {
  std::uint64_t core_uw = 0;   // of the cores' work, as at the reference clock and voltage
  std::uint64_t other_uw = 0;  // of what keeps its clock

  bool operator==(const Activity&) const = default;
};
struct PowerProtocol {
  PowerMode mode = PowerMode::kSustained;
  Operands operands = Operands::kRandom;
  // Of sustained work, where it is known. Else it is taken to have been as what comes first.
  std::optional<Activity> past = {};
};

// Throws InputError.
PowerConfig read_power_config(const ConfigNode& node, std::uint64_t highest_clock_hz);

}  // namespace orrery
