// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "sweep/grid.h"
#include "workloads/operator.h"

namespace orrery {

// From choices of a plan to chips and workloads. The last chip and all workloads are kept, so
// asking for points in the order of the grid loads each chip once.
class Resolver {
 public:
  explicit Resolver(const Plan& plan) : plan_(plan) {}

  // Throw InputError; so again when asked again.
  const ChipConfig& chip(const Choice& choice);
  const Workload& workload(const Choice& choice);

  // 32 hexadecimal digits over all that decides the result of the point: the resolved chip, tiers
  // included, the resolved workload, sampling, reuse and power protocol of the plan, and the
  // program (see program_version).
  std::string identity(const Choice& choice);

 private:
  struct Loaded {
    std::optional<Workload> workload;
    std::string error;
  };
  Loaded& load_workload_at(const Choice& choice);

  const Plan& plan_;
  std::optional<Choice> last_;
  std::optional<ChipConfig> chip_;
  std::string chip_error_;
  std::map<std::vector<std::uint32_t>, Loaded> workloads_;
};

// A hash of the running program's bytes: another build is another program.
const std::string& program_version();

}  // namespace orrery
