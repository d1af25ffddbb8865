// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_mapping.h"

#include <algorithm>
#include <bit>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"

namespace orrery {
namespace {

GemmMappingProblem problem_of(std::uint64_t m, std::uint64_t n, std::uint64_t k, Dtype dtype) {
  GemmMappingProblem problem;
  problem.shape = {1, m, n, k};
  problem.dtype = dtype;
  return problem;
}

template <typename Test>
bool any(const std::vector<RankedTiling>& ranked, const Test& test) {
  return std::any_of(ranked.begin(), ranked.end(),
                     [&](const RankedTiling& r) { return test(r.tiling); });
}

bool has_odd_edge(const GemmTiling& t) {
  return !std::has_single_bit(t.tile_m) || !std::has_single_bit(t.tile_n);
}
bool splits(const GemmTiling& t) {
  return t.split > 1;
}
bool pairs(const GemmTiling& t) {
  return t.pair;
}

TEST(GemmMappingTest, ALibraryMayHavePowersOfTwoAlone) {
  ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  const GemmMappingProblem problem = problem_of(1000, 1000, 1000, Dtype::kBf16);
  EXPECT_TRUE(any(rank_gemm_tilings(problem, chip, {}), has_odd_edge));
  chip.software.gemm.power_of_two_tiles = true;
  EXPECT_FALSE(any(rank_gemm_tilings(problem, chip, {}), has_odd_edge));
}

TEST(GemmMappingTest, ALibraryMaySplitNothingOfFourBits) {
  ChipConfig chip = load_chip("b200-sxm", kConfigFolder);
  EXPECT_TRUE(any(rank_gemm_tilings(problem_of(16, 256, 16384, Dtype::kBf16), chip, {}), splits));
  const GemmMappingProblem narrow = problem_of(16, 256, 16384, Dtype::kFp4);
  EXPECT_FALSE(any(rank_gemm_tilings(narrow, chip, {}), splits));
  chip.software.gemm.splits_4bit = true;
  EXPECT_TRUE(any(rank_gemm_tilings(narrow, chip, {}), splits));
}

TEST(GemmMappingTest, PairsShareTheUnitsSecondOperandAndHoldHalfOfIt) {
  ChipConfig chip = load_chip("b200-sxm", kConfigFolder);
  const GemmMappingProblem problem = problem_of(4096, 4096, 4096, Dtype::kBf16);
  const std::vector<RankedTiling> ranked = rank_gemm_tilings(problem, chip, {});
  EXPECT_TRUE(any(ranked, pairs));
  for (const RankedTiling& r : ranked) {
    const GemmTiling& t = r.tiling;
    if (!t.pair) {
      continue;
    }
    EXPECT_EQ(t.cluster(), 2U);
    EXPECT_NE(t.cluster_m == 2, t.swapped);
    const std::uint64_t shared = t.swapped ? t.tile_m : t.tile_n;
    EXPECT_EQ(t.stage_bytes(Dtype::kBf16), (t.tile_m + t.tile_n - shared / 2) * t.tile_k * 2ULL);
  }
  chip.core.tensor.pairs = false;
  EXPECT_FALSE(any(rank_gemm_tilings(problem, chip, {}), pairs));
}

TEST(GemmMappingTest, SplitsFillTheCoresOnceAndStepsAreALine) {
  const ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  const GemmMappingProblem problem = problem_of(512, 2560, 12288, Dtype::kBf16);
  const std::vector<RankedTiling> ranked = rank_gemm_tilings(problem, chip, {});
  EXPECT_TRUE(any(ranked, splits));
  for (const RankedTiling& r : ranked) {
    const GemmTiling& t = r.tiling;
    EXPECT_EQ(t.tile_k, 64U);
    if (t.split > 1) {
      EXPECT_LE(t.tiles_m(problem.shape) * t.tiles_n(problem.shape) * t.split, chip.core.count);
    }
  }
}

TEST(GemmMappingTest, WithoutALibraryStepsAreLongerAndSplitsMayFillTheCoresMoreThanOnce) {
  ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  chip.software.gemm = {};
  const GemmMappingProblem problem = problem_of(512, 2560, 12288, Dtype::kBf16);
  const std::vector<RankedTiling> ranked = rank_gemm_tilings(problem, chip, {});
  EXPECT_TRUE(any(ranked, [](const GemmTiling& t) { return t.tile_k > 64; }));
  EXPECT_TRUE(any(ranked, [&](const GemmTiling& t) {
    return t.split > 1 &&
           t.tiles_m(problem.shape) * t.tiles_n(problem.shape) * t.split > chip.core.count;
  }));
}

TEST(GemmMappingTest, TilesAreDrawnFromACounterWhereTheyAreMoreThanTheStaticWaves) {
  ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  chip.software.gemm.static_waves = 2;
  GemmTiling tiling;
  tiling.tile_m = tiling.tile_n = 128;
  const auto drawn = [&](std::uint64_t tiles) {
    return draws_from_counter(tiling, {1, 128 * tiles, 128, 512}, chip);
  };
  EXPECT_FALSE(drawn(264));  // two for each of 132 cores
  EXPECT_TRUE(drawn(265));
  tiling.split = 2;
  EXPECT_FALSE(drawn(265));
  tiling.split = 1;
  chip.software.gemm.static_waves = 0;
  EXPECT_FALSE(drawn(1000));
}

TEST(GemmMappingTest, ACounterCostsALaunch) {
  ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  const GemmMappingProblem problem = problem_of(4096, 4096, 1024, Dtype::kBf16);
  GemmTiling tiling = rank_gemm_tilings(problem, chip, {}).front().tiling;
  chip.software.gemm.static_waves = 0;
  const Femtoseconds without_fs = estimate_gemm(problem, tiling, chip);
  chip.software.gemm.static_waves = 1;
  ASSERT_TRUE(draws_from_counter(tiling, problem.shape, chip));
  EXPECT_GT(estimate_gemm(problem, tiling, chip), without_fs + chip.dispatch.dependent_launch_fs);
  const Workload workload = gemm_workload(problem.shape);
  const LoweredOperator lowered = lower(workload, workload.operators.front(), chip);
  ASSERT_EQ(lowered.kernels.size(), 2U);
  EXPECT_EQ(lowered.kernels.front()->name(), "gemm.counter");
}

TEST(GemmMappingTest, LargeTilesHoldTheirAccumulatorsOnceAndStillLoadAhead) {
  const ChipConfig chip = load_chip("h100-sxm", kConfigFolder);
  const GemmMappingProblem problem = problem_of(8192, 8192, 128, Dtype::kBf16);
  const std::vector<RankedTiling> ranked = rank_gemm_tilings(problem, chip, {});
  for (const std::uint32_t accumulators : {1U, 2U}) {
    EXPECT_TRUE(any(ranked, [&](const GemmTiling& t) { return t.accumulators == accumulators; }));
  }
  for (const RankedTiling& r : ranked) {
    const std::uint64_t bytes = std::uint64_t{r.tiling.tile_m} * r.tiling.tile_n * 4;
    EXPECT_EQ(r.tiling.tasks_in_flight, 2U);
    EXPECT_LE(r.tiling.accumulator_bytes(), chip.core.tensor.accumulator_bytes);
    if (2 * bytes > chip.core.tensor.accumulator_bytes) {
      EXPECT_EQ(r.tiling.accumulators, 1U);
    }
  }
}

}  // namespace
}  // namespace orrery
