// SPDX-License-Identifier: Apache-2.0
#include "power/die_yield.h"

#include <cmath>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(GrossDies, AreTheWafersAreaLessItsRim) {
  // pi 150^2 / 100 - pi 300 / sqrt(200) = 706.86 - 66.64
  EXPECT_EQ(gross_dies_per_wafer(100, 300), 640U);
  // 86.84 - 23.36
  EXPECT_EQ(gross_dies_per_wafer(814, 300), 63U);
  EXPECT_EQ(gross_dies_per_wafer(100, 200), 269U);  // 314.16 - 44.43
}

TEST(GrossDies, AreNoneWhereTheDieIsTooLarge) {
  EXPECT_EQ(gross_dies_per_wafer(70'000, 300), 0U);
  EXPECT_EQ(gross_dies_per_wafer(1e9, 300), 0U);
}

TEST(DieYield, IsTheNegativeBinomialWithoutSpares) {
  EXPECT_NEAR(die_yield(100, {}, {}, 0.01, 1), 0.5, 1e-12);
  EXPECT_NEAR(die_yield(100, {}, {}, 0.01, 2), 1 / 2.25, 1e-12);
  EXPECT_NEAR(die_yield(60, {4, 0, 8}, {2, 0, 4}, 0.01, 2), 1 / 2.25, 1e-12) << "cores and stacks";
  EXPECT_NEAR(die_yield(100, {}, {}, 0.01, 1000), std::exp(-1), 1e-3) << "Poisson's limit";
  EXPECT_EQ(die_yield(100, {}, {}, 0, 2), 1);
}

TEST(DieYield, ForgivesAsManyCoresAsAreSpare) {
  // Clustering 1, a defect in the mean: n of them with 1/2^(n+1). Of two cores that fill the die
  // one is left if all lie in one: 2 / 2^n. In all 1/2 + sum of 1/4^n = 5/6.
  EXPECT_NEAR(die_yield(0, {2, 1, 50}, {}, 0.01, 1), 5.0 / 6, 1e-11);
  EXPECT_NEAR(die_yield(0, {2, 2, 50}, {}, 0.01, 1), 1, 1e-11);
  // What no core holds must be free of defects: a die of half the area.
  EXPECT_NEAR(die_yield(50, {1, 1, 50}, {}, 0.01, 1), 1 / 1.5, 1e-11);
  EXPECT_NEAR(die_yield(50, {}, {1, 1, 50}, 0.01, 1), 1 / 1.5, 1e-11);
  EXPECT_NEAR(die_yield(0, {1, 0, 50}, {1, 1, 50}, 0.01, 1), 1 / 1.5, 1e-11);
}

TEST(DieYield, OfIndependentDefectsIsABinomialOverCores) {
  // Poisson: each of 16 cores is hit with 1 - exp(-m); at most 2 may be.
  const double mean = 0.3;
  const double hit = 1 - std::exp(-mean);
  double expected = 0;
  double ways = 1;
  for (int k = 0; k <= 2; ++k) {
    expected += ways * std::pow(hit, k) * std::pow(1 - hit, 16 - k);
    ways = ways * (16 - k) / (k + 1);
  }
  EXPECT_NEAR(die_yield(0, {16, 2, 30}, {}, mean / 30, 1e6), expected, 1e-5);
}

TEST(DieYield, GrowsWithSparesAndFallsWithDefects) {
  double last = 0;
  for (std::uint32_t spares = 0; spares <= 12; ++spares) {
    const double yield = die_yield(200, {144, spares, 4}, {6, 1, 14}, 0.001, 3);
    EXPECT_GT(yield, last);
    last = yield;
  }
  for (const double defects : {0.002, 0.005, 0.02, 1.0}) {
    const double yield = die_yield(200, {144, 12, 4}, {6, 1, 14}, defects, 3);
    EXPECT_LT(yield, last);
    EXPECT_GE(yield, 0);
    last = yield;
  }
}

}  // namespace
}  // namespace orrery
