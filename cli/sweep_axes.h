// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "sweep/plan.h"

namespace orrery {

// A key that a plan may vary: its value in the chip or workload, and the unit it is told in.
struct SweepableKey {
  std::string key;
  std::string value;
  std::string unit;   // as it is written, "GHz"; "" for words and plain numbers
  std::string swept;  // the plan's values, "" where it does not vary the key
};

// Keys of a chip, then of the workload where the plan has one. Throws InputError.
std::vector<SweepableKey> sweepable_keys(const Plan& plan, std::size_t chip);

void print_axes(std::ostream& out, const Plan& plan);
nlohmann::ordered_json axes_json(const Plan& plan);

}  // namespace orrery
