// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/run_record.h"
#include "results/sweep_record.h"
#include "sweep/expression.h"

namespace orrery {

// What a sweep keeps of each run: a few numbers.
struct Metric {
  std::string name;
  std::string unit;
  std::string long_name;
};

// total_time, tokens_per_second, energy, average_power, energy_per_token, flop, hbm_bytes,
// core_clock, die_area, chip_cost, sampling_error, and time_<category> for each category of stalls:
// the part of the total time that a core spent so, on average, so that they sum to the total.
const std::vector<Metric>& sweep_metrics();

// One value a metric; NaN where the run has none.
std::vector<double> metrics_of(const RunRecord& record);

// A metric as a condition sees it: "total_time < 10 ms". A run without it has NaN, which no
// comparison holds for. None for another name.
std::optional<Value> metric_value(const std::vector<double>& values, const std::string& name);

}  // namespace orrery
