// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_prefill_kernel.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/lowering.h"

namespace orrery {
namespace {

struct Prefill {
  explicit Prefill(const AttentionShape& shape, const ChipConfig& chip = small_gpu())
      : workload(attention_workload(shape)),
        lowered(lower_attention(workload, workload.operators[0], chip, {})) {}
  explicit Prefill(const AttentionShape& shape, const TileOverride& tile)
      : workload(attention_workload(shape)),
        lowered(lower_attention(workload, workload.operators[0], small_gpu(), tile)) {}

  const Operator& op() const { return workload.operators[0]; }
  const Kernel& kernel() const { return *lowered.kernels.front(); }
  std::uint64_t address(std::size_t tensor) const { return workload.tensors[tensor].address; }

  Workload workload;
  LoweredOperator lowered;
};

constexpr AttentionShape kCausal{1, 256, 256, 4, 2, 64, true, Dtype::kBf16};

TEST(AttentionPrefillKernel, does_the_flop_of_the_operator_and_no_more) {
  for (const bool causal : {false, true}) {
    AttentionShape shape{2, 200, 300, 4, 2, 64, causal, Dtype::kBf16};
    const Prefill prefill(shape);
    const ProgramCount count = run_programs(prefill.kernel());
    EXPECT_EQ(count.failure, "");
    EXPECT_EQ(count.useful_flop, prefill.op().flop());
    EXPECT_EQ(prefill.lowered.kernels.size(), 1U);
  }
}

TEST(AttentionPrefillKernel, finishes_however_its_streams_interleave) {
  for (const auto interleaving :
       {Interleaving::kLoadsFirst, Interleaving::kRoundRobin, Interleaving::kStoresFirst}) {
    for (const ChipConfig& chip : {small_gpu(), small_npu()}) {
      const Prefill prefill(kCausal, chip);
      EXPECT_EQ(run_programs(prefill.kernel(), 2, interleaving).failure, "");
    }
  }
}

TEST(AttentionPrefillKernel, skips_the_blocks_beyond_the_diagonal) {
  TileOverride tile;
  tile.m = 64;
  tile.n = 64;
  const Prefill prefill(kCausal, tile);
  const ProgramCount count = run_programs(prefill.kernel());
  // 4 heads of 4 tiles that need 1, 2, 3 and 4 of the 4 blocks; two multiplications each.
  EXPECT_EQ(count.matmuls, 4U * (1 + 2 + 3 + 4) * 2);
  EXPECT_EQ(count.special_ops, 4U * (10 * 64 * 64 + (10 - 4) * 64 + 4 * 64));
}

TEST(AttentionPrefillKernel, pays_for_masking_on_cut_blocks_only) {
  TileOverride tile;
  tile.m = 64;
  tile.n = 64;
  AttentionShape full = kCausal;
  full.causal = false;
  const auto softmax_ops = [](std::uint64_t blocks, std::uint64_t cut) {
    return 64 * 64 * (4 * blocks + 2 * cut);
  };
  const auto output_ops = [](std::uint64_t blocks, std::uint64_t tiles) {
    return 64 * 64 * ((blocks - tiles) + 2 * tiles);
  };
  EXPECT_EQ(run_programs(Prefill(full, tile).kernel()).alu_ops,
            4 * (softmax_ops(16, 0) + output_ops(16, 4)));
  EXPECT_EQ(run_programs(Prefill(kCausal, tile).kernel()).alu_ops,
            4 * (softmax_ops(10, 4) + output_ops(10, 4)));
}

TEST(AttentionPrefillKernel, reads_each_query_once_and_writes_each_result_once) {
  const Prefill prefill({2, 200, 300, 4, 2, 64, true, Dtype::kBf16});
  const ProgramCount count = run_programs(prefill.kernel());
  const auto once = [](const std::vector<std::uint32_t>& counts) {
    return std::all_of(counts.begin(), counts.end(), [](std::uint32_t n) { return n == 1; });
  };
  EXPECT_TRUE(once(coverage(count.loads, prefill.address(0), 400, 4 * 64 * 2)));
  EXPECT_TRUE(once(coverage(count.stores, prefill.address(3), 400, 4 * 64 * 2)));
  for (const std::size_t cache : {1U, 2U}) {
    const auto reads = coverage(count.loads, prefill.address(cache), 600, 2 * 64 * 2);
    EXPECT_GE(*std::min_element(reads.begin(), reads.end()), 1U);
  }
}

TEST(AttentionPrefillKernel, says_how_often_each_block_of_keys_is_read) {
  const Prefill prefill({1, 512, 640, 4, 2, 64, true, Dtype::kBf16});
  const auto& kernel = dynamic_cast<const AttentionKernel&>(prefill.kernel());
  const ProgramCount count = run_programs(kernel);
  const auto reads = coverage(count.loads, prefill.address(1), 640, 2 * 64 * 2);
  for (std::uint64_t key = 0; key < 640; key += kernel.tile().keys) {
    EXPECT_EQ(reads[key * 256], kernel.reads_of_key_block(key)) << key;
  }
}

TEST(AttentionPrefillKernel, packs_heads_of_a_group_when_there_are_few_queries) {
  TileOverride tile;
  tile.m = 128;
  const Prefill prefill({1, 32, 512, 8, 2, 64, true, Dtype::kBf16}, tile);
  const auto& kernel = dynamic_cast<const AttentionKernel&>(prefill.kernel());
  EXPECT_EQ(kernel.task_count(), 2U);  // 4 heads of 32 queries each
  EXPECT_EQ(kernel.task(1).kv_head, 1U);
  EXPECT_EQ(run_programs(kernel).load_bytes[prefill.address(1)], 512U * 2 * 64 * 2);
}

TEST(AttentionPrefillKernel, starts_with_the_heaviest_tile_of_a_head) {
  TileOverride tile;
  tile.m = 64;
  const Prefill prefill(kCausal, tile);
  const auto& kernel = dynamic_cast<const AttentionKernel&>(prefill.kernel());
  EXPECT_EQ(kernel.task(0).first_query, 192U);
  EXPECT_EQ(kernel.task(3).first_query, 0U);
  EXPECT_EQ(kernel.task(4).first_head, 1U);
}

TEST(AttentionPrefillKernel, gives_cores_with_static_plans_equal_work) {
  const AttentionShape shape{1, 1024, 1024, 8, 8, 64, true, Dtype::kBf16};
  const Prefill prefill(shape, small_npu());
  const auto& kernel = dynamic_cast<const AttentionKernel&>(prefill.kernel());
  std::vector<std::uint64_t> keys(4, 0);
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (std::uint64_t i = 0; i < kernel.task_count(); ++i) {
    const AttentionTask task = kernel.task(i);
    keys[i % 4] += task.end_key;
    seen.insert({task.first_head, task.first_query});
  }
  EXPECT_EQ(seen.size(), kernel.task_count());
  EXPECT_EQ(*std::min_element(keys.begin(), keys.end()),
            *std::max_element(keys.begin(), keys.end()));
}

TEST(AttentionPrefillKernel, refuses_a_tile_that_does_not_fit_and_names_the_sizes) {
  TileOverride tile;
  tile.m = 512;
  tile.n = 512;
  try {
    const Prefill prefill(kCausal, tile);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("131072"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("512x512"), std::string::npos) << error.what();
  }
}

TEST(AttentionPrefillKernel, refuses_sizes_that_only_fit_because_they_overflow) {
  TileOverride tile;
  tile.m = 1U << 31;
  tile.n = 1U << 31;
  tile.stages = 1U << 31;
  EXPECT_THROW(Prefill(kCausal, tile), InputError);
}

TEST(AttentionPrefillKernel, refuses_a_dtype_that_the_tensor_unit_lacks) {
  ChipConfig chip = small_gpu();
  chip.core.tensor.flop_per_cycle[static_cast<std::size_t>(Dtype::kBf16)] = 0;
  EXPECT_THROW(Prefill(kCausal, chip), InputError);
}

}  // namespace
}  // namespace orrery
