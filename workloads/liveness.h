// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "workloads/operator.h"

namespace orrery {

// For each operator the tensors that are dead once it has run: no later operator touches them, or
// the next that does makes them anew without reading them. (A key-value cache is appended to, so
// only its last toucher kills it.) What the last operator leaves lives on: its list is empty.
std::vector<std::vector<TensorId>> dead_after(const Workload& workload);

// Activations and key-value caches that are read before any operator makes them, each once, in the
// order of their first reader.
std::vector<TensorId> inputs_from_outside(const Workload& workload);

}  // namespace orrery
