// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/run_record.h"

namespace orrery {

// One value of a result's content that differs.
struct ContentDifference {
  std::string where;  // "/ops/end[3] (layer0.rotary)", "/counters/value[7] (chip.hbm.read_bytes)"
  std::string a, b;
};

struct ContentDifferences {
  std::uint64_t count = 0;               // all of them
  std::vector<ContentDifference> first;  // in the order of the file
};

// Value by value and row by row, to the last bit; all that content_hash() covers, so nothing of the
// provenance. Two canonical records have no difference exactly if their hashes are equal. Rows that
// only one has count as one difference a table.
ContentDifferences content_differences(const RunRecord& a, const RunRecord& b, std::size_t most);

}  // namespace orrery
