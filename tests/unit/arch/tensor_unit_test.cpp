// SPDX-License-Identifier: Apache-2.0
#include "arch/tensor_unit.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TensorUnitConfig mma() {
  TensorUnitConfig config;
  config.flop_per_cycle.fill(4096);
  config.instruction_m = 64;
  config.instruction_n = 8;
  config.instruction_k_bytes = 32;
  config.fill_cycles = 64;
  config.issue_cycles = 10;
  return config;
}

// 4 rows, 8 columns: 64 FLOP a cycle.
TensorUnitConfig array(Dataflow dataflow, FoldOverlap overlap = FoldOverlap::kNone) {
  TensorUnitConfig config;
  config.kind = TensorUnitKind::kSystolic;
  config.flop_per_cycle.fill(64);
  config.rows = 4;
  config.columns = 8;
  config.dataflow = dataflow;
  config.fold_overlap = overlap;
  return config;
}

MatmulWork work(std::uint32_t m, std::uint32_t n, std::uint32_t k, Dtype dtype = Dtype::kBf16) {
  MatmulWork result;
  result.m = m;
  result.n = n;
  result.k = k;
  result.dtype = dtype;
  return result;
}

TEST(MmaUnitTest, ShapesArePaddedToTheInstruction) {
  const TensorUnit unit(mma());
  EXPECT_EQ(unit.padded_flop(work(64, 8, 16)), 2U * 64 * 8 * 16);
  EXPECT_EQ(unit.padded_flop(work(65, 9, 17)), 2U * 128 * 16 * 32);
  EXPECT_EQ(unit.padded_flop(work(1, 1, 1)), 2U * 64 * 8 * 16);
}

TEST(MmaUnitTest, KIsPaddedInBytesNotElements) {
  const TensorUnit unit(mma());
  EXPECT_EQ(unit.padded_flop(work(64, 8, 1, Dtype::kFp8)), 2U * 64 * 8 * 32);
  EXPECT_EQ(unit.padded_flop(work(64, 8, 1, Dtype::kFp32)), 2U * 64 * 8 * 8);
}

TEST(MmaUnitTest, ScalesOfBlocksLimitNarrowOperandsAlone) {
  TensorUnitConfig config = mma();
  config.block_scale_cycles = 500;
  const TensorUnit unit(config);
  MatmulWork narrow = work(64, 8, 512, Dtype::kFp4);  // 128 cycles of products
  narrow.issues = 2;
  EXPECT_EQ(unit.cycles(narrow, true), 2U * 10 + 2 * 500);
  narrow.n = 128;  // 2048 cycles of products, which hide the scales
  EXPECT_EQ(unit.cycles(narrow, true), 2U * 10 + 2048);
  EXPECT_EQ(unit.cycles(work(64, 8, 512, Dtype::kFp8), true), 10U + 128);
}

TEST(MmaUnitTest, AGroupOfInstructionsTakesAtLeastItsOwnTime) {
  TensorUnitConfig config = mma();
  config.group_cycles = 140;
  const TensorUnit unit(config);
  MatmulWork small = work(64, 8, 64);
  small.issues = 1;
  EXPECT_EQ(unit.cycles(small, true), 140U);  // 10 and 16 of its own
  small.issues = 3;
  EXPECT_EQ(unit.cycles(small, true), 3U * 140);
  MatmulWork large = work(128, 256, 64);
  large.issues = 1;
  EXPECT_EQ(unit.cycles(large, true), TensorUnit(mma()).cycles(large, true));
}

TEST(MmaUnitTest, ACoreOfAPairReadsHalfOfTheSecondOperand) {
  const TensorUnit unit(mma());
  MatmulWork paired = work(128, 256, 64);
  EXPECT_EQ(unit.operand_bytes(paired), (128U + 256) * 64 * 2);
  paired.b_halved = true;
  EXPECT_EQ(unit.operand_bytes(paired), (128U + 128) * 64 * 2);
}

TEST(MmaUnitTest, TheFillIsPaidOnlyWhenThePipeRanEmpty) {
  const TensorUnit unit(mma());
  // 2 * 128 * 16 * 32 FLOP at 4096 a cycle: 32 cycles.
  EXPECT_EQ(unit.cycles(work(65, 9, 17), false), 64U + 10 + 32);
  EXPECT_EQ(unit.cycles(work(65, 9, 17), true), 10U + 32);
}

