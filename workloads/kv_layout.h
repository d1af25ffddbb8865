// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/transfer.h"
#include "workloads/operator.h"

namespace orrery {

// Where the keys (or values) of a cache tensor lie. Two layouts are told apart by the columns:
//   token-major  [batch * capacity, kv_heads * head_dim]: a head is a range of columns
//   head-major   [batch * kv_heads * capacity, head_dim]: a head's tokens are rows of their own
// With one head they are the same. The capacity (tokens that a sequence has room for) follows from
// the rows.
class KvLayout {
 public:
  // Throws InputError, naming the tensor, when it has neither layout or does not hold `tokens`.
  KvLayout(const Tensor& tensor,
           std::uint64_t batch,
           std::uint64_t kv_heads,
           std::uint64_t head_dim,
           std::uint64_t tokens);

  // Tokens [first, first + count) of `heads` neighbouring heads; more than one head only where
  // they lie side by side.
  Block block(std::uint64_t sequence,
              std::uint64_t first_head,
              std::uint64_t heads,
              std::uint64_t first_token,
              std::uint64_t tokens) const;

  // The same, but moved back where it would end beyond the tensor, or cut to all of it: what a
  // kernel fetches that takes whole blocks, however many tokens there are.
  Block whole_block(std::uint64_t sequence,
                    std::uint64_t head,
                    std::uint64_t first_token,
                    std::uint64_t tokens) const;

  bool heads_side_by_side() const { return token_major_; }
  std::uint64_t capacity() const { return capacity_; }
  Dtype dtype() const { return dtype_; }

 private:
  std::uint64_t address_;
  std::uint64_t pitch_bytes_;
  std::uint64_t rows_;
  std::uint64_t kv_heads_;
  std::uint64_t head_dim_;
  std::uint64_t capacity_ = 0;
  Dtype dtype_;
  bool token_major_;
};

}  // namespace orrery
