// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/config_node.h"
#include "workloads/trace.h"

// Traces as YAML: `name`, `caches` and a list `operators` of maps whose keys are the columns of
// docs/traces.md; depends_on is a list of names.
namespace orrery {

// `name` stands where the file has none.
Trace read_trace_yaml(const ConfigNode& root, const std::string& name);

// Reads back as the same trace.
std::string write_trace_yaml(const Trace& trace);

// The key `caches: cold|warm`; cold when it is not there.
bool read_warm_caches(const ConfigNode& root);

}  // namespace orrery
