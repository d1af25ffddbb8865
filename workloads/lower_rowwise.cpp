// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "arch/vector_unit.h"
#include "sim/clock.h"
#include "sim/error.h"
#include "workloads/absolute_maximum_kernel.h"
#include "workloads/chip_rates.h"
#include "workloads/helper_kernel.h"
#include "workloads/lowering.h"
#include "workloads/rotary_kernel.h"
#include "workloads/rowwise_cost.h"
#include "workloads/rowwise_kernel.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

// Launch, then whichever is slowest of memory and vector units; the first and last chunk on top.
Femtoseconds estimate_rowwise(const RowwiseShape& shape,
                              const ChunkKernel& kernel,
                              const ChipConfig& chip) {
  const ChipRates rates = ChipRates::of(chip);
  const Clock clock(chip.core.clock_hz);
  const VectorUnit vector(chip.core.vector);
  const Chunk chunk = kernel.chunk(0);
  std::uint64_t chunk_bytes = 0;
  for (const TransferWork& work : chunk.loads) {
    chunk_bytes += work.block.bytes();
  }
  for (const TransferWork& work : chunk.stores) {
    chunk_bytes += work.block.bytes();
  }
  const std::uint64_t columns = (input_columns_of(shape.kind) + 1) * shape.columns;
  const std::uint64_t row_bytes = bytes_of(Dtype::kBf16, columns);
  const std::uint64_t chunks_of_core = ceil_div(kernel.plan().chunks, rates.cores);
  const Femtoseconds compute_fs = clock.to_fs(vector.cycles(chunk.work));
  return chip.dispatch.kernel_launch_fs + chip.dispatch.kernel_end_fs +
         chip.dispatch.task_launch_fs + rates.memory_latency_fs + rates.shared_latency_fs +
         std::max({rates.memory.time_for(shape.rows * row_bytes), chunks_of_core * compute_fs,
                   chunks_of_core * rates.port.time_for(chunk_bytes)});
}

std::unique_ptr<ChunkKernel> make_rotary(const Workload& workload,
                                         const Operator& op,
                                         const CoreConfig& core) {
  const RowwiseShape& shape = std::get<RowwiseShape>(op.shape);
  if (shape.heads == 0 || shape.kv_heads == 0 || shape.head_dim == 0) {
    throw InputError(
        fmt::format("operator {}: rotary needs heads, kv_heads and head_dim", op.name));
  }
  const std::uint64_t columns = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
  const Tensor& qkv = operand_of_shape(workload, op, op.outputs, 0, shape.rows, columns);
  // A trace may not say how its rows divide into sequences: then they are one.
  const std::uint64_t batch =
      workload.batch > 0 && shape.rows % workload.batch == 0 ? workload.batch : 1;
  const auto cache = [&](std::size_t index) {
    return KvLayout(operand(workload, op, op.outputs, index), batch, shape.kv_heads, shape.head_dim,
                    shape.rows / batch);
  };
  return std::make_unique<RotaryKernel>(op.name, shape, batch, qkv, cache(1), cache(2), core);
}

// How a library narrows to the output's type, if it is known.
const std::optional<QuantizeSoftware>& quantize_software(const Operator& op,
                                                         const ChipConfig& chip) {
  return bits_of(op.output_dtype) < 8 ? chip.software.quantize_4bit : chip.software.quantize_8bit;
}

std::unique_ptr<ChunkKernel> make_rowwise(const Workload& workload,
                                          const Operator& op,
                                          const ChipConfig& chip) {
  const RowwiseShape& shape = std::get<RowwiseShape>(op.shape);
  const bool gate = shape.kind == RowwiseKind::kSiluGate || shape.kind == RowwiseKind::kGeluGate;
  const bool gather = shape.kind == RowwiseKind::kEmbedding;
  if (gather && shape.table_rows == 0) {
    throw InputError(fmt::format("operator {}: embedding needs table_rows", op.name));
  }
  std::vector<Tensor> inputs{operand_of_shape(workload, op, op.inputs, 0,
                                              gather ? shape.table_rows : shape.rows,
                                              (gate ? 2 : 1) * shape.columns)};
  if (shape.kind == RowwiseKind::kResidualAdd) {
    inputs.push_back(operand_of_shape(workload, op, op.inputs, 1, shape.rows, shape.columns));
  } else if (op.inputs.size() > 1) {
    inputs.push_back(operand_of_shape(workload, op, op.inputs, 1, 1, shape.columns));
  }
  const Tensor& output = operand_of_shape(workload, op, op.outputs, 0, shape.rows, shape.columns);
  const std::optional<QuantizeSoftware>& software = quantize_software(op, chip);
  const std::uint64_t in_flight_bytes =
      shape.kind == RowwiseKind::kQuantize && software ? software->in_flight_bytes : 0;
  return std::make_unique<RowwiseKernel>(op.name, shape, std::move(inputs), output, chip.core,
                                         in_flight_bytes);
}

// What a library runs before it narrows.
void add_scale_kernels(const Workload& workload,
                       const Operator& op,
                       const ChipConfig& chip,
                       LoweredOperator& lowered) {
  const std::optional<QuantizeSoftware>& software = quantize_software(op, chip);
  if (!software) {
    return;
  }
  for (std::uint32_t i = 0; i < software->helpers; ++i) {
    lowered.kernels.push_back(std::make_unique<HelperKernel>(
        op.name + ".helper", 1, workspace_address(workload), chip.core));
  }
  if (software->tensor_scale) {
    const RowwiseShape& shape = std::get<RowwiseShape>(op.shape);
    lowered.kernels.push_back(std::make_unique<AbsoluteMaximumKernel>(
        op.name + ".maximum", shape,
        operand_of_shape(workload, op, op.inputs, 0, shape.rows, shape.columns),
        operand_of_shape(workload, op, op.outputs, 0, shape.rows, shape.columns), chip.core,
        software->in_flight_bytes));
  }
}

}  // namespace

LoweredOperator lower_rowwise(const Workload& workload,
                              const Operator& op,
                              const ChipConfig& chip) {
  const RowwiseShape& shape = std::get<RowwiseShape>(op.shape);
  if (shape.rows == 0 || shape.columns == 0) {
    throw InputError(fmt::format("operator {}: {} of {} x {}: sizes must be positive", op.name,
                                 op.kind, shape.rows, shape.columns));
  }
  std::unique_ptr<ChunkKernel> kernel = shape.kind == RowwiseKind::kRotary
                                            ? make_rotary(workload, op, chip.core)
                                            : make_rowwise(workload, op, chip);
  const Block first = kernel->chunk(0).loads.front().block;
  const ChunkKernel::Plan& plan = kernel->plan();
  LoweredOperator lowered;
  if (shape.kind == RowwiseKind::kQuantize) {
    add_scale_kernels(workload, op, chip, lowered);
  }
  lowered.tile = fmt::format("{} rows x {} B stages {} contexts {}", first.rows, first.row_bytes,
                             plan.stages, plan.contexts);
  lowered.candidates.push_back({lowered.tile, estimate_rowwise(shape, *kernel, chip)});
  lowered.kernels.push_back(std::move(kernel));
  return lowered;
}

}  // namespace orrery
