// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arch/chip_config.h"
#include "tests/support/systemc_test.h"
#include "workloads/simulation.h"
#include "workloads/tensor_allocator.h"

// Operators of their own, run on a whole chip that lives for one run.
namespace orrery {

inline const std::string kConfigFolder = std::string(ORRERY_SOURCE_DIR) + "/configs";

inline Tensor tensor_of(const std::string& name,
                        std::uint64_t rows,
                        std::uint64_t columns,
                        Dtype dtype,
                        TensorRole role = TensorRole::kActivation) {
  Tensor tensor;
  tensor.name = name;
  tensor.rows = rows;
  tensor.columns = columns;
  tensor.dtype = dtype;
  tensor.role = role;
  return tensor;
}

inline Workload gemm_workload(const GemmShape& shape,
                              Dtype dtype = Dtype::kBf16,
                              Dtype output = Dtype::kBf16) {
  Workload workload;
  workload.name = "gemm";
  workload.tensors = {tensor_of("x", shape.batch * shape.m, shape.k, dtype),
                      tensor_of("w", shape.batch * shape.n, shape.k, dtype, TensorRole::kWeight),
                      tensor_of("y", shape.batch * shape.m, shape.n, output)};
  Operator op;
  op.name = op.kind = "gemm";
  op.shape = shape;
  op.dtype = dtype;
  op.output_dtype = output;
  op.inputs = {0, 1};
  op.outputs = {2};
  workload.operators = {op};
  allocate_tensors(workload);
  return workload;
}

inline Workload rowwise_workload(RowwiseKind kind,
                                 const std::string& name,
                                 std::uint64_t rows,
                                 std::uint64_t columns) {
  const bool gate = kind == RowwiseKind::kSiluGate || kind == RowwiseKind::kGeluGate;
  Workload workload;
  workload.name = name;
  workload.tensors = {tensor_of("x", rows, gate ? 2 * columns : columns, Dtype::kBf16),
                      tensor_of("weight", 1, columns, Dtype::kBf16, TensorRole::kWeight),
                      tensor_of("y", rows, columns, Dtype::kBf16)};
  Operator op;
  op.name = op.kind = name;
  RowwiseShape shape;
  shape.kind = kind;
  shape.rows = rows;
  shape.columns = columns;
  op.shape = shape;
  op.inputs = gate ? std::vector<TensorId>{0} : std::vector<TensorId>{0, 1};
  op.outputs = {2};
  workload.operators = {op};
  allocate_tensors(workload);
  return workload;
}

struct ChipRun {
  SimulationResult result;
  std::vector<std::pair<std::string, std::uint64_t>> counters;
};

// On a chip and a SystemC kernel of its own, from empty caches.
inline ChipRun run_on(const ChipConfig& config,
                      const Workload& workload,
                      const SimulationOptions& options = {},
                      std::uint64_t order_seed = 0) {
  const FreshKernel kernel;
  Chip chip("chip", config, nullptr, order_seed);
  ChipRun run;
  run.result = simulate(chip, workload, options);
  for (const CounterEntry& entry : chip.counters().entries()) {
    run.counters.emplace_back(entry.path, entry.counter->value());
  }
  return run;
}

}  // namespace orrery
