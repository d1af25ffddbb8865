// SPDX-License-Identifier: Apache-2.0
#include "power/power_config.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

const std::string kPower =
    R"(cap: 700 W
window: 68 us
lowest_clock: 345 MHz
clock_step: 15 MHz
floor: 20 W
leakage: 58 W
clock_tree: 24.5 W
reference_clock: 1.5 GHz
voltage:
  - {clock: 345 MHz, at: 675 mV}
  - {clock: 1.98 GHz, at: 0.95 V}
energy:
  tensor: {bf16: 0.42 pJ/FLOP, fp8: 231 fJ/FLOP}
  vector: 3 pJ/op
  special: 8 pJ/op
  scratchpad: 9.6 pJ/B
  network: 11 pJ/B
  shared: 17.5 pJ/B
  hbm: 56 pJ/B
zeros: 55 %
)";

std::string edited(const std::string& from, const std::string& to) {
  std::string text = kPower;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal_of_edit(const std::string& from, const std::string& to) {
  try {
    read_power_config(parse_config(edited(from, to), "p.yaml"), 1'980'000'000);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PowerConfigReader, ReadsAllInIntegers) {
  const PowerConfig config = read_power_config(parse_config(kPower, "p.yaml"), 1'980'000'000);
  EXPECT_EQ(config.cap_mw, 700'000U);
  EXPECT_EQ(config.window_fs, 68 * kFsPerMicrosecond);
  EXPECT_EQ(config.lowest_clock_hz, 345'000'000U);
  EXPECT_EQ(config.clock_step_hz, 15'000'000U);
  EXPECT_EQ(config.clock_tree_mw, 24'500U);
  EXPECT_EQ(config.voltage.points()[1].millivolts, 950U);
  EXPECT_EQ(config.energy.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)], 420'000U);
  EXPECT_EQ(config.energy.tensor_flop[static_cast<std::size_t>(Dtype::kFp8)], 231'000U);
  EXPECT_EQ(config.energy.tensor_flop[static_cast<std::size_t>(Dtype::kFp4)], 0U);
  EXPECT_EQ(config.energy.shared_byte, 17'500'000U);
  EXPECT_EQ(config.zeros_permille, 550U);
  EXPECT_EQ(config.reference_mv(), 870U);
}

TEST(PowerConfigReader, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal_of_edit("cap: 700 W", "cap: 700 V"),
            "p.yaml:1:6: 'cap' is '700 V': unknown unit 'V', expected one of: mW, W, kW");
  EXPECT_EQ(refusal_of_edit("cap: 700 W", "cap: 2000 kW"), "p.yaml:1:6: at most 1000 kW expected");
  EXPECT_EQ(refusal_of_edit("68 us", "0 us"), "p.yaml:2:9: from 1 ns to 100 s expected");
  EXPECT_EQ(refusal_of_edit("lowest_clock: 345 MHz", "lowest_clock: 2 GHz"),
            "p.yaml:3:15: at most core.clock expected");
  EXPECT_EQ(refusal_of_edit("clock_step: 15 MHz", "clock_step: 1 Hz"),
            "p.yaml:4:13: at most 10000 steps between lowest_clock and core.clock expected");
  EXPECT_EQ(refusal_of_edit("- {clock: 345 MHz, at: 675 mV}", "- 3"),
            "p.yaml:10:5: expected a point, e.g. {clock: 1.2 GHz, at: 750 mV}");
  EXPECT_EQ(refusal_of_edit("at: 0.95 V", "at: 0.6 V"),
            "p.yaml:10:3: voltages must not fall from point to point");
  EXPECT_EQ(refusal_of_edit("clock: 1.98 GHz", "clock: 1.9 GHz"),
            "p.yaml:10:3: no voltage for 1980 MHz: points from the lowest clock to core.clock "
            "expected");
  EXPECT_EQ(refusal_of_edit("0.42 pJ/FLOP", "0.42 pJ"),
            "p.yaml:13:18: 'energy.tensor.bf16' is '0.42 pJ': unknown unit 'pJ', expected one of: "
            "aJ/FLOP, fJ/FLOP, pJ/FLOP, nJ/FLOP");
  EXPECT_EQ(refusal_of_edit("hbm: 56 pJ/B", "hbm: 1001 nJ/B"),
            "p.yaml:19:8: at most 1000 nJ/B expected");
  EXPECT_EQ(refusal_of_edit("floor: 20 W", "droop: 9 %\nfloor: 20 W").substr(0, 38),
            "p.yaml:1:1: missing key 'reaction'");
  EXPECT_EQ(refusal_of_edit("floor: 20 W", "droop: 9 %\nreaction: 1 s\nfloor: 20 W"),
            "p.yaml:6:11: from 10 ns to the window expected");
  EXPECT_EQ(refusal_of_edit("floor: 20 W", "droop: 60 %\nreaction: 2 us\nfloor: 20 W"),
            "p.yaml:5:8: at most 50 % expected");
  EXPECT_EQ(refusal_of_edit("zeros: 55 %", "zeros: 101 %"),
            "p.yaml:20:8: 'zeros' is '101 %', expected at most 100 %");
  EXPECT_EQ(refusal_of_edit("floor: 20 W\n", "").substr(0, 27), "p.yaml:1:1: missing key 'fl");
  EXPECT_EQ(refusal_of_edit("floor:", "flour: 3 W\nfloor:").substr(0, 20), "p.yaml:5:1: unknown ");
}

}  // namespace
}  // namespace orrery
