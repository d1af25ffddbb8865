// SPDX-License-Identifier: Apache-2.0
#include "workloads/model_expansion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelShape llama(const std::string& name) {
  return load_model(find_model(name, ORRERY_SOURCE_DIR "/configs"));
}

std::uint64_t weight_elements(const Workload& work) {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : work.tensors) {
    if (tensor.role == TensorRole::kWeight || tensor.role == TensorRole::kTable) {
      sum += tensor.rows * tensor.columns;
    }
  }
  return sum;
}

std::uint64_t flop(const Workload& work) {
  std::uint64_t sum = 0;
  for (const Operator& op : work.operators) {
    sum += op.flop();
  }
  return sum;
}

const Operator& find(const Workload& work, const std::string& name) {
  for (const Operator& op : work.operators) {
    if (op.name == name) {
      return op;
    }
  }
  throw std::out_of_range(name);
}

TEST(ModelExpansionTest, Llama8BHasItsPublishedNumberOfParameters) {
  EXPECT_EQ(weight_elements(expand(llama("llama-3.1-8b"), {})), 8'030'261'248U);
}

TEST(ModelExpansionTest, Llama70BHasItsPublishedNumberOfParameters) {
  EXPECT_EQ(weight_elements(expand(llama("llama-3.1-70b"), {})), 70'553'706'496U);
}

TEST(ModelExpansionTest, TiedEmbeddingsAreStoredOnce) {
  ModelShape model = llama("llama-3.1-8b");
  model.tie_embeddings = true;
  const Workload work = expand(model, {});
  EXPECT_EQ(weight_elements(work), 8'030'261'248U - 128256 * 4096);
  EXPECT_EQ(find(work, "logits").inputs[1], find(work, "embedding").inputs[0]);
}

TEST(ModelExpansionTest, PrefillFlopFollowTheClosedForm) {
  const Workload work = expand(llama("llama-3.1-8b"), {.batch = 2, .context = 2048});
  const std::uint64_t tokens = 2 * 2048;
  const std::uint64_t layer_weights = 4096 * 6144 + 4096 * 4096 + 3 * 4096 * 14336;
  const std::uint64_t pairs = 2048 * 2049 / 2;
  EXPECT_EQ(flop(work), 2 * tokens * layer_weights * 32 + 4ULL * 128 * 32 * 2 * pairs * 32 +
                            2ULL * 2 * 128256 * 4096);
}

TEST(ModelExpansionTest, DecodeFlopFollowTheClosedForm) {
  const Workload work =
      expand(llama("llama-3.1-8b"), {.phase = Phase::kDecode, .batch = 32, .context = 2048});
  const std::uint64_t weights =
      32 * (4096 * 6144 + 4096 * 4096 + 3 * 4096 * 14336ULL) + 128256 * 4096;
  EXPECT_EQ(flop(work), 2 * 32 * weights + 4ULL * 128 * 32 * 32 * 2048 * 32);
}

TEST(ModelExpansionTest, KvCacheHoldsTwoRowsATokenAndLayer) {
  for (const auto& [dtype, bytes] : {std::pair(Dtype::kBf16, 2U), std::pair(Dtype::kFp8, 1U)}) {
    const Workload work = expand(
        llama("llama-3.1-8b"),
        {.phase = Phase::kDecode, .batch = 32, .context = 2048, .dtype = {}, .kv_dtype = dtype});
    std::uint64_t sum = 0;
    for (const Tensor& tensor : work.tensors) {
      sum += tensor.role == TensorRole::kKvCache ? tensor.bytes() : 0;
    }
    EXPECT_EQ(sum, 2ULL * 32 * 32 * 2048 * 8 * 128 * bytes);
    EXPECT_EQ(std::get<AttentionShape>(find(work, "layer3.attention").shape).kv_dtype, dtype);
  }
}

TEST(ModelExpansionTest, ALayerIsElevenOperatorsInTheOrderOfServingEngines) {
  const Workload work = expand(llama("llama-3.1-8b"), {});
  EXPECT_EQ(work.operators.size(), 1U + 32 * 11 + 2);
  std::vector<std::string> layer;
  for (std::size_t i = 12; i < 23; ++i) {
    layer.push_back(work.operators[i].name + " " + work.operators[i].kind);
  }
  EXPECT_THAT(layer,
              ElementsAre("layer1.attention_norm rms_norm", "layer1.qkv gemm",
                          "layer1.rotary rotary", "layer1.attention attention", "layer1.o gemm",
                          "layer1.attention_add residual_add", "layer1.ffn_norm rms_norm",
                          "layer1.gate_up gemm", "layer1.silu_gate silu_gate", "layer1.down gemm",
                          "layer1.ffn_add residual_add"));
}

TEST(ModelExpansionTest, PrefillMakesLogitsForTheLastTokenOfEachPrompt) {
  const Workload work = expand(llama("llama-3.1-8b"), {.batch = 3, .context = 100});
  const auto& logits = std::get<GemmShape>(find(work, "logits").shape);
  EXPECT_EQ(logits.m, 3U);
  EXPECT_EQ(work.tensors[find(work, "logits").inputs[0]].rows, 3U);
  EXPECT_EQ(std::get<GemmShape>(find(work, "layer0.qkv").shape).m, 300U);
  EXPECT_EQ(work.new_tokens, 300U);
  EXPECT_EQ(work.phase, "prefill");
}

TEST(ModelExpansionTest, DecodeMakesOneTokenOfEachSequence) {
  const Workload work =
      expand(llama("llama-3.1-8b"), {.phase = Phase::kDecode, .batch = 3, .context = 100});
  const auto& attention = std::get<AttentionShape>(find(work, "layer0.attention").shape);
  EXPECT_EQ(attention.seq_q, 1U);
  EXPECT_EQ(attention.seq_kv, 100U);
  EXPECT_EQ(find(work, "logits").inputs[0], find(work, "final_norm").outputs[0]);
  EXPECT_EQ(work.new_tokens, 3U);
}

TEST(ModelExpansionTest, ResidualStreamIsChangedInPlaceAndReadByEveryNorm) {
  const Workload work = expand(llama("llama-3.1-8b"), {});
  const TensorId residual = find(work, "embedding").outputs[0];
  for (const Operator& op : work.operators) {
    if (op.kind == "rms_norm") {
      EXPECT_EQ(op.inputs[0], residual) << op.name;
    }
    if (op.kind == "residual_add") {
      EXPECT_EQ(op.inputs[0], residual) << op.name;
      EXPECT_EQ(op.outputs[0], residual) << op.name;
    }
  }
}

TEST(ModelExpansionTest, LayersShareActivationsButNotWeightsOrCaches) {
  const Workload work = expand(llama("llama-3.1-8b"), {});
  const Operator& first = find(work, "layer0.gate_up");
  const Operator& second = find(work, "layer1.gate_up");
  EXPECT_EQ(first.inputs[0], second.inputs[0]);
  EXPECT_EQ(first.outputs, second.outputs);
  EXPECT_NE(first.inputs[1], second.inputs[1]);
  EXPECT_NE(find(work, "layer0.attention").inputs[1], find(work, "layer1.attention").inputs[1]);
}

TEST(ModelExpansionTest, OperatorsDependOnThoseThatWroteTheirInputs) {
  const Workload work = expand(llama("llama-3.1-8b"), {});
  const auto names = [&](const std::string& name) {
    std::vector<std::string> out;
    for (const std::uint32_t index : find(work, name).depends_on) {
      out.push_back(work.operators[index].name);
    }
    return out;
  };
  EXPECT_THAT(names("layer0.attention_norm"), ElementsAre("embedding"));
  EXPECT_THAT(names("layer1.attention"), ElementsAre("layer1.rotary"));
  EXPECT_THAT(names("layer1.attention_add"), ElementsAre("layer0.ffn_add", "layer1.o"));
  EXPECT_THAT(names("layer1.ffn_add"), ElementsAre("layer1.attention_add", "layer1.down"));
  EXPECT_THAT(names("logits"), ElementsAre("final_norm"));
}

TEST(ModelExpansionTest, EveryTensorFitsItsOperator) {
  for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    const Workload work =
        expand(llama("llama-3.1-8b"), {.phase = phase, .batch = 4, .context = 64});
    for (const Operator& op : work.operators) {
      if (const auto* gemm = std::get_if<GemmShape>(&op.shape)) {
        EXPECT_EQ(work.tensors[op.inputs[0]].rows, gemm->m) << op.name;
        EXPECT_EQ(work.tensors[op.inputs[0]].columns, gemm->k) << op.name;
        EXPECT_EQ(work.tensors[op.inputs[1]].rows, gemm->n) << op.name;
        EXPECT_EQ(work.tensors[op.outputs[0]].columns, gemm->n) << op.name;
      }
    }
  }
}

TEST(ModelExpansionTest, NarrowWeightsPutAQuantizeBeforeEachGemmOfALayer) {
  const Workload work =
      expand(llama("llama-3.1-8b"), {.batch = 1, .context = 64, .dtype = Dtype::kFp8});
  EXPECT_EQ(work.operators.size(), 1U + 32 * 15 + 2);
  const Operator& down = find(work, "layer0.down");
  EXPECT_EQ(down.dtype, Dtype::kFp8);
  EXPECT_EQ(down.output_dtype, Dtype::kBf16);
  EXPECT_EQ(down.inputs[0], find(work, "layer0.down.quantize").outputs[0]);
  EXPECT_EQ(work.tensors[down.inputs[1]].dtype, Dtype::kFp8);
  EXPECT_EQ(find(work, "layer0.down.quantize").output_dtype, Dtype::kFp8);
  EXPECT_EQ(find(work, "layer0.attention").dtype, Dtype::kBf16);
  EXPECT_EQ(find(work, "logits").dtype, Dtype::kBf16);
}

TEST(ModelExpansionTest, Llama8BFits64GbAndLlama70BDoesNot) {
  const std::uint64_t capacity = 64'000'000'000;
  EXPECT_NO_THROW(check_fits(expand(llama("llama-3.1-8b"), {}), capacity));
  EXPECT_THROW(check_fits(expand(llama("llama-3.1-70b"), {}), capacity), InputError);
}

TEST(ModelExpansionTest, SizesThatOverflowAreRefused) {
  const ModelShape model = llama("llama-3.1-8b");
  EXPECT_THROW(expand(model, {.batch = 1ULL << 40, .context = 1ULL << 40}), InputError);
  EXPECT_THROW(expand(model, {.batch = 1ULL << 20, .context = 1ULL << 20}), InputError);
  EXPECT_THROW(expand(model, {.batch = 0}), InputError);
}

TEST(ModelExpansionTest, ContextBeyondTheSlidingWindowIsRefused) {
  ModelShape model = llama("llama-3.1-8b");
  model.sliding_window = 1024;
  EXPECT_NO_THROW(expand(model, {.context = 1024}));
  try {
    expand(model, {.context = 1025});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("sliding window of 1024"));
  }
}

}  // namespace
}  // namespace orrery
