// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "workloads/model_expansion.h"
#include "workloads/operator.h"

// Workload files. YAML holds one step of a model,
//
//   model: llama-3.1-8b     # a name in configs/models, or a path relative to this file
//   phase: prefill          # or decode
//   batch: 1
//   context: 2048
//   dtype: bf16             # optional: as published
//   kv_dtype: fp8           # optional: as the activations
//   caches: cold            # or warm
//
// or a list `operators` (workloads/trace_yaml.h). CSV holds a trace (workloads/trace_csv.h).
namespace orrery {

// Finds `name_or_path` as a path or as <config_folder>/workloads/<name>.yaml or .csv, and applies
// the overrides ("batch=8"; of YAML only). Throws InputError. Addresses are set; `source_text` is
// YAML that gives the same workload again, a trace's CSV text but for that.
Workload load_workload(const std::string& name_or_path,
                       const std::string& config_folder,
                       const std::vector<std::string>& overrides = {});

// The same for what stands inside another file, with relative paths from `base_folder`. `name` is
// the workload's unless it says one itself.
class ConfigNode;
Workload read_workload(const ConfigNode& root,
                       const std::string& name,
                       const std::string& config_folder,
                       const std::string& base_folder);

// The same for a model and settings from the command line.
Workload load_model_workload(const std::string& model,
                             const std::string& config_folder,
                             const ModelRun& run);

}  // namespace orrery
