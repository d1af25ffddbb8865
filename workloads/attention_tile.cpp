// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_tile.h"

#include <algorithm>
#include <fmt/format.h>

namespace orrery {
namespace {

constexpr std::uint64_t kSoftmaxOps =
    4;                                 // an element of S: maximum, scale and subtract, sum, convert
constexpr std::uint64_t kMaskOps = 2;  // an element of a cut block: compare, select
constexpr std::uint64_t kFp32Bytes = 4;

MatmulWork matmul(std::uint64_t m, std::uint64_t n, std::uint64_t k, Dtype dtype) {
  MatmulWork work;
  work.m = static_cast<std::uint32_t>(m);
  work.n = static_cast<std::uint32_t>(n);
  work.k = static_cast<std::uint32_t>(k);
  work.dtype = dtype;
  return work;
}

}  // namespace

MatmulWork AttentionTile::scores(std::uint64_t task_rows, std::uint64_t block_keys) const {
  const std::uint64_t r = computed_rows(task_rows);
  const std::uint64_t c = computed_keys(block_keys);
  return transposed ? matmul(c, r, head_dim, dtype) : matmul(r, c, head_dim, dtype);
}

MatmulWork AttentionTile::values(std::uint64_t task_rows, std::uint64_t block_keys) const {
  const std::uint64_t r = computed_rows(task_rows);
  const std::uint64_t c = computed_keys(block_keys);
  MatmulWork work = transposed ? matmul(head_dim, r, c, dtype) : matmul(r, head_dim, c, dtype);
  work.a_local = local_probabilities;
  return work;
}

VectorWork AttentionTile::softmax(std::uint64_t task_rows,
                                  std::uint64_t block_keys,
                                  bool masked) const {
  const std::uint64_t elements = computed_rows(task_rows) * computed_keys(block_keys);
  VectorWork work;
  work.alu_ops = elements * (kSoftmaxOps + (masked ? kMaskOps : 0));
  work.special_ops = elements;
  work.scratchpad_bytes = local_probabilities ? 0 : bytes_of(dtype, elements);
  if (kv_dtype != dtype) {
    const std::uint64_t converted = 2 * computed_keys(block_keys) * head_dim;
    work.alu_ops += converted;
    work.scratchpad_bytes += bytes_of(kv_dtype, converted) + bytes_of(dtype, converted);
  }
  return work;
}

VectorWork AttentionTile::rescale(std::uint64_t task_rows) const {
  VectorWork work;
  work.alu_ops = computed_rows(task_rows) * head_dim;
  work.special_ops = computed_rows(task_rows);
  return work;
}

VectorWork AttentionTile::epilogue(std::uint64_t task_rows) const {
  const std::uint64_t r = computed_rows(task_rows);
  VectorWork work;
  if (partial) {
    // Moved out as it is; the division waits for the combination of the splits.
    work.scratchpad_bytes = r * partial_columns(head_dim) * kFp32Bytes;
    return work;
  }
  work.alu_ops = r * head_dim * (converts_output ? 1 : 2);
  work.special_ops = r;
  work.scratchpad_bytes = bytes_of(output_dtype, r * head_dim);
  return work;
}

std::uint64_t AttentionTile::query_bytes() const {
  return bytes_of(dtype, std::uint64_t{rows} * head_dim);
}

std::uint64_t AttentionTile::output_bytes() const {
  return partial ? rows * partial_columns(head_dim) * kFp32Bytes
                 : bytes_of(output_dtype, std::uint64_t{rows} * head_dim);
}

std::uint64_t AttentionTile::kv_block_bytes() const {
  return 2 * keys * bytes_of(kv_dtype, head_dim);
}

std::uint64_t AttentionTile::scratchpad_bytes() const {
  const std::uint64_t ends =
      prefetch ? query_bytes() + output_bytes() : std::max(query_bytes(), output_bytes());
  const std::uint64_t probabilities =
      local_probabilities ? 0 : score_buffers * bytes_of(dtype, std::uint64_t{rows} * keys);
  return ends + (ring_bytes != 0 ? ring_bytes : stages * kv_block_bytes()) + probabilities;
}

std::uint64_t AttentionTile::accumulator_bytes() const {
  return kFp32Bytes * rows * (head_dim + std::uint64_t{score_buffers} * keys);
}

bool AttentionTile::fits(const CoreConfig& core) const {
  return contexts * scratchpad_bytes() <= core.scratchpad.capacity_bytes &&
         contexts * accumulator_bytes() <= core.tensor.accumulator_bytes;
}

std::string AttentionTile::text() const {
  return fmt::format("{}x{} stages {} contexts {}{}", rows, keys, stages, contexts,
                     score_buffers > 1 ? "" : " unpipelined");
}

}  // namespace orrery
