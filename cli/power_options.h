// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/options.h"
#include "power/power_config.h"

namespace orrery {

// --power-mode and --operands, of a chip whose power is modelled.
void add_power_options(OptionSet& options);

// What they say, else `otherwise`. Throws InputError.
PowerProtocol power_protocol(const ParsedOptions& parsed, const PowerProtocol& otherwise = {});

}  // namespace orrery
