// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "workloads/attention_program.h"

namespace orrery {

// How decode attention is cut into tasks: the queries of as many heads of a KV group as are packed
// into a tile, and a split of the keys in `splits` parts of whole blocks.
struct DecodeGrid {
  std::uint64_t heads = 1;   // packed
  std::uint64_t packs = 1;   // of a KV group
  std::uint64_t blocks = 1;  // of keys
  std::uint64_t splits = 1;
  std::uint64_t units = 1;  // sequences x KV heads x packs

  // `most_rows` bounds the packing. `splits` is lowered to what leaves no split empty.
  static DecodeGrid of(const AttentionShape& shape,
                       std::uint64_t most_rows,
                       std::uint32_t tile_keys,
                       std::uint64_t splits);
  std::uint64_t tasks() const { return units * splits; }
  std::uint64_t rows(const AttentionShape& shape) const { return heads * shape.seq_q; }
};

// Where the partial results of split keys lie: a row for each (pack of heads, head, query), in it
// one after another the splits, each partial_columns() wide in fp32.
Tensor partial_tensor(const AttentionShape& shape, const DecodeGrid& grid, std::uint64_t address);

// Fused attention for one or a few new tokens a sequence: bound by streaming keys and values. The
// query heads of a KV group are packed into one tile, so that keys are loaded once for all; the
// keys of a sequence are split over tasks, so that few sequences still use all cores. With more
// than one split the tasks write partial results, which AttentionCombineKernel joins.
class AttentionDecodeKernel : public AttentionKernel {
 public:
  // `partial` is unused when there is one split.
  AttentionDecodeKernel(const std::string& name,
                        const AttentionOperands& operands,
                        const AttentionTile& tile,
                        const DecodeGrid& grid,
                        const Tensor& partial)
      : AttentionKernel(name, operands, tile), grid_(grid), partial_(partial) {}

  std::uint64_t task_count() const override { return grid_.tasks(); }
  AttentionTask task(std::uint64_t index) const override;
  std::uint64_t period_tasks() const override { return grid_.packs * grid_.splits; }
  Block output_block(const AttentionTask& task) const override;
  std::uint32_t reads_of_key_block(std::uint64_t first_key) const override;

 private:
  DecodeGrid grid_;
  Tensor partial_;
};

}  // namespace orrery
