// SPDX-License-Identifier: Apache-2.0
#include "workloads/rowwise_kernel.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/lowering.h"

namespace orrery {
namespace {

struct Rowwise {
  explicit Rowwise(const RowwiseShape& shape, const ChipConfig& chip = small_gpu()) {
    const bool gate = shape.kind == RowwiseKind::kSiluGate || shape.kind == RowwiseKind::kGeluGate;
    const bool gather = shape.kind == RowwiseKind::kEmbedding;
    Operator op;
    op.name = "rowwise";
    op.shape = shape;
    op.inputs.push_back(add_tensor(workload, gather ? shape.table_rows : shape.rows,
                                   (gate ? 2 : 1) * shape.columns));
    if (shape.kind == RowwiseKind::kResidualAdd) {
      op.inputs.push_back(add_tensor(workload, shape.rows, shape.columns));
    } else if (shape.kind == RowwiseKind::kRmsNorm) {
      op.inputs.push_back(add_tensor(workload, 1, shape.columns));
    }
    const Dtype out = shape.kind == RowwiseKind::kQuantize ? Dtype::kFp8 : Dtype::kBf16;
    op.outputs.push_back(add_tensor(workload, shape.rows, shape.columns, out));
    workload.operators.push_back(op);
    lowered = lower_rowwise(workload, op, chip);
    count = run_programs(kernel());
  }
  const Kernel& kernel() const { return *lowered.kernels.front(); }
  const Tensor& input(std::size_t i) const {
    return workload.tensors[workload.operators[0].inputs[i]];
  }
  const Tensor& output() const { return workload.tensors.back(); }

  Workload workload;
  LoweredOperator lowered;
  ProgramCount count;
};

bool once(const std::vector<Block>& blocks, const Tensor& tensor) {
  const auto counts =
      coverage(blocks, tensor.address, tensor.rows, bytes_of(tensor.dtype, tensor.columns));
  return std::all_of(counts.begin(), counts.end(), [](std::uint32_t n) { return n == 1; });
}

RowwiseShape shape_of(RowwiseKind kind, std::uint64_t rows, std::uint64_t columns) {
  RowwiseShape shape;
  shape.kind = kind;
  shape.rows = rows;
  shape.columns = columns;
  return shape;
}

TEST(RowwiseKernel, reads_and_writes_everything_once) {
  for (const RowwiseKind kind :
       {RowwiseKind::kRmsNorm, RowwiseKind::kLayerNorm, RowwiseKind::kSiluGate,
        RowwiseKind::kGeluGate, RowwiseKind::kResidualAdd, RowwiseKind::kQuantize}) {
    for (const std::uint64_t rows : {1U, 7U, 100U}) {
      const Rowwise rowwise(shape_of(kind, rows, 1000));
      EXPECT_EQ(rowwise.count.failure, "");
      EXPECT_TRUE(once(rowwise.count.loads, rowwise.input(0)));
      EXPECT_TRUE(once(rowwise.count.stores, rowwise.output()));
      if (kind == RowwiseKind::kResidualAdd) {
        EXPECT_TRUE(once(rowwise.count.loads, rowwise.input(1)));
      }
    }
  }
}

TEST(RowwiseKernel, counts_operations_per_element_and_row) {
  EXPECT_EQ(Rowwise(shape_of(RowwiseKind::kRmsNorm, 10, 512)).count.alu_ops, 5U * 10 * 512);
  EXPECT_EQ(Rowwise(shape_of(RowwiseKind::kRmsNorm, 10, 512)).count.special_ops, 10U);
  EXPECT_EQ(Rowwise(shape_of(RowwiseKind::kSiluGate, 10, 512)).count.special_ops, 2U * 10 * 512);
}

TEST(RowwiseKernel, loads_the_weight_once_for_each_program) {
  const Rowwise rowwise(shape_of(RowwiseKind::kRmsNorm, 1000, 512));
  EXPECT_EQ(rowwise.count.load_bytes.at(rowwise.input(1).address),
            2U * rowwise.kernel().contexts_per_core() * 512 * 2);  // on two cores
}

TEST(RowwiseKernel, holds_whole_rows_where_a_row_is_reduced) {
  const Rowwise rowwise(shape_of(RowwiseKind::kRmsNorm, 5, 4096));
  for (const Block& block : rowwise.count.stores) {
    EXPECT_EQ(block.row_bytes, 4096U * 2);
  }
}

TEST(RowwiseKernel, has_work_for_every_core_and_context) {
  for (const RowwiseKind kind : {RowwiseKind::kRmsNorm, RowwiseKind::kResidualAdd}) {
    EXPECT_EQ(Rowwise(shape_of(kind, 1000, 1024)).kernel().task_count(), 16U);
  }
}

TEST(RowwiseKernel, loads_no_further_ahead_than_its_stages) {
  ChipConfig chip = small_gpu();
  chip.core.count = 1;
  chip.core.max_contexts = 1;
  for (const RowwiseKind kind : {RowwiseKind::kRmsNorm, RowwiseKind::kResidualAdd}) {
    const Rowwise rowwise(shape_of(kind, 512, 2048), chip);
    const ProgramCount count = run_programs(rowwise.kernel(), 1, Interleaving::kLoadsFirst);
    EXPECT_EQ(count.failure, "");
    EXPECT_GT(count.peak_unread_bytes, rowwise.kernel().scratchpad_bytes() / 2);
  }
}

TEST(RowwiseKernel, gathers_scattered_rows_the_same_ones_in_every_run) {
  RowwiseShape shape = shape_of(RowwiseKind::kEmbedding, 64, 256);
  shape.table_rows = 5000;
  const Rowwise first(shape);
  const Rowwise second(shape);
  EXPECT_EQ(first.count.loads, second.count.loads);
  EXPECT_TRUE(once(first.count.stores, first.output()));
  std::vector<std::uint32_t> rows;
  for (const Block& block : first.count.loads) {
    rows.push_back(block.first_row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  EXPECT_GT(rows.size(), 55U);
  EXPECT_GT(rows.back() - rows.front(), 2500U);
}

TEST(RowwiseKernel, refuses_a_row_that_does_not_fit_the_scratchpad) {
  ChipConfig chip = small_gpu();
  chip.core.scratchpad.capacity_bytes = 4096;
  EXPECT_THROW(Rowwise(shape_of(RowwiseKind::kRmsNorm, 4, 4096), chip), InputError);
  EXPECT_EQ(Rowwise(shape_of(RowwiseKind::kResidualAdd, 40, 4096), chip).count.failure, "");
}

TEST(RowwiseKernel, refuses_operands_of_the_wrong_shape) {
  Rowwise rowwise(shape_of(RowwiseKind::kSiluGate, 8, 64));
  rowwise.workload.tensors[0].columns = 64;
  EXPECT_THROW(lower_rowwise(rowwise.workload, rowwise.workload.operators[0], small_gpu()),
               InputError);
  rowwise.workload.operators[0].inputs.clear();
  EXPECT_THROW(lower_rowwise(rowwise.workload, rowwise.workload.operators[0], small_gpu()),
               InputError);
}

}  // namespace
}  // namespace orrery
