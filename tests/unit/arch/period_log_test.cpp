// SPDX-License-Identifier: Apache-2.0
#include "arch/period_log.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

// Feeds periods of 100 units of work that take so long, of whose 1000 bytes each memory moves
// `memory_bytes`.
class PeriodLogTest : public ::testing::Test {
 protected:
  PeriodLogTest() { log_.restart(mark_); }
  void add(Femtoseconds time_fs, std::uint64_t memory_bytes = 500, std::uint64_t work = 100) {
    mark_.at_fs += time_fs;
    mark_.work += work;
    mark_.memory_bytes += memory_bytes;
    mark_.requested_bytes += 1000;
    log_.add(mark_);
  }
  void add_equal(int count, Femtoseconds time_fs = 1'000'000) {
    for (int i = 0; i < count; ++i) {
      add(time_fs);
    }
  }

  PeriodMark mark_{77, 5, 3, 1};
  PeriodLog log_{8, 8};
};

TEST_F(PeriodLogTest, FourPeriodsOfTheSameTimeAfterTheFirstSuffice) {
  add(1'500'000);
  add_equal(3);
  EXPECT_EQ(log_.steady_periods(), 0U);
  add_equal(1);
  EXPECT_EQ(log_.steady_periods(), 4U);
  EXPECT_TRUE(log_.is_flat(4));
  EXPECT_EQ(log_.error_ppm(4), 0U);
}

TEST_F(PeriodLogTest, TheFirstPeriodIsNeverOneOfThem) {
  add_equal(4);
  EXPECT_EQ(log_.steady_periods(), 0U);
}

TEST_F(PeriodLogTest, WhatMemoryDoesMakesNoDifferenceToAFlatTime) {
  for (const std::uint64_t bytes : {500U, 600U, 700U, 800U, 900U}) {
    add(1'000'000, bytes);
  }
  EXPECT_EQ(log_.steady_periods(), 4U);
}

TEST_F(PeriodLogTest, PeriodsThatDifferTakeMoreUntilTheirMeanIsKnown) {
  for (int i = 0; i < 11; ++i) {
    EXPECT_EQ(log_.steady_periods(), 0U) << i;
    add(i % 2 == 0 ? 1'000'000 : 1'040'000);
  }
  add(1'040'000);
  EXPECT_EQ(log_.steady_periods(), 8U);  // two thirds: the first third warms up
  EXPECT_FALSE(log_.is_flat(8));
  EXPECT_NEAR(static_cast<double>(log_.error_ppm(8)), 2 * 19'600 / 2.65, 200);
}

TEST_F(PeriodLogTest, AMeanThatIsNotKnownWellEnoughIsNotSteady) {
  for (int i = 0; i < 12; ++i) {
    add(i % 2 == 0 ? 1'000'000 : 1'100'000);
  }
  EXPECT_EQ(log_.steady_periods(), 0U);
}

TEST_F(PeriodLogTest, ATimeThatStillFallsIsNotSteady) {
  for (Femtoseconds i = 0; i < 12; ++i) {
    add(1'200'000 - 10'000 * i);
  }
  EXPECT_EQ(log_.steady_periods(), 0U);
}

TEST_F(PeriodLogTest, AHitRateThatDriftsIsNotSteady) {
  for (std::uint64_t i = 0; i < 12; ++i) {
    add(i % 2 == 0 ? 1'000'000 : 1'020'000, 500 + 10 * i);
  }
  EXPECT_EQ(log_.steady_periods(), 0U);
}

TEST_F(PeriodLogTest, TimeIsComparedByWork) {
  add(1'500'000);
  add(1'000'000, 500, 100);
  add(1'100'000, 500, 110);
  add(900'000, 500, 90);
  add(1'200'000, 500, 120);
  EXPECT_EQ(log_.steady_periods(), 4U);
}

TEST(PeriodLogOfFew, FewPeriodsSufficeWhereTheyDifferByLittle) {
  for (const Femtoseconds spread_fs : {4'000U, 40'000U}) {
    PeriodLog log(8, 3);
    PeriodMark mark;
    log.restart(mark);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(log.steady_periods(), 0U) << i;
      mark.at_fs += 1'000'000 + (i % 2 == 0 ? spread_fs : 0);
      mark.work += 100;
      mark.requested_bytes += 1000;
      log.add(mark);
    }
    EXPECT_EQ(log.steady_periods(), spread_fs == 4'000U ? 3U : 0U);
  }
}

TEST_F(PeriodLogTest, ARestartForgets) {
  add_equal(5);
  EXPECT_EQ(log_.steady_periods(), 4U);
  log_.restart(mark_);
  EXPECT_EQ(log_.steady_periods(), 0U);
}

TEST(ShareOut, KeepsTheSumAndTheProportions) {
  const std::vector<std::uint64_t> weights{1, 0, 2, 3, 1};
  for (const std::uint64_t total : {0U, 1U, 6U, 700U, 1'000'003U}) {
    const std::vector<std::uint64_t> shares = share_out(total, weights);
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::uint64_t{0}), total);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(shares[i]),
                  static_cast<double>(total) * static_cast<double>(weights[i]) / 7, 2.0);
    }
  }
}

TEST(ShareOut, WithoutWeightsTheFirstGetsAll) {
  EXPECT_EQ(share_out(5, std::vector<std::uint64_t>{0, 0}), (std::vector<std::uint64_t>{5, 0}));
  EXPECT_TRUE(share_out(5, std::vector<std::uint64_t>{}).empty());
}

}  // namespace
}  // namespace orrery
