// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "results/run_record.h"

namespace orrery {

// A run as a trace for Perfetto: its operators and kernels, the tile tasks of each core, and the
// timeline as counters. A run with `--timeline` moreover has what the units of each core computed,
// and a counter for each unit, memory channel and link. Operators that repeat others are shown,
// their tasks are not: those were not simulated.
//
// Counters are means over a bin: busy in %, bytes in MB/s, energy in W, all else in a bin.
std::string run_trace(const RunRecord& record);

}  // namespace orrery
