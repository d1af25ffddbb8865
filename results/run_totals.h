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

// Clocks of the cores as the resolved chip states them: core.clock, the highest that they may take,
// and core.rated_clock, at which peaks are stated (the highest, if it is not said). 0 where the
// text of the chip cannot be read.
struct CoreClocks {
  std::uint64_t highest_hz = 0, rated_hz = 0;
};
CoreClocks core_clocks(const RunRecord& record);

}  // namespace orrery
