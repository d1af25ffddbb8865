// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "results/run_record.h"

namespace orrery {

// Most operators and links that a page lists: the longest and the busiest. Sums are of all, and the
// page says what it leaves out.
inline constexpr std::size_t kMostListedOps = 5000;
inline constexpr std::size_t kMostListedLinks = 4000;

// A run as one page: key figures, roofline, time and stalls by kind of operator, energy,
// utilisation over time, loads of links, a table of operators. Throws InputError for a record
// without operators.
std::string run_report(const RunRecord& record);

// What its script draws. Times in µs, amounts as they are.
nlohmann::ordered_json run_report_data(const RunRecord& record);

}  // namespace orrery
