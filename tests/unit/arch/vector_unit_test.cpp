// SPDX-License-Identifier: Apache-2.0
#include "arch/vector_unit.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

std::uint64_t cycles(std::uint64_t alu_ops, std::uint64_t special_ops, Dtype dtype) {
  VectorUnitConfig config;
  config.fp32_ops_per_cycle = 16;
  config.bf16_ops_per_cycle = 32;
  config.special_ops_per_cycle = 4;
  config.startup_cycles = 5;
  VectorWork work;
  work.alu_ops = alu_ops;
  work.special_ops = special_ops;
  work.dtype = dtype;
  return VectorUnit(config).cycles(work);
}

TEST(VectorUnitTest, APartOfACycleCountsWhole) {
  EXPECT_EQ(cycles(96, 0, Dtype::kFp32), 5U + 6);
  EXPECT_EQ(cycles(97, 0, Dtype::kFp32), 5U + 7);
}

TEST(VectorUnitTest, SixteenBitsRunAtTheirOwnRate) {
  EXPECT_EQ(cycles(96, 0, Dtype::kBf16), 5U + 3);
  EXPECT_EQ(cycles(96, 0, Dtype::kFp16), 5U + 3);
  EXPECT_EQ(cycles(96, 0, Dtype::kTf32), 5U + 6);
}

TEST(VectorUnitTest, SpecialFunctionsIssueBesideOrdinaryOnes) {
  EXPECT_EQ(cycles(96, 20, Dtype::kFp32), 5U + 6);
  EXPECT_EQ(cycles(96, 28, Dtype::kFp32), 5U + 7);
  EXPECT_EQ(cycles(0, 1, Dtype::kFp32), 5U + 1);
}

TEST(VectorUnitTest, ACommandOfNothingCostsItsStartup) {
  EXPECT_EQ(cycles(0, 0, Dtype::kFp32), 5U);
}

}  // namespace
}  // namespace orrery
