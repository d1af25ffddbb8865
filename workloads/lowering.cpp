// SPDX-License-Identifier: Apache-2.0
#include "workloads/lowering.h"

#include <variant>

namespace orrery {

LoweredOperator lower(const Workload& workload,
                      const Operator& op,
                      const ChipConfig& chip,
                      const TileOverride& tile) {
  if (std::holds_alternative<GemmShape>(op.shape)) {
    return lower_gemm(workload, op, chip, tile);
  }
  if (std::holds_alternative<AttentionShape>(op.shape)) {
    return lower_attention(workload, op, chip, tile);
  }
  return lower_rowwise(workload, op, chip);
}

}  // namespace orrery
