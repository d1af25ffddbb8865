// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_operators.h"
#include "workloads/attention_library.h"

namespace orrery {

std::vector<MeasuredCall> measured_attention(Workload& workload,
                                             const MeasuredRow& row,
                                             const ChipConfig& chip) {
  const AttentionShape& shape = std::get<AttentionShape>(row.shape);
  const Dtype dtype = *row.compute_dtype;
  const bool narrow = bits_of(dtype) < bits_of(Dtype::kBf16);
  const Dtype wide = narrow ? Dtype::kBf16 : dtype;
  const std::uint64_t tokens = shape.batch * shape.seq_q;
  const std::uint64_t columns = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
  workload.batch = shape.batch;  // how the rotary's rows divide into sequences
  const TensorId qkv =
      add_tensor(workload, {"qkv", tokens, columns, wide, TensorRole::kActivation});
  TensorId q = qkv;
  if (narrow) {  // the rotary would write it; it is as long as what the rotary writes in place
    q = add_tensor(workload,
                   {"q", tokens, shape.heads * shape.head_dim, dtype, TensorRole::kActivation});
  }
  const Tensor cache{"cache", shape.batch * shape.seq_kv, shape.kv_heads * shape.head_dim,
                     shape.kv_dtype, TensorRole::kKvCache};
  const TensorId k = add_tensor(workload, cache);
  const TensorId v = add_tensor(workload, cache);
  const TensorId y = add_tensor(
      workload, {"y", tokens, shape.heads * shape.head_dim, wide, TensorRole::kActivation});
  RowwiseShape rotary{RowwiseKind::kRotary, tokens, columns};
  rotary.heads = shape.heads;
  rotary.kv_heads = shape.kv_heads;
  rotary.head_dim = shape.head_dim;
  MeasuredCall call;
  if (!attention_applies_rotary(shape, chip)) {
    call.operators.push_back({"rotary", "rotary", rotary, wide, wide, {qkv}, {qkv, k, v}});
  }
  call.operators.push_back({"attention", "attention", shape, dtype, wide, {q, k, v}, {y}});
  return {call};
}

}  // namespace orrery
