// SPDX-License-Identifier: Apache-2.0
#include "cli/operator_groups.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <variant>

#include "workloads/operator_kind.h"

namespace orrery {
namespace {

std::string dtype_text(const Operator& op) {
  std::string text(name_of(op.dtype));
  if (op.output_dtype != op.dtype) {
    text += fmt::format(" -> {}", name_of(op.output_dtype));
  }
  if (const auto* attention = std::get_if<AttentionShape>(&op.shape)) {
    text += fmt::format(", kv {}{}", name_of(attention->kv_dtype),
                        attention->causal ? "" : ", not causal");
  }
  return text;
}

// A tensor may be wider or longer than what the operator touches (a fused qkv, a cache).
std::uint64_t touched_bytes(const Operator& op, const Tensor& tensor, bool is_input) {
  std::uint64_t rows = tensor.rows;
  std::uint64_t columns = tensor.columns;
  if (const auto* rowwise = std::get_if<RowwiseShape>(&op.shape)) {
    if (tensor.role == TensorRole::kKvCache || rowwise->kind == RowwiseKind::kEmbedding) {
      rows = std::min(rows, rowwise->rows);
    }
  } else if (const auto* attention = std::get_if<AttentionShape>(&op.shape)) {
    if (is_input && tensor.role != TensorRole::kKvCache) {
      columns = std::min(columns, attention->heads * attention->head_dim);
    }
  }
  return rows * bytes_of(tensor.dtype, columns);
}

}  // namespace

std::vector<OperatorGroup> operator_groups(const Workload& workload) {
  std::vector<OperatorGroup> groups;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < workload.operators.size(); ++i) {
    const Operator& op = workload.operators[i];
    OperatorGroup group;
    group.first = i;
    group.shape = shape_text(op);
    group.dtype = dtype_text(op);
    group.flop = op.flop();
    for (const TensorId id : op.inputs) {
      group.input_bytes += touched_bytes(op, workload.tensors[id], true);
    }
    for (const TensorId id : op.outputs) {
      group.output_bytes += touched_bytes(op, workload.tensors[id], false);
    }
    const auto [at, is_new] = known.emplace(
        fmt::format("{}|{}|{}|{}", group.shape, group.dtype, group.input_bytes, group.output_bytes),
        groups.size());
    if (is_new) {
      groups.push_back(std::move(group));
    }
    ++groups[at->second].count;
  }
  return groups;
}

}  // namespace orrery
