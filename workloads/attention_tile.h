// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "arch/core_config.h"
#include "arch/program.h"
#include "sim/dtype.h"
#include "sim/units.h"

namespace orrery {

// The shape in which fused attention is computed, and what each of its steps costs. A tile holds
// `rows` query rows (queries x packed heads of one KV group) and walks over blocks of `keys` keys
// with an online softmax: per block
//   scores   S = Q K^T                       tensor unit
//   softmax  P = exp(scale * S - max)        vector unit
//   rescale  O *= exp(old max - new max)     vector unit, not for the first block
//   values   O += P V                        tensor unit
// and at the end the epilogue divides O by the sums and narrows it.
//
// Vector operations, per element of S: 1 compare (running maximum), 1 fused multiply-add (scale and
// subtract), 1 add (running sum), 1 convert (to the dtype of P); 1 special (exp). On blocks that
// the diagonal or the end of the keys cuts, 2 more: compare positions and select. Per element of O:
// 1 multiply in a rescale; 1 multiply and 1 convert in the epilogue, only the multiply where the
// tensor unit's results leave narrowed. Per row: 1 exp a rescale, 1 reciprocal in the epilogue.
// Reductions across lanes, a few operations a row, are left out. Keys and values in another dtype
// than the arithmetic's cost 1 convert an element, charged to the block's softmax.
//
// An MMA kernel is compiled for whole tiles, so cut tiles take as long as whole ones; a systolic
// array and its vector unit are told the true sizes.
struct AttentionTile {
  std::uint32_t rows = 0;
  std::uint32_t keys = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t stages = 2;          // blocks of keys, and of values, in the scratchpad
  std::uint32_t score_buffers = 1;   // 2: scores of a block overlap the softmax of the one before
  std::uint32_t contexts = 1;        // programs that share a core
  bool prefetch = false;             // the next task's loads overlap this one's end
  bool transposed = false;           // S^T = K Q^T: the few query rows are the n of the tensor unit
  bool local_probabilities = false;  // P stays with the tensor unit; else it goes by scratchpad
  bool whole_tiles = true;
  bool converts_output = false;
  // As a kernel library builds it (arch/software_config.h): two groups of rows take turns at tensor
  // and vector unit, blocks are merged into longer commands.
  bool ping_pong = false;
  bool two_groups = false;         // of rows; the one that a task has no rows for leaves at once
  bool whole_loads = false;        // keys beyond the last are fetched, too, up to a whole block
  std::uint64_t ring_bytes = 0;    // through which blocks pass that are larger; 0: none
  std::uint32_t stall_cycles = 0;  // of the tensor unit, each block
  std::uint64_t diagonal_ops = 0;  // of the vector unit, each block that the diagonal cuts
  std::uint64_t softmax_latency_cycles = 0;  // of each block, until its probabilities are there
  Femtoseconds task_setup_fs = 0;
  bool partial = false;  // O leaves unnormalised in fp32 with maximum and sum (split keys)
  Dtype dtype = Dtype::kBf16;
  Dtype kv_dtype = Dtype::kBf16;
  Dtype output_dtype = Dtype::kBf16;

  MatmulWork scores(std::uint64_t task_rows, std::uint64_t block_keys) const;
  MatmulWork values(std::uint64_t task_rows, std::uint64_t block_keys) const;
  VectorWork softmax(std::uint64_t task_rows, std::uint64_t block_keys, bool masked) const;
  VectorWork rescale(std::uint64_t task_rows) const;
  VectorWork epilogue(std::uint64_t task_rows) const;

  std::uint64_t query_bytes() const;
  std::uint64_t output_bytes() const;    // staged in the scratchpad for the store
  std::uint64_t kv_block_bytes() const;  // keys and values together
  // What a context holds. Without prefetch the output takes the place of the query.
  std::uint64_t scratchpad_bytes() const;
  std::uint64_t accumulator_bytes() const;
  bool fits(const CoreConfig& core) const;

  std::string text() const;  // "128x64 stages 2 contexts 2"

 private:
  std::uint64_t computed_rows(std::uint64_t task_rows) const {
    return whole_tiles ? rows : task_rows;
  }
  std::uint64_t computed_keys(std::uint64_t block_keys) const {
    return whole_tiles ? keys : block_keys;
  }
};

// Columns of a row of partial sums: O, then maximum and sum, padded to 16 bytes of fp32.
constexpr std::uint64_t partial_columns(std::uint64_t head_dim) {
  return round_up(head_dim + 2, 4);
}

}  // namespace orrery
