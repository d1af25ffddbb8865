// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_kernel.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

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

// What the first multiply of a program's second tile waits for.
std::vector<Wait> waits_of_second_tile(const GemmTiling& tiling) {
  const GemmKernel kernel = kernel_of(tiling);
  const std::unique_ptr<CoreProgram> program = kernel.make_program(0);
  program->assign(0);
  program->assign(1);
  Command command;
  const std::uint64_t commands = tiling.steps(kShape) + 1;  // and one that says it is complete
  for (std::uint64_t i = 0; i <= commands; ++i) {
    EXPECT_EQ(program->next(Stream::kTensor, command), CoreProgram::Next::kCommand);
  }
  return {command.waits.begin(), command.waits.end()};
}

TEST(GemmAccumulatorTest, TheNextTileWaitsForTheFirstPartOfTheOneThatHoldsTheOnlyOnes) {
  constexpr std::uint8_t kStored = 2;
  const auto waits_for_storing = [](const GemmTiling& tiling) {
    const std::vector<Wait> waits = waits_of_second_tile(tiling);
    return std::any_of(waits.begin(), waits.end(), [](const Wait& wait) {
      return wait.semaphore == kStored && wait.value == 1;
    });
  };
  GemmTiling tiling = tiling_of(1, 1);
  tiling.tasks_in_flight = 2;
  tiling.accumulators = 1;
  EXPECT_TRUE(waits_for_storing(tiling));
  EXPECT_EQ(run_programs(kernel_of(tiling)).failure, "");
  tiling.accumulators = 2;
  EXPECT_FALSE(waits_for_storing(tiling));
  EXPECT_EQ(run_programs(kernel_of(tiling)).failure, "");
}

TEST(GemmStoreTest, ATileLeavesInThreeQuartersAndTheRestAndEndsWithThat) {
  const GemmKernel kernel = kernel_of(tiling_of(1, 1));
  const std::unique_ptr<CoreProgram> program = kernel.make_program(0);
  program->assign(0);
  Command command;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> ends;
  for (int part = 0; part < 2; ++part) {
    ASSERT_EQ(program->next(Stream::kStore, command), CoreProgram::Next::kCommand);
    rows.push_back(command.transfer.block.rows);
    ends.push_back(command.ends_tasks);
  }
  EXPECT_EQ(rows, (std::vector<std::uint32_t>{48, 16}));
  EXPECT_EQ(ends, (std::vector<std::uint32_t>{0, 1}));
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
