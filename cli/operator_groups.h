// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/operator.h"

namespace orrery {

// Operators of a workload that do the same work on data of the same form, wherever they stand.
struct OperatorGroup {
  std::size_t first = 0;  // index of the first of them
  std::size_t count = 0;
  std::string shape;  // "gemm 1x4096x4096"
  std::string dtype;  // "bf16", "fp8 -> bf16", "bf16, kv fp8"
  // Of one of them: what the shape asks for, whatever the chip.
  std::uint64_t flop = 0;
  std::uint64_t input_bytes = 0;   // of its input tensors; of a rotary's cache nothing
  std::uint64_t output_bytes = 0;  // of its output tensors; of a rotary's cache the new rows
};

// In the order of their first operator.
std::vector<OperatorGroup> operator_groups(const Workload& workload);

}  // namespace orrery
