// SPDX-License-Identifier: Apache-2.0
#include "workloads/model_expansion.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "sim/error.h"
#include "workloads/checked_math.h"
#include "workloads/operator_kind.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 2> kPhaseNames{"prefill", "decode"};

using Shape = std::variant<GemmShape, AttentionShape, RowwiseShape>;

std::string kind_name(const Shape& shape) {
  if (const auto* const rowwise = std::get_if<RowwiseShape>(&shape)) {
    return std::string(name_of(rowwise->kind));
  }
  return std::holds_alternative<GemmShape>(shape) ? "gemm" : "attention";
}

// Adds operators one after another and knows who wrote each tensor last.
class Expansion {
 public:
  Expansion(const ModelShape& model, const ModelRun& run) : model_(model), run_(run) {
    dtype_ = run.dtype.value_or(model.dtype);
    narrow_ = bits_of(dtype_) < 16;
    wide_dtype_ = narrow_ ? Dtype::kBf16 : dtype_;
    kv_dtype_ = run.kv_dtype.value_or(wide_dtype_);
    work_.name = model.name + "-" + std::string(name_of(run.phase));
    work_.phase = name_of(run.phase);
    work_.batch = run.batch;
    work_.context = run.context;
    work_.warm_caches = run.warm_caches;
    sequence_tokens_ = run.phase == Phase::kPrefill ? run.context : 1;
    cached_tokens_ = run.batch * run.context;
    tokens_ = run.batch * sequence_tokens_;
    work_.new_tokens = tokens_;
  }

  Workload run() {
    add_buffers();
    const TensorId table =
        tensor("embedding.table", model_.vocab, model_.hidden, wide_dtype_, TensorRole::kTable);
    RowwiseShape gather{RowwiseKind::kEmbedding, tokens_, model_.hidden};
    gather.table_rows = model_.vocab;
    add("embedding", gather, wide_dtype_, {table}, {residual_});
    for (std::uint64_t layer = 0; layer < model_.layers; ++layer) {
      add_layer(fmt::format("layer{}.", layer));
    }
    add_logits(table);
    for (const Operator& op : work_.operators) {
      check_operator(work_, op);
    }
    allocate_tensors(work_);
    return std::move(work_);
  }

 private:
  TensorId tensor(std::string name,
                  std::uint64_t rows,
                  std::uint64_t columns,
                  Dtype dtype,
                  TensorRole role = TensorRole::kActivation) {
    work_.tensors.push_back({std::move(name), rows, columns, dtype, role});
    last_writer_.emplace_back();
    return static_cast<TensorId>(work_.tensors.size() - 1);
  }

  void add_buffers() {
    residual_ = tensor("residual", tokens_, model_.hidden, wide_dtype_);
    normed_ = tensor("normed", tokens_, model_.hidden, wide_dtype_);
    qkv_ = tensor("qkv", tokens_, model_.qkv_columns(), wide_dtype_);
    attended_ = tensor("attended", tokens_, model_.heads * model_.head_dim, wide_dtype_);
    projected_ = tensor("projected", tokens_, model_.hidden, wide_dtype_);
    gate_up_ = tensor("gate_up", tokens_, 2 * model_.ffn, wide_dtype_);
    gated_ = tensor("gated", tokens_, model_.ffn, wide_dtype_);
  }

  void add(std::string name,
           const Shape& shape,
           Dtype dtype,
           std::vector<TensorId> inputs,
           std::vector<TensorId> outputs) {
    Operator op;
    op.name = std::move(name);
    op.kind = kind_name(shape);
    op.shape = shape;
    op.dtype = dtype;
    op.output_dtype = work_.tensors[outputs.front()].dtype;
    for (const TensorId input : inputs) {
      if (last_writer_[input]) {
        op.depends_on.push_back(*last_writer_[input]);
      }
    }
    std::sort(op.depends_on.begin(), op.depends_on.end());
    op.depends_on.erase(std::unique(op.depends_on.begin(), op.depends_on.end()),
                        op.depends_on.end());
    for (const TensorId output : outputs) {
      last_writer_[output] = static_cast<std::uint32_t>(work_.operators.size());
    }
    op.inputs = std::move(inputs);
    op.outputs = std::move(outputs);
    work_.operators.push_back(std::move(op));
  }

  void add_norm(const std::string& name) {
    const TensorId weight =
        tensor(name + ".weight", 1, model_.hidden, wide_dtype_, TensorRole::kWeight);
    add(name, RowwiseShape{model_.norm, tokens_, model_.hidden}, wide_dtype_, {residual_, weight},
        {normed_});
  }

  // y = x w^T with a weight of its own, behind a quantize where the weights are narrow.
  void add_gemm(const std::string& name, TensorId x, TensorId y) {
    const std::uint64_t k = work_.tensors[x].columns;
    const std::uint64_t n = work_.tensors[y].columns;
    if (narrow_) {
      x = add_quantize(name, x);
    }
    const TensorId w = tensor(name + ".weight", n, k, dtype_, TensorRole::kWeight);
    add(name, GemmShape{1, tokens_, n, k}, dtype_, {x, w}, {y});
  }

