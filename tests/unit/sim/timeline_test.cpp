// SPDX-License-Identifier: Apache-2.0
#include "sim/timeline.h"

#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

using Bins = std::vector<std::uint64_t>;

TEST(Timeline, SpreadsAnAmountOverTheBinsItCovers) {
  Timeline timeline(4, 10);
  timeline.add(5, 25, 200);
  EXPECT_EQ(timeline.bins(), (Bins{50, 100, 50, 0}));
}

TEST(Timeline, TheRemainderIsCountedWhenItComesDue) {
  Timeline timeline(4, 10);
  timeline.add(0, 30, 2);  // 0.67, 1.33 and 2 until the bins' ends
  EXPECT_EQ(timeline.bins(), (Bins{0, 1, 1, 0}));
}

TEST(Timeline, AnEndOnABinsEdgeStaysBelowIt) {
  Timeline timeline(2, 10);
  timeline.add(0, 20, 10);
  EXPECT_EQ(timeline.bin_fs(), 10U);
  EXPECT_EQ(timeline.bins(), (Bins{5, 5}));
}

TEST(Timeline, AnEmptyIntervalCountsAtItsStart) {
  Timeline timeline(2, 10);
  timeline.add(10, 10, 7);
  timeline.add(10, 3, 1);
  EXPECT_EQ(timeline.bins(), (Bins{0, 8}));
}

TEST(Timeline, BinsMergePairwiseWhenTimeOutgrowsThem) {
  Timeline timeline(4, 10);
  timeline.add(0, 40, 4);
  timeline.add(40, 41, 9);
  EXPECT_EQ(timeline.bin_fs(), 20U);
  EXPECT_EQ(timeline.bins(), (Bins{2, 2, 9, 0}));
}

TEST(Timeline, ReachesTheEndOfTime) {
  Timeline timeline(2, 1);
  const std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  timeline.add(0, end, end);
  timeline.add(end, end, 0);
  EXPECT_EQ(timeline.bin_fs(), std::uint64_t{1} << 63);
  EXPECT_EQ(timeline.sum(), end);
}

TEST(Timeline, WidensToTheWidthOfAnother) {
  Timeline timeline(4, 10);
  timeline.add(0, 40, 4);
  timeline.widen_to(40);
  EXPECT_EQ(timeline.bins(), (Bins{4, 0, 0, 0}));
  EXPECT_THROW(timeline.widen_to(20), std::invalid_argument);
  EXPECT_THROW(timeline.widen_to(120), std::invalid_argument);
  EXPECT_EQ(timeline.bin_fs(), 40U);
}

TEST(Timeline, ResetIsAFreshTimeline) {
  Timeline timeline(4, 10);
  timeline.add(0, 400, 4);
  timeline.reset();
  EXPECT_EQ(timeline.bin_fs(), 10U);
  EXPECT_EQ(timeline.bins(), (Bins{0, 0, 0, 0}));
}

TEST(Timeline, UsedBinsEndAtTheLastThatCounted) {
  Timeline timeline(4, 10);
  EXPECT_EQ(timeline.used_bins(), 0U);
  timeline.add(15, 16, 1);
  EXPECT_EQ(timeline.used_bins(), 2U);
}

TEST(Timeline, OddOrNoBinsAreRefused) {
  EXPECT_THROW(Timeline(0, 10), std::invalid_argument);
  EXPECT_THROW(Timeline(3, 10), std::invalid_argument);
  EXPECT_THROW(Timeline(2, 0), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
