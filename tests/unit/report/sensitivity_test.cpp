// SPDX-License-Identifier: Apache-2.0
#include "report/sensitivity.h"

#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/random.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

double raised(double elasticity) {
  return std::pow(1.1, elasticity) - 1;
}

class SensitivityTest : public ::testing::Test {
 protected:
  SensitivityTest() {
    record_.axes = {{"cores", "1", "", {}, {}}, {"bandwidth", "byte/s", "", {}, {}}};
    record_.metrics = {{"total_time", "fs", "", {}, {}}};
  }
  void add(double cores, double bandwidth, double time) {
    record_.axes[0].values.push_back(cores);
    record_.axes[1].values.push_back(bandwidth);
    record_.metrics[0].values.push_back(time);
    record_.status.push_back(PointStatus::kComplete);
  }
  std::vector<Sensitivity> found() const {
    std::vector<std::size_t> all(record_.point_count());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return sensitivities(record_, record_.metrics[0], all);
  }
  SweepRecord record_;
};

TEST_F(SensitivityTest, OfAPowerLawIsItsExponent) {
  for (const double cores : {8, 16, 64}) {
    for (const double bandwidth : {1, 3}) {
      add(cores, bandwidth, 1e12 / cores / std::sqrt(bandwidth));
    }
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].axis, "cores");
  EXPECT_NEAR(all[0].typical, raised(-1), 1e-12);
  EXPECT_NEAR(all[0].least, all[0].greatest, 1e-12);
  EXPECT_EQ(all[0].pairs, 4U);
  EXPECT_EQ(all[1].axis, "bandwidth");
  EXPECT_NEAR(all[1].typical, raised(-0.5), 1e-12);
  EXPECT_EQ(all[1].pairs, 3U);
  EXPECT_EQ(all[1].method, Sensitivity::Method::kNeighbours);
}

TEST_F(SensitivityTest, SpansWhereAnotherBottleneckTakesOver) {
  for (const double cores : {8, 16, 32, 64}) {
    for (const double bandwidth : {1, 2}) {
      add(cores, bandwidth, 1e12 * std::max(1 / cores, 1 / (16 * bandwidth)));
    }
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NEAR(all[0].least, raised(-1), 1e-12);
  EXPECT_NEAR(all[0].greatest, 0, 1e-12);
}

TEST_F(SensitivityTest, LeavesOutPointsWithoutAValueAndAxesThatStand) {
  add(8, 1, 100);
  add(16, 1, 50);
  add(32, 1, std::numeric_limits<double>::quiet_NaN());
  const auto all = found();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].pairs, 1U);
}

TEST_F(SensitivityTest, OfSomePointsIsOfThoseOnly) {
  add(8, 1, 100);
  add(16, 1, 50);
  add(32, 1, 50);
  const std::vector<std::size_t> first{0, 1};
  EXPECT_NEAR(sensitivities(record_, record_.metrics[0], first).at(0).typical, raised(-1), 1e-12);
}

TEST_F(SensitivityTest, LinkedAxesAreOne) {
  record_.axes.push_back({"sram", "byte", "", {}, {}});
  for (const double cores : {8, 16, 32}) {
    for (const double bandwidth : {1, 2}) {
      add(cores, bandwidth, 1e12 / cores);
      record_.axes[2].values.push_back(1000 * cores);
    }
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].axis, "cores");
  EXPECT_THAT(all[0].linked, ElementsAre("sram"));
  EXPECT_NEAR(all[0].typical, raised(-1), 1e-12);
}

// Places of stacks are words and go with their count.
TEST_F(SensitivityTest, WordsThatMoveWithAnAxisAreLinkedToIt) {
  record_.axes.push_back({"positions", "", "", {}, {"two", "four"}});
  for (const double cores : {8, 16, 32}) {
    for (const double bandwidth : {2, 4}) {
      add(cores, bandwidth, 1e12 / bandwidth);
      record_.axes[2].values.push_back(bandwidth / 2 - 1);
    }
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].axis, "bandwidth");
  EXPECT_THAT(all[0].linked, ElementsAre("positions"));
  EXPECT_EQ(all[0].method, Sensitivity::Method::kNeighbours);
  EXPECT_NEAR(all[0].typical, raised(-1), 1e-12);
}

TEST_F(SensitivityTest, AnAxisThatWordsDecideIsNotFitted) {
  record_.axes.push_back({"chip", "", "", {}, {"a", "b"}});
  for (const double cores : {8, 16, 32}) {
    for (const double chip : {0, 1}) {
      add(cores, 3.2e10 * (1 + chip), 1e12 / cores);
      record_.axes[2].values.push_back(chip);
    }
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].axis, "cores");
}

TEST_F(SensitivityTest, OfASampleIsAFitApartForEachWord) {
  record_.axes.push_back({"chip", "", "", {}, {"a", "b"}});
  for (std::uint64_t i = 0; i < 40; ++i) {
    const double cores = 8 + static_cast<double>(random_below(7, 2 * i, 1000)) / 10;
    const double bandwidth = 1 + static_cast<double>(random_below(7, 2 * i + 1, 1000)) / 100;
    const double chip = static_cast<double>(i % 2);
    add(cores, bandwidth, (1 + 5 * chip) * 1e12 / cores / std::sqrt(bandwidth));
    record_.axes[2].values.push_back(chip);
  }
  const auto all = found();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].axis, "cores");
  EXPECT_EQ(all[0].method, Sensitivity::Method::kFit);
  EXPECT_NEAR(all[0].typical, raised(-1), 1e-9);
  EXPECT_NEAR(all[1].typical, raised(-0.5), 1e-9);
  EXPECT_NEAR(all[0].fit, 1, 1e-9);
  EXPECT_EQ(all[0].pairs, 40U);
}

TEST_F(SensitivityTest, OfNothingIsNothing) {
  EXPECT_TRUE(found().empty());
  add(8, 1, 0);
  add(16, 1, -1);
  EXPECT_TRUE(found().empty());
}

}  // namespace
}  // namespace orrery
