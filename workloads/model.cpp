// SPDX-License-Identifier: Apache-2.0
#include "workloads/model.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <vector>

#include "workloads/named_file.h"

namespace orrery {
namespace {

// Far beyond any model, and small enough that no sum of a few products of them overflows.
constexpr std::uint64_t kMostLayers = 4096;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 24;

const std::vector<std::string>& known_architectures() {
  static const std::vector<std::string> names{"LlamaForCausalLM", "MistralForCausalLM",
                                              "Qwen2ForCausalLM"};
  return names;
}

std::string read_architecture(const ConfigNode& config) {
  const std::vector<std::string> listed = config.text_list("architectures");
  const auto& known = known_architectures();
  if (listed.size() != 1 || std::find(known.begin(), known.end(), listed.front()) == known.end()) {
    config.fail("architectures", fmt::format("architecture '{}' is not known, expected one of: {}",
                                             fmt::join(listed, ", "), fmt::join(known, ", ")));
  }
  return listed.front();
}

RowwiseKind read_gate(const ConfigNode& config) {
  const std::string name =
      config.choice("hidden_act", {"silu", "swish", "gelu", "gelu_new", "gelu_pytorch_tanh"});
  return name == "silu" || name == "swish" ? RowwiseKind::kSiluGate : RowwiseKind::kGeluGate;
}

Dtype read_dtype(const ConfigNode& config) {
  const std::string name = config.choice("torch_dtype", {"bfloat16", "float16", "float32"});
  return name == "bfloat16" ? Dtype::kBf16 : name == "float16" ? Dtype::kFp16 : Dtype::kFp32;
}

// Mistral limits a window whenever it names one; Qwen2 only when it says so beside it.
std::uint64_t read_sliding_window(const ConfigNode& config) {
  const bool off = config.has("use_sliding_window") && !config.flag("use_sliding_window");
  return off || !config.has("sliding_window")
             ? 0
             : config.integer("sliding_window", 1, std::uint64_t{1} << 40);
}

}  // namespace

ModelShape read_model(const ConfigNode& config, const std::string& name) {
  ModelShape model;
  model.name = name;
  model.architecture = read_architecture(config);
  model.layers = config.integer("num_hidden_layers", 1, kMostLayers);
  model.hidden = config.integer("hidden_size", 1, kMostElements);
  model.ffn = config.integer("intermediate_size", 1, kMostElements);
  model.vocab = config.integer("vocab_size", 1, kMostElements);
  model.heads = config.integer("num_attention_heads", 1, kMostElements);
  model.kv_heads = config.has("num_key_value_heads")
                       ? config.integer("num_key_value_heads", 1, kMostElements)
                       : model.heads;
  if (model.heads % model.kv_heads != 0) {
    config.fail("num_key_value_heads",
                fmt::format("'num_attention_heads' is {}, expected a multiple of the {} "
                            "'num_key_value_heads'",
                            model.heads, model.kv_heads));
  }
  if (config.has("head_dim")) {
    model.head_dim = config.integer("head_dim", 1, kMostElements);
  } else if (model.hidden % model.heads == 0) {
    model.head_dim = model.hidden / model.heads;
  } else {
    config.fail("hidden_size", fmt::format("'hidden_size' is {}, expected a multiple of the {} "
                                           "'num_attention_heads', or a key 'head_dim'",
                                           model.hidden, model.heads));
  }
  model.gate = read_gate(config);
  model.tie_embeddings = config.has("tie_word_embeddings") && config.flag("tie_word_embeddings");
  model.sliding_window = read_sliding_window(config);
  if (config.has("torch_dtype")) {
    model.dtype = read_dtype(config);
  }
  model.source_text = config.resolved_text();
  return model;
}

std::string find_model(const std::string& name_or_path,
                       const std::string& config_folder,
                       const std::string& base_folder) {
  return find_named_file({"model", config_folder + "/models", {".json"}}, name_or_path,
                         base_folder);
}

ModelShape load_model(const std::string& path) {
  return read_model(load_config(path), std::filesystem::path(path).stem().string());
}

}  // namespace orrery
