// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

#include "sim/config_node.h"
#include "workloads/operator_kind.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

// True when `found`, an earlier operator's output, can stand for the input `wanted` of `op`.
bool serves_as(const Tensor& found, const Tensor& wanted, const Operator& op, bool is_first) {
  if (found.role != wanted.role || found.rows != wanted.rows || found.dtype != wanted.dtype) {
    return false;
  }
  const auto* const attention = std::get_if<AttentionShape>(&op.shape);
  return found.columns == wanted.columns ||
         (attention != nullptr && is_first &&
          found.columns == (attention->heads + 2 * attention->kv_heads) * attention->head_dim);
}

class WorkloadBuilder {
 public:
  explicit WorkloadBuilder(const Trace& trace) {
    work_.name = trace.name;
    work_.warm_caches = trace.warm_caches;
    for (const TraceRow& row : trace.rows) {
      try {
        add_row(row);
      } catch (const InputError& error) {
        throw InputError(row.location, error.what());
      }
    }
    allocate_tensors(work_);
  }

  Workload take() { return std::move(work_); }

 private:
  void add_row(const TraceRow& row) {
    if (row.repeat == 0 || row.repeat > kMaxTraceOperators - work_.operators.size()) {
      throw InputError(
          fmt::format("more than {} operators, repetitions counted", kMaxTraceOperators));
    }
    Operator op = row.op;
    for (const std::string& name : row.depends_on) {
      op.depends_on.push_back(find(name));
    }
    connect(op, tensors_for(op, row.cache));
    check_operator(work_, op);
    if (row.repeat == 1) {
      add(op, op.name);
      return;
    }
    for (std::uint64_t i = 0; i < row.repeat; ++i) {
      if (i > 0) {
        give_own_weights(op);
        op.depends_on = {static_cast<std::uint32_t>(work_.operators.size() - 1)};
      }
      add(op, fmt::format("{}#{}", row.op.name, i));
    }
    enter_name(row.op.name);  // means the last repetition
  }

  std::uint32_t find(const std::string& name) const {
    const auto found = index_of_.find(name);
    if (found == index_of_.end()) {
      std::vector<std::string> names;
      for (const auto& entry : index_of_) {
        names.push_back(entry.first);
      }
      const std::string near = suggest(name, names);
      throw InputError(fmt::format("depends_on names '{}', which no earlier row has{}{}", name,
                                   near.empty() ? "" : ", ", near));
    }
    return found->second;
  }

  // Finds or makes the tensors of `op`.
  void connect(Operator& op, const OperatorTensors& tensors) {
    std::vector<TensorId> taken;
    for (const Tensor& wanted : tensors.inputs) {
      const std::optional<TensorId> found = find_output(op, wanted, taken);
      op.inputs.push_back(found ? *found : make(wanted));
      taken.push_back(op.inputs.back());
    }
    for (const Tensor& wanted : tensors.outputs) {
      const bool in_place = op.kind == "rotary" && op.outputs.empty();
      op.outputs.push_back(in_place ? op.inputs.front() : make(wanted));
    }
  }

  std::optional<TensorId> find_output(const Operator& op,
                                      const Tensor& wanted,
                                      const std::vector<TensorId>& taken) const {
    for (const std::uint32_t producer : op.depends_on) {
      for (const TensorId id : work_.operators[producer].outputs) {
        if (std::find(taken.begin(), taken.end(), id) == taken.end() &&
            serves_as(work_.tensors[id], wanted, op, taken.empty())) {
          return id;
        }
      }
    }
    return std::nullopt;
  }

  TensorId make(const Tensor& tensor) {
    work_.tensors.push_back(tensor);
    return static_cast<TensorId>(work_.tensors.size() - 1);
  }

  void give_own_weights(Operator& op) {
    for (auto* const ids : {&op.inputs, &op.outputs}) {
      for (TensorId& id : *ids) {
        const TensorRole role = work_.tensors[id].role;
        if (role == TensorRole::kWeight || role == TensorRole::kKvCache) {
          id = make(Tensor(work_.tensors[id]));
        }
      }
    }
  }

  void add(const Operator& op, const std::string& name) {
    work_.operators.push_back(op);
    work_.operators.back().name = name;
    enter_name(name);
  }

  void enter_name(const std::string& name) {
    const auto index = static_cast<std::uint32_t>(work_.operators.size() - 1);
    if (!index_of_.emplace(name, index).second) {
      throw InputError(fmt::format("duplicate name '{}'", name));
    }
  }

  Workload work_;
  std::map<std::string, std::uint32_t> index_of_;
};

}  // namespace

Workload build_workload(const Trace& trace) {
  return WorkloadBuilder(trace).take();
}

Trace trace_of(const Workload& workload) {
  Trace trace{workload.name, workload.warm_caches, {}};
  trace.rows.reserve(workload.operators.size());
  for (const Operator& op : workload.operators) {
    TraceRow row;
    row.op = op;
    row.op.inputs.clear();
    row.op.outputs.clear();
    row.op.depends_on.clear();
    for (const std::uint32_t index : op.depends_on) {
      row.depends_on.push_back(workload.operators.at(index).name);
    }
    if (op.kind == "rotary") {
      const Tensor& cache = workload.tensors.at(op.outputs.at(1));
      row.cache = {cache.rows, cache.dtype};
    }
    trace.rows.push_back(std::move(row));
  }
  return trace;
}

}  // namespace orrery
