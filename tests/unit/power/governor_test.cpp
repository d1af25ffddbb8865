// SPDX-License-Identifier: Apache-2.0
#include "power/governor.h"

#include <gtest/gtest.h>

#include "tests/support/power_sample.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMHz = 1'000'000;

Attojoules energy(std::uint64_t milliwatts, Femtoseconds duration_fs) {
  return Attojoules{milliwatts} * duration_fs;
}

// For `duration_fs` the cores do what takes `core_mw` at 1 GHz and 500 mV.
void busy(Governor& governor,
          Femtoseconds duration_fs,
          std::uint64_t core_mw,
          std::uint64_t other_mw = 0) {
  const std::uint64_t at_clock = core_mw * (governor.clock_hz() / kMHz) / 1000;
  governor.observe(duration_fs, energy(at_clock, duration_fs), energy(other_mw, duration_fs), 0);
}

TEST(Governor, StartsAtTheHighestClock) {
  for (const PowerMode mode : {PowerMode::kBurst, PowerMode::kSustained}) {
    const Governor governor(sample_power(), kSampleHighestClock, {mode, Operands::kRandom, {}});
    EXPECT_EQ(governor.clock_hz(), kSampleHighestClock);
    EXPECT_EQ(governor.millivolts(), 1000U);
    EXPECT_TRUE(governor.is_highest());
  }
}

TEST(Governor, StaticPowerFollowsVoltageAndClock) {
  const Governor fast(sample_power(), kSampleHighestClock,
                      {PowerMode::kBurst, Operands::kRandom, {}});
  EXPECT_EQ(fast.static_mw(), 10'000U + 20'000 * 2 + 30'000 * 2 * 4);
  const Governor reference(sample_power(), 1'000 * kMHz,
                           {PowerMode::kBurst, Operands::kRandom, {}});
  EXPECT_EQ(reference.static_mw(), 60'000U);
}

// 2 GHz draws 10 + 40 + 240 W without any work, 1.5 GHz 10 + 30 + 30 x 1.5 x 2.25.
TEST(Governor, AnIdleChipAboveItsCapStartsLower) {
  PowerConfig config = sample_power();
  config.cap_mw = 141'250;
  EXPECT_EQ(
      Governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}}).clock_hz(),
      1500 * kMHz);
  config.cap_mw = 141'249;
  EXPECT_EQ(
      Governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}}).clock_hz(),
      1400 * kMHz);
}

TEST(Governor, NeverLeavesItsSteps) {
  PowerConfig config = sample_power();
  config.cap_mw = 1;
  EXPECT_EQ(
      Governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}}).clock_hz(),
      500 * kMHz);
  config.lowest_clock_hz = 550 * kMHz;
  EXPECT_EQ(
      Governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}}).clock_hz(),
      600 * kMHz);
  config.cap_mw = 100'000'000;
  EXPECT_EQ(
      Governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}}).clock_hz(),
      kSampleHighestClock);
}

