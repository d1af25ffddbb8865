// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "arch/program.h"
#include "workloads/attention_tile.h"
#include "workloads/kv_layout.h"
#include "workloads/operator.h"

namespace orrery {

// What one tile task computes: queries [first_query, +queries) of heads [first_head, +heads) of one
// sequence, all in the KV group `kv_head`, against keys [first_key, end_key).
struct AttentionTask {
  std::uint64_t sequence = 0;
  std::uint64_t kv_head = 0;
  std::uint64_t first_head = 0;
  std::uint64_t heads = 1;
  std::uint64_t first_query = 0;
  std::uint64_t queries = 0;
  std::uint64_t first_key = 0;
  std::uint64_t end_key = 0;
  std::uint64_t split = 0;

  std::uint64_t rows() const { return queries * heads; }
};

// The operands of an attention operator on their way into kernels; checked by
// `attention_operands`.
struct AttentionOperands {
  AttentionShape shape;
  Tensor query;
  KvLayout keys;
  KvLayout values;
  Tensor output;

  // Query i sees keys [0, visible_keys(i)).
  std::uint64_t visible_keys(std::uint64_t i) const {
    return shape.causal ? shape.seq_kv - shape.seq_q + i + 1 : shape.seq_kv;
  }
  // Pairs of one head that attention asks for: queries [q0, q1) against keys [k0, k1).
  std::uint64_t pairs(std::uint64_t q0, std::uint64_t q1, std::uint64_t k0, std::uint64_t k1) const;
  Block query_block(const AttentionTask& task) const;
  Block output_block(const AttentionTask& task) const;
};

// Throws InputError when shapes and tensors do not fit together.
AttentionOperands attention_operands(const Workload& workload, const Operator& op);

// Fused attention: the grid is up to the derived kernel, the program to the tile. In the usual one
// the tensor stream is software-pipelined, S_0; S_1, PV_0; S_2, PV_1; ..., so that the softmax of
// one block overlaps the multiplications of its neighbours. The other is that of
// workloads/attention_ping_pong_program.h.
class AttentionKernel : public Kernel {
 public:
  AttentionKernel(std::string name, const AttentionOperands& operands, const AttentionTile& tile)
      : name_(std::move(name)), operands_(operands), tile_(tile) {}

  virtual AttentionTask task(std::uint64_t index) const = 0;
  virtual Block output_block(const AttentionTask& task) const {
    return operands_.output_block(task);
  }
  // How many tasks read the block of keys that starts at `first_key`.
  virtual std::uint32_t reads_of_key_block(std::uint64_t first_key) const = 0;

  const AttentionOperands& operands() const { return operands_; }
  const AttentionTile& tile() const { return tile_; }

  // Tasks after which those of the grid repeat.
  virtual std::uint64_t period_tasks() const = 0;

  const std::string& name() const override { return name_; }
  std::uint32_t contexts_per_core() const override { return tile_.contexts; }
  std::uint32_t tasks_in_flight() const override { return tile_.prefetch ? 2 : 1; }
  Femtoseconds task_setup_fs() const override { return tile_.task_setup_fs; }
  std::uint64_t scratchpad_bytes() const override { return tile_.scratchpad_bytes(); }
  std::uint64_t accumulator_bytes() const override {
    return tile_.ping_pong ? 0 : tile_.accumulator_bytes();  // a library's kernel is known to fit
  }
  KernelPeriod period() const override;
  std::uint64_t useful_flop(std::uint64_t first, std::uint64_t count) const override;
  // Of one of the two multiplications with keys [first_key, end_key).
  std::uint64_t useful_flop(const AttentionTask& task,
                            std::uint64_t first_key,
                            std::uint64_t end_key) const;
  std::unique_ptr<CoreProgram> make_program(std::uint32_t rank) const override;

 private:
  std::string name_;
  AttentionOperands operands_;
  AttentionTile tile_;
};

}  // namespace orrery
