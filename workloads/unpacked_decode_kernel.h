// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "workloads/attention_decode_kernel.h"

namespace orrery {

// Decode with a thread block for each query head and split of the keys, on the vector lanes (the
// masked multi-head attention of TensorRT-LLM): all keys of the split first, then the softmax, then
// all values, each in rounds that the registers of the block hold. Query heads of a group each read
// their keys and values. Rotary and append of the new token are part of the task's set-up; their
// few bytes are left out.
//
// Vector operations, per element of K and of V, at the rate of packed pairs, which is that of
// issue: 8 for each that goes through the unrolled loops (addresses, predicates) and 10 more for
// each that is there (convert, fused multiply-add, sums over lanes). Fitted: where heads share
// keys, so that L2 feeds them, a core of A100, H100, H200 and B200 does 12.5 to 14 elements a clock
// alike, of 16 bits or 8. Per key 1 exp, 3 others; a reciprocal and 2 operations an element of O at
// the end.
class UnpackedDecodeKernel : public Kernel {
 public:
  struct Plan {
    DecodeGrid grid;               // one head each
    std::uint64_t round_keys = 2;  // that its registers hold; they are loaded by halves
    std::uint64_t unrolled = 1;    // of them, by one thread
    std::uint32_t contexts = 1;
    Femtoseconds task_setup_fs = 0;
  };

  UnpackedDecodeKernel(std::string name,
                       const AttentionOperands& operands,
                       const Plan& plan,
                       const Tensor& partial)
      : name_(std::move(name)), operands_(operands), plan_(plan), partial_(partial) {}

  AttentionTask task(std::uint64_t index) const;
  Block output_block(const AttentionTask& task) const;
  const AttentionOperands& operands() const { return operands_; }
  const Plan& plan() const { return plan_; }

  const std::string& name() const override { return name_; }
  std::uint64_t task_count() const override { return plan_.grid.tasks(); }
  std::uint32_t contexts_per_core() const override { return plan_.contexts; }
  Femtoseconds task_setup_fs() const override { return plan_.task_setup_fs; }
  KernelPeriod period() const override { return {operands_.shape.heads, 0, 1}; }
  std::uint64_t useful_flop(std::uint64_t first, std::uint64_t count) const override;
  std::uint64_t scratchpad_bytes() const override { return 0; }  // rounds are in registers
  std::uint64_t accumulator_bytes() const override { return 0; }
  std::unique_ptr<CoreProgram> make_program(std::uint32_t rank) const override;

 private:
  std::string name_;
  AttentionOperands operands_;
  Plan plan_;
  Tensor partial_;
};

}  // namespace orrery
