// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace orrery {

// Where chips, memories, models and workloads are found by name: the environment's ORRERY_CONFIGS,
// else the folder `configs` of the source tree that the program was built from.
std::string config_folder();

}  // namespace orrery
