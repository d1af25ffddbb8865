// SPDX-License-Identifier: Apache-2.0
#include "workloads/power_past.h"

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"

namespace orrery {
namespace {

// 10 us, 6 of them computing; at the reference clock 200 W of the cores and 40 W of HBM.
OperatorRun run_at(std::uint64_t clock_hz) {
  OperatorRun run;
  run.end_fs = 10'000'000'000;
  run.split[static_cast<std::size_t>(TimeCategory::kTensor)] = 5;
  run.split[static_cast<std::size_t>(TimeCategory::kVector)] = 1;
  run.split[static_cast<std::size_t>(TimeCategory::kLoadMemory)] = 4;
  run.mean_clock_hz = clock_hz;
  run.core_reference_fj = 2'000'000'000'000;
  run.energy_fj[static_cast<std::size_t>(EnergyPart::kHbm)] = 400'000'000'000;
  return run;
}

PowerConfig power() {
  PowerConfig power;
  power.reference_clock_hz = 1'000'000'000;
  return power;
}

TEST(OperatorActivityTest, AtTheClockThatItRanAtItIsWhatItDrew) {
  const PowerConfig config = power();
  OperatorActivity activity(config);
  activity.add(run_at(1'000'000'000), 3);
  EXPECT_EQ(activity.mean_at(1'000'000'000), (Activity{200'000'000, 40'000'000}));
}

// At half the clock 6 us become 12, the others stay: 16 us in all. A cycle's share of the cores'
// energy is 2000 uJ / (16 us x 0.5 GHz).
TEST(OperatorActivityTest, OnlyComputingGoesWithTheClock) {
  const PowerConfig config = power();
  OperatorActivity activity(config);
  activity.add(run_at(1'000'000'000), 1);
  EXPECT_EQ(activity.mean_at(500'000'000), (Activity{250'000'000, 25'000'000}));
}

TEST(OperatorActivityTest, CountsWeigh) {
  const PowerConfig config = power();
  OperatorActivity one_by_one(config);
  OperatorActivity at_once(config);
  OperatorRun other = run_at(1'000'000'000);
  other.core_reference_fj = 0;
  for (int i = 0; i < 5; ++i) {
    one_by_one.add(run_at(1'000'000'000), 1);
  }
  one_by_one.add(other, 1);
  at_once.add(run_at(1'000'000'000), 5);
  at_once.add(other, 1);
  EXPECT_EQ(one_by_one.mean_at(700'000'000), at_once.mean_at(700'000'000));
  EXPECT_LT(at_once.mean_at(1'000'000'000).core_uw, 200'000'000U);
}

TEST(OperatorActivityTest, APauseIsTimeWithoutEnergyWhateverTheClock) {
  const PowerConfig config = power();
  OperatorActivity activity(config);
  activity.add(run_at(1'000'000'000), 3);
  activity.rest(30'000'000'000);  // as long as the three
  EXPECT_EQ(activity.mean_at(1'000'000'000), (Activity{100'000'000, 20'000'000}));
  // 48 us of work at half the clock, and the pause as before.
  EXPECT_EQ(activity.mean_at(500'000'000).other_uw, 1'200'000'000U / 78);
}

TEST(OperatorActivityTest, NothingDrawsNothing) {
  const PowerConfig config = power();
  EXPECT_EQ(OperatorActivity(config).mean_at(1'000'000'000), Activity{});
}

// Whatever is settled on brings itself about, within a step of the clock.
TEST(SettledPastTest, BringsItselfAbout) {
  for (const char* cap : {"power.cap=250 W", "power.cap=350 W", "power.cap=500 W"}) {
    const ChipConfig chip = load_chip("maia100", kConfigFolder, {cap});
    OperatorRun run = run_at(chip.core.clock_hz);
    run.core_reference_fj = 4'000'000'000'000;
    OperatorActivity activity(*chip.power);
    activity.add(run, 1);
    const std::uint64_t clock_hz = clock_after(chip, settled_past(chip, activity));
    const std::uint64_t next_hz = clock_after(chip, activity.mean_at(clock_hz));
    EXPECT_LE(std::max(clock_hz, next_hz) - std::min(clock_hz, next_hz), chip.power->clock_step_hz)
        << cap;
    EXPECT_LT(clock_hz, chip.core.clock_hz) << cap;
  }
}

TEST(SettledPastTest, BelowTheCapNothingIsHeld) {
  const ChipConfig chip = load_chip("maia100", kConfigFolder, {"power.cap=5 kW"});
  OperatorActivity activity(*chip.power);
  activity.add(run_at(chip.core.clock_hz), 1);
  EXPECT_EQ(clock_after(chip, settled_past(chip, activity)), chip.core.clock_hz);
}

}  // namespace
}  // namespace orrery
