// SPDX-License-Identifier: Apache-2.0
#include "workloads/helper_kernel.h"

#include <algorithm>

#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostSequences = 1024;  // 4 KiB; more change nothing that is seen

}  // namespace

ChunkKernel::Plan HelperKernel::plan_of(const std::string& name, const CoreConfig& core) {
  Plan plan;
  plan.chunks = 1;
  plan.stage_bytes = std::min<std::uint64_t>(4 * kMostSequences, core.scratchpad.capacity_bytes);
  plan_chunks(plan, core, name);
  return plan;
}

HelperKernel::HelperKernel(const std::string& name,
                           std::uint64_t sequences,
                           std::uint64_t scratch_address,
                           const CoreConfig& core)
    : ChunkKernel(name, plan_of(name, core)) {
  counters_.name = name;
  counters_.rows = 1;
  counters_.columns = std::min(sequences, kMostSequences);
  counters_.dtype = Dtype::kFp32;
  counters_.address = scratch_address;
}

Chunk HelperKernel::chunk(std::uint64_t /*index*/) const {
  Chunk chunk;
  TransferWork work;
  work.block = tensor_block(counters_, 0, 1, 0, counters_.columns);
  chunk.loads.push_back(work);
  chunk.work.alu_ops = counters_.columns;
  chunk.stores.push_back(work);
  return chunk;
}

}  // namespace orrery
