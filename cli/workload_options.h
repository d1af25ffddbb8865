// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/options.h"
#include "workloads/lowering.h"
#include "workloads/operator.h"

// The options by which every command is told its workload and tiles.
namespace orrery {

// --workload, or --model with --phase --batch --context --dtype --kv-dtype.
void add_workload_source_options(OptionSet& options);
// The same, and --tile and its kin.
void add_workload_options(OptionSet& options);

// `named` is a workload that was given as a word. Throws InputError, also when not exactly one of
// it, --workload and --model is given.
Workload workload_from(const ParsedOptions& parsed,
                       const std::string& config_folder,
                       const std::string& named = "");

// --tile MxNxK --stages N --split N --cluster N.
TileOverride tile_from(const ParsedOptions& parsed);

}  // namespace orrery
