// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "arch/program.h"
#include "workloads/operator.h"

namespace orrery {

// What the vector unit does in a row-wise operator, per element of the output unless said. Work is
// in fp32; values that are stored narrower are converted on the way in and out, an operation each.
//
//                 ordinary operations                                          special
//   rms_norm      1 square and add, 1 * rsqrt, 1 * weight, 2 converts          1 rsqrt a row
//   layer_norm    1 add, 1 square and add, 1 scale and shift by the row's,     1 rsqrt a row
//                 1 by the weight's, 2 converts
//   silu_gate     1 * -log2 e, 1 + 1, 1 * x, 1 * up, 3 converts                exp, reciprocal
//   gelu_gate     tanh form: 1 x*x, 1 multiply-add, 1 * x, 1 multiply-add      tanh
//                 with tanh, 1 * 0.5, 1 * up, 3 converts
//   residual_add  1 add, 3 converts
//   rotary        1 multiply, 1 multiply-add, 2 converts (q and k; v is        sin or cos of a
//   token
//                 only copied, or converted to the cache's dtype)              and pair, for all
//                 heads
//   embedding     none: rows are copied
//   quantize      1 running maximum, 1 * scale, 2 converts                     1 reciprocal a row
struct RowwiseCost {
  std::uint64_t alu_per_element = 0;
  std::uint64_t special_per_element = 0;
  std::uint64_t special_per_row = 0;

  VectorWork work(std::uint64_t rows, std::uint64_t columns) const;
};

RowwiseCost cost_of(RowwiseKind kind);

// Columns that are read for a column of the output: 2 for gates and sums, else 1.
std::uint64_t input_columns_of(RowwiseKind kind);

// A row must be held whole: its sum or maximum comes before its first result.
bool reduces_rows(RowwiseKind kind);

}  // namespace orrery
