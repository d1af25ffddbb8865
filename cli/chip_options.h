// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "cli/options.h"

namespace orrery {

// --fidelity, and --set of the chip.
void add_fidelity_option(OptionSet& options);
void add_chip_options(OptionSet& options);

// What --set and --fidelity override. --fidelity is a tier for all parts that have it, or
// PART=TIER,...: "detailed", "memory=detailed". Throws InputError.
std::vector<std::string> chip_overrides(const ParsedOptions& parsed);

// "tiers: memory detailed, network fast (mixed)".
std::string tiers_note(const ChipConfig& chip);

}  // namespace orrery
