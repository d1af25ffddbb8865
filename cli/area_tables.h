// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "arch/chip_area.h"
#include "arch/chip_config.h"

namespace orrery {

// What a chip's dies take, part by part, and what the chip costs. Nothing for a chip without area.
void print_area(std::ostream& out, const ChipConfig& chip);
// Adds area_mm2, chip_cost_usd and, with the details, area and cost; nothing for such a chip. A
// chip of which no wafer gives a good die has no cost.
void add_area_json(nlohmann::ordered_json& json, const ChipConfig& chip);

}  // namespace orrery
