// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "arch/tensor_unit.h"
#include "arch/vector_unit.h"
#include "sim/clock.h"
#include "workloads/attention_mapping.h"
#include "workloads/checked_math.h"
#include "workloads/chip_rates.h"

namespace orrery {
namespace {

// Products that do not fit are as bad as an hour: such a candidate only has to lose.
Femtoseconds product(std::uint64_t a, std::uint64_t b) {
  constexpr Femtoseconds kMost = std::numeric_limits<Femtoseconds>::max() / 8;
  return std::min(kMost, checked_product({a, b}).value_or(kMost));
}

}  // namespace

Femtoseconds estimate_attention(const AttentionTile& tile,
                                const AttentionWork& work,
                                const ChipConfig& chip) {
  const ChipRates rates = ChipRates::of(chip);
  const Clock clock(chip.core.clock_hz);
  const TensorUnit tensor(chip.core.tensor);
  const VectorUnit vector(chip.core.vector);

  const std::uint64_t cores = std::min(rates.cores, work.tasks);
  const std::uint64_t contexts =
      std::min<std::uint64_t>(tile.contexts, ceil_div(work.tasks, rates.cores));

  const MatmulWork scores = tile.scores(work.rows, tile.keys);
  const MatmulWork values = tile.values(work.rows, tile.keys);
  const VectorWork softmax = tile.softmax(work.rows, tile.keys, false);
  // The two units wait for each other: about once a block the tensor unit's pipe runs empty.
  const Femtoseconds tensor_fs =
      clock.to_fs(tensor.cycles(scores, false) + tensor.cycles(values, true));
  const Femtoseconds vector_fs =
      clock.to_fs(vector.cycles(softmax) + vector.cycles(tile.rescale(work.rows)));
  const std::uint64_t kv_bytes = tile.kv_block_bytes();
  const Femtoseconds scratchpad_fs =
      rates.scratchpad.time_for(kv_bytes + tensor.operand_bytes(scores) +
                                tensor.operand_bytes(values) + softmax.scratchpad_bytes);
  // A stage of keys or values, half a block, is always held by the unit that works on it.
  const std::uint64_t in_flight =
      std::min(rates.outstanding_bytes, contexts * (2 * tile.stages - 1) * kv_bytes / 2);
  const Femtoseconds load_fs = std::max(
      {rates.port.time_for(kv_bytes), rates.shared.time_for(kv_bytes * cores),
       scale_up(rates.memory_latency_fs, kv_bytes, std::max<std::uint64_t>(1, in_flight))});
  // Without a second buffer of scores the two units take turns; another context fills most gaps.
  const Femtoseconds turns_fs =
      tile.score_buffers > 1
          ? 0
          : std::max({tensor_fs, vector_fs, ceil_div(tensor_fs + vector_fs, contexts)}) +
                std::min(tensor_fs, vector_fs) / 8;
  const Femtoseconds block_fs = std::max({tensor_fs, vector_fs, scratchpad_fs, load_fs, turns_fs});

  const std::uint64_t output_bytes = tile.output_bytes();
  // Before the first and after the last block; prefetch hides what the memory does of it.
  const Femtoseconds edge_fs = chip.dispatch.task_launch_fs + tensor_fs + vector_fs +
                               clock.to_fs(vector.cycles(tile.epilogue(work.rows)));
  const Femtoseconds memory_edge_fs =
      rates.memory_latency_fs + rates.shared_latency_fs +
      std::max(rates.port.time_for(tile.query_bytes() + kv_bytes / 2 + output_bytes),
               rates.shared.time_for(cores * (tile.query_bytes() + kv_bytes / 2 + output_bytes)));
  const Femtoseconds task_fs = edge_fs + (tile.prefetch ? 0 : memory_edge_fs);

  const bool even = work.heaviest_blocks * work.tasks == work.total_blocks;
  const Femtoseconds heaviest_fs = product(work.heaviest_blocks, block_fs * contexts) + task_fs;
  Femtoseconds schedule_fs = heaviest_fs;
  if (even) {
    schedule_fs = product(ceil_div(work.tasks, cores * contexts), heaviest_fs);
  } else {
    const Femtoseconds mean_fs =
        (product(work.total_blocks, block_fs) + product(work.tasks, ceil_div(task_fs, contexts))) /
        cores;
    // A dynamic dispatcher ends with some cores in the middle of a task; a static plan is balanced.
    const bool planned = chip.dispatch.policy == DispatchPolicy::kStatic;
    schedule_fs = std::max(heaviest_fs, mean_fs + (planned ? 0 : heaviest_fs / 4));
  }
  // The two hardly ever overlap perfectly: an eighth of the shorter one shows (a guess, which also
  // prefers spreading a memory-bound kernel over more cores).
  const Femtoseconds memory_fs = task_fs + rates.memory.time_for(work.compulsory_bytes);
  const Femtoseconds both_fs =
      std::max(schedule_fs, memory_fs) + std::min(schedule_fs, memory_fs) / 8;
  return chip.dispatch.kernel_launch_fs + chip.dispatch.kernel_end_fs +
         (tile.prefetch ? memory_edge_fs : 0) + both_fs;
}

}  // namespace orrery
