// SPDX-License-Identifier: Apache-2.0
#include "workloads/operator.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "sim/error.h"
#include "workloads/checked_math.h"
#include "workloads/operator_kind.h"

namespace orrery {
namespace {

constexpr std::uint64_t kPitchMultipleBytes = 16;

[[noreturn]] void fail_too_large(const Tensor& tensor) {
  throw InputError(fmt::format("tensor '{}': the bytes of {}x{} {} exceed 64 bits", tensor.name,
                               tensor.rows, tensor.columns, name_of(tensor.dtype)));
}

// Pairs of a query and a key that it sees, of one head and sequence.
std::optional<std::uint64_t> unmasked_pairs(const AttentionShape& s) {
  if (!s.causal) {
    return checked_product({s.seq_q, s.seq_kv});
  }
  // Queries ahead of the first key see none; the others 1 + the keys before their own.
  const std::uint64_t queries = std::min(s.seq_q, s.seq_kv);
  const std::uint64_t before = s.seq_kv - queries;
  // queries * before + queries * (queries + 1) / 2, halving the even factor first
  const auto rectangle = checked_product({queries, before});
  const auto triangle = queries % 2 == 0 ? checked_product({queries / 2, queries + 1})
                                         : checked_product({queries, queries / 2 + 1});
  return rectangle && triangle ? checked_sum(*rectangle, *triangle) : std::nullopt;
}

struct CountFlop {
  std::optional<std::uint64_t> operator()(const GemmShape& s) const {
    return checked_product({2, s.batch, s.m, s.n, s.k});
  }
  std::optional<std::uint64_t> operator()(const AttentionShape& s) const {
    const auto pairs = unmasked_pairs(s);
    return pairs ? checked_product({4, s.head_dim, s.heads, s.batch, *pairs}) : std::nullopt;
  }
  std::optional<std::uint64_t> operator()(const RowwiseShape& /*shape*/) const { return 0; }
};

}  // namespace

std::uint64_t Tensor::pitch_bytes() const {
  const auto bits = checked_product({columns, bits_of(dtype)});
  if (!bits) {
    fail_too_large(*this);
  }
  return round_up(ceil_div(*bits, 8), kPitchMultipleBytes);
}

std::uint64_t Tensor::bytes() const {
  const auto total = checked_product({rows, pitch_bytes()});
  if (!total) {
    fail_too_large(*this);
  }
  return *total;
}

std::uint64_t Operator::flop() const {
  const auto count = std::visit(CountFlop{}, shape);
  if (!count) {
    throw InputError(
        fmt::format("operator '{}' ({}): its FLOP exceed 64 bits", name, shape_text(*this)));
  }
  return *count;
}

}  // namespace orrery
