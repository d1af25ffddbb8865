// SPDX-License-Identifier: Apache-2.0
#include "workloads/rotary_kernel.h"

#include <algorithm>

#include "workloads/rowwise_cost.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostRows = 32;
constexpr std::uint64_t kMostChunkBytes = 32768;

}  // namespace

RotaryKernel::Cut RotaryKernel::cut_of(const RowwiseShape& shape,
                                       Dtype dtype,
                                       const CoreConfig& core) {
  const std::uint64_t slots = std::uint64_t{core.count} * streaming_contexts(core);
  const std::uint64_t head_bytes = std::max<std::uint64_t>(1, bytes_of(dtype, shape.head_dim));
  const std::uint64_t most =
      std::min(kMostChunkBytes, std::max<std::uint64_t>(1, core.scratchpad.capacity_bytes / 8));
  Cut cut;
  cut.rows = std::clamp<std::uint64_t>(most / head_bytes, 1, std::min(kMostRows, shape.rows));
  // All heads' work shared out fairly, in whole heads.
  const std::uint64_t all_heads = shape.heads + 2 * shape.kv_heads;
  const std::uint64_t fair = ceil_div(ceil_div(shape.rows, cut.rows) * all_heads, slots);
  const std::uint64_t room = std::max<std::uint64_t>(1, most / (cut.rows * head_bytes));
  cut.heads = std::clamp<std::uint64_t>(fair, 1, std::min(room, shape.heads));
  return cut;
}

ChunkKernel::Plan RotaryKernel::plan_of(const std::string& name,
                                        const RowwiseShape& shape,
                                        const Tensor& qkv,
                                        const KvLayout& keys,
                                        const CoreConfig& core) {
  const Cut cut = cut_of(shape, qkv.dtype, core);
  const std::uint32_t bits = std::max(bits_of(qkv.dtype), bits_of(keys.dtype()));
  Plan plan;
  plan.chunks = ceil_div(shape.rows, cut.rows) * cut.pieces(shape);
  plan.stage_bytes = cut.rows * ceil_div(cut.heads * shape.head_dim * bits, 8);
  plan_chunks(plan, core, name);
  return plan;
}

RotaryKernel::RotaryKernel(const std::string& name,
                           const RowwiseShape& shape,
                           std::uint64_t sequences,
                           const Tensor& qkv,
                           const KvLayout& keys,
                           const KvLayout& values,
                           const CoreConfig& core)
    : ChunkKernel(name, plan_of(name, shape, qkv, keys, core)),
      shape_(shape),
      tokens_(shape.rows / sequences),
      qkv_(qkv),
      keys_(keys),
      values_(values),
      cut_(cut_of(shape, qkv.dtype, core)) {}

RotaryKernel::Heads RotaryKernel::heads_of(std::uint64_t piece) const {
  const std::uint64_t query_pieces = ceil_div(shape_.heads, cut_.heads);
  const std::uint64_t kv_pieces = ceil_div(shape_.kv_heads, cut_.heads);
  Heads heads;
  std::uint64_t limit = shape_.heads;
  if (piece >= query_pieces) {
    piece -= query_pieces;
    heads.part = piece < kv_pieces ? Part::kKey : Part::kValue;
    piece %= kv_pieces;
    limit = shape_.kv_heads;
  }
  heads.first = piece * cut_.heads;
  heads.count = std::min(cut_.heads, limit - heads.first);
  return heads;
}

void RotaryKernel::append(const KvLayout& cache,
                          const Heads& heads,
                          std::uint64_t row,
                          std::uint64_t rows,
                          Chunk& chunk) const {
  const std::uint64_t step = cache.heads_side_by_side() ? heads.count : 1;
  for (const std::uint64_t end = row + rows; row < end;) {
    const std::uint64_t sequence = row / tokens_;
    const std::uint64_t token = row % tokens_;
    const std::uint64_t count = std::min(end - row, tokens_ - token);
    const std::uint64_t position = cache.capacity() - tokens_ + token;
    for (std::uint64_t head = 0; head < heads.count; head += step) {
      TransferWork store;
      store.block = cache.block(sequence, heads.first + head, step, position, count);
      store.placement = Placement::kThrough;  // the next step wants it, long after this one
      store.expected_reads = kManyReads;
      chunk.stores.push_back(store);
    }
    row += count;
  }
}

Chunk RotaryKernel::chunk(std::uint64_t index) const {
  const std::uint64_t pieces = cut_.pieces(shape_);
  const std::uint64_t row = index / pieces * cut_.rows;
  const std::uint64_t rows = std::min(cut_.rows, shape_.rows - row);
  const Heads heads = heads_of(index % pieces);
  const std::uint64_t columns = heads.count * shape_.head_dim;
  std::uint64_t first_head = heads.first;
  first_head += heads.part == Part::kQuery ? 0 : shape_.heads;
  first_head += heads.part == Part::kValue ? shape_.kv_heads : 0;

  Chunk chunk;
  TransferWork load;
  load.block = tensor_block(qkv_, row, rows, first_head * shape_.head_dim, columns);
  chunk.loads.push_back(load);
  switch (heads.part) {
    case Part::kQuery: {
      TransferWork store = load;
      store.expected_reads = kManyReads;
      chunk.stores.push_back(store);
      break;
    }
    case Part::kKey:
      append(keys_, heads, row, rows, chunk);
      break;
    case Part::kValue:
      append(values_, heads, row, rows, chunk);
      break;
  }
  if (heads.part != Part::kValue) {
    chunk.work = cost_of(RowwiseKind::kRotary).work(rows, columns);
    chunk.work.special_ops = rows * shape_.head_dim;
  } else if (values_.dtype() != qkv_.dtype) {
    chunk.work.alu_ops = rows * columns;
  }
  chunk.work.scratchpad_bytes = load.block.bytes();
  for (const TransferWork& store : chunk.stores) {
    chunk.work.scratchpad_bytes += store.block.bytes();
  }
  return chunk;
}

}  // namespace orrery
