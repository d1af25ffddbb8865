// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "cli/compare_tables.h"
#include "results/content_difference.h"

namespace orrery {

// Two results side by side as one object for programs; times in µs. Keys: a and b (file, chip,
// workload, phase, notes, schema_version, content_hash), differences, chip_values, waterfall (steps
// with a_us, b_us, difference_us and, where something is counted, amounts), ops (aligned, with
// their parts), summary, counters. docs/user_guide.md lists them.
nlohmann::ordered_json comparison_json(const ComparedFiles& files, const Comparison& comparison);

// {"a": file, ..., "equal": false, "count": 12, "first": [{"where", "a", "b"}]}.
nlohmann::ordered_json exact_json(const ComparedFiles& files, const ContentDifferences& found);

nlohmann::ordered_json moved_json(const std::vector<MovedValue>& moved);

}  // namespace orrery