  TensorId add_quantize(const std::string& name, TensorId x) {
    const std::uint64_t columns = work_.tensors[x].columns;
    const auto same = [&](const auto& entry) { return entry.first == columns; };
    auto narrow = std::find_if(narrow_copies_.begin(), narrow_copies_.end(), same);
    if (narrow == narrow_copies_.end()) {
      const TensorId copy = tensor(fmt::format("quantized{}", columns), tokens_, columns, dtype_);
      narrow = narrow_copies_.insert(narrow_copies_.end(), {columns, copy});
    }
    add(name + ".quantize", RowwiseShape{RowwiseKind::kQuantize, tokens_, columns}, wide_dtype_,
        {x}, {narrow->second});
    return narrow->second;
  }

  void add_residual(const std::string& name) {
    add(name, RowwiseShape{RowwiseKind::kResidualAdd, tokens_, model_.hidden}, wide_dtype_,
        {residual_, projected_}, {residual_});
  }

  void add_layer(const std::string& layer) {
    add_norm(layer + "attention_norm");
    add_gemm(layer + "qkv", normed_, qkv_);
    add_attention(layer);
    add_gemm(layer + "o", attended_, projected_);
    add_residual(layer + "attention_add");
    add_norm(layer + "ffn_norm");
    add_gemm(layer + "gate_up", normed_, gate_up_);
    add(layer + std::string(name_of(model_.gate)), RowwiseShape{model_.gate, tokens_, model_.ffn},
        wide_dtype_, {gate_up_}, {gated_});
    add_gemm(layer + "down", gated_, projected_);
    add_residual(layer + "ffn_add");
  }

  void add_attention(const std::string& layer) {
    const std::uint64_t kv_columns = model_.kv_heads * model_.head_dim;
    const TensorId k_cache =
        tensor(layer + "k_cache", cached_tokens_, kv_columns, kv_dtype_, TensorRole::kKvCache);
    const TensorId v_cache =
        tensor(layer + "v_cache", cached_tokens_, kv_columns, kv_dtype_, TensorRole::kKvCache);
    RowwiseShape rotary{RowwiseKind::kRotary, tokens_, model_.qkv_columns()};
    rotary.heads = model_.heads;
    rotary.kv_heads = model_.kv_heads;
    rotary.head_dim = model_.head_dim;
    add(layer + "rotary", rotary, wide_dtype_, {qkv_}, {qkv_, k_cache, v_cache});
    add(layer + "attention",
        AttentionShape{run_.batch, sequence_tokens_, run_.context, model_.heads, model_.kv_heads,
                       model_.head_dim, true, kv_dtype_},
        wide_dtype_, {qkv_, k_cache, v_cache}, {attended_});
  }

  void add_logits(TensorId table) {
    add_norm("final_norm");
    TensorId last = normed_;
    if (tokens_ != run_.batch) {
      last = tensor("last_rows", run_.batch, model_.hidden, wide_dtype_);
      last_writer_[last] = last_writer_[normed_];
    }
    const TensorId w = model_.tie_embeddings ? table
                                             : tensor("logits.weight", model_.vocab, model_.hidden,
                                                      wide_dtype_, TensorRole::kWeight);
    const TensorId logits = tensor("logits", run_.batch, model_.vocab, wide_dtype_);
    add("logits", GemmShape{1, run_.batch, model_.vocab, model_.hidden}, wide_dtype_, {last, w},
        {logits});
  }

  const ModelShape& model_;
  const ModelRun& run_;
  Dtype dtype_ = Dtype::kBf16;
  bool narrow_ = false;
  Dtype wide_dtype_ = Dtype::kBf16;  // of everything that is not a narrow weight or its operand
  Dtype kv_dtype_ = Dtype::kBf16;
  std::uint64_t sequence_tokens_ = 0;  // new ones of one sequence
  std::uint64_t tokens_ = 0;           // new ones of all
  std::uint64_t cached_tokens_ = 0;    // of all sequences, the new ones counted in
  TensorId residual_ = 0, normed_ = 0, qkv_ = 0, attended_ = 0, projected_ = 0, gate_up_ = 0,
           gated_ = 0;
  std::vector<std::pair<std::uint64_t, TensorId>> narrow_copies_;  // by columns
  std::vector<std::optional<std::uint32_t>> last_writer_;          // by tensor
  Workload work_;
};

}  // namespace

std::string_view name_of(Phase phase) {
  return kPhaseNames[static_cast<std::size_t>(phase)];
}

std::optional<Phase> phase_from(std::string_view name) {
  for (std::size_t i = 0; i < kPhaseNames.size(); ++i) {
    if (kPhaseNames[i] == name) {
      return static_cast<Phase>(i);
    }
  }
  return std::nullopt;
}

Workload expand(const ModelShape& model, const ModelRun& run) {
  if (run.batch == 0 || run.context == 0) {
    throw InputError(fmt::format("{}: batch {} and context {} must be at least 1", model.name,
                                 run.batch, run.context));
  }
  if (!checked_product({run.batch, run.context})) {
    throw InputError(fmt::format("{}: batch {} x context {} tokens exceed 64 bits", model.name,
                                 run.batch, run.context));
  }
  if (model.sliding_window != 0 && run.context > model.sliding_window) {
    throw InputError(
        fmt::format("{}: a context of {} tokens exceeds the model's sliding window of "
                    "{}, which is not modelled",
                    model.name, run.context, model.sliding_window));
  }
  return Expansion(model, run).run();
}

}  // namespace orrery
