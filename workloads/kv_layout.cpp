// SPDX-License-Identifier: Apache-2.0
#include "workloads/kv_layout.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/error.h"

namespace orrery {

KvLayout::KvLayout(const Tensor& tensor,
                   std::uint64_t batch,
                   std::uint64_t kv_heads,
                   std::uint64_t head_dim,
                   std::uint64_t tokens)
    : address_(tensor.address),
      pitch_bytes_(tensor.pitch_bytes()),
      rows_(tensor.rows),
      kv_heads_(kv_heads),
      head_dim_(head_dim),
      dtype_(tensor.dtype),
      token_major_(head_dim != 0 && tensor.columns % head_dim == 0 &&
                   tensor.columns / head_dim == kv_heads) {
  if (!token_major_ && tensor.columns != head_dim) {
    throw InputError(fmt::format(
        "tensor {}: has {} columns, expected {} or {} x {} for a cache of keys or values",
        tensor.name, tensor.columns, head_dim, kv_heads, head_dim));
  }
  const std::uint64_t sequences = token_major_ ? batch : batch * kv_heads;
  capacity_ = sequences == 0 ? 0 : rows_ / sequences;
  if (capacity_ < tokens) {
    throw InputError(fmt::format("tensor {}: has room for {} tokens a sequence, expected {}",
                                 tensor.name, capacity_, tokens));
  }
}

Block KvLayout::block(std::uint64_t sequence,
                      std::uint64_t first_head,
                      std::uint64_t heads,
                      std::uint64_t first_token,
                      std::uint64_t tokens) const {
  const std::uint64_t stretch = token_major_ ? sequence : sequence * kv_heads_ + first_head;
  Block block;
  block.base_address = address_;
  block.pitch_bytes = pitch_bytes_;
  block.matrix_rows = static_cast<std::uint32_t>(rows_);
  block.first_row = static_cast<std::uint32_t>(stretch * capacity_ + first_token);
  block.first_byte = token_major_ ? bytes_of(dtype_, first_head * head_dim_) : 0;
  block.rows = static_cast<std::uint32_t>(tokens);
  block.row_bytes = static_cast<std::uint32_t>(bytes_of(dtype_, heads * head_dim_));
  return block;
}

Block KvLayout::whole_block(std::uint64_t sequence,
                            std::uint64_t head,
                            std::uint64_t first_token,
                            std::uint64_t tokens) const {
  Block whole = block(sequence, head, 1, first_token, std::min(tokens, rows_));
  whole.first_row = std::min(whole.first_row, whole.matrix_rows - whole.rows);
  return whole;
}

}  // namespace orrery
