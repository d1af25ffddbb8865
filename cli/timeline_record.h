// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "results/run_record.h"
#include "workloads/simulation.h"

namespace orrery {

// Adds the timeline and the events of a simulation, in the time of the workload. The chip's own
// time has only the operators that were simulated; an operator that repeats another is shown doing
// what that one did. Events are those of the simulated ones.
void add_timeline(RunRecord& record, const Chip& chip, const SimulationResult& result);

// What happened in the chip's time, moved to the time of the operators and repeated with them.
// Amounts are kept exactly where no operator repeats, else up to the rounding of shares of bins.
Timeline in_workload_time(const Timeline& timeline, const std::vector<OperatorResult>& operators);

}  // namespace orrery
