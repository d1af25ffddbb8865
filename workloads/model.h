// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sim/config_node.h"
#include "sim/dtype.h"
#include "workloads/operator.h"

// A transformer as its Hugging Face `config.json` describes it: the family of Llama 2 and 3,
// Mistral and Qwen2, that is decoder-only, grouped-query attention with rotary positions, a gated
// feed-forward network and RMS norms. The bias that Qwen2 adds to q, k and v is left out: it is
// added while a tile's results are written and moves some kilobytes a layer.
namespace orrery {

struct ModelShape {
  std::string name;          // of the file, without ".json"
  std::string architecture;  // "LlamaForCausalLM"
  std::uint64_t layers = 0;
  std::uint64_t hidden = 0;
  std::uint64_t heads = 0;
  std::uint64_t kv_heads = 0;
  std::uint64_t head_dim = 0;
  std::uint64_t ffn = 0;
  std::uint64_t vocab = 0;
  bool tie_embeddings = false;
  RowwiseKind gate = RowwiseKind::kSiluGate;
  RowwiseKind norm = RowwiseKind::kRmsNorm;
  std::uint64_t sliding_window = 0;  // keys that a query may see; 0 = all
  Dtype dtype = Dtype::kBf16;        // of the published weights ("torch_dtype")
  std::string source_text;           // the resolved file

  std::uint64_t qkv_columns() const { return (heads + 2 * kv_heads) * head_dim; }
};

// Reads the keys it uses strictly and passes over the many others such files have. Throws
// InputError; an architecture that is not known is refused with the list of those that are.
ModelShape read_model(const ConfigNode& config, const std::string& name);

// The file that `name_or_path` means: a path (it has a "/" or ends in ".json"), relative to
// `base_folder`, or <config_folder>/models/<name>.json. Throws InputError that suggests or lists
// names.
std::string find_model(const std::string& name_or_path,
                       const std::string& config_folder,
                       const std::string& base_folder = "");

// Reads the file at `path`; the model is named after it. Throws InputError.
ModelShape load_model(const std::string& path);

}  // namespace orrery
