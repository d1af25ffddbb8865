// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep_simulation.h"

#include <memory>

#include "cli/run_provenance.h"
#include "cli/simulation_record.h"
#include "sim/sim_time.h"
#include "workloads/simulation.h"

namespace orrery {

Simulate point_simulation(const Plan& plan) {
  auto kept = std::make_shared<std::unique_ptr<Chip>>();
  return [&plan, kept](const ChipConfig& config, const Workload& workload, bool same_chip) {
    std::unique_ptr<Chip>& chip = *kept;
    const std::string started = utc_now();
    if (chip && same_chip) {
      chip->reset();
    } else {
      use_femtosecond_resolution();
      chip = std::make_unique<Chip>("chip", config);
      if (plan.sampling) {
        chip->sample();
      }
    }
    chip->set_power_protocol(plan.power);
    SimulationOptions options;
    options.reuse = plan.reuse;
    RunRecord record = make_record(*chip, workload, simulate(*chip, workload, options));
    add_provenance(record.provenance, "sweep", {plan.file}, started);
    return record;
  };
}

}  // namespace orrery
