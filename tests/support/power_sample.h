// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "power/power_config.h"

namespace orrery {

// A chip's power in round numbers: 10 W of floor, 20 W of leakage and 30 W of clock tree at 1 GHz
// and 500 mV; twice that voltage at 2 GHz. Each event 1 pJ, bf16 only.
inline PowerConfig sample_power() {
  PowerConfig config;
  config.cap_mw = 1'000'000;
  config.window_fs = 100 * kFsPerMicrosecond;
  config.lowest_clock_hz = 500'000'000;
  config.clock_step_hz = 100'000'000;
  config.floor_mw = 10'000;
  config.leakage_mw = 20'000;
  config.clock_tree_mw = 30'000;
  config.reference_clock_hz = 1'000'000'000;
  config.voltage = VoltageCurve({{1'000'000'000, 500}, {2'000'000'000, 1000}});
  constexpr std::uint64_t kPicojoule = 1'000'000;
  config.energy.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)] = kPicojoule;
  config.energy.vector_op = config.energy.special_op = kPicojoule;
  config.energy.scratchpad_byte = config.energy.network_byte_hop = kPicojoule;
  config.energy.shared_byte = config.energy.hbm_byte = kPicojoule;
  config.zeros_permille = 400;
  return config;
}

inline constexpr std::uint64_t kSampleHighestClock = 2'000'000'000;

}  // namespace orrery
