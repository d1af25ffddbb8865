// SPDX-License-Identifier: Apache-2.0
#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/lowering.h"

namespace orrery {
namespace {

TEST(RowwiseProperties, every_shape_on_every_chip_moves_exactly_its_bytes) {
  EXPECT_TRUE(rc::check([] {
    RowwiseShape shape;
    shape.kind =
        *rc::gen::element(RowwiseKind::kRmsNorm, RowwiseKind::kLayerNorm, RowwiseKind::kSiluGate,
                          RowwiseKind::kGeluGate, RowwiseKind::kResidualAdd, RowwiseKind::kQuantize,
                          RowwiseKind::kEmbedding);
    shape.rows = *rc::gen::inRange<std::uint64_t>(1, 300);
    shape.columns = *rc::gen::inRange<std::uint64_t>(1, 3000);
    shape.table_rows = 1000;
    const bool gate = shape.kind == RowwiseKind::kSiluGate || shape.kind == RowwiseKind::kGeluGate;
    const bool gather = shape.kind == RowwiseKind::kEmbedding;
    const bool sum = shape.kind == RowwiseKind::kResidualAdd;

    Workload workload;
    Operator op;
    op.name = "rowwise";
    op.shape = shape;
    op.inputs = {add_tensor(workload, gather ? 1000 : shape.rows, (gate ? 2 : 1) * shape.columns)};
    if (sum) {
      op.inputs.push_back(add_tensor(workload, shape.rows, shape.columns));
    }
    op.outputs = {add_tensor(workload, shape.rows, shape.columns)};

    ChipConfig chip = small_gpu();
    chip.core.count = *rc::gen::inRange<std::uint32_t>(1, 200);
    chip.core.max_contexts = *rc::gen::inRange<std::uint32_t>(1, 4);
    chip.core.scratchpad.capacity_bytes = *rc::gen::inRange<std::uint64_t>(16, 512) * 1024;
    const LoweredOperator lowered = lower_rowwise(workload, op, chip);
    const Kernel& kernel = *lowered.kernels.front();
    RC_ASSERT(kernel.scratchpad_bytes() * kernel.contexts_per_core() <=
              chip.core.scratchpad.capacity_bytes);
    RC_ASSERT(kernel.task_count() <= std::uint64_t{chip.core.count} * chip.core.max_contexts);

    const ProgramCount count =
        run_programs(kernel, 2,
                     *rc::gen::element(Interleaving::kLoadsFirst, Interleaving::kRoundRobin,
                                       Interleaving::kStoresFirst));
    RC_ASSERT(count.failure == "");
    const std::uint64_t elements = shape.rows * shape.columns;
    std::uint64_t loaded = 0;
    for (const auto& [address, bytes] : count.load_bytes) {
      loaded += bytes;
    }
    RC_ASSERT(loaded == (gate || sum ? 2 : 1) * elements * 2);
    RC_ASSERT(count.store_bytes.at(workload.tensors.back().address) == elements * 2);
  }));
}

}  // namespace
}  // namespace orrery
