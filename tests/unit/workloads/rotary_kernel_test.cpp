// SPDX-License-Identifier: Apache-2.0
#include "workloads/rotary_kernel.h"

#include <gtest/gtest.h>

#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/lowering.h"

namespace orrery {
namespace {

// 8 query heads and 2 of keys and values, of 64.
constexpr std::uint64_t kHeads = 8, kKvHeads = 2, kHeadDim = 64;

struct Rotary {
  Rotary(std::uint64_t batch, std::uint64_t new_tokens, std::uint64_t context, bool head_major) {
    RowwiseShape shape;
    shape.kind = RowwiseKind::kRotary;
    shape.rows = batch * new_tokens;
    shape.columns = (kHeads + 2 * kKvHeads) * kHeadDim;
    shape.heads = kHeads;
    shape.kv_heads = kKvHeads;
    shape.head_dim = kHeadDim;
    workload = attention_workload(
        {batch, new_tokens, context, kHeads, kKvHeads, kHeadDim, true, Dtype::kBf16}, head_major);
    Operator op;
    op.name = "rotary";
    op.shape = shape;
    op.inputs = {0};
    op.outputs = {0, 1, 2};
    count = run_programs(*lower_rowwise(workload, op, small_gpu()).kernels.front());
  }
  Workload workload;
  ProgramCount count;
};

TEST(RotaryKernel, rotates_queries_in_place_and_reads_the_fused_tensor_once) {
  const Rotary rotary(1, 70, 70, false);
  EXPECT_EQ(rotary.count.failure, "");
  const std::uint64_t columns = kHeads + 2 * kKvHeads;
  for (const std::uint32_t n : coverage(rotary.count.loads, 0, 70, columns * kHeadDim * 2)) {
    ASSERT_EQ(n, 1U);
  }
  const auto written = coverage(rotary.count.stores, 0, 70, columns * kHeadDim * 2);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const bool is_query = i % (columns * kHeadDim * 2) < kHeads * kHeadDim * 2;
    ASSERT_EQ(written[i], is_query ? 1U : 0U);
  }
}

TEST(RotaryKernel, appends_keys_and_values_behind_each_sequences_earlier_tokens) {
  for (const bool head_major : {false, true}) {
    for (const std::uint64_t new_tokens : {1U, 40U}) {
      const std::uint64_t context = 50;
      const Rotary rotary(3, new_tokens, context, head_major);
      EXPECT_EQ(rotary.count.failure, "");
      for (const std::size_t cache : {1U, 2U}) {
        const Tensor& tensor = rotary.workload.tensors[cache];
        const std::uint64_t row_bytes = tensor.columns * 2;
        const auto written = coverage(rotary.count.stores, tensor.address, tensor.rows, row_bytes);
        for (std::size_t i = 0; i < written.size(); ++i) {
          const bool is_new = i / row_bytes % context >= context - new_tokens;
          ASSERT_EQ(written[i], is_new ? 1U : 0U);
        }
      }
    }
  }
}

TEST(RotaryKernel, copies_values_and_computes_on_queries_and_keys) {
  const Rotary rotary(1, 64, 64, false);
  EXPECT_EQ(rotary.count.alu_ops, 64U * (kHeads + kKvHeads) * kHeadDim * 4);
}

}  // namespace
}  // namespace orrery
