// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_decode_kernel.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/attention_combine_kernel.h"
#include "workloads/lowering.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

struct Decode {
  explicit Decode(const AttentionShape& shape,
                  const TileOverride& tile = {},
                  const ChipConfig& chip = small_gpu(),
                  bool head_major = false)
      : workload(attention_workload(shape, head_major)),
        lowered(lower_attention(workload, workload.operators[0], chip, tile)) {}

  const AttentionKernel& kernel() const {
    return dynamic_cast<const AttentionKernel&>(*lowered.kernels.front());
  }
  std::uint64_t address(std::size_t tensor) const { return workload.tensors[tensor].address; }
  std::uint64_t flop() const { return workload.operators[0].flop(); }

  Workload workload;
  LoweredOperator lowered;
};

TileOverride split_in(std::uint32_t parts) {
  TileOverride tile;
  tile.split = parts;
  return tile;
}

constexpr AttentionShape kOneToken{2, 1, 1000, 8, 2, 128, true, Dtype::kBf16};

bool once(const std::vector<std::uint32_t>& counts) {
  return std::all_of(counts.begin(), counts.end(), [](std::uint32_t n) { return n == 1; });
}

TEST(AttentionDecodeKernel, reads_keys_and_values_once_for_all_heads_of_a_group) {
  for (const bool head_major : {false, true}) {
    const Decode decode(kOneToken, {}, small_gpu(), head_major);
    const ProgramCount count = run_programs(decode.kernel());
    EXPECT_EQ(count.failure, "");
    EXPECT_EQ(count.useful_flop, decode.flop());
    for (const std::size_t cache : {1U, 2U}) {
      const Tensor& tensor = decode.workload.tensors[cache];
      EXPECT_TRUE(once(coverage(count.loads, tensor.address, tensor.rows, tensor.columns * 2)));
    }
  }
}

TEST(AttentionDecodeKernel, reads_a_narrow_cache_at_its_own_width) {
  AttentionShape shape = kOneToken;
  const auto cache_bytes = [](const Decode& decode) {
    return run_programs(decode.kernel()).load_bytes[decode.address(1)];
  };
  const std::uint64_t wide = cache_bytes(Decode(shape));
  shape.kv_dtype = Dtype::kFp8;
  EXPECT_EQ(2 * cache_bytes(Decode(shape)), wide);
}

TEST(AttentionDecodeKernel, makes_the_few_query_rows_the_narrow_side_of_the_instruction) {
  const Decode decode(kOneToken);
  EXPECT_TRUE(decode.kernel().tile().transposed);  // the instruction is 64 x 8
  EXPECT_EQ(decode.kernel().tile().rows, 8U);      // a group of 4, padded
  EXPECT_FALSE(decode.kernel().tile().local_probabilities);
}

TEST(AttentionDecodeKernel, splits_the_keys_of_few_sequences_over_all_cores) {
  AttentionShape shape{1, 1, 32768, 8, 1, 128, true, Dtype::kBf16};
  const Decode few(shape);
  EXPECT_GE(few.kernel().task_count(), 8U);
  EXPECT_EQ(few.lowered.kernels.size(), 2U);
  shape.batch = 64;
  const Decode many(shape);
  EXPECT_LT(many.kernel().task_count() / 64, few.kernel().task_count());
}

TEST(AttentionDecodeKernel, does_not_split_what_is_shorter_than_two_splits) {
  EXPECT_EQ(Decode({1, 1, 128, 8, 1, 128, true, Dtype::kBf16}).lowered.kernels.size(), 1U);
}

TEST(AttentionDecodeKernel, joins_splits_in_a_second_kernel) {
  for (const std::uint64_t queries : {1U, 3U}) {
    AttentionShape shape = kOneToken;
    shape.seq_q = queries;
    const Decode decode(shape, split_in(3));
    ASSERT_EQ(decode.lowered.kernels.size(), 2U);
    const ProgramCount partial = run_programs(*decode.lowered.kernels[0]);
    const ProgramCount combined = run_programs(*decode.lowered.kernels[1]);
    EXPECT_EQ(partial.failure, "");
    EXPECT_EQ(combined.failure, "");
    EXPECT_EQ(partial.useful_flop, decode.flop());
    EXPECT_EQ(combined.useful_flop, 0U);
    // Three splits of 132 fp32 for each of the rows, written once and read once.
    const std::uint64_t workspace = workspace_address(decode.workload);
    const std::uint64_t rows = 2 * 8 * queries;
    EXPECT_TRUE(once(coverage(partial.stores, workspace, rows, 3 * 132 * 4)));
    EXPECT_TRUE(once(coverage(combined.loads, workspace, rows, 3 * 132 * 4)));
    EXPECT_TRUE(once(coverage(combined.stores, decode.address(3), 2 * queries, 8 * 128 * 2)));
    EXPECT_EQ(combined.special_ops, rows * (3 + 1));
  }
}

TEST(AttentionDecodeKernel, keeps_the_workspace_above_all_tensors) {
  const Decode decode(kOneToken, split_in(2));
  const Tensor& last = decode.workload.tensors.back();
  const ProgramCount count = run_programs(decode.kernel());
  for (const Block& block : count.stores) {
    EXPECT_GE(block.base_address, last.address + last.bytes());
  }
}

TEST(AttentionDecodeKernel, does_not_split_when_memory_has_no_room_for_partial_results) {
  ChipConfig chip = small_gpu();
  const AttentionShape shape{1, 1, 32768, 8, 1, 128, true, Dtype::kBf16};
  chip.memory.capacity_bytes = workspace_address(attention_workload(shape));
  EXPECT_EQ(Decode(shape, {}, chip).lowered.kernels.size(), 1U);
}

TEST(AttentionDecodeKernel, finishes_however_its_streams_interleave) {
  for (const auto interleaving :
       {Interleaving::kLoadsFirst, Interleaving::kRoundRobin, Interleaving::kStoresFirst}) {
    for (const ChipConfig& chip : {small_gpu(), small_npu()}) {
      const Decode decode(kOneToken, {}, chip);
      for (const auto& kernel : decode.lowered.kernels) {
        EXPECT_EQ(run_programs(*kernel, 2, interleaving).failure, "");
      }
    }
  }
}

}  // namespace
}  // namespace orrery
