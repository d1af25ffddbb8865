// SPDX-License-Identifier: Apache-2.0
#include "sweep/checked_points.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class CheckedPointsTest : public ::testing::Test {
 protected:
  CheckedPoints check(const std::string& more) {
    plan_ = tiny_plan(folder_, more);
    const Grid grid(plan_);
    const PointNames names(plan_);
    check_axis_keys(plan_, names);
    const Selection selection = select_points(plan_, grid, names, false);
    Resolver resolver(plan_);
    CheckedPoints points =
        check_points(plan_, grid, selection.points, resolver, [](std::size_t) {});
    columns_ = axis_columns(plan_, names, points.choices);
    return points;
  }
  void expect_refused(const std::string& more, const std::string& message) {
    EXPECT_THAT([&] { check(more); }, ThrowsMessage<InputError>(HasSubstr(message))) << more;
  }
  ScratchFolder folder_;
  Plan plan_;
  std::vector<SweepColumn> columns_;
};

TEST_F(CheckedPointsTest, AnIdentityIsOfAllThatDecidesTheResult) {
  const CheckedPoints points = check("axes: {core.clock: [1 GHz, 2 GHz]}\n");
  std::set<std::string> identities(points.identities.begin(), points.identities.end());
  EXPECT_EQ(identities.size(), 4U);
  EXPECT_EQ(check("axes: {core.clock: [1 GHz, 2 GHz]}\n").identities, points.identities);
  // A plan that has grown, and one that says the same in another way.
  const CheckedPoints grown = check("axes: {core.clock: [0.5 GHz, 1 GHz, 2 GHz]}\nname: other\n");
  for (const std::string& identity : points.identities) {
    EXPECT_THAT(grown.identities, ::testing::Contains(identity));
  }
  const CheckedPoints fixed = check("set: {core.clock: 2 GHz}\n");
  EXPECT_EQ(fixed.identities[0], points.identities[2]);
  for (const char* const other : {"sampling: true\n", "reuse: false\n", "fidelity: detailed\n"}) {
    for (const std::string& identity : check(other).identities) {
      EXPECT_THAT(identities, ::testing::Not(::testing::Contains(identity))) << other;
    }
  }
}

TEST_F(CheckedPointsTest, WhatMemoryDoesNotHoldIsInfeasible) {
  const CheckedPoints points =
      check("axes: {memory.capacity: [64 MiB, 256 MiB], workload.operators.0.m: [128, 500000]}\n");
  EXPECT_THAT(points.infeasible[0], "");
  EXPECT_THAT(points.infeasible[2], HasSubstr("memory"));
  EXPECT_THAT(points.infeasible[6], "");
}

TEST_F(CheckedPointsTest, PartsThatDoNotGoTogetherAreInfeasible) {
  const CheckedPoints points = check("axes: {core.count: [1, 2], dispatch.max_cluster: [1, 2]}\n");
  EXPECT_THAT(points.infeasible,
              ElementsAre("", "", HasSubstr("max_cluster 2 exceeds the 1 cores"),
                          HasSubstr("max_cluster 2 exceeds the 1 cores"), "", "", "", ""));
}

TEST_F(CheckedPointsTest, AValueThatIsWrongByItselfIsAMistake) {
  expect_refused("axes: {core.count: [0, 2]}\n",
                 "axis 'core.count' = 0 is refused in every combination: --set core.count=0: "
                 "'core.count' is '0', expected an integer from 1 to");
  expect_refused("axes: {core.clock: [2 GHz, 2 W]}\n", "are of two kinds");
  expect_refused("axes: {core.clock: [2 parsec]}\n", "unknown unit 'parsec'");
  expect_refused("axes: {workload.operators.0.m: [0, 4]}\n",
                 "axis 'workload.operators.0.m' = 0 is refused in every combination");
  expect_refused("set: {core.count: 0}\n", "'core.count' is '0'");
}

TEST_F(CheckedPointsTest, AnUnknownAxisIsRefusedWithTheNearestKey) {
  expect_refused("axes:\n  core.cuont: [1, 2]\n",
                 "plan.yaml:6:15: axis 'core.cuont': unknown key 'cuont' in 'core', did you mean "
                 "'count'?; --list-axes shows the keys of tiny");
  expect_refused("axes: {corr.count: [1]}\n", "axis 'corr.count': no key 'corr'");
  expect_refused("axes: {workload.batch: [1]}\n", "axis 'workload.batch': unknown key 'batch'");
}

TEST_F(CheckedPointsTest, PowerThatIsNotModelledIsSaid) {
  expect_refused("power_mode: burst\n", "power of tiny is not modelled");
}

TEST_F(CheckedPointsTest, AxesBecomeColumns) {
  check("axes: {core.clock: [1 GHz, 2 GHz], core.scratchpad.swizzle: [true, false]}\n");
  ASSERT_EQ(columns_.size(), 4U);
  EXPECT_EQ(columns_[0].name, "chip");
  EXPECT_THAT(columns_[0].words, ElementsAre("tiny"));
  EXPECT_THAT(columns_[1].words, ElementsAre("g", "h"));
  EXPECT_THAT(columns_[1].values, ElementsAre(0, 1, 0, 1, 0, 1, 0, 1));
  EXPECT_EQ(columns_[2].unit, "Hz");
  EXPECT_THAT(columns_[2].values, ElementsAre(1e9, 1e9, 1e9, 1e9, 2e9, 2e9, 2e9, 2e9));
  EXPECT_THAT(columns_[3].words, ElementsAre("true", "false"));
}

}  // namespace
}  // namespace orrery
