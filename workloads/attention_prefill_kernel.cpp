// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_prefill_kernel.h"

#include <algorithm>

#include "workloads/tensor_block.h"

namespace orrery {

PrefillGrid PrefillGrid::of(const AttentionShape& shape, std::uint32_t tile_rows, bool packs) {
  const std::uint64_t group = shape.heads / shape.kv_heads;
  PrefillGrid grid;
  for (std::uint64_t heads = packs ? group : 1; heads > 1; --heads) {
    if (group % heads == 0 && shape.seq_q <= tile_rows / heads) {
      grid.heads = heads;
      break;
    }
  }
  grid.queries = std::min<std::uint64_t>(tile_rows, shape.seq_q);
  grid.tiles = ceil_div(shape.seq_q, grid.queries);
  grid.units = shape.batch * (shape.heads / grid.heads);
  return grid;
}

AttentionPrefillKernel::AttentionPrefillKernel(const std::string& name,
                                               const AttentionOperands& operands,
                                               const AttentionTile& tile,
                                               const PrefillGrid& grid,
                                               DispatchPolicy policy,
                                               std::uint32_t cores)
    : AttentionKernel(name, operands, tile), grid_(grid), policy_(policy), cores_(cores) {}

AttentionTask AttentionPrefillKernel::task(std::uint64_t index) const {
  const AttentionShape& shape = operands().shape;
  std::uint64_t unit = index / grid_.tiles;
  std::uint64_t tile = index % grid_.tiles;
  if (grid_.last_tile_first) {
    tile = grid_.tiles - 1 - tile;
  }
  if (policy_ == DispatchPolicy::kStatic) {
    const std::uint64_t row = index / cores_;
    const std::uint64_t width = std::min(cores_, grid_.tasks() - row * cores_);
    const std::uint64_t column = index % cores_;
    const std::uint64_t place = row * cores_ + (row % 2 == 0 ? column : width - 1 - column);
    unit = place % grid_.units;
    tile = grid_.tiles - 1 - place / grid_.units;
  }
  const std::uint64_t packs = shape.heads / grid_.heads;  // of a sequence
  AttentionTask task;
  task.sequence = unit / packs;
  task.first_head = unit % packs * grid_.heads;
  task.heads = grid_.heads;
  task.kv_head = task.first_head / (shape.heads / shape.kv_heads);
  task.first_query = tile * grid_.queries;
  task.queries = std::min(grid_.queries, shape.seq_q - task.first_query);
  task.end_key = operands().visible_keys(task.first_query + task.queries - 1);
  return task;
}

std::uint64_t AttentionPrefillKernel::period_tasks() const {
  if (operands().shape.causal) {
    // Tiles of a head differ. In the static order they grow lighter until the end.
    return policy_ == DispatchPolicy::kStatic ? 0 : grid_.tiles;
  }
  return 1;
}

std::uint32_t AttentionPrefillKernel::reads_of_key_block(std::uint64_t first_key) const {
  const AttentionShape& shape = operands().shape;
  const std::uint64_t before = shape.seq_kv - std::min(shape.seq_q, shape.seq_kv);
  // Tiles whose last query comes before the key skip it.
  const std::uint64_t skipping =
      shape.causal && first_key > before ? (first_key - before) / grid_.queries : 0;
  const std::uint64_t packs_of_group = shape.heads / shape.kv_heads / grid_.heads;
  const std::uint64_t reads = (grid_.tiles - std::min(skipping, grid_.tiles - 1)) * packs_of_group;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(reads, kManyReads - 1));
}

}  // namespace orrery
