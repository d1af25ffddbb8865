// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "arch/uncertain_constants.h"
#include "cli/table.h"

namespace orrery {

// A row each: constant, value, physical range and, if any has it, what it was fitted on.
Table uncertain_table(const std::vector<UncertainConstant>& constants);
// [{"constant", "value", "least", "most", "on"}]; "on" of fitted ones only. Values as in the file.
nlohmann::ordered_json uncertain_json(const std::vector<UncertainConstant>& constants);

}  // namespace orrery
