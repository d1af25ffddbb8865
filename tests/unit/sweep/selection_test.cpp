// SPDX-License-Identifier: Apache-2.0
#include "sweep/selection.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class SelectionTest : public ::testing::Test {
 protected:
  Selection select(const std::string& more, bool agreed = false) {
    plan_ = tiny_plan(folder_, more);
    return select_points(plan_, Grid(plan_), PointNames(plan_), agreed);
  }
  void expect_refused(const std::string& more, const std::string& message, bool agreed = false) {
    EXPECT_THAT([&] { select(more, agreed); }, ThrowsMessage<InputError>(HasSubstr(message)));
  }
  ScratchFolder folder_;
  Plan plan_;
};

// 7 x 5 x 3 chip configurations, each with two workloads.
const std::string kGrid =
    "axes:\n"
    "  core.dma.issue: {from: 1 clk, to: 7 clk, steps: 7}\n"
    "  core.tensor.issue: {from: 1 clk, to: 5 clk, steps: 5}\n"
    "  network.hop: [1 clk, 2 clk, 3 clk]\n";

TEST_F(SelectionTest, AGridIsTakenWholeAndInOrder) {
  const Selection all = select(kGrid);
  EXPECT_EQ(all.combinations, 210U);
  ASSERT_EQ(all.points.size(), 210U);
  const Grid grid(plan_);
  EXPECT_EQ(text_of(plan_, grid.at(0)),
            "tiny, core.dma.issue=1 clk, core.tensor.issue=1 clk, network.hop=1 clk, g");
  EXPECT_EQ(text_of(plan_, grid.at(1)),
            "tiny, core.dma.issue=1 clk, core.tensor.issue=1 clk, network.hop=1 clk, h");
  EXPECT_EQ(text_of(plan_, grid.at(209)),
            "tiny, core.dma.issue=7 clk, core.tensor.issue=5 clk, network.hop=3 clk, h");
}

TEST_F(SelectionTest, ConstraintsTakePointsOut) {
  const Selection some =
      select(kGrid + "constraints: [core.dma.issue + core.tensor.issue <= 3, workload == 'g']\n");
  EXPECT_EQ(some.points.size(), 9U);  // (1,1) (1,2) (2,1), three hops each
  EXPECT_EQ(some.excluded, 201U);
}

TEST_F(SelectionTest, ConstraintsKnowWhatFollowsFromAChip) {
  // A core has 512 GFLOP/s of bf16, the memory 32 GB/s.
  const std::string cores = "axes: {core.count: [2, 4, 8]}\n";
  EXPECT_EQ(select(cores + "constraints: [peak.bf16 <= 2.1e12 FLOP/s]\n").points.size(), 4U);
  EXPECT_EQ(select(cores + "constraints: [peak.bf16 > 2.1e12 FLOP/s]\n").points.size(), 2U);
  EXPECT_EQ(select(cores + "constraints: [peak.memory * 50 FLOP/B < peak.bf16]\n").points.size(),
            4U);
}

TEST_F(SelectionTest, WhatDoesNotFollowFromAChipIsSaid) {
  const std::string cores = "axes: {core.count: [2, 4]}\n";
  expect_refused(cores + "constraints: [die_area <= 858 mm2]\n",
                 "tiny has no map 'area', from which 'die_area' would follow");
  expect_refused(cores + "constraints: [peak.bf15 > 0 FLOP/s]\n", "nothing is called 'peak.bf15'");
  expect_refused(cores + "constraints: [peak.bf16 > 3 mm2]\n", "FLOP/s");
}

TEST_F(SelectionTest, AChipThatIsRefusedStaysWhateverFollows) {
  EXPECT_EQ(
      select("axes: {core.count: [2, 0]}\nconstraints: [peak.bf16 < 1 FLOP/s]\n").points.size(),
      2U);
}

TEST_F(SelectionTest, ConstraintsKnowKeysThatAreNotVaried) {
  EXPECT_EQ(
      select(kGrid + "constraints: [core.count == 2, memory.timing.refi > 10 clk]\n").points.size(),
      210U);
  expect_refused(kGrid + "constraints: [core.cout == 2]\n",
                 "plan.yaml:9:15: 'core.cout == 2': nothing is called 'core.cout', did you mean "
                 "'core.count'?");
  expect_refused(kGrid + "constraints: [core.clock == 2]\n", "plan.yaml:9:15: 'core.clock == 2'");
}

