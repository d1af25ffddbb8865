// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/measured_operators.h"
#include "workloads/simulation.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostCopies = 5;

std::uint64_t copies_that_fit(const Workload& workload, const Tensor& w, std::uint64_t capacity) {
  const std::uint64_t others = memory_need(workload).total_bytes();
  const std::uint64_t left = capacity > others ? capacity - others : 0;
  const std::uint64_t each = w.bytes() + 2 * kTensorAlignmentBytes;
  return std::clamp<std::uint64_t>(left / each, 1, kMostCopies);
}

}  // namespace

// A call for each copy of the weights.
std::vector<MeasuredCall> measured_gemm(Workload& workload,
                                        const MeasuredRow& row,
                                        const ChipConfig& chip) {
  const GemmShape& shape = std::get<GemmShape>(row.shape);
  const Dtype dtype = *row.compute_dtype;
  const bool narrow = bits_of(dtype) < bits_of(Dtype::kBf16);
  Tensor given{"x", shape.m, shape.k, Dtype::kBf16, TensorRole::kActivation};
  given.dtype = narrow ? Dtype::kBf16 : dtype;
  const TensorId wide_x = add_tensor(workload, given);
  TensorId x = wide_x;
  if (narrow) {
    x = add_tensor(workload, {"x.narrow", shape.m, shape.k, dtype, TensorRole::kActivation});
  }
  const TensorId y =
      add_tensor(workload, {"y", shape.m, shape.n, given.dtype, TensorRole::kActivation});
  const Tensor w{"w", shape.n, shape.k, dtype, TensorRole::kWeight};
  const std::uint64_t copies = copies_that_fit(workload, w, chip.memory.capacity_bytes);
  std::vector<MeasuredCall> calls(copies);
  for (MeasuredCall& call : calls) {
    if (narrow) {
      call.operators.push_back({"quantize",
                                "quantize",
                                RowwiseShape{RowwiseKind::kQuantize, shape.m, shape.k},
                                given.dtype,
                                dtype,
                                {wide_x},
                                {x}});
    }
    call.operators.push_back(
        {"gemm", "gemm", shape, dtype, given.dtype, {x, add_tensor(workload, w)}, {y}});
  }
  return calls;
}

}  // namespace orrery
