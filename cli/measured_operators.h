// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "arch/chip_config.h"
#include "cli/measured_rows.h"
#include "workloads/operator.h"

namespace orrery {

// A measured call in the making: operators that run together, over tensors of a workload.
struct MeasuredCall {
  std::vector<Operator> operators;
  std::uint64_t flop() const { return operators.back().flop(); }
};

inline TensorId add_tensor(Workload& workload, Tensor tensor) {
  workload.tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(workload.tensors.size() - 1);
}

// The calls that take turns in a measurement, with their tensors added to the workload: one for
// each copy of the weights, or a single one (see measured_call.h).
std::vector<MeasuredCall> measured_gemm(Workload& workload,
                                        const MeasuredRow& row,
                                        const ChipConfig& chip);
std::vector<MeasuredCall> measured_attention(Workload& workload,
                                             const MeasuredRow& row,
                                             const ChipConfig& chip);

}  // namespace orrery