TEST_F(SelectionTest, SaysHowOftenEachOfImpossibleConstraintsHolds) {
  expect_refused(kGrid + "constraints: [core.count > 2, network.hop == 3]\n",
                 "no point meets the constraints: of 210 combinations 'core.count > 2' holds for "
                 "0, 'network.hop == 3' holds for 70");
}

TEST_F(SelectionTest, ASampleHasEveryWorkloadOfItsChips) {
  for (const char* const method : {"sobol", "latin"}) {
    const Selection some =
        select(kGrid + "sample: {points: 40, method: " + method + ", seed: 3}\n");
    ASSERT_EQ(some.points.size(), 40U) << method;
    EXPECT_TRUE(std::is_sorted(some.points.begin(), some.points.end()));
    for (std::size_t i = 0; i < some.points.size(); i += 2) {
      EXPECT_EQ(some.points[i] % 2, 0U);
      EXPECT_EQ(some.points[i + 1], some.points[i] + 1);
    }
  }
}

TEST_F(SelectionTest, ASampleDependsOnItsSeedAloneAndALargerOneOfSobolHoldsTheSmaller) {
  const auto points = [&](int count, int seed) {
    return select(kGrid + "sample: {points: " + std::to_string(count) +
                  ", seed: " + std::to_string(seed) + "}\n")
        .points;
  };
  EXPECT_EQ(points(40, 1), points(40, 1));
  EXPECT_NE(points(40, 1), points(40, 2));
  const auto small = points(20, 1);
  const auto large = points(60, 1);
  EXPECT_TRUE(std::includes(large.begin(), large.end(), small.begin(), small.end()));
}

TEST_F(SelectionTest, ASampleAsLargeAsTheGridIsTheGrid) {
  EXPECT_EQ(select(kGrid + "sample: {points: 5000}\n").points.size(), 210U);
}

TEST_F(SelectionTest, ASampleMeetsConstraintsAndTakesWhatThereIs) {
  const Selection some =
      select(kGrid + "constraints: [core.dma.issue <= 2]\nsample: {points: 50}\n");
  EXPECT_EQ(some.points.size(), 50U);
  const Selection few = select(
      kGrid + "constraints: [core.dma.issue == 1, network.hop == 1]\nsample: {points: 50}\n");
  EXPECT_EQ(few.points.size(), 10U);
  expect_refused(kGrid + "sample: {points: 1}\n", "less than the 2 workloads");
}

TEST_F(SelectionTest, AMillionByAccidentIsRefused) {
  const std::string huge =
      "axes:\n"
      "  core.dma.issue: {from: 1 clk, to: 100 clk, steps: 100}\n"
      "  core.dma.setup: {from: 1 clk, to: 100 clk, steps: 100}\n"
      "  network.hop: {from: 1 clk, to: 50 clk, steps: 50}\n";
  expect_refused(huge,
                 "1000000 combinations, more than 100000; --sample N draws N of them, --yes runs "
                 "them all");
  EXPECT_EQ(select(huge + "sample: {points: 100}\n").points.size(), 100U);
  EXPECT_EQ(select(huge, true).points.size(), 1'000'000U);
  const std::string beyond = "  core.tensor.issue: {from: 1 clk, to: 10 clk, steps: 10}\n";
  expect_refused(huge + beyond, "10000000 combinations, a sweep has at most 4194304", true);
}

TEST(UnitDraws, ALatinHypercubeHasOneDrawInEachSlice) {
  const auto draws = unit_draws(SampleMethod::kLatinHypercube, 7, 3, 50);
  for (std::size_t d = 0; d < 3; ++d) {
    std::set<int> slices;
    for (const auto& draw : draws) {
      slices.insert(static_cast<int>(draw[d] * 50));
    }
    EXPECT_EQ(slices.size(), 50U);
  }
}

TEST(UnitDraws, SobolFillsEveryQuarterEqually) {
  const auto draws = unit_draws(SampleMethod::kSobol, 0, 2, 64);
  std::vector<int> quarters(4);
  for (const auto& draw : draws) {
    ++quarters[static_cast<std::size_t>(draw[0] * 2) * 2 + static_cast<std::size_t>(draw[1] * 2)];
  }
  for (const int count : quarters) {
    EXPECT_NEAR(count, 16, 1);  // the sequence begins behind its zero
  }
}

}  // namespace
}  // namespace orrery
