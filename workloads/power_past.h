// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "power/power_config.h"
#include "workloads/simulation.h"

namespace orrery {

// What a chip does that repeats these operators for ever, on average: the past of sustained work.
// How much a cycle of the cores takes hardly depends on their clock, so the operators may have run
// at another clock than the one at which the average settles.
Activity mean_activity(const std::vector<OperatorResult>& operators, const PowerConfig& power);

}  // namespace orrery
