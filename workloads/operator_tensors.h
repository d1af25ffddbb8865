// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "workloads/operator.h"

namespace orrery {

// What a rotary writes beside its qkv; its shape does not tell.
struct RotaryCache {
  std::uint64_t rows = 0;  // tokens of all sequences, old and new
  Dtype dtype = Dtype::kBf16;
};

// The tensors an operator by itself needs, as the table in operator.h has them, named after it. A
// rotary's first output is its first input.
struct OperatorTensors {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

// Throws InputError, naming the shape, when 64 bits do not hold a number of rows or columns.
OperatorTensors tensors_for(const Operator& op, const RotaryCache& cache = {});

}  // namespace orrery
