// SPDX-License-Identifier: Apache-2.0
#include "sim/histogram.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

using Values = std::vector<std::uint64_t>;

TEST(Histogram, BucketsArePowersOfTwo) {
  Histogram histogram;
  for (const std::uint64_t value : {4U, 5U, 7U, 8U, 31U}) {
    histogram.add(value);
  }
  EXPECT_EQ(histogram.edges(), (Values{4, 8, 16, 32}));
  EXPECT_EQ(histogram.counts(), (Values{3, 1, 1}));
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.max(), 31U);
}

TEST(Histogram, ZeroHasABucketOfItsOwn) {
  Histogram histogram;
  histogram.add(0);
  histogram.add(1);
  EXPECT_EQ(histogram.edges(), (Values{0, 1, 2}));
  EXPECT_EQ(histogram.counts(), (Values{1, 1}));
}

TEST(Histogram, TheLargestValueHasABucket) {
  Histogram histogram;
  histogram.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.edges(), (Values{std::uint64_t{1} << 63, ~std::uint64_t{0}}));
  EXPECT_EQ(histogram.counts(), Values{1});
}

TEST(Histogram, IsEmptyBeforeAndAfter) {
  Histogram histogram;
  EXPECT_TRUE(histogram.edges().empty());
  EXPECT_EQ(histogram.quantile_floor(500), 0U);
  histogram.add(9);
  histogram.reset();
  EXPECT_TRUE(histogram.counts().empty());
  EXPECT_EQ(histogram.count(), 0U);
}

TEST(Histogram, QuantilesAreLowerEdges) {
  Histogram histogram;
  for (int i = 0; i < 9; ++i) {
    histogram.add(100);
  }
  histogram.add(5000);
  EXPECT_EQ(histogram.quantile_floor(500), 64U);
  EXPECT_EQ(histogram.quantile_floor(900), 64U);
  EXPECT_EQ(histogram.quantile_floor(901), 4096U);
  EXPECT_EQ(histogram.quantile_floor(1000), 4096U);
}

}  // namespace
}  // namespace orrery
