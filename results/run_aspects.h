// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/result_file.h"

namespace orrery {

// In which way two runs are not alike, before any of their numbers: the difference of a number may
// come from it.
struct AspectDifference {
  std::string aspect;  // "schema", "workload", "phase", "dtype", "tiers", "power mode", "power
                       // cap", "sampling", "chip", "program"
  std::string a, b;    // "not modelled", "none" and so on where a run has nothing to say
  // Of another kind of run, not of another design: such numbers should not be held against each
  // other. Chip, power cap, schema and program are what one compares.
  bool of_another_kind = false;
};

// In the order above; only the aspects that differ. A workload of equal name differs by what it
// asks for: "batch 8", "batch 32".
std::vector<AspectDifference> aspect_differences(const StoredResult& a, const StoredResult& b);

}  // namespace orrery
