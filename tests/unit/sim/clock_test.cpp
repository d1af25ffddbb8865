// SPDX-License-Identifier: Apache-2.0
#include "sim/clock.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Clock, ThePeriodIsRoundedToTheNearestFemtosecond) {
  EXPECT_EQ(Clock(1'000'000'000).period_fs(), 1'000'000U);
  EXPECT_EQ(Clock(1'755'000'000).period_fs(), 569'801U);  // 569800.57
  EXPECT_EQ(Clock(3'000'000'000).period_fs(), 333'333U);  // 333333.33
}

TEST(Clock, CyclesAndTimeConvertBothWays) {
  const Clock clock(1'755'000'000);
  EXPECT_EQ(clock.to_fs(1000), 569'801'000U);
  EXPECT_EQ(clock.to_cycles(569'801'000), 1000U);
}

TEST(Clock, ACycleThatHasBegunCounts) {
  const Clock clock(1'000'000'000);
  EXPECT_EQ(clock.to_cycles(0), 0U);
  EXPECT_EQ(clock.to_cycles(1), 1U);
  EXPECT_EQ(clock.to_cycles(1'000'000), 1U);
  EXPECT_EQ(clock.to_cycles(1'000'001), 2U);
}

TEST(Clock, TheNextEdgeIsNowOrLater) {
  const Clock clock(1'000'000'000);
  EXPECT_EQ(clock.next_edge(2'000'000), 2'000'000U);
  EXPECT_EQ(clock.next_edge(2'000'001), 3'000'000U);
}

}  // namespace
}  // namespace orrery
