// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "workloads/model.h"
#include "workloads/operator.h"

// One step of a model as a list of operators, as serving engines run it:
//
//   embedding; per layer: rms_norm, gemm of q, k and v together, rotary (which appends to the KV
//   cache), attention, gemm, residual_add, rms_norm, gemm of gate and up together, gate, gemm,
//   residual_add; then rms_norm and the gemm to the logits.
//
// Prefill takes the whole prompt of each sequence; logits are made for the last token of each (the
// copy of these rows is not an operator: it moves some kilobytes). Decode makes one token a
// sequence against a cache that already holds the tokens before it.
//
// Weights and KV caches are distinct per layer. Activations are a few buffers that all layers use
// in turn; the residual stream is one tensor that both additions of a layer change in place.
//
// With a dtype narrower than 16 bits (fp8, mx9, ...) weights are stored in it and each gemm's
// input passes through `quantize`; norms, attention, residual stream and logits stay in bf16.
namespace orrery {

enum class Phase : std::uint8_t { kPrefill, kDecode };
std::string_view name_of(Phase phase);
std::optional<Phase> phase_from(std::string_view name);

struct ModelRun {
  Phase phase = Phase::kPrefill;
  std::uint64_t batch = 1;
  // Tokens of each sequence that attention reads: the prompt's length in prefill; in decode the
  // cached tokens with the new one counted in.
  std::uint64_t context = 2048;
  std::optional<Dtype> dtype = {};     // of weights and gemms; none: as the model is published
  std::optional<Dtype> kv_dtype = {};  // none: as the activations
  bool warm_caches = false;
};

// Throws InputError when sizes exceed what check_operator() allows, or when the context is longer
// than the model's sliding window, which is not modelled. Addresses are set.
Workload expand(const ModelShape& model, const ModelRun& run);

}  // namespace orrery
