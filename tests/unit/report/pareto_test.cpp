// SPDX-License-Identifier: Apache-2.0
#include "report/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/random.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

TEST(ParetoTest, KeepsThePointsThatNoneBeatsInBoth) {
  const std::vector<double> time{4, 3, 2, 5, 2};
  const std::vector<double> area{1, 2, 4, 1, 3};
  EXPECT_THAT(pareto_front({&time}, {&area}), ElementsAre(4, 1, 0));
}

TEST(ParetoTest, MoreOfARateIsBetter) {
  const std::vector<double> rate{10, 20, 30};
  const std::vector<double> area{1, 1, 2};
  EXPECT_THAT(pareto_front({&area}, {&rate, Direction::kMore}), ElementsAre(1, 2));
}

TEST(ParetoTest, EqualPointsAreAllThereAndMissingOnesAreNot) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x{1, 1, none, 2};
  const std::vector<double> y{1, 1, 0, 1};
  EXPECT_THAT(pareto_front({&x}, {&y}), ElementsAre(0, 1));
}

TEST(ParetoTest, IsWhatComparingAllPairsGives) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<double> x;
    std::vector<double> y;
    for (std::uint64_t i = 0; i < 60; ++i) {
      x.push_back(static_cast<double>(random_below(seed, 2 * i, 12)));
      y.push_back(static_cast<double>(random_below(seed, 2 * i + 1, 12)));
    }
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto beats = [&](std::size_t j) {
        return x[j] <= x[i] && y[j] <= y[i] && (x[j] < x[i] || y[j] < y[i]);
      };
      bool beaten = false;
      for (std::size_t j = 0; j < x.size(); ++j) {
        beaten = beaten || beats(j);
      }
      if (!beaten) {
        expected.push_back(i);
      }
    }
    EXPECT_THAT(pareto_front({&x}, {&y}), ::testing::UnorderedElementsAreArray(expected)) << seed;
  }
}

TEST(ParetoTest, KnowsWhichWayMetricsAreGood) {
  EXPECT_EQ(direction_of("total_time"), Direction::kLess);
  EXPECT_EQ(direction_of("tokens_per_second"), Direction::kMore);
  EXPECT_EQ(direction_of("flop"), Direction::kNone);
}

}  // namespace
}  // namespace orrery
