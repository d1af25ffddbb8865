// SPDX-License-Identifier: Apache-2.0
#include "workloads/rowwise_cost.h"

namespace orrery {

VectorWork RowwiseCost::work(std::uint64_t rows, std::uint64_t columns) const {
  VectorWork result;
  result.alu_ops = rows * columns * alu_per_element;
  result.special_ops = rows * (columns * special_per_element + special_per_row);
  return result;
}

RowwiseCost cost_of(RowwiseKind kind) {
  switch (kind) {
    case RowwiseKind::kRmsNorm:
      return {5, 0, 1};
    case RowwiseKind::kLayerNorm:
      return {6, 0, 1};
    case RowwiseKind::kSiluGate:
      return {7, 2, 0};
    case RowwiseKind::kGeluGate:
      return {9, 1, 0};
    case RowwiseKind::kResidualAdd:
      return {4, 0, 0};
    case RowwiseKind::kRotary:
      return {4, 0, 0};  // the special functions depend on the heads: see the kernel
    case RowwiseKind::kEmbedding:
      return {0, 0, 0};
    case RowwiseKind::kQuantize:
      return {4, 0, 1};
  }
  return {};
}

std::uint64_t input_columns_of(RowwiseKind kind) {
  const bool two = kind == RowwiseKind::kSiluGate || kind == RowwiseKind::kGeluGate ||
                   kind == RowwiseKind::kResidualAdd;
  return two ? 2 : 1;
}

bool reduces_rows(RowwiseKind kind) {
  return kind == RowwiseKind::kRmsNorm || kind == RowwiseKind::kLayerNorm ||
         kind == RowwiseKind::kQuantize;
}

}  // namespace orrery
