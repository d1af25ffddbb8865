// SPDX-License-Identifier: Apache-2.0
#include "workloads/rowwise_kernel.h"

#include <algorithm>
#include <bit>

#include "sim/random.h"
#include "workloads/rowwise_cost.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::uint64_t kLeastChunkBytes = 4096;
constexpr std::uint64_t kMostChunkBytes = 32768;
// Cache tags stand for 4 KiB of a matrix, over up to 32 rows.
constexpr std::uint64_t kTagBytes = 4096;
constexpr std::uint64_t kTagRows = 32;

bool is_norm(RowwiseKind kind) {
  return kind == RowwiseKind::kRmsNorm || kind == RowwiseKind::kLayerNorm;
}

}  // namespace

RowwiseCut cut_rows(const RowwiseShape& shape,
                    Dtype dtype,
                    Dtype output_dtype,
                    std::uint64_t in_flight_bytes,
                    const CoreConfig& core) {
  const std::uint64_t operands = input_columns_of(shape.kind);
  const std::uint64_t row_bytes =
      std::max(operands * bytes_of(dtype, shape.columns), bytes_of(output_dtype, shape.columns));
  const std::uint64_t slots = std::uint64_t{core.count} * streaming_contexts(core);
  const std::uint64_t fair = scale_up(row_bytes, shape.rows, slots);
  const std::uint64_t most = std::max<std::uint64_t>(
      1, std::min(operands * kMostChunkBytes, core.scratchpad.capacity_bytes / 8));
  const std::uint64_t target = in_flight_bytes != 0
                                   ? std::min(in_flight_bytes, kTagBytes)
                                   : std::clamp(fair, std::min(kLeastChunkBytes, most), most);

  RowwiseCut cut;
  cut.columns = shape.columns;
  if ((reduces_rows(shape.kind) && in_flight_bytes == 0) || shape.kind == RowwiseKind::kEmbedding) {
    cut.rows = std::clamp<std::uint64_t>(target / std::max<std::uint64_t>(1, row_bytes), 1,
                                         std::min(kTagRows, shape.rows));
    return cut;
  }
  cut.rows = std::min(shape.rows, kTagRows);
  const std::uint64_t tag_rows = std::bit_floor(cut.rows);
  const std::uint64_t tag_columns =
      std::max<std::uint64_t>(1, kTagBytes / tag_rows * 8 / bits_of(dtype));
  while (cut.rows > 1 && cut.rows * operands * bytes_of(dtype, tag_columns) > 2 * most) {
    cut.rows /= 2;
  }
  const std::uint64_t tags =
      target / std::max<std::uint64_t>(1, cut.rows * operands * bytes_of(dtype, tag_columns));
  cut.columns = std::min(shape.columns, std::max<std::uint64_t>(1, tags) * tag_columns);
  cut.pieces = ceil_div(shape.columns, cut.columns);
  return cut;
}

ChunkKernel::Plan RowwiseKernel::plan_of(const std::string& name,
                                         const RowwiseShape& shape,
                                         const std::vector<Tensor>& inputs,
                                         const Tensor& output,
                                         std::uint64_t in_flight_bytes,
                                         const CoreConfig& core) {
  const RowwiseCut cut = cut_rows(shape, inputs[0].dtype, output.dtype, in_flight_bytes, core);
  Plan plan;
  plan.chunks = ceil_div(shape.rows, cut.rows) * cut.pieces;
  plan.stage_bytes =
      cut.rows * std::max(input_columns_of(shape.kind) * bytes_of(inputs[0].dtype, cut.columns),
                          bytes_of(output.dtype, cut.columns));
  if (is_norm(shape.kind) && inputs.size() > 1) {
    plan.resident_bytes = inputs[1].rows * bytes_of(inputs[1].dtype, shape.columns);
  }
  plan_chunks(plan, core, name);
  if (in_flight_bytes != 0) {
    plan.contexts = 1;
    plan.stages = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(in_flight_bytes / plan.stage_bytes, 1, 16));
    plan.tasks = std::min<std::uint64_t>(plan.chunks, core.count);
  }
  return plan;
}

RowwiseKernel::RowwiseKernel(const std::string& name,
                             const RowwiseShape& shape,
                             std::vector<Tensor> inputs,
                             const Tensor& output,
                             const CoreConfig& core,
                             std::uint64_t in_flight_bytes)
    : ChunkKernel(name, plan_of(name, shape, inputs, output, in_flight_bytes, core)),
      shape_(shape),
      inputs_(std::move(inputs)),
      output_(output),
      cut_(cut_rows(shape, inputs_[0].dtype, output.dtype, in_flight_bytes, core)) {}

std::uint64_t RowwiseKernel::token(std::uint64_t row) const {
  return random_below(0, row, shape_.table_rows);
}

std::vector<TransferWork> RowwiseKernel::resident() const {
  if (!is_norm(shape_.kind) || inputs_.size() < 2) {
    return {};
  }
  TransferWork load;
  load.block = tensor_block(inputs_[1], 0, inputs_[1].rows, 0, shape_.columns);
  load.expected_reads = static_cast<std::uint32_t>(plan().tasks);
  return {load};
}

Chunk RowwiseKernel::chunk(std::uint64_t index) const {
  const std::uint64_t row = index / cut_.pieces * cut_.rows;
  const std::uint64_t column = index % cut_.pieces * cut_.columns;
  const std::uint64_t rows = std::min(cut_.rows, shape_.rows - row);
  const std::uint64_t columns = std::min(cut_.columns, shape_.columns - column);

  Chunk chunk;
  const auto load = [&](const Tensor& tensor, std::uint64_t first_row, std::uint64_t count,
                        std::uint64_t first_column) {
    TransferWork work;
    work.block = tensor_block(tensor, first_row, count, first_column, columns);
    chunk.loads.push_back(work);
  };
  switch (shape_.kind) {
    case RowwiseKind::kRmsNorm:
    case RowwiseKind::kLayerNorm:
    case RowwiseKind::kQuantize:
    case RowwiseKind::kRotary:  // has a kernel of its own
      load(inputs_[0], row, rows, column);
      break;
    case RowwiseKind::kSiluGate:
    case RowwiseKind::kGeluGate:
      load(inputs_[0], row, rows, column);
      load(inputs_[0], row, rows, shape_.columns + column);
      break;
    case RowwiseKind::kResidualAdd:
      load(inputs_[0], row, rows, column);
      load(inputs_[1], row, rows, column);
      break;
    case RowwiseKind::kEmbedding:
      for (std::uint64_t r = 0; r < rows; ++r) {
        load(inputs_[0], token(row + r), 1, 0);
        chunk.loads.back().placement = Placement::kStream;
      }
      break;
  }
  TransferWork store;
  store.block = tensor_block(output_, row, rows, column, columns);
  store.expected_reads = kManyReads;
  chunk.stores.push_back(store);

  chunk.work = cost_of(shape_.kind).work(rows, columns);
  chunk.work.scratchpad_bytes = store.block.bytes();
  for (const TransferWork& work : chunk.loads) {
    chunk.work.scratchpad_bytes += work.block.bytes();
  }
  return chunk;
}

}  // namespace orrery
