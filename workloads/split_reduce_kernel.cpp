// SPDX-License-Identifier: Apache-2.0
#include "workloads/split_reduce_kernel.h"

#include <algorithm>

#include "workloads/tensor_block.h"

namespace orrery {

SplitReduceKernel::Cut SplitReduceKernel::cut_of(const Tensor& y,
                                                 std::uint32_t split,
                                                 const CoreConfig& core) {
  // Pieces that spread over all cores twice, of at least a few lines and at most a few KiB a split.
  constexpr std::uint64_t kLeastColumns = 256;  // 1 KiB of fp32
  const std::uint64_t room = std::max<std::uint64_t>(
      1, core.scratchpad.capacity_bytes / 8 / (std::uint64_t{split} * kLeastColumns * 4));
  Cut cut;
  cut.columns = std::min(y.columns, kLeastColumns);
  const std::uint64_t across = ceil_div(y.columns, cut.columns);
  const std::uint64_t wanted = ceil_div(y.rows * across, 2ULL * core.count);
  cut.rows = std::clamp<std::uint64_t>(wanted, 1, std::min<std::uint64_t>({room, 32, y.rows}));
  return cut;
}

ChunkKernel::Plan SplitReduceKernel::plan_of(const std::string& name,
                                             const Tensor& y,
                                             std::uint32_t split,
                                             const CoreConfig& core) {
  const Cut cut = cut_of(y, split, core);
  Plan plan;
  plan.chunks = ceil_div(y.rows, cut.rows) * ceil_div(y.columns, cut.columns);
  plan.stage_bytes = split * cut.rows * cut.columns * 4;
  plan_chunks(plan, core, name);
  return plan;
}

SplitReduceKernel::SplitReduceKernel(const std::string& name,
                                     const Tensor& partial,
                                     const Tensor& y,
                                     std::uint32_t split,
                                     const CoreConfig& core)
    : ChunkKernel(name, plan_of(name, y, split, core)),
      partial_(partial),
      y_(y),
      split_(split),
      cut_(cut_of(y, split, core)) {}

Chunk SplitReduceKernel::chunk(std::uint64_t index) const {
  const std::uint64_t across = ceil_div(y_.columns, cut_.columns);
  const std::uint64_t row = index / across * cut_.rows;
  const std::uint64_t column = index % across * cut_.columns;
  const std::uint64_t rows = std::min(cut_.rows, y_.rows - row);
  const std::uint64_t columns = std::min(cut_.columns, y_.columns - column);
  Chunk chunk;
  for (std::uint64_t s = 0; s < split_; ++s) {
    TransferWork load;
    load.block = tensor_block(partial_, s * y_.rows + row, rows, column, columns);
    load.expected_reads = 1;
    chunk.loads.push_back(load);
  }
  chunk.work.alu_ops = rows * columns * (split_ + 1);
  chunk.work.scratchpad_bytes = rows * columns * (4ULL * split_ + bytes_of(y_.dtype, 1));
  TransferWork store;
  store.block = tensor_block(y_, row, rows, column, columns);
  store.expected_reads = 0xffffffffU;
  chunk.stores.push_back(store);
  return chunk;
}

}  // namespace orrery
