// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "sweep/expression.h"

// What follows from a chip without running it, as conditions of a plan name it: `die_area` and
// `chip_cost`, as the metrics of those names, `peak.bf16` and so on for every dtype, and
// `peak.memory`, the bandwidth of its pins.
namespace orrery {

// All of them, whatever the chip.
const std::vector<std::string>& derived_names();
bool is_derived(const std::string& name);

// Of a name of derived_names(). A peak that a chip does not have is 0; a chip of which no wafer
// gives a good die costs infinitely much. Throws InputError for the area and cost of a chip that
// has no map `area`.
Value derived_value(const ChipConfig& chip, const std::string& name);

}  // namespace orrery
