// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "results/run_record.h"
#include "workloads/simulation.h"

// How far off the times of a run may be: by what measured GPUs deviated from their simulation in
// operators of the same class, and by what the chip's assumed constants leave open.
namespace orrery {

// "gemm", "prefill" and "decode" were measured; "other" was not.
std::string error_class(const Operator& op);

// Time by class; "all" is the whole run.
using ClassTimes = std::map<std::string, Femtoseconds>;
ClassTimes class_times(const Workload& workload, const SimulationResult& result);

// One assumed constant, and what the run takes with it at either end of its range.
struct AssumedEnds {
  UncertainConstant constant;
  ClassTimes least, most;
};

// Simulates with each assumed constant at both of its ends, `jobs` runs at a time; `simulate_on` is
// called in processes of their own. Constants that `overrides` set are left alone. The caller must
// hold no SystemC object. Throws InputError when an end makes no chip.
std::vector<AssumedEnds> simulate_assumed_ends(
    const ChipConfig& chip,
    const std::string& chip_name,
    const std::vector<std::string>& overrides,
    std::size_t jobs,
    const std::function<ClassTimes(const ChipConfig&)>& simulate_on,
    const std::function<void(std::size_t, std::size_t)>& ended);

// Adds to the summary, as ratios of the simulated time, for each class that the run has:
//   error_residual_CLASS  nine in ten measured rows lie within it (configs/accuracy/residuals.yaml)
//   error_spread_CLASS    root of the sum of squares of half of each constant's span
//   error_band_CLASS      both, taken as independent: what a reader should expect
// Of "all" the residual is the mean by time, where measured classes make up most of the run. Only
// for chips that list fitted or assumed constants: others are made up, and as they were made.
void add_error_bands(RunRecord& record,
                     const ChipConfig& chip,
                     const ClassTimes& times,
                     const std::vector<AssumedEnds>& ends);

// The classes in the order of tables.
const std::vector<std::string>& error_classes();

}  // namespace orrery
