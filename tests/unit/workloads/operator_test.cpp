// SPDX-License-Identifier: Apache-2.0
#include "workloads/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "workloads/operator_kind.h"
#include "workloads/operator_tensors.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <typename Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

constexpr std::uint64_t kHuge = std::uint64_t{1} << 40;

Operator attention(std::uint64_t queries, std::uint64_t keys, bool causal) {
  return {"a", "attention", AttentionShape{2, queries, keys, 8, 4, 64, causal}};
}

// Counts what the closed form sums.
std::uint64_t counted_flop(std::uint64_t queries, std::uint64_t keys) {
  std::uint64_t pairs = 0;
  for (std::uint64_t q = 0; q < queries; ++q) {
    for (std::uint64_t k = 0; k < keys; ++k) {
      pairs += k + queries <= keys + q ? 1 : 0;
    }
  }
  return 4 * 64 * 8 * 2 * pairs;
}

TEST(TensorTest, RowsArePaddedToSixteenBytes) {
  EXPECT_EQ((Tensor{"t", 3, 8, Dtype::kBf16}).pitch_bytes(), 16U);
  EXPECT_EQ((Tensor{"t", 3, 9, Dtype::kBf16}).pitch_bytes(), 32U);
  EXPECT_EQ((Tensor{"t", 3, 33, Dtype::kFp4}).pitch_bytes(), 32U);
  EXPECT_EQ((Tensor{"t", 3, 100, Dtype::kMx9}).pitch_bytes(), 128U);  // 900 bits are 113 bytes
  EXPECT_EQ((Tensor{"t", 3, 9, Dtype::kBf16}).bytes(), 96U);
}

TEST(TensorTest, BytesBeyond64BitsNameTheShape) {
  const Tensor wide{"w", 1, std::uint64_t{1} << 62, Dtype::kBf16};
  const Tensor tall{"w", kHuge, kHuge, Dtype::kBf16};
  EXPECT_THAT(error_of([&] { wide.pitch_bytes(); }), HasSubstr("'w'"));
  EXPECT_THAT(error_of([&] { tall.bytes(); }), HasSubstr("1099511627776x1099511627776 bf16"));
}

TEST(OperatorTest, GemmCountsTwoForEachMultiplyAdd) {
  EXPECT_EQ((Operator{"g", "batched_gemm", GemmShape{3, 4, 5, 6}}).flop(), 2U * 3 * 4 * 5 * 6);
}

TEST(OperatorTest, CausalAttentionCountsOnlyPairsThatAreSeen) {
  for (const auto& [queries, keys] : {std::pair{1, 1}, {1, 7}, {6, 6}, {7, 7}, {5, 12}, {4, 9}}) {
    const auto q = static_cast<std::uint64_t>(queries);
    const auto k = static_cast<std::uint64_t>(keys);
    EXPECT_EQ(attention(q, k, true).flop(), counted_flop(q, k)) << queries << " on " << keys;
  }
  EXPECT_EQ(attention(6, 6, false).flop(), 4U * 64 * 8 * 2 * 36);
}

TEST(OperatorTest, RowwiseWorkIsNoFlop) {
  EXPECT_EQ((Operator{"n", "rms_norm", RowwiseShape{RowwiseKind::kRmsNorm, 8, 8}}).flop(), 0U);
}

TEST(OperatorTest, FlopBeyond64BitsNamesTheShape) {
  const Operator gemm{"big", "gemm", GemmShape{1, kHuge, kHuge, 4}};
  EXPECT_THAT(error_of([&] { gemm.flop(); }),
              AllOf(HasSubstr("'big'"), HasSubstr("1099511627776x1099511627776x4")));
  EXPECT_THAT(error_of([&] { attention(kHuge, kHuge, true).flop(); }),
              HasSubstr("2x1099511627776x1099511627776"));
}

