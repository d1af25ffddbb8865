// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_call.h"

#include <iterator>

#include "cli/measured_operators.h"
#include "sim/error.h"
#include "workloads/simulation.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

constexpr std::uint64_t kFlopOfOneCall = 500'000'000'000;

// What the calls before left behind: the oldest first.
void warm(Chip& chip, const Workload& workload, const std::vector<MeasuredCall>& calls) {
  for (const MeasuredCall& call : calls) {  // the first call's weights are the oldest
    const TensorId own = call.operators.back().inputs[1];
    if (workload.tensors[own].role == TensorRole::kWeight) {
      chip.preload(whole_tensor(workload.tensors[own]), false);
    }
  }
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.role != TensorRole::kWeight) {
      chip.preload(whole_tensor(tensor), tensor.name == "y");
    }
  }
}

Femtoseconds run_call(Chip& chip,
                      const Workload& workload,
                      const MeasuredCall& call,
                      const TileOverride& tile,
                      CallExplanation& explanation) {
  explanation = {};
  std::vector<std::unique_ptr<Kernel>> kernels;
  for (const Operator& op : call.operators) {
    const bool last = &op == &call.operators.back();
    LoweredOperator lowered = lower(workload, op, chip.config(), last ? tile : TileOverride{});
    explanation.add(lowered, chip.config());
    std::move(lowered.kernels.begin(), lowered.kernels.end(), std::back_inserter(kernels));
  }
  const OperatorRun run = chip.run(kernels);
  explanation.split = run.split;
  return run.duration_fs();
}

}  // namespace

Femtoseconds measured_call_fs(Chip& chip,
                              const MeasuredRow& row,
                              const TileOverride& tile,
                              CallExplanation* explanation) {
  if (!row.compute_dtype) {
    throw InputError("no such dtype: " + row.dtype);
  }
  Workload workload;
  workload.name = row.text();
  const bool gemm = std::holds_alternative<GemmShape>(row.shape);
  const std::vector<MeasuredCall> calls = gemm ? measured_gemm(workload, row, chip.config())
                                               : measured_attention(workload, row, chip.config());
  check_fits(workload, chip.config().memory.capacity_bytes);
  allocate_tensors(workload);
  chip.forget_data();
  warm(chip, workload, calls);
  const std::uint64_t count = calls.front().flop() > kFlopOfOneCall ? 1 : 2;
  CallExplanation last;
  Femtoseconds sum_fs = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    sum_fs += run_call(chip, workload, calls[i % calls.size()], tile, last);
  }
  if (explanation != nullptr) {
    *explanation = std::move(last);
  }
  return sum_fs / count;
}

}  // namespace orrery
