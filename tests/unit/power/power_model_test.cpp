// SPDX-License-Identifier: Apache-2.0
#include "power/power_model.h"

#include <gtest/gtest.h>

#include "tests/support/power_sample.h"

namespace orrery {
namespace {

constexpr Femtoseconds kUs = kFsPerMicrosecond;

EventCounts flop(std::uint64_t count) {
  EventCounts counts;
  counts.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)] = count;
  return counts;
}

std::uint64_t part(const PowerUse& use, EnergyPart which) {
  return use.energy_fj[static_cast<std::size_t>(which)];
}

// At 2 GHz and twice the reference voltage: an event costs 4 pJ, and 290 W flow all the time.
TEST(PowerModel, AnOperatorsEnergyIsThatOfItsEventsAndItsTime) {
  PowerModel model(sample_power(), kSampleHighestClock, {});
  model.begin(5 * kUs, flop(1'000));
  model.until(6 * kUs, flop(101'000));
  model.until(8 * kUs, flop(101'000));
  const PowerUse use = model.finish();
  EXPECT_EQ(part(use, EnergyPart::kTensor), 100'000ULL * 4'000);
  EXPECT_EQ(part(use, EnergyPart::kStatic), 290'000ULL * (3 * kUs / 1'000'000) * 1000);
  EXPECT_EQ(total_of(use.energy_fj),
            part(use, EnergyPart::kTensor) + part(use, EnergyPart::kStatic));
  EXPECT_EQ(use.mean_clock_hz, kSampleHighestClock);
  EXPECT_FALSE(use.capped);
}

TEST(PowerModel, WhatHappenedBetweenOperatorsIsNobodys) {
  PowerModel model(sample_power(), kSampleHighestClock, {});
  model.begin(0, flop(0));
  model.until(kUs, flop(10));
  model.begin(5 * kUs, flop(1'000));
  model.until(6 * kUs, flop(1'001));
  EXPECT_EQ(part(model.finish(), EnergyPart::kTensor), 4'000U);
}

TEST(PowerModel, EachStretchCountsAtItsVoltageAndTheMeanClockByTime) {
  PowerConfig config = sample_power();
  config.cap_mw = 394'720;  // as in governor_test: 1.4 GHz at 100 W of work
  PowerModel model(config, kSampleHighestClock, {});
  model.begin(0, flop(0));
  // 200 W at 2 GHz, without the voltage, are 100 W at the reference.
  model.until(kUs, flop(200'000'000));
  EXPECT_EQ(model.clock_hz(), 1'400'000'000U);
  model.until(2 * kUs, flop(200'000'000 + 140'000'000));
  const PowerUse use = model.finish();
  EXPECT_EQ(part(use, EnergyPart::kTensor), 200'000'000ULL * 4'000 + 140'000'000ULL * 1'960);
  EXPECT_EQ(use.core_reference_fj, 340'000'000ULL * 1'000);
  EXPECT_EQ(use.mean_clock_hz, 1'700'000'000U);
  EXPECT_TRUE(use.capped);
}

TEST(PowerModel, MemorysEnergyKnowsNoVoltageOfTheCores) {
  PowerModel model(sample_power(), kSampleHighestClock, {});
  model.begin(0, {});
  EventCounts counts;
  counts.hbm_bytes = counts.shared_bytes = counts.network_byte_hops = 1'000;
  model.until(kUs, counts);
  const PowerUse use = model.finish();
  EXPECT_EQ(part(use, EnergyPart::kHbm), 1'000'000U);
  EXPECT_EQ(part(use, EnergyPart::kShared), 1'000'000U);
  EXPECT_EQ(part(use, EnergyPart::kNetwork), 1'000'000U);
}

TEST(PowerModel, ZerosTakeLessEnergy) {
  PowerModel model(sample_power(), kSampleHighestClock,
                   {PowerMode::kSustained, Operands::kZeros, {}});
  model.begin(0, flop(0));
  model.until(kUs, flop(1'000));
  EXPECT_EQ(part(model.finish(), EnergyPart::kTensor), 1'000U * 4'000 * 2 / 5);
}

TEST(PowerModel, AnEdgeIsDueAnIntervalAfterTheLast) {
  PowerModel model(sample_power(), kSampleHighestClock, {PowerMode::kBurst, Operands::kRandom, {}});
  model.begin(7 * kUs, {});
  EXPECT_EQ(model.next_edge_fs(), 7 * kUs + sample_power().window_fs / 8);
  model.until(10 * kUs, {});
  EXPECT_EQ(model.next_edge_fs(), 10 * kUs + sample_power().window_fs / 8);
}

TEST(PowerModel, AnOperatorOfNoTimeHasAClock) {
  PowerModel model(sample_power(), kSampleHighestClock, {});
  model.begin(kUs, {});
  model.until(kUs, {});
  EXPECT_EQ(model.finish().mean_clock_hz, kSampleHighestClock);
}

}  // namespace
}  // namespace orrery
