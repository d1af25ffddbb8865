// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/operator.h"

// The names of operator kinds, as they stand in traces, tables, JSON and results, and which shape
// each stands for.
namespace orrery {

enum class ShapeFamily : std::uint8_t { kGemm, kAttention, kRowwise };

struct OperatorKind {
  std::string_view name;  // "gemm", "batched_gemm", "attention", "rms_norm", ...
  ShapeFamily family = ShapeFamily::kGemm;
  RowwiseKind rowwise = RowwiseKind::kRmsNorm;  // of kRowwise
};

const std::vector<OperatorKind>& operator_kinds();      // all, in the order of the documentation
const std::vector<std::string>& operator_kind_names();  // the same, for messages
std::optional<OperatorKind> operator_kind_from(std::string_view name);
std::string_view name_of(RowwiseKind kind);

// "gemm 4096x14336x4096" (m x n x k), "attention 32x1x2048, 32 heads on 8 of 128" (batch x queries
// x keys), "rms_norm 2048x4096": for tables and messages.
std::string shape_text(const Operator& op);

// Throws InputError, naming the operator and its shape, when a dimension is zero, when 64 bits do
// not hold its FLOP or the elements or bytes of a tensor, when heads are no multiple of kv_heads,
// when causal queries outnumber the keys, or when a tensor has 2^32 or more rows or bytes a row
// (what a block of a transfer can tell).
void check_operator(const Workload& workload, const Operator& op);

}  // namespace orrery
