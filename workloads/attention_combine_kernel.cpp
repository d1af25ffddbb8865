// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_combine_kernel.h"

#include <algorithm>

#include "workloads/tensor_block.h"

namespace orrery {

ChunkKernel::Plan AttentionCombineKernel::plan_of(const std::string& name,
                                                  const AttentionShape& shape,
                                                  const Tensor& partial,
                                                  const CoreConfig& core) {
  Plan plan;
  plan.chunks = shape.batch * shape.heads;
  plan.stage_bytes = shape.seq_q * partial.pitch_bytes();
  plan_chunks(plan, core, name);
  return plan;
}

AttentionCombineKernel::AttentionCombineKernel(const std::string& name,
                                               const AttentionOperands& operands,
                                               const DecodeGrid& grid,
                                               const Tensor& partial,
                                               const CoreConfig& core,
                                               bool continues)
    : ChunkKernel(name, plan_of(name, operands.shape, partial, core)),
      operands_(operands),
      grid_(grid),
      partial_(partial),
      continues_(continues) {}

Chunk AttentionCombineKernel::chunk(std::uint64_t index) const {
  const AttentionShape& shape = operands_.shape;
  AttentionTask task;
  task.sequence = index / shape.heads;
  task.first_head = index % shape.heads;
  task.queries = shape.seq_q;

  Chunk chunk;
  TransferWork load;
  load.block = tensor_block(partial_, index * shape.seq_q, shape.seq_q, 0, partial_.columns);
  chunk.loads.push_back(load);

  const std::uint64_t rows = shape.seq_q;
  chunk.work.alu_ops = rows * (grid_.splits * (shape.head_dim + 2) + 2 * shape.head_dim);
  chunk.work.special_ops = rows * (grid_.splits + 1);
  TransferWork store;
  store.block = operands_.output_block(task);
  store.expected_reads = kManyReads;
  chunk.work.scratchpad_bytes = load.block.bytes() + store.block.bytes();
  chunk.stores.push_back(store);
  return chunk;
}

}  // namespace orrery