TEST(OperatorKindTest, EveryNameIsFoundAgain) {
  EXPECT_EQ(operator_kind_names().size(), 11U);
  for (const std::string& name : operator_kind_names()) {
    const auto kind = operator_kind_from(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_EQ(kind->name, name);
    if (kind->family == ShapeFamily::kRowwise) {
      EXPECT_EQ(name_of(kind->rowwise), name);
    }
  }
  EXPECT_FALSE(operator_kind_from("conv").has_value());
}

// One operator with tensors of its own.
std::string problem_of(const Operator& shape) {
  Workload work;
  Operator op = shape;
  return error_of([&] {
    const OperatorTensors tensors = tensors_for(op);
    for (const Tensor& tensor : tensors.inputs) {
      op.inputs.push_back(static_cast<TensorId>(work.tensors.size()));
      work.tensors.push_back(tensor);
    }
    for (const Tensor& tensor : tensors.outputs) {
      op.outputs.push_back(static_cast<TensorId>(work.tensors.size()));
      work.tensors.push_back(tensor);
    }
    check_operator(work, op);
  });
}

TEST(CheckOperatorTest, RefusesShapesThatMeanNothing) {
  EXPECT_EQ(problem_of({"g", "gemm", GemmShape{1, 8, 8, 8}}), "no error");
  EXPECT_THAT(problem_of({"g", "gemm", GemmShape{1, 8, 0, 8}}), HasSubstr("zero dimension"));
  EXPECT_THAT(problem_of({"a", "attention", AttentionShape{1, 4, 4, 6, 4, 64}}),
              HasSubstr("6 heads are no multiple of 4 kv_heads"));
  EXPECT_THAT(problem_of({"a", "attention", AttentionShape{1, 5, 4, 4, 4, 64}}),
              HasSubstr("5 causal queries on 4 keys"));
  EXPECT_THAT(problem_of({"e", "embedding", RowwiseShape{RowwiseKind::kEmbedding, 8, 8}}),
              HasSubstr("zero dimension"));
}

TEST(CheckOperatorTest, RefusesMoreRowsThanATransferCanTell) {
  const std::uint64_t most = 0xffffffff;
  EXPECT_EQ(problem_of({"g", "gemm", GemmShape{1, most, 8, 8}}), "no error");
  EXPECT_THAT(problem_of({"g", "gemm", GemmShape{1, most + 1, 8, 8}}),
              AllOf(HasSubstr("'g.x' of 4294967296x8"), HasSubstr("2^32")));
}

TEST(CheckOperatorTest, RowsThatOverflow64BitsNameTheShape) {
  EXPECT_THAT(problem_of({"g", "batched_gemm", GemmShape{kHuge, kHuge, 8, 8}}),
              HasSubstr("1099511627776x1099511627776x8x8"));
}

TEST(OperatorTensorsTest, FollowTheTableOfKinds) {
  const auto shape_of = [](const Tensor& t) { return std::pair(t.rows, t.columns); };
  const auto gemm = tensors_for({"g", "batched_gemm", GemmShape{2, 3, 4, 5}});
  EXPECT_EQ(shape_of(gemm.inputs[0]), std::pair(6UL, 5UL));
  EXPECT_EQ(shape_of(gemm.inputs[1]), std::pair(8UL, 5UL));
  EXPECT_EQ(shape_of(gemm.outputs[0]), std::pair(6UL, 4UL));
  const auto decode =
      tensors_for({"a", "attention", AttentionShape{2, 1, 10, 8, 4, 64, true, Dtype::kFp8}});
  EXPECT_EQ(shape_of(decode.inputs[0]), std::pair(2UL, 512UL));
  EXPECT_EQ(shape_of(decode.inputs[2]), std::pair(20UL, 256UL));
  EXPECT_EQ(decode.inputs[1].dtype, Dtype::kFp8);
  const auto gate = tensors_for({"s", "silu_gate", RowwiseShape{RowwiseKind::kSiluGate, 7, 9}});
  EXPECT_EQ(shape_of(gate.inputs[0]), std::pair(7UL, 18UL));
  EXPECT_EQ(shape_of(gate.outputs[0]), std::pair(7UL, 9UL));
}

}  // namespace
}  // namespace orrery
