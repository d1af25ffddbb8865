// SPDX-License-Identifier: Apache-2.0
#include "sim/units.h"

#include <limits>

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Units, CeilDivRoundsUpWithoutOverflow) {
  EXPECT_EQ(ceil_div(0, 7), 0U);
  EXPECT_EQ(ceil_div(14, 7), 2U);
  EXPECT_EQ(ceil_div(15, 7), 3U);
  EXPECT_EQ(ceil_div(kMax, 2), kMax / 2 + 1);
}

TEST(Units, RoundUpGoesToTheNextMultiple) {
  EXPECT_EQ(round_up(0, 16), 0U);
  EXPECT_EQ(round_up(16, 16), 16U);
  EXPECT_EQ(round_up(17, 16), 32U);
}

TEST(Units, ScaleUpDoesNotOverflowInBetween) {
  EXPECT_EQ(scale_up(10, 3, 4), 8U);
  EXPECT_EQ(scale_up(8, 3, 4), 6U);
  EXPECT_EQ(scale_up(kMax, kFsPerSecond, kFsPerSecond), kMax);
}

TEST(Units, ReportsConvert) {
  EXPECT_DOUBLE_EQ(to_microseconds(1'500'000'000), 1.5);
  EXPECT_DOUBLE_EQ(to_seconds(kFsPerSecond / 4), 0.25);
}

}  // namespace
}  // namespace orrery
