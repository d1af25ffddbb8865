// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "results/run_record.h"

namespace orrery {

// The value called `name` of the summary; `otherwise` when there is none.
double summary_value(const RunRecord& record, const std::string& name, double otherwise);

// The run from its start to its end: "total_time" of the summary, else the end of the last
// operator.
Femtoseconds total_time_fs(const RunRecord& record);

// core.clock of the resolved chip, the highest that the cores may take; 0 where the text of the
// chip does not say it.
std::uint64_t highest_clock_hz(const RunRecord& record);

}  // namespace orrery
