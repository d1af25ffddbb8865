// SPDX-License-Identifier: Apache-2.0
#include "workloads/operator_kind.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "sim/error.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostRows = std::numeric_limits<std::uint32_t>::max();

struct ShapeText {
  std::string operator()(const GemmShape& s) const {
    const std::string one = fmt::format("{}x{}x{}", s.m, s.n, s.k);
    return s.batch == 1 ? one : fmt::format("{}x{}", s.batch, one);
  }
  std::string operator()(const AttentionShape& s) const {
    return fmt::format("{}x{}x{}, {} heads on {} of {}", s.batch, s.seq_q, s.seq_kv, s.heads,
                       s.kv_heads, s.head_dim);
  }
  std::string operator()(const RowwiseShape& s) const {
    return s.table_rows == 0 ? fmt::format("{}x{}", s.rows, s.columns)
                             : fmt::format("{}x{} of {}", s.rows, s.columns, s.table_rows);
  }
};

struct ShapeProblem {
  std::string operator()(const GemmShape& s) const {
    return s.batch == 0 || s.m == 0 || s.n == 0 || s.k == 0 ? "has a zero dimension" : "";
  }
  std::string operator()(const AttentionShape& s) const {
    if (s.batch == 0 || s.seq_q == 0 || s.seq_kv == 0 || s.heads == 0 || s.kv_heads == 0 ||
        s.head_dim == 0) {
      return "has a zero dimension";
    }
    if (s.heads % s.kv_heads != 0) {
      return fmt::format("{} heads are no multiple of {} kv_heads", s.heads, s.kv_heads);
    }
    if (s.causal && s.seq_q > s.seq_kv) {
      return fmt::format("{} causal queries on {} keys, expected a key for each query", s.seq_q,
                         s.seq_kv);
    }
    return "";
  }
  std::string operator()(const RowwiseShape& s) const {
    if (s.rows == 0 || s.columns == 0 || (s.kind == RowwiseKind::kEmbedding && s.table_rows == 0)) {
      return "has a zero dimension";
    }
    return "";
  }
};

}  // namespace

const std::vector<OperatorKind>& operator_kinds() {
  using enum ShapeFamily;
  static const std::vector<OperatorKind> kinds{
      {"gemm", kGemm},
      {"batched_gemm", kGemm},
      {"attention", kAttention},
      {"rms_norm", kRowwise, RowwiseKind::kRmsNorm},
      {"layer_norm", kRowwise, RowwiseKind::kLayerNorm},
      {"silu_gate", kRowwise, RowwiseKind::kSiluGate},
      {"gelu_gate", kRowwise, RowwiseKind::kGeluGate},
      {"residual_add", kRowwise, RowwiseKind::kResidualAdd},
      {"rotary", kRowwise, RowwiseKind::kRotary},
      {"embedding", kRowwise, RowwiseKind::kEmbedding},
      {"quantize", kRowwise, RowwiseKind::kQuantize},
  };
  return kinds;
}

const std::vector<std::string>& operator_kind_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const OperatorKind& kind : operator_kinds()) {
      out.emplace_back(kind.name);
    }
    return out;
  }();
  return names;
}

std::optional<OperatorKind> operator_kind_from(std::string_view name) {
  const auto& kinds = operator_kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? std::nullopt : std::optional(*found);
}

std::string_view name_of(RowwiseKind kind) {
  for (const OperatorKind& candidate : operator_kinds()) {
    if (candidate.family == ShapeFamily::kRowwise && candidate.rowwise == kind) {
      return candidate.name;
    }
  }
  return "";
}

std::string shape_text(const Operator& op) {
  return op.kind + " " + std::visit(ShapeText{}, op.shape);
}

void check_operator(const Workload& workload, const Operator& op) {
  const std::string problem = std::visit(ShapeProblem{}, op.shape);
  if (!problem.empty()) {
    throw InputError(fmt::format("operator '{}' ({}): {}", op.name, shape_text(op), problem));
  }
  op.flop();
  for (const auto* ids : {&op.inputs, &op.outputs}) {
    for (const TensorId id : *ids) {
      const Tensor& tensor = workload.tensors.at(id);
      tensor.bytes();
      if (tensor.rows > kMostRows || tensor.pitch_bytes() > kMostRows) {
        throw InputError(
            fmt::format("operator '{}' ({}): tensor '{}' of {}x{} {} is too large, expected less "
                        "than 2^32 rows and bytes a row",
                        op.name, shape_text(op), tensor.name, tensor.rows, tensor.columns,
                        name_of(tensor.dtype)));
      }
    }
  }
}

}  // namespace orrery
