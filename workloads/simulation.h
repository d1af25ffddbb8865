// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arch/chip.h"
#include "workloads/lowering.h"
#include "workloads/operator.h"

namespace orrery {

struct SimulationOptions {
  TileOverride tile;
  bool reuse = true;  // simulate identical operators in identical context once
  // Operators are compiled for this chip; none: for the one they run on. So the same programs can
  // be watched on chips that differ in speed.
  std::optional<ChipConfig> compiled_for = {};
  // Called before each operator: its index, how many there are, its name.
  std::function<void(std::size_t, std::size_t, const std::string&)> progress;
};

struct OperatorResult {
  OperatorRun run;  // with times since the start of the workload
  std::string tile;
  std::vector<MappingCandidate> candidates;
  bool reused = false;
  // When the chip began it, or the one that it repeats: in the chip's time, which has no repeats.
  Femtoseconds simulated_start_fs = 0;
};

struct SimulationResult {
  std::vector<OperatorResult> operators;  // as in the workload
  Femtoseconds duration_fs = 0;
  std::uint64_t final_writeback_bytes = 0;  // dirty data that shared memory held at the end
  // What links carried for all operators: that of repeats counts as what they repeat, that of time
  // which was left out by sampling as that of the rest of its operator.
  std::vector<LinkLoad> links;
};

// Runs the operators one after another on the chip. Data that an operator leaves in shared memory
// is there for the next; in a software-managed SRAM a tensor is dead after its last reader.
// On a new chip whose power is modelled, sustained work begins again if its cap holds it: once most
// kinds of operators have run, what they drew tells the clock at which the chip will have settled;
// where that is more than 2 % and a step from the one that was, all runs again with that as its
// past, at most three times. Tensors must have addresses (tensor_allocator.h). Throws what
// Chip::run and lower() throw.
SimulationResult simulate(Chip& chip, const Workload& workload, const SimulationOptions& options);

// The whole of a tensor as a block, for Chip::preload.
Block whole_tensor(const Tensor& tensor);

}  // namespace orrery
