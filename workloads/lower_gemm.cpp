// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <variant>

#include "sim/error.h"
#include "workloads/gemm_kernel.h"
#include "workloads/gemm_mapping.h"
#include "workloads/helper_kernel.h"
#include "workloads/lowering.h"
#include "workloads/split_reduce_kernel.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::size_t kCandidatesKept = 5;

}  // namespace

LoweredOperator lower_gemm(const Workload& workload,
                           const Operator& op,
                           const ChipConfig& chip,
                           const TileOverride& tile) {
  const auto& shape = std::get<GemmShape>(op.shape);
  if (chip.core.tensor.rate(op.dtype) == 0) {
    throw InputError(fmt::format("operator {}: the tensor unit of {} does not compute in {}",
                                 op.name, chip.name, name_of(op.dtype)));
  }
  const Tensor& y = operand_of_shape(workload, op, op.outputs, 0, shape.batch * shape.m, shape.n);
  GemmOperands operands;
  operands.x = operand_of_shape(workload, op, op.inputs, 0, shape.batch * shape.m, shape.k);
  operands.w = operand_of_shape(workload, op, op.inputs, 1, shape.batch * shape.n, shape.k);
  operands.y = y;
  operands.dtype = op.dtype;
  operands.output_dtype = op.output_dtype;
  operands.vector_epilogue = !chip.core.tensor.converts_output;
  operands.whole_tiles = chip.core.tensor.kind == TensorUnitKind::kMma;

  GemmMappingProblem problem{shape, op.dtype, op.output_dtype, true};
  const std::vector<RankedTiling> ranked = rank_gemm_tilings(problem, chip, tile);
  const GemmTiling& best = ranked.front().tiling;

  LoweredOperator lowered;
  lowered.tile = best.text();
  for (std::size_t i = 0; i < std::min(ranked.size(), kCandidatesKept); ++i) {
    lowered.candidates.push_back({ranked[i].tiling.text(), ranked[i].estimate_fs});
  }
  if (draws_from_counter(best, shape, chip)) {
    lowered.kernels.push_back(std::make_unique<HelperKernel>(
        op.name + ".counter", 1, workspace_address(workload), chip.core));
  }
  if (best.split == 1) {
    lowered.kernels.push_back(std::make_unique<GemmKernel>(op.name, shape, best, operands));
    return lowered;
  }
  Tensor partial = y;
  partial.name = op.name + ".partial";
  partial.rows = best.split * shape.batch * shape.m;
  partial.columns = shape.n;
  partial.dtype = Dtype::kFp32;
  partial.address = workspace_address(workload);
  operands.y = partial;
  lowered.kernels.push_back(std::make_unique<GemmKernel>(op.name, shape, best, operands));
  lowered.kernels.push_back(
      std::make_unique<SplitReduceKernel>(op.name + ".reduce", partial, y, best.split, chip.core));
  return lowered;
}

}  // namespace orrery
