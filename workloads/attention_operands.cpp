// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "sim/error.h"
#include "workloads/attention_program.h"
#include "workloads/tensor_block.h"

namespace orrery {

std::uint64_t AttentionOperands::pairs(std::uint64_t q0,
                                       std::uint64_t q1,
                                       std::uint64_t k0,
                                       std::uint64_t k1) const {
  if (!shape.causal) {
    return (q1 - q0) * (k1 - k0);
  }
  // Queries are of three kinds, in order: those that see none of the keys, those that see one more
  // each, and those that see all.
  const std::uint64_t before = shape.seq_kv - shape.seq_q;
  const std::uint64_t first_seeing = std::clamp(k0 > before ? k0 - before : 0, q0, q1);
  const std::uint64_t first_whole = std::clamp(k1 > before ? k1 - before - 1 : 0, first_seeing, q1);
  const std::uint64_t rising = first_whole - first_seeing;
  std::uint64_t sum = (q1 - first_whole) * (k1 - k0);
  if (rising > 0) {
    const std::uint64_t least = visible_keys(first_seeing) - k0;
    sum += rising * least + rising * (rising - 1) / 2;
  }
  return sum;
}

Block AttentionOperands::query_block(const AttentionTask& task) const {
  return tensor_block(query, task.sequence * shape.seq_q + task.first_query, task.queries,
                      task.first_head * shape.head_dim, task.heads * shape.head_dim);
}

Block AttentionOperands::output_block(const AttentionTask& task) const {
  return tensor_block(output, task.sequence * shape.seq_q + task.first_query, task.queries,
                      task.first_head * shape.head_dim, task.heads * shape.head_dim);
}

AttentionOperands attention_operands(const Workload& workload, const Operator& op) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  if (shape.batch == 0 || shape.seq_q == 0 || shape.seq_kv == 0 || shape.kv_heads == 0 ||
      shape.head_dim == 0 || shape.heads == 0 || shape.heads % shape.kv_heads != 0) {
    throw InputError(fmt::format(
        "operator {}: attention of batch {}, seq_q {}, seq_kv {}, heads {}, kv_heads {}, head_dim "
        "{}: sizes must be positive and heads a multiple of kv_heads",
        op.name, shape.batch, shape.seq_q, shape.seq_kv, shape.heads, shape.kv_heads,
        shape.head_dim));
  }
  if (shape.causal && shape.seq_q > shape.seq_kv) {
    throw InputError(fmt::format(
        "operator {}: seq_q {} exceeds seq_kv {}; with causal attention the keys include those of "
        "the queries",
        op.name, shape.seq_q, shape.seq_kv));
  }
  op.flop();  // refuses shapes that overflow, so that sums below need no checks
  const std::uint64_t rows = shape.batch * shape.seq_q;
  const std::uint64_t columns = shape.heads * shape.head_dim;
  const Tensor& keys = operand(workload, op, op.inputs, 1);
  const Tensor& values = operand(workload, op, op.inputs, 2);
  return {shape, operand_of_shape(workload, op, op.inputs, 0, rows, columns),
          KvLayout(keys, shape.batch, shape.kv_heads, shape.head_dim, shape.seq_kv),
          KvLayout(values, shape.batch, shape.kv_heads, shape.head_dim, shape.seq_kv),
          operand_of_shape(workload, op, op.outputs, 0, rows, columns)};
}

}  // namespace orrery
