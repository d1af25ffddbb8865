// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/run_record.h"

// What a sweep leaves behind, as plain values: one row a point, in the order of its plan. Written
// by results/sweep_file.h.
namespace orrery {

// A column over the points. Amounts are in the unit named; a column of names ("chip") holds indices
// into `words`. NaN where a point has no such number.
struct SweepColumn {
  std::string name;  // "core.count", "total_time"
  std::string unit;  // "1", "Hz", "byte", "fs", "J"; of words ""
  std::string long_name;
  std::vector<double> values;
  std::vector<std::string> words;  // none: a column of numbers
};

enum class PointStatus : std::uint8_t {
  kComplete,
  kInfeasible,  // it cannot work: a result, and the reason says why
  kFailed,      // it crashed or took too long
};
inline constexpr std::size_t kPointStatusCount = 3;
const std::vector<std::string>& point_status_names();  // "complete", "infeasible", "failed"

struct SweepRecord {
  std::string name;
  std::vector<std::string> notes;    // what holds for all points: tiers, sampling
  std::vector<SweepColumn> axes;     // what the plan varies
  std::vector<SweepColumn> metrics;  // what came of it; NaN where a point is not complete
  std::vector<PointStatus> status;
  std::vector<std::string> reasons;     // empty where a point is complete
  std::vector<std::string> identities;  // hexadecimal hash of all that decides a point's result
  // `config_resolved` is the plan as YAML, `workload` is empty.
  Provenance provenance;

  std::size_t point_count() const { return status.size(); }
};

// The column of that name among axes and metrics; null when there is none.
const SweepColumn* find_column(const SweepRecord& record, const std::string& name);

}  // namespace orrery
