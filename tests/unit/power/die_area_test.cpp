// SPDX-License-Identifier: Apache-2.0
#include "power/die_area.h"

#include <gtest/gtest.h>

#include "tests/support/area_sample.h"

namespace orrery {
namespace {

const AreaTable& table() {
  static const AreaTable kTable = read_area_table(parse_config(kAreaTable, "t.yaml"));
  return kTable;
}

double mm2(const AreaSplit& split, AreaPart part) {
  return split[static_cast<std::size_t>(part)].total();
}

AreaSplit at_n7(const ChipContents& contents) {
  return die_area(contents, table(), table().nodes[0]);
}

std::uint64_t& rate(ChipContents& contents, Dtype dtype) {
  return contents.tensor_flop_per_cycle[static_cast<std::size_t>(dtype)];
}

TEST(DieArea, PartsAreCountsTimesTheirAreas) {
  ChipContents contents;
  contents.cores = 10;
  contents.vector_lanes = 100;
  contents.bf16_lanes = 50;
  contents.special_lanes = 20;
  contents.fp64_lanes = 50;
  contents.scratchpad_bytes = 2 * 1048576;
  contents.scratchpad_bytes_per_cycle = 128;
  contents.register_bytes = 524288;
  contents.crossbar_bytes_per_cycle = 640;
  contents.router_bytes_per_cycle = 2000;
  contents.shared_bytes = 40.0 * 1048576;
  contents.cache_slices = 80;
  contents.cache_bytes_per_cycle = 5120;
  contents.stacks = 5;
  contents.serdes_lanes = 64;
  contents.link_bytes_per_s = 300e9;
  contents.die_to_die_bytes_per_s = 10e12;
  const AreaSplit split = at_n7(contents);
  EXPECT_NEAR(mm2(split, AreaPart::kVector), 10 * (0.4 + 0.05 + 0.1 + 0.4), 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kScratchpad), 10 * (1 + 0.128), 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kRegisters), 10 * 0.5, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kControl), 10, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kNetwork), 6.4 + 2, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kShared), 20 + 40 + 25.6, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kHbm), 5 * 15, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kLinks), 32 + 9, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kDieToDie), 20, 1e-9);
  const double listed = 9.5 + 11.28 + 5 + 10 + 8.4 + 85.6 + 75 + 41 + 20;
  EXPECT_NEAR(total_of(split), listed / 0.8, 1e-9) << "a fifth of the die is overhead";
  EXPECT_NEAR(mm2(split, AreaPart::kOverhead), listed / 4, 1e-9);
}

TEST(DieArea, BanksOfAnSramHavePortsOfScratchpads) {
  ChipContents contents;
  contents.shared_bytes = 1048576;
  contents.bank_bytes_per_cycle = 512;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kShared), 0.5 + 0.512, 1e-9);
}

TEST(DieArea, TheLargestFormatBuildsTheTensorUnitAndOthersAddAShare) {
  ChipContents contents;
  contents.cores = 1;
  rate(contents, Dtype::kBf16) = 4096;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0.8192, 1e-9);
  rate(contents, Dtype::kFp8) = 8192;  // as much alone, so a tenth of it
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0.8192 * 1.1, 1e-9);
  rate(contents, Dtype::kFp4) = 32768;  // 1.6384: now the largest
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 1.6384 + 0.2 * 0.8192, 1e-9);
}

TEST(DieArea, LanesThatMultiplyInFp32AreNotBuiltTwice) {
  ChipContents contents;
  contents.cores = 1;
  rate(contents, Dtype::kFp32) = 256;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0.256, 1e-9);
  contents.vector_lanes = 100;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0.056, 1e-9);
  contents.vector_lanes = 128;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0, 1e-9);
  contents.vector_lanes = 200;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kTensor), 0, 1e-9);
}

TEST(DieArea, AChipMayStateTheControlOfItsCores) {
  ChipContents contents;
  contents.cores = 100;
  contents.control_mm2 = 0.1;
  EXPECT_NEAR(mm2(at_n7(contents), AreaPart::kControl), 10, 1e-9);
}

TEST(DieArea, EachKindOfCircuitHasItsScale) {
  ChipContents contents;
  contents.cores = 1;
  contents.scratchpad_bytes = 1048576;
  contents.scratchpad_bytes_per_cycle = 100;
  contents.stacks = 1;
  const AreaSplit split = die_area(contents, table(), table().nodes[1]);
  const CircuitArea& scratchpad = split[static_cast<std::size_t>(AreaPart::kScratchpad)];
  EXPECT_NEAR(scratchpad.sram, 0.5 * 0.8, 1e-9);
  EXPECT_NEAR(scratchpad.logic, 0.1 * 0.5, 1e-9);
  EXPECT_NEAR(mm2(split, AreaPart::kHbm), 10 * 0.9 + 5 * 0.5, 1e-9);
}

TEST(DieArea, AllPartsHaveNames) {
  for (std::size_t i = 0; i < kAreaPartCount; ++i) {
    EXPECT_NE(name_of(static_cast<AreaPart>(i)), "");
  }
}

}  // namespace
}  // namespace orrery