// 100 W of work at 1 GHz and 500 mV: 1.4 GHz draws 10 + 28 + (30 + 100) x 1.4 x 1.96 = 395 W.
TEST(Governor, SustainedWorkIsHeldAtOnceAtTheHighestStepUnderTheCap) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;
  Governor governor(config, kSampleHighestClock, {PowerMode::kSustained, Operands::kRandom, {}});
  busy(governor, governor.interval_fs(), 100'000);
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
  busy(governor, governor.interval_fs(), 100'000);
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
  config.cap_mw = 394'719;
  Governor lower(config, kSampleHighestClock, {PowerMode::kSustained, Operands::kRandom, {}});
  busy(lower, lower.interval_fs(), 100'000);
  EXPECT_EQ(lower.clock_hz(), 1300 * kMHz);
}

TEST(Governor, ABurstSlowsDownOverTheWindow) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;
  Governor governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  std::uint64_t before_hz = governor.clock_hz();
  std::uint64_t after_window_hz = 0;
  for (int i = 0; i < 100; ++i) {
    busy(governor, config.window_fs / 8, 100'000);
    EXPECT_LE(governor.clock_hz(), before_hz);
    before_hz = governor.clock_hz();
    after_window_hz = i == 7 ? governor.clock_hz() : after_window_hz;
  }
  EXPECT_GT(after_window_hz, 1400 * kMHz);
  EXPECT_LT(after_window_hz, kSampleHighestClock);
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
}

TEST(Governor, RisesAgainWhenTheWorkEnds) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;
  Governor governor(config, kSampleHighestClock, {PowerMode::kSustained, Operands::kRandom, {}});
  busy(governor, 1000 * kFsPerMicrosecond, 100'000);
  const std::uint64_t busy_hz = governor.clock_hz();
  busy(governor, 10'000 * kFsPerMicrosecond, 0);
  EXPECT_GT(governor.clock_hz(), busy_hz);
}

// Whatever else draws power leaves less for the cores, and does not change with their clock.
TEST(Governor, MemoryTakesItsShareOfTheCap) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720 + 50'000;
  Governor governor(config, kSampleHighestClock, {PowerMode::kSustained, Operands::kRandom, {}});
  busy(governor, governor.interval_fs(), 100'000, 50'000);
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
}

// As above, but at once, and however low the cap's average still is.
TEST(Governor, APeakIsKeptWithinItsReaction) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;
  config.peak_mw = 394'720;
  config.reaction_fs = kFsPerMicrosecond;
  Governor governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  EXPECT_EQ(governor.interval_fs(), config.reaction_fs);
  for (int i = 0; i < 10; ++i) {
    busy(governor, config.reaction_fs, 100'000);
  }
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
  for (int i = 0; i < 10; ++i) {
    busy(governor, config.reaction_fs, 0);
  }
  EXPECT_EQ(governor.clock_hz(), kSampleHighestClock);
}

TEST(Governor, APeakIsOfTheDieAndTheCapOfAll) {
  PowerConfig config = sample_power();
  config.cap_mw = 1'000'000;
  config.peak_mw = 394'720;
  config.reaction_fs = kFsPerMicrosecond;
  const Attojoules much = energy(300'000, kFsPerMicrosecond);
  Governor by_memory(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  by_memory.observe(kFsPerMicrosecond, 0, 0, much);
  EXPECT_TRUE(by_memory.is_highest());
  Governor by_die(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  by_die.observe(kFsPerMicrosecond, 0, much, 0);
  EXPECT_FALSE(by_die.is_highest());
  config.cap_mw = 394'720;
  Governor capped(config, kSampleHighestClock, {PowerMode::kSustained, Operands::kRandom, {}});
  capped.observe(kFsPerMicrosecond, 0, 0, much);
  EXPECT_FALSE(capped.is_highest());
}

TEST(Governor, CyclesStretchByTheShareOfActiveCores) {
  PowerConfig config = sample_power();
  config.droop_permille = 100;
  config.reaction_fs = kFsPerMicrosecond;
  Governor governor(config, kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  governor.observe(kFsPerMicrosecond, 0, 0, 0, 1000);
  EXPECT_EQ(governor.clock_hz(), 1800 * kMHz);
  EXPECT_EQ(governor.step_hz(), kSampleHighestClock);
  EXPECT_EQ(governor.millivolts(), 1000U);
  EXPECT_EQ(governor.static_mw(), 10'000U + 20'000 * 2 + 30'000 * 4 * 18 / 10);
  governor.observe(kFsPerMicrosecond, 0, 0, 0, 500);
  EXPECT_EQ(governor.clock_hz(), 1900 * kMHz);
  governor.observe(kFsPerMicrosecond, 0, 0, 0, 0);
  EXPECT_EQ(governor.clock_hz(), kSampleHighestClock);
}

TEST(Governor, APastThatIsKnownHoldsFromTheStartAndFades) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;
  PowerProtocol protocol;
  protocol.past = Activity{100'000'000, 0};
  Governor governor(config, kSampleHighestClock, protocol);
  EXPECT_EQ(governor.clock_hz(), 1400 * kMHz);
  EXPECT_EQ(governor.interval_fs(), config.window_fs / 8);
  busy(governor, config.window_fs / 8, 0);
  EXPECT_LT(governor.clock_hz(), kSampleHighestClock);
  busy(governor, 100 * config.window_fs, 0);
  EXPECT_EQ(governor.clock_hz(), kSampleHighestClock);
}

TEST(Governor, LooksMoreOftenWhileItHasSeenLittle) {
  const Femtoseconds window_fs = sample_power().window_fs;
  Governor sustained(sample_power(), kSampleHighestClock,
                     {PowerMode::kSustained, Operands::kRandom, {}});
  EXPECT_EQ(sustained.interval_fs(), window_fs / 64);
  busy(sustained, window_fs / 8, 1000);
  EXPECT_EQ(sustained.interval_fs(), window_fs / 16);
  busy(sustained, window_fs, 1000);
  EXPECT_EQ(sustained.interval_fs(), window_fs / 8);
  const Governor burst(sample_power(), kSampleHighestClock,
                       {PowerMode::kBurst, Operands::kRandom, {}});
  EXPECT_EQ(burst.interval_fs(), window_fs / 8);
}

}  // namespace
}  // namespace orrery
