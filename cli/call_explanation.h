// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "arch/chip.h"
#include "workloads/lowering.h"

namespace orrery {

// Why a call took the time it took: how its last operator was cut into tasks, what the mapping
// would have done else, and where the cores' time went.
struct CallExplanation {
  std::vector<std::string> kernels;  // of the whole call, in order
  std::string tile;                  // of the last operator
  double waves = 0;                  // of its largest kernel: tasks over programs of all cores
  std::vector<MappingCandidate> candidates;  // best first; the first was chosen
  OperatorRun run;                           // the whole call

  void add(const LoweredOperator& lowered, const ChipConfig& chip);
};

// {"tile", "waves", "kernels", "bound", "shares": {category: ratio}, "estimate_us", "runner_up",
// "runner_up_estimate_us", "clock_mhz", "power_w"}: estimates where the mapping weighed something,
// clock (mean of the cores) and power where the latter is modelled.
nlohmann::ordered_json explanation_json(const CallExplanation& explanation);

// What a table says of it, from that JSON.
std::string shares_text(const nlohmann::ordered_json& explanation);  // "hbm 52, tensor 31, idle 9"
std::string runner_up_text(const nlohmann::ordered_json& explanation);

}  // namespace orrery
