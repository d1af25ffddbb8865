// SPDX-License-Identifier: Apache-2.0
#include "workloads/operator_tensors.h"

#include <fmt/format.h>
#include <initializer_list>
#include <string>
#include <utility>

#include "sim/error.h"
#include "workloads/checked_math.h"
#include "workloads/operator_kind.h"

namespace orrery {
namespace {

class TensorMaker {
 public:
  TensorMaker(const Operator& op, const RotaryCache& cache) : op_(op), cache_(cache) {}

  OperatorTensors operator()(const GemmShape& s) const {
    const std::uint64_t rows = product({s.batch, s.m});
    return {{make("x", rows, s.k),
             make("w", product({s.batch, s.n}), s.k, op_.dtype, TensorRole::kWeight)},
            {output(rows, s.n)}};
  }

  OperatorTensors operator()(const AttentionShape& s) const {
    const std::uint64_t rows = product({s.batch, s.seq_q});
    const std::uint64_t columns = product({s.heads, s.head_dim});
    const std::uint64_t cached = product({s.batch, s.seq_kv});
    const std::uint64_t kv_columns = product({s.kv_heads, s.head_dim});
    return {{make("q", rows, columns),
             make("k_cache", cached, kv_columns, s.kv_dtype, TensorRole::kKvCache),
             make("v_cache", cached, kv_columns, s.kv_dtype, TensorRole::kKvCache)},
            {output(rows, columns)}};
  }

  OperatorTensors operator()(const RowwiseShape& s) const {
    switch (s.kind) {
      case RowwiseKind::kRmsNorm:
        return {{make("x", s.rows, s.columns), weight(1, s.columns)}, {output(s.rows, s.columns)}};
      case RowwiseKind::kLayerNorm:
        return {{make("x", s.rows, s.columns), weight(2, s.columns)}, {output(s.rows, s.columns)}};
      case RowwiseKind::kSiluGate:
      case RowwiseKind::kGeluGate:
        return {{make("x", s.rows, product({2, s.columns}))}, {output(s.rows, s.columns)}};
      case RowwiseKind::kResidualAdd:
        return {{make("a", s.rows, s.columns), make("b", s.rows, s.columns)},
                {output(s.rows, s.columns)}};
      case RowwiseKind::kRotary: {
        const Tensor qkv = make("qkv", s.rows, s.columns);
        const std::uint64_t columns = product({s.kv_heads, s.head_dim});
        return {{qkv},
                {qkv, make("k_cache", cache_.rows, columns, cache_.dtype, TensorRole::kKvCache),
                 make("v_cache", cache_.rows, columns, cache_.dtype, TensorRole::kKvCache)}};
      }
      case RowwiseKind::kEmbedding:
        return {{make("table", s.table_rows, s.columns, op_.dtype, TensorRole::kTable)},
                {output(s.rows, s.columns)}};
      case RowwiseKind::kQuantize:
        return {{make("x", s.rows, s.columns)}, {output(s.rows, s.columns)}};
    }
    return {};
  }

 private:
  std::uint64_t product(std::initializer_list<std::uint64_t> factors) const {
    const auto result = checked_product(factors);
    if (!result) {
      throw InputError(
          fmt::format("operator '{}' ({}): its shape exceeds 64 bits", op_.name, shape_text(op_)));
    }
    return *result;
  }
  Tensor make(const char* suffix,
              std::uint64_t rows,
              std::uint64_t columns,
              Dtype dtype,
              TensorRole role) const {
    return {op_.name + "." + suffix, rows, columns, dtype, role};
  }
  Tensor make(const char* suffix, std::uint64_t rows, std::uint64_t columns) const {
    return make(suffix, rows, columns, op_.dtype, TensorRole::kActivation);
  }
  Tensor weight(std::uint64_t rows, std::uint64_t columns) const {
    return make("weight", rows, columns, op_.dtype, TensorRole::kWeight);
  }
  Tensor output(std::uint64_t rows, std::uint64_t columns) const {
    return make("y", rows, columns, op_.output_dtype, TensorRole::kActivation);
  }

  const Operator& op_;
  const RotaryCache& cache_;
};

}  // namespace

OperatorTensors tensors_for(const Operator& op, const RotaryCache& cache) {
  return std::visit(TensorMaker(op, cache), op.shape);
}

}  // namespace orrery
