// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/transfer.h"
#include "workloads/operator.h"

namespace orrery {

// Rows [first_row, first_row + rows) and columns [first_column, first_column + columns) of a
// tensor. Tensors have less than 2^32 rows; `operand` checks it.
inline Block tensor_block(const Tensor& tensor,
                          std::uint64_t first_row,
                          std::uint64_t rows,
                          std::uint64_t first_column,
                          std::uint64_t columns) {
  Block block;
  block.base_address = tensor.address;
  block.pitch_bytes = tensor.pitch_bytes();
  block.matrix_rows = static_cast<std::uint32_t>(tensor.rows);
  block.first_row = static_cast<std::uint32_t>(first_row);
  block.first_byte = bytes_of(tensor.dtype, first_column);
  block.rows = static_cast<std::uint32_t>(rows);
  block.row_bytes = static_cast<std::uint32_t>(bytes_of(tensor.dtype, columns));
  return block;
}

// `expected_reads` of data whose readers a kernel does not know.
inline constexpr std::uint32_t kManyReads = 0xffffffffU;

// The tensor `id` of an operator's list at `index`; throws InputError when the operator names too
// few tensors, or one that does not exist, or one whose rows or columns are more than a block can
// tell (2^32 - 1 rows, 2^32 - 1 bytes a row).
const Tensor& operand(const Workload& workload,
                      const Operator& op,
                      const std::vector<TensorId>& ids,
                      std::size_t index);

// As `operand`, and throws InputError unless it has at least `rows` and `columns`.
const Tensor& operand_of_shape(const Workload& workload,
                               const Operator& op,
                               const std::vector<TensorId>& ids,
                               std::size_t index,
                               std::uint64_t rows,
                               std::uint64_t columns);

// Where scratch data of a kernel may lie: the first aligned address above all tensors. Scratch
// lives for one operator, so all operators share the range.
std::uint64_t workspace_address(const Workload& workload);

}  // namespace orrery
