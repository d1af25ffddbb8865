// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/run_record.h"

namespace orrery {

// A number that both runs may have. Counters of equal parts are summed, so that chips with
// different numbers of cores, slices and channels have the same names.
struct ComparedValue {
  std::string name;  // "chip.core_*.load_bytes", "total_time"
  std::string unit;
  std::optional<double> a, b;
};

// "chip.core_17.tasks" and "chip.hbm.channel[3].bytes" are "chip.core_*.tasks" and
// "chip.hbm.channel[*].bytes".
std::string instances_name(const std::string& path);

// Every counter of either run, in the order of A's. Counters count what was simulated: operators
// that were copied from equal ones are in none.
std::vector<ComparedValue> compare_counters(const RunRecord& a, const RunRecord& b);

// Every value of either summary, in the order of A's.
std::vector<ComparedValue> compare_summaries(const RunRecord& a, const RunRecord& b);

}  // namespace orrery
