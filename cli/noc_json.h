// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "cli/noc_run.h"
#include "noc/noc_probe.h"

namespace orrery {

// What `orrery probe noc` says to programs. Times are cycles of the network's clock ("clk").

// What was asked for; of a sweep without `load`.
nlohmann::ordered_json noc_run_json(const NocRun& run);

// The figures at one load. Null where no packet came out.
nlohmann::ordered_json noc_result_json(double load, const NocProbeResult& result);

// Adds `links`, `ports` and `histogram` to the figures.
void add_noc_details(nlohmann::ordered_json& json,
                     const NocSetup& setup,
                     const NocProbeResult& result);

}  // namespace orrery
