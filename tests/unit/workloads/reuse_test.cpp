// SPDX-License-Identifier: Apache-2.0
#include "workloads/reuse.h"

#include <gtest/gtest.h>

#include "workloads/model_expansion.h"
#include "workloads/trace.h"

namespace orrery {
namespace {

Workload llama(Phase phase) {
  const ModelShape model = load_model(find_model("llama-3.1-8b", ORRERY_SOURCE_DIR "/configs"));
  return expand(model, {.phase = phase, .batch = 2, .context = 256});
}

TraceRow gemm(const std::string& name, std::uint64_t n, std::uint64_t repeat = 1) {
  TraceRow row;
  row.op = {name, "gemm", GemmShape{1, 64, n, 64}};
  row.repeat = repeat;
  return row;
}

SharedMemoryConfig shared(SharedMemoryKind kind, std::uint64_t capacity_bytes) {
  SharedMemoryConfig config;
  config.kind = kind;
  config.capacity_bytes = capacity_bytes;
  return config;
}

const SharedMemoryConfig kL2 = shared(SharedMemoryKind::kL2, 50 << 20);

// The second layer's start follows something else than the first's, and it takes its attention
// block, 84 MB of weights, until twice 50 MiB have passed the cache.
TEST(ReuseTest, LayersCopyTheFirstOrTheStartOfTheSecond) {
  for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    const auto sources = reuse_sources(llama(phase), kL2);
    for (std::uint32_t i = 1; i < 1 + 11; ++i) {
      EXPECT_EQ(sources[i], i);
    }
    for (std::uint32_t i = 12; i < 12 + 5; ++i) {
      EXPECT_EQ(sources[i], i);
    }
    for (std::uint32_t i = 12 + 8; i < 12 + 11; ++i) {
      EXPECT_EQ(sources[i], i - 11);
    }
    for (std::uint32_t i = 1 + 2 * 11; i < 1 + 32 * 11; ++i) {
      ASSERT_EQ(sources[i], sources[i - 11]) << i;
    }
  }
}

TEST(ReuseTest, WhereSharedMemoryForgetsNothingAWholePeriodMustRepeat) {
  const auto sources =
      reuse_sources(llama(Phase::kDecode), shared(SharedMemoryKind::kL2, std::uint64_t{1} << 60));
  for (std::uint32_t i = 0; i < 1 + 32 * 11; ++i) {
    ASSERT_EQ(sources[i], i < 1 + 2 * 11 ? i : 12 + (i - 1) % 11) << i;
  }
}

// What is alive found room, so that a layer's operators depend on the one before them only.
TEST(ReuseTest, WhereTheDeadIsReleasedLayersCopyTheFirst) {
  for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    const auto sources = reuse_sources(llama(phase), shared(SharedMemoryKind::kSram, 384 << 20));
    for (std::uint32_t i = 1; i < 1 + 11; ++i) {
      EXPECT_EQ(sources[i], i);
    }
    EXPECT_EQ(sources[12], 7U);  // a norm behind an addition, as in the middle of the first layer
    for (std::uint32_t i = 13; i < 1 + 32 * 11; ++i) {
      ASSERT_EQ(sources[i], sources[i - 11]) << i;
    }
  }
}

// The residual stream, 4 MiB, may not have found room behind the embedding: what reads it, or lies
// beside it, is simulated again until it has been made by the same operators.
TEST(ReuseTest, WhereRoomIsShortWhatIsAliveMustHaveBeenMadeByTheSame) {
  const auto sources =
      reuse_sources(llama(Phase::kPrefill), shared(SharedMemoryKind::kSram, 6 << 20));
  for (std::uint32_t i = 13; i < 12 + 6; ++i) {
    EXPECT_EQ(sources[i], i);
  }
  for (std::uint32_t i = 12 + 7; i < 1 + 32 * 11; ++i) {
    ASSERT_EQ(sources[i], sources[i - 11]) << i;
  }
}

TEST(ReuseTest, WithoutSharedMemoryTheOperatorBeforeDecides) {
  const auto sources = reuse_sources(llama(Phase::kDecode), shared(SharedMemoryKind::kNone, 0));
  for (std::uint32_t i = 13; i < 1 + 32 * 11; ++i) {
    ASSERT_EQ(sources[i], sources[i - 11]) << i;
  }
}

