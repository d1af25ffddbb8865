// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/sweep_record.h"

namespace orrery {

// Most points that a page draws: all that are on a Pareto front of two objectives, and an even
// choice of the others. Sensitivities and counts are of all points, and the page says what it
// leaves out.
inline constexpr std::size_t kMostListedPoints = 4000;

// A sweep as one page: Pareto fronts, parallel coordinates, how much each axis matters, a table of
// points. Throws InputError for a sweep without points.
std::string sweep_report(const SweepRecord& record);

// What its script draws.
nlohmann::ordered_json sweep_report_data(const SweepRecord& record);

}  // namespace orrery
