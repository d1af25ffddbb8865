// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/attention_program.h"
#include "workloads/lowering.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

AttentionShape any_shape() {
  AttentionShape shape;
  shape.batch = *rc::gen::inRange<std::uint64_t>(1, 4);
  shape.seq_q = *rc::gen::weightedOneOf<std::uint64_t>(
      {{1, rc::gen::just<std::uint64_t>(1)}, {3, rc::gen::inRange<std::uint64_t>(1, 400)}});
  shape.causal = *rc::gen::arbitrary<bool>();
  const std::uint64_t least = shape.causal ? shape.seq_q : 1;
  shape.seq_kv = least + *rc::gen::inRange<std::uint64_t>(0, 700);
  shape.kv_heads = *rc::gen::inRange<std::uint64_t>(1, 4);
  shape.heads = shape.kv_heads * *rc::gen::inRange<std::uint64_t>(1, 10);
  shape.head_dim = *rc::gen::element<std::uint64_t>(32, 64, 80, 128, 192, 256);
  shape.kv_dtype = *rc::gen::element(Dtype::kBf16, Dtype::kFp8);
  return shape;
}

// Large enough for the least tile of every shape above.
ChipConfig any_chip() {
  ChipConfig chip = *rc::gen::arbitrary<bool>() ? small_gpu() : small_npu();
  chip.core.count = *rc::gen::inRange<std::uint32_t>(1, 200);
  chip.core.max_contexts = *rc::gen::inRange<std::uint32_t>(1, 4);
  chip.core.scratchpad.capacity_bytes = *rc::gen::inRange<std::uint64_t>(192, 2048) * 1024;
  chip.core.tensor.accumulator_bytes = *rc::gen::inRange<std::uint64_t>(128, 1024) * 1024;
  chip.core.tensor.instruction_m = *rc::gen::element<std::uint32_t>(16, 64);
  chip.core.tensor.instruction_n = *rc::gen::element<std::uint32_t>(8, 16);
  chip.dispatch.policy = *rc::gen::element(DispatchPolicy::kDynamic, DispatchPolicy::kStatic);
  return chip;
}

TEST(AttentionProperties, every_shape_on_every_chip_does_its_flop_and_moves_its_bytes) {
  EXPECT_TRUE(rc::check([] {
    const AttentionShape shape = any_shape();
    const ChipConfig chip = any_chip();
    const Workload workload = attention_workload(shape, *rc::gen::arbitrary<bool>());
    const Operator& op = workload.operators[0];
    const LoweredOperator lowered = lower_attention(workload, op, chip, {});
    const auto interleaving = *rc::gen::element(
        Interleaving::kLoadsFirst, Interleaving::kRoundRobin, Interleaving::kStoresFirst);

    std::uint64_t flop = 0;
    std::map<std::uint64_t, std::uint64_t> loads;
    std::map<std::uint64_t, std::uint64_t> stores;
    for (const auto& kernel : lowered.kernels) {
      RC_ASSERT(kernel->contexts_per_core() <= chip.core.max_contexts);
      RC_ASSERT(kernel->scratchpad_bytes() * kernel->contexts_per_core() <=
                chip.core.scratchpad.capacity_bytes);
      RC_ASSERT(kernel->accumulator_bytes() * kernel->contexts_per_core() <=
                chip.core.tensor.accumulator_bytes);
      const ProgramCount count = run_programs(*kernel, 2, interleaving);
      RC_ASSERT(count.failure == "");
      flop += count.useful_flop;
      for (const auto& [address, bytes] : count.load_bytes) {
        loads[address] += bytes;
      }
      for (const auto& [address, bytes] : count.store_bytes) {
        stores[address] += bytes;
      }
    }
    RC_ASSERT(flop == op.flop());
    const std::uint64_t tokens = shape.batch * shape.seq_q;
    // Queries are loaded once for each split of the keys.
    const std::uint64_t query_bytes = tokens * shape.heads * shape.head_dim * 2;
    if (lowered.kernels.size() == 1) {
      RC_ASSERT(loads[workload.tensors[0].address] == query_bytes);
    } else {
      RC_ASSERT(loads[workload.tensors[0].address] % query_bytes == 0);
    }
    RC_ASSERT(stores[workload.tensors[3].address] == tokens * shape.heads * shape.head_dim * 2);
    const std::uint64_t cache =
        shape.batch * shape.seq_kv * shape.kv_heads * bytes_of(shape.kv_dtype, shape.head_dim);
    RC_ASSERT(loads[workload.tensors[1].address] >= cache);
    RC_ASSERT(loads[workload.tensors[2].address] >= cache);
    const std::uint64_t workspace = workspace_address(workload);
    RC_ASSERT(loads[workspace] == stores[workspace]);
  }));
}

TEST(AttentionProperties, pairs_of_queries_and_keys_are_those_that_counting_finds) {
  EXPECT_TRUE(rc::check([] {
    AttentionShape shape{1, 0, 0, 1, 1, 16, *rc::gen::arbitrary<bool>(), Dtype::kBf16};
    shape.seq_q = *rc::gen::inRange<std::uint64_t>(1, 40);
    shape.seq_kv = shape.seq_q + *rc::gen::inRange<std::uint64_t>(0, 40);
    const Workload workload = attention_workload(shape);
    const AttentionOperands operands = attention_operands(workload, workload.operators[0]);
    const std::uint64_t q0 = *rc::gen::inRange<std::uint64_t>(0, shape.seq_q);
    const std::uint64_t q1 = *rc::gen::inRange<std::uint64_t>(q0, shape.seq_q + 1);
    const std::uint64_t k0 = *rc::gen::inRange<std::uint64_t>(0, shape.seq_kv);
    const std::uint64_t k1 = *rc::gen::inRange<std::uint64_t>(k0, shape.seq_kv + 1);
    std::uint64_t counted = 0;
    for (std::uint64_t q = q0; q < q1; ++q) {
      for (std::uint64_t k = k0; k < k1; ++k) {
        counted += !shape.causal || k <= shape.seq_kv - shape.seq_q + q ? 1 : 0;
      }
    }
    RC_ASSERT(operands.pairs(q0, q1, k0, k1) == counted);
  }));
}

TEST(AttentionProperties, the_choice_is_the_best_of_its_candidates) {
  EXPECT_TRUE(rc::check([] {
    const Workload workload = attention_workload(any_shape());
    const LoweredOperator lowered =
        lower_attention(workload, workload.operators[0], any_chip(), {});
    RC_ASSERT(!lowered.candidates.empty());
    RC_ASSERT(lowered.candidates.front().text == lowered.tile);
    for (const MappingCandidate& candidate : lowered.candidates) {
      RC_ASSERT(candidate.estimate_fs >= lowered.candidates.front().estimate_fs);
    }
  }));
}

}  // namespace
}  // namespace orrery
