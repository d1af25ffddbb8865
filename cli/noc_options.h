// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/noc_run.h"
#include "cli/options.h"

namespace orrery {

// What `orrery probe noc` accepts.
OptionSet noc_options();

// A network and its traffic as the options ask for, without `--load`. Throws InputError.
NocRun noc_run_from(const ParsedOptions& parsed);

// How long every run is: --warmup, --cycles and --seed.
void set_length(NocRun& run, const ParsedOptions& parsed);

// --fidelity. Throws InputError.
NetworkFidelity fidelity_from(const ParsedOptions& parsed);

// --load. Throws InputError for what is not a number from kLeastLoad to 1.
double load_from(const ParsedOptions& parsed);

// The options that describe a single network, traffic or load: none goes with --csv.
const std::vector<std::string>& single_run_options();

}  // namespace orrery
