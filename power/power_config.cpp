// SPDX-License-Identifier: Apache-2.0
#include "power/power_config.h"

#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace orrery {
namespace {

// Bounds that keep every product in 128 bits and every sum of an operator in 64.
constexpr std::uint64_t kMostMilliwatts = 1'000'000'000;  // a megawatt
constexpr std::uint64_t kMostMillivolts = 100'000;
constexpr std::uint64_t kMostAttojoules = 1'000'000'000'000;  // a microjoule
constexpr Femtoseconds kLongestWindow_fs = 100 * kFsPerSecond;
constexpr std::uint64_t kMostSteps = 10'000;

std::uint64_t power_up_to(const ConfigNode& node, std::string_view key) {
  const std::uint64_t milliwatts = node.power_mw(key);
  if (milliwatts > kMostMilliwatts) {
    node.fail(key, "at most 1000 kW expected");
  }
  return milliwatts;
}

std::uint64_t energy_up_to(const ConfigNode& node, std::string_view key, std::string_view unit) {
  const std::uint64_t attojoules = node.energy_per(key, unit);
  if (attojoules > kMostAttojoules) {
    node.fail(key, fmt::format("at most 1000 nJ/{} expected", unit));
  }
  return attojoules;
}

EventEnergy read_energy(const ConfigNode& node) {
  EventEnergy energy;
  const ConfigNode tensor = node.map("tensor");
  for (const DtypeInfo& info : kDtypes) {
    const std::string name(info.name);
    if (tensor.has(name)) {
      energy.tensor_flop[static_cast<std::size_t>(*dtype_from(name))] =
          energy_up_to(tensor, name, "FLOP");
    }
  }
  tensor.finish();
  energy.vector_op = energy_up_to(node, "vector", "op");
  energy.special_op = energy_up_to(node, "special", "op");
  energy.scratchpad_byte = energy_up_to(node, "scratchpad", "B");
  energy.network_byte_hop = energy_up_to(node, "network", "B");
  energy.shared_byte = energy_up_to(node, "shared", "B");
  energy.hbm_byte = energy_up_to(node, "hbm", "B");
  node.finish();
  return energy;
}

VoltageCurve read_voltage(const ConfigNode& node,
                          std::uint64_t lowest_clock_hz,
                          std::uint64_t highest_clock_hz) {
  std::vector<VoltageCurve::Point> points;
  for (const ConfigNode& item : node.list("voltage")) {
    if (!item.is_map()) {
      item.fail("expected a point, e.g. {clock: 1.2 GHz, at: 750 mV}");
    }
    points.push_back({item.frequency_hz("clock"), item.voltage_mv("at")});
    if (points.back().millivolts > kMostMillivolts) {
      item.fail("at", "at most 100 V expected");
    }
    item.finish();
  }
  VoltageCurve curve;
  try {
    curve = VoltageCurve(std::move(points));
  } catch (const std::invalid_argument& error) {
    node.fail("voltage", error.what());
  }
  for (const std::uint64_t clock_hz : {lowest_clock_hz, highest_clock_hz}) {
    if (clock_hz < curve.points().front().clock_hz || clock_hz > curve.points().back().clock_hz) {
      node.fail("voltage",
                fmt::format("no voltage for {:g} MHz: points from the lowest clock to core.clock "
                            "expected",
                            static_cast<double>(clock_hz) / 1e6));
    }
  }
  return curve;
}

}  // namespace

PowerConfig read_power_config(const ConfigNode& node, std::uint64_t highest_clock_hz) {
  PowerConfig config;
  config.cap_mw = power_up_to(node, "cap");
  config.window_fs = node.time_fs("window");
  if (config.window_fs < kFsPerNanosecond || config.window_fs > kLongestWindow_fs) {
    node.fail("window", "from 1 ns to 100 s expected");
  }
  if (node.has("peak")) {
    config.peak_mw = power_up_to(node, "peak");
  }
  if (node.has("droop")) {
    config.droop_permille = node.permille("droop");
    if (config.droop_permille > 500) {
      node.fail("droop", "at most 50 % expected");
    }
  }
  if (node.has("peak") || node.has("droop")) {
    config.reaction_fs = node.time_fs("reaction");
    if (config.reaction_fs < 10 * kFsPerNanosecond || config.reaction_fs > config.window_fs) {
      node.fail("reaction", "from 10 ns to the window expected");
    }
  }
  config.lowest_clock_hz = node.frequency_hz("lowest_clock");
  if (config.lowest_clock_hz > highest_clock_hz) {
    node.fail("lowest_clock", "at most core.clock expected");
  }
  config.clock_step_hz = node.frequency_hz("clock_step");
  if ((highest_clock_hz - config.lowest_clock_hz) / config.clock_step_hz >= kMostSteps) {
    node.fail("clock_step", fmt::format("at most {} steps between lowest_clock and core.clock "
                                        "expected",
                                        kMostSteps));
  }
  config.floor_mw = power_up_to(node, "floor");
  config.leakage_mw = power_up_to(node, "leakage");
  config.clock_tree_mw = power_up_to(node, "clock_tree");
  config.reference_clock_hz = node.frequency_hz("reference_clock");
  config.voltage = read_voltage(node, config.lowest_clock_hz, highest_clock_hz);
  config.energy = read_energy(node.map("energy"));
  config.zeros_permille = node.permille("zeros");
  node.finish();
  return config;
}

}  // namespace orrery
