// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/config_node.h"
#include "sim/dtype.h"
#include "sim/units.h"

namespace orrery {

enum class TensorUnitKind : std::uint8_t { kMma, kSystolic };
enum class Dataflow : std::uint8_t { kWeightStationary, kOutputStationary, kInputStationary };

// What a systolic array does for the next fold while it computes this one.
enum class FoldOverlap : std::uint8_t {
  kNone,        // nothing: folds follow each other (SCALE-Sim)
  kStationary,  // loads the next stationary operand: hides as many cycles as the array has rows
  kWavefront,   // and streams the next fold right behind: the array drains only at the end
};

struct TensorUnitConfig {
  TensorUnitKind kind = TensorUnitKind::kMma;
  // MMA: FLOP per cycle by dtype, 0 where it is not supported; shapes are padded to the least
  // instruction. Systolic: rows x columns multiply-accumulates a cycle at `rate` of each dtype.
  std::array<std::uint64_t, kDtypeCount> flop_per_cycle{};
  std::uint32_t instruction_m = 1, instruction_n = 1, instruction_k_bytes = 1;
  std::uint64_t fill_cycles = 0;   // from issue to the first result, paid when the pipe ran empty
  std::uint64_t issue_cycles = 0;  // fixed cost of each group of instructions
  std::uint64_t group_cycles = 0;  // MMA: least time from one group to the next
  // MMA: a group on operands with a scale for each block of elements takes at least as long, since
  // the scales come to the unit at a rate of their own.
  std::uint64_t block_scale_cycles = 0;
  // MMA: two cores of a cluster multiply as one (tcgen05's cta_group::2): each holds and reads half
  // of the operand that they share.
  bool pairs = false;
  std::uint32_t rows = 0, columns = 0;
  Dataflow dataflow = Dataflow::kWeightStationary;
  FoldOverlap fold_overlap = FoldOverlap::kNone;
  std::uint64_t accumulator_bytes = 0;  // holds the fp32 results of a tile
  bool converts_output = false;  // results leave narrowed; no vector work in a plain epilogue

  std::uint64_t rate(Dtype dtype) const { return flop_per_cycle[static_cast<std::size_t>(dtype)]; }
};

struct VectorUnitConfig {
  std::uint64_t fp32_ops_per_cycle = 128;
  std::uint64_t bf16_ops_per_cycle = 256;  // of bf16 and fp16
  std::uint64_t special_ops_per_cycle = 16;
  std::uint64_t startup_cycles = 0;  // of each command
};

struct ScratchpadConfig {
  std::uint64_t capacity_bytes = 0;
  std::uint32_t banks = 32;
  std::uint64_t bank_bytes_per_cycle = 4;
  bool fill_port = false;  // what streams in takes no bandwidth from those who read
  bool swizzle = true;     // rows are stored so that a column of 16-B pieces meets no bank twice
  std::uint64_t bytes_per_cycle() const { return banks * bank_bytes_per_cycle; }
};

struct DmaConfig {
  std::uint64_t outstanding_bytes = 0;  // credits of a core for loads; as much again for stores
  std::uint64_t issue_cycles = 1;       // between two transfers
  std::uint64_t setup_cycles = 0;       // latency before a transfer leaves
  std::uint64_t max_transfer_bytes = 32768;  // longer ones are split by rows or columns
};

struct CoreConfig {
  std::uint32_t count = 1;
  std::uint64_t clock_hz = 1'000'000'000;        // the highest, where power is modelled
  std::uint64_t rated_clock_hz = 1'000'000'000;  // at which the data sheet states peaks
  std::uint32_t max_contexts = 1;                // programs that can share a core
  TensorUnitConfig tensor;
  VectorUnitConfig vector;
  ScratchpadConfig scratchpad;
  DmaConfig dma;
};

enum class DispatchPolicy : std::uint8_t {
  kDynamic,  // a core gets the next task when it falls free
  kStatic,   // core i of n gets tasks i, i + n, ... from the start
};

struct DispatchConfig {
  DispatchPolicy policy = DispatchPolicy::kDynamic;
  Femtoseconds kernel_launch_fs = 0;     // from the launch to the first task on a core
  Femtoseconds dependent_launch_fs = 0;  // the same for a kernel that follows in one operator
  // The same for one that the kernel before lets launch ahead of its end, to wait for its data
  // alone (Hopper's programmatic dependent launch).
  std::optional<Femtoseconds> early_launch_fs;  // none: as the others
  Femtoseconds kernel_end_fs = 0;               // from the last store to the end that a user sees
  Femtoseconds task_launch_fs = 0;  // each tile task: set-up of barriers, descriptors, registers
  std::uint32_t max_cluster = 1;    // cores that may share loads by multicast

  // From the end of one kernel of an operator to the first task of the next.
  Femtoseconds following_launch_fs(bool early) const {
    return early ? early_launch_fs.value_or(dependent_launch_fs) : dependent_launch_fs;
  }
};

// Throw InputError; the nodes are the chip's maps "core" and "dispatch".
CoreConfig read_core_config(const ConfigNode& node);
DispatchConfig read_dispatch_config(const ConfigNode& node);

}  // namespace orrery
