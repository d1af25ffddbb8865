// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/options.h"
#include "workloads/lowering.h"
#include "workloads/operator.h"

// The options by which every command is told its workload and tiles.
namespace orrery {

// --workload, or --model with --phase --batch --context --dtype --kv-dtype; --tile and its kin.
void add_workload_options(OptionSet& options);

// Throws InputError, also when both or neither of --workload and --model are given.
Workload workload_from(const ParsedOptions& parsed, const std::string& config_folder);

// --tile MxNxK --stages N --split N --cluster N.
TileOverride tile_from(const ParsedOptions& parsed);

}  // namespace orrery
