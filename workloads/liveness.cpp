// SPDX-License-Identifier: Apache-2.0
#include "workloads/liveness.h"

#include <algorithm>

namespace orrery {
namespace {

bool contains(const std::vector<TensorId>& ids, TensorId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Whether this operator makes the tensor anew, whatever was in it.
bool overwrites(const Workload& workload, const Operator& op, TensorId id) {
  return !contains(op.inputs, id) && workload.tensors[id].role != TensorRole::kKvCache;
}

}  // namespace

std::vector<std::vector<TensorId>> dead_after(const Workload& workload) {
  const std::size_t count = workload.operators.size();
  std::vector<std::vector<TensorId>> dead(count);
  std::vector<bool> is_wanted(workload.tensors.size(), false);  // by operators behind this one
  for (std::size_t i = count; i-- > 0;) {
    const Operator& op = workload.operators[i];
    for (const auto* ids : {&op.inputs, &op.outputs}) {
      for (const TensorId id : *ids) {
        if (!is_wanted[id] && i + 1 < count && !contains(dead[i], id)) {
          dead[i].push_back(id);
        }
      }
    }
    for (const TensorId id : op.outputs) {
      is_wanted[id] = !overwrites(workload, op, id);
    }
    for (const TensorId id : op.inputs) {
      is_wanted[id] = true;
    }
  }
  return dead;
}

std::vector<TensorId> inputs_from_outside(const Workload& workload) {
  std::vector<TensorId> found;
  std::vector<bool> is_known(workload.tensors.size(), false);
  for (const Operator& op : workload.operators) {
    for (const TensorId id : op.inputs) {
      const TensorRole role = workload.tensors[id].role;
      if (!is_known[id] && (role == TensorRole::kActivation || role == TensorRole::kKvCache)) {
        found.push_back(id);
      }
      is_known[id] = true;
    }
    for (const TensorId id : op.outputs) {
      is_known[id] = true;
    }
  }
  return found;
}

}  // namespace orrery
