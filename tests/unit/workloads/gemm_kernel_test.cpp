// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_kernel.h"

#include <set>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"
#include "tests/support/program_checker.h"

namespace orrery {
namespace {

constexpr GemmShape kShape{1, 300, 500, 700};

GemmTiling tiling_of(std::uint32_t along_m, std::uint32_t along_n) {
  GemmTiling t;
  t.tile_m = 64;
  t.tile_n = 96;
  t.tile_k = 64;
  t.stages = 3;
  t.cluster_m = along_m;
  t.cluster_n = along_n;
  return t;
}

GemmKernel kernel_of(const GemmTiling& tiling) {
  const Workload workload = gemm_workload(kShape, Dtype::kBf16);
  GemmOperands operands;
  operands.x = workload.tensors[0];
  operands.w = workload.tensors[1];
  operands.y = workload.tensors[2];
  operands.dtype = operands.output_dtype = Dtype::kBf16;
  return GemmKernel("gemm", kShape, tiling, operands);
}

class GemmClusterTest : public ::testing::TestWithParam<std::pair<std::uint32_t, std::uint32_t>> {};

TEST_P(GemmClusterTest, TasksCoverTheTilesOnceInRectangles) {
  const auto [along_m, along_n] = GetParam();
  const GemmTiling tiling = tiling_of(along_m, along_n);
  const GemmKernel kernel = kernel_of(tiling);
  std::set<std::pair<std::uint64_t, std::uint64_t>> tiles;
  for (std::uint64_t task = 0; task < kernel.task_count(); ++task) {
    const GemmKernel::Tile tile = kernel.tile_of(task);
    EXPECT_TRUE(tiles.insert({tile.row, tile.column}).second);
    const GemmKernel::Tile first = kernel.tile_of(task - task % tiling.cluster());
    EXPECT_LT(tile.row - first.row, along_m);
    EXPECT_LT(tile.column - first.column, along_n);
  }
  EXPECT_EQ(tiles.size(), tiling.grid_m(kShape) * tiling.grid_n(kShape));
}

// Without time: nothing waits for what never comes, and stages are not filled before they are free.
TEST_P(GemmClusterTest, CoresLoadEachOperandOfAStepOnceForAllThatShareIt) {
  const auto [along_m, along_n] = GetParam();
  const GemmTiling tiling = tiling_of(along_m, along_n);
  const ProgramCount count = run_programs(kernel_of(tiling));
  EXPECT_EQ(count.failure, "");
  EXPECT_EQ(count.useful_flop, 2U * kShape.m * kShape.n * kShape.k);
  const std::uint64_t row_bytes = 2 * kShape.k;
  const std::uint64_t x_loads = tiling.grid_n(kShape) / along_n;
  const std::uint64_t w_loads = tiling.grid_m(kShape) / along_m;
  std::uint64_t bytes = 0;
  for (const Block& block : count.loads) {
    bytes += block.bytes();
  }
  EXPECT_EQ(bytes, row_bytes * (x_loads * kShape.m + w_loads * kShape.n));
}

TEST(GemmPairTest, EachCoreLoadsWhatThePairSharesInTurnAndForBoth) {
  GemmTiling tiling = tiling_of(2, 1);
  const ProgramCount cluster = run_programs(kernel_of(tiling));
  tiling.pair = true;
  EXPECT_LT(tiling.stage_bytes(Dtype::kBf16), tiling_of(2, 1).stage_bytes(Dtype::kBf16));
  const ProgramCount pair = run_programs(kernel_of(tiling), 2, Interleaving::kRoundRobin,
                                         RoomCheck::kOff);  // whole operands alternate there
  EXPECT_EQ(pair.failure, "");
  EXPECT_EQ(pair.load_bytes, cluster.load_bytes);
  EXPECT_EQ(pair.useful_flop, cluster.useful_flop);
}

INSTANTIATE_TEST_SUITE_P(Shapes,
                         GemmClusterTest,
                         ::testing::Values(std::pair{1U, 1U},
                                           std::pair{2U, 1U},
                                           std::pair{1U, 2U},
                                           std::pair{4U, 1U},
                                           std::pair{2U, 2U},
                                           std::pair{1U, 4U}));

}  // namespace
}  // namespace orrery
