// SPDX-License-Identifier: Apache-2.0
#include "workloads/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kConfigs = ORRERY_SOURCE_DIR "/configs";

constexpr const char* kSmall = R"({
  "architectures": ["LlamaForCausalLM"],
  "hidden_size": 64,
  "intermediate_size": 128,
  "num_hidden_layers": 2,
  "num_attention_heads": 8,
  "vocab_size": 100,
  "hidden_act": "silu",
  "bos_token_id": [1, 2],
  "rope_scaling": {"factor": 8.0}
})";

ModelShape read(const std::string& text) {
  return read_model(parse_config(text, "config.json"), "small");
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ModelTest, ReadsTheShippedLlama8B) {
  const ModelShape model = load_model(find_model("llama-3.1-8b", kConfigs));
  EXPECT_EQ(model.name, "llama-3.1-8b");
  EXPECT_EQ(model.layers, 32U);
  EXPECT_EQ(model.hidden, 4096U);
  EXPECT_EQ(model.heads, 32U);
  EXPECT_EQ(model.kv_heads, 8U);
  EXPECT_EQ(model.head_dim, 128U);
  EXPECT_EQ(model.ffn, 14336U);
  EXPECT_EQ(model.vocab, 128256U);
  EXPECT_FALSE(model.tie_embeddings);
  EXPECT_EQ(model.dtype, Dtype::kBf16);
  EXPECT_EQ(model.qkv_columns(), 6144U);
}

TEST(ModelTest, KeysThatOldFilesLackHaveTheirDefaults) {
  const ModelShape model = read(kSmall);
  EXPECT_EQ(model.kv_heads, 8U);
  EXPECT_EQ(model.head_dim, 8U);
  EXPECT_FALSE(model.tie_embeddings);
  EXPECT_EQ(model.sliding_window, 0U);
}

TEST(ModelTest, NullMeansAbsent) {
  EXPECT_EQ(read(with(kSmall, "\"vocab_size\"", "\"head_dim\": null, \"vocab_size\"")).head_dim,
            8U);
}

TEST(ModelTest, ReadsTiedEmbeddingsGatesAndWindows) {
  EXPECT_TRUE(read(with(kSmall, "\"hidden_act\": \"silu\"",
                        "\"hidden_act\": \"silu\", \"tie_word_embeddings\": true"))
                  .tie_embeddings);
  EXPECT_EQ(read(with(kSmall, "silu", "gelu")).gate, RowwiseKind::kGeluGate);
  EXPECT_EQ(
      read(with(kSmall, "\"vocab_size\"", "\"sliding_window\": 99, \"vocab_size\"")).sliding_window,
      99U);
  EXPECT_EQ(read(with(kSmall, "\"vocab_size\"",
                      "\"use_sliding_window\": false, \"sliding_window\": 99, \"vocab_size\""))
                .sliding_window,
            0U);
}

TEST(ModelTest, UnknownArchitectureListsTheKnownOnes) {
  EXPECT_THAT(error_of(with(kSmall, "LlamaForCausalLM", "MambaForCausalLM")),
              AllOf(HasSubstr("config.json:2:"), HasSubstr("'MambaForCausalLM' is not known"),
                    HasSubstr("LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM")));
}

TEST(ModelTest, MissingKeyIsNamedAndLocated) {
  EXPECT_THAT(error_of(with(kSmall, "\"vocab_size\": 100,", "")),
              AllOf(HasSubstr("config.json:1:1"), HasSubstr("missing key 'vocab_size'")));
}

TEST(ModelTest, SizesThatAreNoSizesAreLocated) {
  EXPECT_THAT(error_of(with(kSmall, "\"hidden_size\": 64", "\"hidden_size\": 0")),
              AllOf(HasSubstr("config.json:3:"), HasSubstr("hidden_size")));
  EXPECT_THAT(error_of(with(kSmall, "\"hidden_size\": 64", "\"hidden_size\": -64")),
              HasSubstr("hidden_size"));
  EXPECT_THAT(error_of(with(kSmall, "\"hidden_size\": 64", "\"hidden_size\": 65")),
              HasSubstr("'hidden_size' is 65, expected a multiple of the 8"));
  EXPECT_THAT(
      error_of(with(kSmall, "\"vocab_size\"", "\"num_key_value_heads\": 3, \"vocab_size\"")),
      HasSubstr("expected a multiple of the 3 'num_key_value_heads'"));
}

TEST(ModelTest, UnknownActivationIsRefused) {
  EXPECT_THAT(error_of(with(kSmall, "silu", "relu")), HasSubstr("'hidden_act' is 'relu'"));
}

TEST(ModelTest, MalformedJsonIsLocated) {
  EXPECT_THAT(error_of("{\"hidden_size\": 64,\n  \"x\": }"), HasSubstr("config.json:2:"));
}

TEST(ModelTest, UnknownNameSuggestsTheNearOne) {
  try {
    find_model("llama-3.1-9b", kConfigs);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("no model 'llama-3.1-9b'"),
                                    HasSubstr("did you mean 'llama-3.1-8b'?")));
  }
  EXPECT_THROW(find_model("./nowhere.json", kConfigs), InputError);
  EXPECT_THROW(find_model("", kConfigs), InputError);
}

}  // namespace
}  // namespace orrery
