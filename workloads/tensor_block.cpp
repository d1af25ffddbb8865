// SPDX-License-Identifier: Apache-2.0
#include "workloads/tensor_block.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sim/error.h"

namespace orrery {

const Tensor& operand(const Workload& workload,
                      const Operator& op,
                      const std::vector<TensorId>& ids,
                      std::size_t index) {
  const char* role = &ids == &op.outputs ? "output" : "input";
  if (index >= ids.size() || ids[index] >= workload.tensors.size()) {
    throw InputError(
        fmt::format("operator {}: {} {} of {} is missing", op.name, role, index + 1, op.kind));
  }
  const Tensor& tensor = workload.tensors[ids[index]];
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (tensor.rows > kMost || tensor.pitch_bytes() > kMost) {
    throw InputError(
        fmt::format("tensor {}: {} x {} is too large, expected less than 2^32 rows and bytes a row",
                    tensor.name, tensor.rows, tensor.columns));
  }
  return tensor;
}

const Tensor& operand_of_shape(const Workload& workload,
                               const Operator& op,
                               const std::vector<TensorId>& ids,
                               std::size_t index,
                               std::uint64_t rows,
                               std::uint64_t columns) {
  const Tensor& tensor = operand(workload, op, ids, index);
  if (tensor.rows < rows || tensor.columns < columns) {
    throw InputError(fmt::format("operator {}: tensor {} is {} x {}, expected at least {} x {}",
                                 op.name, tensor.name, tensor.rows, tensor.columns, rows, columns));
  }
  return tensor;
}

std::uint64_t workspace_address(const Workload& workload) {
  std::uint64_t end = 0;
  for (const Tensor& tensor : workload.tensors) {
    end = std::max(end, tensor.address + tensor.bytes());
  }
  return round_up(end, kTensorAlignmentBytes);
}

}  // namespace orrery
