// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/run_record.h"

namespace orrery {

// "2026-01-31T09:30:00Z"
std::string utc_now();

// Fills in revision, command line, host, times, and the CPU time and memory of this process.
void add_provenance(Provenance& provenance,
                    const std::string& command,
                    const std::vector<std::string>& arguments,
                    const std::string& started);

}  // namespace orrery
