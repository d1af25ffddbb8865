// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_decode_kernel.h"

#include <algorithm>

#include "workloads/tensor_block.h"

namespace orrery {

DecodeGrid DecodeGrid::of(const AttentionShape& shape,
                          std::uint64_t most_rows,
                          std::uint32_t tile_keys,
                          std::uint64_t splits) {
  const std::uint64_t group = shape.heads / shape.kv_heads;
  DecodeGrid grid;
  for (std::uint64_t heads = group; heads > 1; --heads) {
    if (group % heads == 0 && shape.seq_q <= most_rows / heads) {
      grid.heads = heads;
      break;
    }
  }
  grid.packs = group / grid.heads;
  grid.blocks = ceil_div(shape.seq_kv, tile_keys);
  grid.splits = std::clamp<std::uint64_t>(splits, 1, grid.blocks);
  grid.units = shape.batch * shape.kv_heads * grid.packs;
  return grid;
}

Tensor partial_tensor(const AttentionShape& shape, const DecodeGrid& grid, std::uint64_t address) {
  Tensor tensor;
  tensor.name = "partial attention";
  tensor.rows = grid.units * grid.rows(shape);
  tensor.columns = grid.splits * partial_columns(shape.head_dim);
  tensor.dtype = Dtype::kFp32;
  tensor.address = address;
  return tensor;
}

AttentionTask AttentionDecodeKernel::task(std::uint64_t index) const {
  const AttentionShape& shape = operands().shape;
  // Packs that share keys are neighbours, then come the splits.
  const std::uint64_t pack = index % grid_.packs;
  const std::uint64_t split = index / grid_.packs % grid_.splits;
  const std::uint64_t kv_unit = index / grid_.packs / grid_.splits;
  AttentionTask task;
  task.sequence = kv_unit / shape.kv_heads;
  task.kv_head = kv_unit % shape.kv_heads;
  task.heads = grid_.heads;
  task.first_head = (task.kv_head * grid_.packs + pack) * grid_.heads;
  task.queries = shape.seq_q;
  task.split = split;
  task.first_key = grid_.blocks * split / grid_.splits * tile().keys;
  task.end_key = std::min(shape.seq_kv, grid_.blocks * (split + 1) / grid_.splits * tile().keys);
  return task;
}

Block AttentionDecodeKernel::output_block(const AttentionTask& task) const {
  if (grid_.splits == 1) {
    return operands().output_block(task);
  }
  const AttentionShape& shape = operands().shape;
  const std::uint64_t columns = partial_columns(shape.head_dim);
  const std::uint64_t first_row = (task.sequence * shape.heads + task.first_head) * shape.seq_q;
  return tensor_block(partial_, first_row, task.rows(), task.split * columns, columns);
}

std::uint32_t AttentionDecodeKernel::reads_of_key_block(std::uint64_t /*first_key*/) const {
  return static_cast<std::uint32_t>(grid_.packs);
}

}  // namespace orrery
