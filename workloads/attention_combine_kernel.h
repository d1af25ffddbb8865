// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/attention_decode_kernel.h"
#include "workloads/chunk_kernel.h"

namespace orrery {

// Joins the partial results of attention with split keys: for each row (head and query) the maximum
// over its splits, exp(own maximum - maximum) of each, and the weighted sum. Vector operations: 1
// fused multiply-add per split and element of O, 1 multiply and 1 convert per element at the end; a
// compare, a fused multiply-add and an exp per split, a reciprocal per row.
// A chunk is one head of one sequence with all its queries.
class AttentionCombineKernel : public ChunkKernel {
 public:
  AttentionCombineKernel(const std::string& name,
                         const AttentionOperands& operands,
                         const DecodeGrid& grid,
                         const Tensor& partial,
                         const CoreConfig& core,
                         bool continues = false);

  bool continues() const override { return continues_; }
  Chunk chunk(std::uint64_t index) const override;

 private:
  static Plan plan_of(const std::string& name,
                      const AttentionShape& shape,
                      const Tensor& partial,
                      const CoreConfig& core);

  AttentionOperands operands_;
  DecodeGrid grid_;
  Tensor partial_;
  bool continues_;  // the blocks that computed the parts join them, in the same launch
};

}  // namespace orrery