TEST(ReuseTest, ClassesAreThoseOfKindShapeAndTensors) {
  const auto classes =
      operator_classes(build_workload({"t", false, {gemm("a", 64), gemm("b", 96), gemm("c", 64)}}));
  EXPECT_EQ(classes, (std::vector<std::uint32_t>{0, 1, 0}));
}

TEST(ReuseTest, TheLastNormIsALayersNormAndLogitsAreSimulated) {
  const auto sources = reuse_sources(llama(Phase::kPrefill), kL2);
  EXPECT_EQ(sources[sources.size() - 2], 12U);
  EXPECT_EQ(sources.back(), sources.size() - 1);
}

TEST(ReuseTest, SourcesAreSimulatedThemselves) {
  const auto sources = reuse_sources(llama(Phase::kDecode), kL2);
  for (const std::uint32_t source : sources) {
    EXPECT_EQ(sources[source], source);
  }
}

TEST(ReuseTest, RepetitionsOfOneOperatorCopyTheSecond) {
  const auto sources = reuse_sources(build_workload({"t", false, {gemm("g", 64, 5)}}), kL2);
  EXPECT_EQ(sources, (std::vector<std::uint32_t>{0, 1, 1, 1, 1}));
}

TEST(ReuseTest, RepetitionsThatReadTheSameCopyTheSecondInAnSram) {
  const auto sources = reuse_sources(build_workload({"t", false, {gemm("g", 64, 100)}}),
                                     shared(SharedMemoryKind::kSram, 384 << 20));
  for (std::uint32_t i = 3; i < 100; ++i) {
    ASSERT_EQ(sources[i], sources[2]) << i;
  }
}

// Each result is read again by the last operator, so the SRAM fills up: where not all is sure to
// find room, none is like another.
TEST(ReuseTest, WhatFillsAnSramIsSimulatedUntilItIsFull) {
  Trace trace{"t", false, {}};
  for (int i = 0; i < 40; ++i) {
    trace.rows.push_back(gemm("g" + std::to_string(i), 64));
  }
  Workload work = build_workload(trace);
  for (std::size_t i = 0; i + 1 < work.operators.size(); ++i) {
    work.operators.back().inputs.push_back(work.operators[i].outputs[0]);
  }
  const std::uint64_t result_bytes = work.tensors[work.operators[0].outputs[0]].bytes();
  const auto sources = reuse_sources(work, shared(SharedMemoryKind::kSram, 20 * result_bytes));
  for (std::uint32_t i = 12; i < 40; ++i) {
    EXPECT_EQ(sources[i], i);
  }
}

TEST(ReuseTest, WhatIsPreloadedIntoAnSramIsLikeNoOther) {
  TraceRow row;
  row.op = {"a", "attention", AttentionShape{1, 1, 256, 8, 8, 64, true, Dtype::kBf16}};
  row.repeat = 8;
  const SharedMemoryConfig sram = shared(SharedMemoryKind::kSram, 384 << 20);
  const auto cold = reuse_sources(build_workload({"t", false, {row}}), sram);
  EXPECT_LT(cold[7], 7U);
  const auto warm = reuse_sources(build_workload({"t", true, {row}}), sram);
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(warm[i], i);
  }
}

TEST(ReuseTest, EqualOperatorsAfterOthersAreSimulated) {
  const auto sources = reuse_sources(build_workload({"t",
                                                     false,
                                                     {gemm("a", 64), gemm("b", 96), gemm("c", 64),
                                                      gemm("d", 128), gemm("e", 64)}}),
                                     kL2);
  EXPECT_EQ(sources, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

TEST(ReuseTest, AnOperatorThatReadsWhatWasJustWrittenDiffersFromOneThatDoesNot) {
  Trace trace{"t", false, {gemm("a", 64), gemm("b", 64), gemm("c", 64), gemm("d", 64)}};
  EXPECT_EQ(reuse_sources(build_workload(trace), kL2), (std::vector<std::uint32_t>{0, 1, 1, 1}));
  trace.rows[2].depends_on = {"b"};
  EXPECT_EQ(reuse_sources(build_workload(trace), kL2), (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(ReuseTest, NothingToDoGivesNothing) {
  EXPECT_TRUE(reuse_sources(Workload{}, kL2).empty());
}

}  // namespace
}  // namespace orrery
