// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "arch/core_config.h"
#include "workloads/chunk_kernel.h"
#include "workloads/kv_layout.h"
#include "workloads/operator.h"

namespace orrery {

// Rotary embedding with the KV append: rotates the q columns of the fused qkv in place, rotates k
// and copies v into the caches, at the last positions of each sequence. A chunk is up to 32 tokens
// of some heads, all q, all k or all v. Sines and cosines are computed once per token and pair of
// columns and serve all heads of the chunk.
class RotaryKernel : public ChunkKernel {
 public:
  // `sequences` divides shape.rows: new tokens of a sequence are rows one after another.
  RotaryKernel(const std::string& name,
               const RowwiseShape& shape,
               std::uint64_t sequences,
               const Tensor& qkv,
               const KvLayout& keys,
               const KvLayout& values,
               const CoreConfig& core);

  Chunk chunk(std::uint64_t index) const override;

 private:
  // Heads [first, first + count) of q, of k or of v.
  enum class Part : std::uint8_t { kQuery, kKey, kValue };
  struct Heads {
    Part part = Part::kQuery;
    std::uint64_t first = 0, count = 0;
  };
  struct Cut {
    std::uint64_t rows = 1, heads = 1;
    std::uint64_t pieces(const RowwiseShape& shape) const {
      return ceil_div(shape.heads, heads) + 2 * ceil_div(shape.kv_heads, heads);
    }
  };
  static Cut cut_of(const RowwiseShape& shape, Dtype dtype, const CoreConfig& core);
  static Plan plan_of(const std::string& name,
                      const RowwiseShape& shape,
                      const Tensor& qkv,
                      const KvLayout& keys,
                      const CoreConfig& core);
  Heads heads_of(std::uint64_t piece) const;
  // The stores of rows [row, row + rows) of the new tokens into a cache.
  void append(const KvLayout& cache,
              const Heads& heads,
              std::uint64_t row,
              std::uint64_t rows,
              Chunk& chunk) const;

  RowwiseShape shape_;
  std::uint64_t tokens_;  // new ones of a sequence
  Tensor qkv_;
  KvLayout keys_;
  KvLayout values_;
  Cut cut_;
};

}  // namespace orrery
