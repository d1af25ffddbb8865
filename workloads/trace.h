// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/error.h"
#include "workloads/operator.h"
#include "workloads/operator_tensors.h"

// A list of operators as a user writes it, in CSV or YAML (docs/traces.md), and what it means.
namespace orrery {

// Operators of a trace, repetitions counted.
inline constexpr std::uint64_t kMaxTraceOperators = 1'000'000;

struct TraceRow {
  Operator op;        // name, kind, shape and dtypes; tensors and dependencies by index are empty
  RotaryCache cache;  // of a rotary
  std::vector<std::string> depends_on;  // names of earlier rows
  std::uint64_t repeat = 1;
  SourceLocation location;
};

struct Trace {
  std::string name;
  bool warm_caches = false;
  std::vector<TraceRow> rows;
};

// Operators with tensors and addresses. A row's input is the output of a row that it depends on
// where role, rows, columns and dtype agree (an attention's q also is a fused qkv); every other
// tensor is the operator's own. Repetitions of a row, "name#0", "name#1", ..., follow each other
// like the layers of a model: each has weights and KV caches of its own, all share the activations.
// Throws InputError at the row: an unknown or duplicate name, too many operators, a shape that
// check_operator() refuses.
Workload build_workload(const Trace& trace);

// Each operator as a row. Tensors that operators share beyond what build_workload() finds again
// (the activations that layers use in turn) are lost.
Trace trace_of(const Workload& workload);

}  // namespace orrery
