// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "sim/error.h"
#include "workloads/attention_combine_kernel.h"
#include "workloads/attention_library.h"
#include "workloads/attention_mapping.h"
#include "workloads/attention_prefill_kernel.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::size_t kCandidatesKept = 5;
// Block heights and tensor unit shapes are 32-bit; no head is that long.
constexpr std::uint64_t kMostHeadDim = 4096;

}  // namespace

LoweredOperator lower_attention(const Workload& workload,
                                const Operator& op,
                                const ChipConfig& chip,
                                const TileOverride& tile) {
  if (chip.core.tensor.rate(op.dtype) == 0) {
    throw InputError(fmt::format("operator {}: the tensor unit of {} does not compute in {}",
                                 op.name, chip.name, name_of(op.dtype)));
  }
  const AttentionOperands operands = attention_operands(workload, op);
  if (operands.shape.head_dim > kMostHeadDim) {
    throw InputError(fmt::format("operator {}: head_dim {} is too large, expected at most {}",
                                 op.name, operands.shape.head_dim, kMostHeadDim));
  }
  const std::uint64_t workspace = workspace_address(workload);
  const std::uint64_t capacity = chip.memory.capacity_bytes;
  const std::uint64_t room = capacity > workspace ? capacity - workspace : 0;
  if (tile == TileOverride{}) {
    if (std::optional<LoweredOperator> library =
            lower_library_attention(op, operands, chip, workspace, room)) {
      return std::move(*library);
    }
  }
  const std::vector<AttentionCandidate> ranked = rank_attention(op, chip, tile, room);
  const AttentionCandidate& best = ranked.front();

  LoweredOperator lowered;
  lowered.tile = best.text();
  for (std::size_t i = 0; i < std::min(ranked.size(), kCandidatesKept); ++i) {
    lowered.candidates.push_back({ranked[i].text(), ranked[i].estimate_fs});
  }
  if (!best.decode) {
    lowered.kernels.push_back(std::make_unique<AttentionPrefillKernel>(
        op.name, operands, best.tile, PrefillGrid::of(operands.shape, best.tile.rows),
        chip.dispatch.policy, chip.core.count));
    return lowered;
  }
  const Tensor partial = partial_tensor(operands.shape, best.grid, workspace);
  lowered.kernels.push_back(
      std::make_unique<AttentionDecodeKernel>(op.name, operands, best.tile, best.grid, partial));
  if (best.grid.splits > 1) {
    lowered.kernels.push_back(std::make_unique<AttentionCombineKernel>(
        op.name + ".combine", operands, best.grid, partial, chip.core));
  }
  return lowered;
}

}  // namespace orrery
