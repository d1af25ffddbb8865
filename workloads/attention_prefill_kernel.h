// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "arch/core_config.h"
#include "workloads/attention_program.h"

namespace orrery {

// How queries are cut into tasks. Where a sequence has fewer queries than half a tile, heads of a
// KV group are packed into one tile, so that it is full and keys are loaded once for all of them.
struct PrefillGrid {
  std::uint64_t queries = 1;    // of a task
  std::uint64_t heads = 1;      // packed
  std::uint64_t tiles = 1;      // along the queries of a sequence
  std::uint64_t units = 1;      // sequences x packed heads
  bool last_tile_first = true;  // of a head, under dynamic dispatch

  static PrefillGrid of(const AttentionShape& shape, std::uint32_t tile_rows, bool packs = true);
  std::uint64_t tasks() const { return tiles * units; }
};

// Fused attention over many new tokens: a task is a tile of queries of a head (or of packed heads),
// and goes over the keys that its last query sees; blocks beyond the diagonal are skipped.
//
// Order. A dynamic dispatcher gets heads in order and in each the tiles reversed: under a causal
// mask the last tile is the heaviest, and neighbours in time share the head's keys (the rule of
// current GPU kernels). Where core i is given tasks i, i + n, ..., that order would load some cores
// with heavy tiles only: all heads' heaviest tiles come first, and every second row of n tasks is
// reversed, so that light follows heavy.
class AttentionPrefillKernel : public AttentionKernel {
 public:
  AttentionPrefillKernel(const std::string& name,
                         const AttentionOperands& operands,
                         const AttentionTile& tile,
                         const PrefillGrid& grid,
                         DispatchPolicy policy,
                         std::uint32_t cores);

  std::uint64_t task_count() const override { return grid_.tasks(); }
  AttentionTask task(std::uint64_t index) const override;
  std::uint64_t period_tasks() const override;
  std::uint32_t reads_of_key_block(std::uint64_t first_key) const override;

 private:
  PrefillGrid grid_;
  DispatchPolicy policy_;
  std::uint64_t cores_;
};

}  // namespace orrery
