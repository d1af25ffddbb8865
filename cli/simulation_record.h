// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "results/run_record.h"
#include "workloads/simulation.h"

namespace orrery {

// The category that names an operator's bound: what most core time went to, idle cores left out.
// Waits for loads count together and go to the stage that took most of them.
StallCategory bound_of(const TimeSplit& split);
// "tensor", "vector", "hbm", "shared", "network", "store", "sync", "launch", "idle": the resource.
std::string resource_name(StallCategory category);
// That of an operator; "power" where a unit of the cores works at a clock that the cap has lowered.
std::string bound_name(const OperatorRun& run);

// What a simulation found, as it is stored and shown. Fills everything but the provenance's
// command line, times and host.
RunRecord make_record(const Chip& chip, const Workload& workload, const SimulationResult& result);

}  // namespace orrery
