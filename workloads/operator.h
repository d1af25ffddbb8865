// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/dtype.h"

// The nodes of a workload. Shapes are in elements; what is read and written is told by tensors,
// so that data which an operator leaves behind in shared memory is found by the next.
namespace orrery {

using TensorId = std::uint32_t;

enum class TensorRole : std::uint8_t { kWeight, kActivation, kKvCache, kTable };

// A matrix [rows, columns], row-major, rows padded to a whole number of 16 bytes.
struct Tensor {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  Dtype dtype = Dtype::kBf16;
  TensorRole role = TensorRole::kActivation;
  std::uint64_t address = 0;  // set by allocate_tensors()
  // Both throw InputError, naming the shape, when 64 bits do not hold the product.
  std::uint64_t pitch_bytes() const;
  std::uint64_t bytes() const;
};

// y[b][m, n] = x[b][m, k] w[b][n, k]^T for b in 0..batch. Batches lie below each other in the
// tensors (rows b*m and b*n). With `gated`, w has 2n rows and y = act(x w_gate^T) * (x w_up^T) is
// NOT fused: gating is an operator of its own.
struct GemmShape {
  std::uint64_t batch = 1, m = 0, n = 0, k = 0;
};

// Fused softmax(q k^T / sqrt(head_dim)) v. q: [batch*seq_q, heads*head_dim] (a column range of
// the fused qkv tensor); k and v: the cache. Causal: query i sees keys up to seq_kv - seq_q + i.
struct AttentionShape {
  std::uint64_t batch = 1, seq_q = 0, seq_kv = 0, heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = true;
  Dtype kv_dtype = Dtype::kBf16;
};

enum class RowwiseKind : std::uint8_t {
  kRmsNorm,
  kLayerNorm,
  kSiluGate,  // y[r, c] = silu(x[r, c]) * x[r, columns + c]: input is twice as wide
  kGeluGate,
  kResidualAdd,  // y = a + b
  kRotary,       // rotates q and k of the fused qkv in place and appends k, v to the cache
  kEmbedding,    // y[r] = table[token[r]], tokens drawn uniformly by the seed
  kQuantize,     // y = narrow(x), with a scale per row
};

// Operators that work row by row: `rows` x `columns` of the output.
struct RowwiseShape {
  RowwiseKind kind = RowwiseKind::kRmsNorm;
  std::uint64_t rows = 0, columns = 0;
  std::uint64_t table_rows = 0;                         // kEmbedding
  std::uint64_t heads = 0, kv_heads = 0, head_dim = 0;  // kRotary
};

// Tensors by kind. Layouts are [rows, columns]; T is the number of new tokens, S that of all tokens
// whose keys and values are kept, new ones included: batch * seq_kv.
//
//   kind                    inputs                                     outputs
//   gemm, batched_gemm      x [b*m, k], w [b*n, k]                     y [b*m, n]
//   attention               q, k cache, v cache                        y [T, heads*head_dim]
//   rms_norm, layer_norm    x [rows, columns], weight [1, columns]     y [rows, columns]
//   silu_gate, gelu_gate    x [rows, 2*columns]                        y [rows, columns]
//   residual_add            a, b [rows, columns]                       y, often a itself: in place
//   rotary                  qkv                                        qkv (in place), k cache,
//                                                                      v cache (T rows of S)
//   embedding               table [table_rows, columns]                y [rows, columns]
//   quantize                x [rows, columns] in `dtype`               y in `output_dtype`
//
// qkv is [T, (heads + 2*kv_heads)*head_dim], columns q, then k, then v; the q of an attention is
// such a tensor, of which it reads the first heads*head_dim columns, or one of just these columns.
// A cache is [S, kv_heads*head_dim] in the kv_dtype: a sequence's tokens are rows one after
// another, sequences follow each other, head h is a range of columns.
// A layer_norm's weight is [2, columns]: scale and shift.
struct Operator {
  std::string name;  // "layer3.qkv"
  std::string kind;  // "gemm", "batched_gemm", "attention", "rms_norm", ... as in traces and tables
  std::variant<GemmShape, AttentionShape, RowwiseShape> shape;
  Dtype dtype = Dtype::kBf16;  // of the inputs and the arithmetic of the tensor unit
  Dtype output_dtype = Dtype::kBf16;
  std::vector<TensorId> inputs = {};  // gemm: x, w; see above
  std::vector<TensorId> outputs = {};
  std::vector<std::uint32_t> depends_on = {};  // indices of earlier operators

  // 2bmnk for a GEMM; 4*head_dim for each head and unmasked pair of query and key; 0 for rowwise
  // kinds. Throws InputError, naming the shape, when 64 bits do not hold it.
  std::uint64_t flop() const;
};

// A list of operators in an order that respects dependencies, and their tensors.
struct Workload {
  std::string name;
  std::string phase;                                     // "prefill", "decode" or ""
  std::uint64_t batch = 0, new_tokens = 0, context = 0;  // 0 where it has no meaning
  std::vector<Tensor> tensors;
  std::vector<Operator> operators;
  bool warm_caches = false;  // the inputs may lie in shared memory when the first operator starts
  std::string source_text;   // the resolved file, stored in the result
};

}  // namespace orrery