TEST(MmaUnitTest, TheRateIsThatOfTheDtype) {
  TensorUnitConfig config = mma();
  config.flop_per_cycle[static_cast<std::size_t>(Dtype::kFp8)] = 8192;
  const TensorUnit unit(config);
  EXPECT_EQ(unit.cycles(work(128, 128, 128, Dtype::kFp8), true) - 10, 512U);
  EXPECT_EQ(unit.cycles(work(128, 128, 128, Dtype::kBf16), true) - 10, 1024U);
}

TEST(MmaUnitTest, OperandsAreReadOnceAndLocalOnesNotAtAll) {
  const TensorUnit unit(mma());
  MatmulWork w = work(64, 32, 16);
  EXPECT_EQ(unit.operand_bytes(w), (64U + 32) * 16 * 2);
  w.a_local = true;
  EXPECT_EQ(unit.operand_bytes(w), 32U * 16 * 2);
}

// SCALE-Sim's counts for a 128x128 array and 512x512x512, each one more than it reports.
TEST(SystolicUnitTest, ClosedFormsCountWhatScaleSimReports) {
  TensorUnitConfig config = array(Dataflow::kWeightStationary);
  config.rows = config.columns = 128;
  config.flop_per_cycle.fill(32768);
  EXPECT_EQ(TensorUnit(config).cycles(work(512, 512, 512), false), 14304U);
  config.dataflow = Dataflow::kOutputStationary;
  EXPECT_EQ(TensorUnit(config).cycles(work(512, 512, 512), false), 12256U);
  config.dataflow = Dataflow::kInputStationary;
  EXPECT_EQ(TensorUnit(config).cycles(work(16, 1024, 1024), false), 11248U);
}

TEST(SystolicUnitTest, EachDataflowFoldsItsOwnStationaryOperand) {
  // R = 4, C = 8, m = 9, n = 17, k = 5. Skew R + C - 2 = 10.
  const MatmulWork w = work(9, 17, 5);
  EXPECT_EQ(TensorUnit(array(Dataflow::kWeightStationary)).cycles(w, false), 2U * 3 * (4 + 10 + 9));
  EXPECT_EQ(TensorUnit(array(Dataflow::kOutputStationary)).cycles(w, false), 3U * 3 * (10 + 5));
  EXPECT_EQ(TensorUnit(array(Dataflow::kInputStationary)).cycles(w, false), 2U * 2 * (4 + 10 + 17));
}

// Two folds; 4 cycles load the weights, 10 are skew, 10 stream.
TEST(SystolicUnitTest, OverlapHidesTheLoadThenTheSkew) {
  const MatmulWork w = work(10, 8, 8);
  const auto cycles = [&](FoldOverlap overlap, bool full) {
    return TensorUnit(array(Dataflow::kWeightStationary, overlap)).cycles(w, full);
  };
  EXPECT_EQ(cycles(FoldOverlap::kNone, false), 48U);
  EXPECT_EQ(cycles(FoldOverlap::kNone, true), 48U);
  EXPECT_EQ(cycles(FoldOverlap::kStationary, false), 44U);
  EXPECT_EQ(cycles(FoldOverlap::kStationary, true), 40U);
  EXPECT_EQ(cycles(FoldOverlap::kWavefront, false), 34U);
  EXPECT_EQ(cycles(FoldOverlap::kWavefront, true), 20U);
}

TEST(SystolicUnitTest, ShortStreamsWaitForTheStationaryOperand) {
  const TensorUnit unit(array(Dataflow::kWeightStationary, FoldOverlap::kWavefront));
  EXPECT_EQ(unit.cycles(work(2, 8, 8), true), 2U * 4);
}

TEST(SystolicUnitTest, ADtypeOfTwiceTheRateStreamsInHalfTheTime) {
  TensorUnitConfig config = array(Dataflow::kWeightStationary);
  config.flop_per_cycle.fill(128);
  EXPECT_EQ(TensorUnit(config).cycles(work(10, 8, 8), false), 2U * (4 + 10 + 5));
}

TEST(SystolicUnitTest, MovingOperandsAreStreamedOnceAFold) {
  const MatmulWork w = work(10, 16, 8);  // a: 160 B, b: 256 B
  EXPECT_EQ(TensorUnit(array(Dataflow::kWeightStationary)).operand_bytes(w), 2U * 160 + 256);
  EXPECT_EQ(TensorUnit(array(Dataflow::kOutputStationary)).operand_bytes(w), 2U * 160 + 3 * 256);
  EXPECT_EQ(TensorUnit(array(Dataflow::kInputStationary)).operand_bytes(w), 160U + 2 * 256);
}

}  // namespace
}  // namespace orrery
