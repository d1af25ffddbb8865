// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_config.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kConfigs = std::string(ORRERY_SOURCE_DIR) + "/configs";

std::string refusal(const std::string& chip, const std::vector<std::string>& overrides = {}) {
  try {
    load_chip(chip, kConfigs, overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// The chip `tiny` with a text replaced, in a file of its own; what reading it says, without folder.
std::string refusal_of_edit(const std::string& from, const std::string& to) {
  const ScratchFolder folder;
  std::string text = file_text(kConfigs + "/chips/tiny.yaml");
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  write_text(folder.file("chip.yaml"), text.replace(at, from.size(), to));
  const std::string message = refusal(folder.file("chip.yaml"));
  const std::size_t name = message.find("chip.yaml:");
  return name == std::string::npos ? message : message.substr(name);
}

TEST(ChipConfigTest, TinyIsReadAsItIsWritten) {
  const ChipConfig chip = load_chip("tiny", kConfigs);
  EXPECT_EQ(chip.name, "tiny");
  EXPECT_EQ(chip.core.count, 2U);
  EXPECT_EQ(chip.core.tensor.kind, TensorUnitKind::kMma);
  EXPECT_EQ(chip.core.tensor.rate(Dtype::kBf16), 512U);
  EXPECT_EQ(chip.core.tensor.rate(Dtype::kInt8), 0U);
  EXPECT_EQ(chip.core.tensor.instruction_k_bytes, 16U);
  EXPECT_EQ(chip.core.tensor.fill_cycles, 16U);
  EXPECT_EQ(chip.core.vector.special_ops_per_cycle, 4U);
  EXPECT_EQ(chip.core.scratchpad.bytes_per_cycle(), 64U);
  EXPECT_EQ(chip.core.dma.max_transfer_bytes, 16384U);
  EXPECT_EQ(chip.dispatch.kernel_launch_fs, 200 * kFsPerNanosecond);
  EXPECT_EQ(chip.dispatch.max_cluster, 2U);
  EXPECT_EQ(chip.memory.bandwidth_bytes_per_s, 32'000'000'000U);
  EXPECT_DOUBLE_EQ(chip.peak_flop_per_s(Dtype::kBf16), 1.024e12);
  EXPECT_DOUBLE_EQ(chip.peak_memory_bytes_per_s(), 32e9);
}

TEST(ChipConfigTest, EveryShippedChipLoads) {
  for (const char* name : {"h100-sxm", "maia100", "npu4", "tiny"}) {
    EXPECT_EQ(refusal(name), "") << name;
  }
}

TEST(ChipConfigTest, TheDataSheetsPeaksAreReproduced) {
  EXPECT_NEAR(load_chip("h100-sxm", kConfigs).peak_flop_per_s(Dtype::kBf16), 989.4e12, 0.2e12);
  EXPECT_NEAR(load_chip("maia100", kConfigs).peak_flop_per_s(Dtype::kBf16), 0.8e15, 0.001e15);
}

TEST(ChipConfigTest, PowerIsOptionalAndGoesWithTheTensorUnit) {
  EXPECT_FALSE(load_chip("tiny", kConfigs).power.has_value());
  const ChipConfig h100 = load_chip("h100-sxm", kConfigs, {"power.cap=500W"});
  ASSERT_TRUE(h100.power.has_value());
  EXPECT_EQ(h100.power->cap_mw, 500'000U);
  EXPECT_GT(h100.highest_flop_per_s(Dtype::kBf16), h100.peak_flop_per_s(Dtype::kBf16));
  EXPECT_FALSE(load_chip("h100-sxm", kConfigs, {"power=null"}).power.has_value());
  EXPECT_THAT(refusal("h100-sxm", {"power.energy.tensor.bf16=null"}),
              HasSubstr("the tensor unit computes in bf16, so 'bf16' is expected, e.g. bf16: 0.7 "
                        "pJ/FLOP"));
  EXPECT_THAT(refusal("h100-sxm", {"core.tensor.rates.int8=null"}),
              HasSubstr("'int8' has no rate in core.tensor.rates"));
}

TEST(ChipConfigTest, OverridesWinAndAreRemembered) {
  const ChipConfig chip = load_chip("tiny", kConfigs, {"core.count=7", "core.tensor.fill=3 clk"});
  EXPECT_EQ(chip.core.count, 7U);
  EXPECT_EQ(chip.core.tensor.fill_cycles, 3U);
  EXPECT_THAT(chip.resolved_text, HasSubstr("count: 7"));
}

TEST(ChipConfigTest, BadValuesAreNamedWithTheirPlace) {
  EXPECT_THAT(refusal_of_edit("count: 2", "count: 0"), StartsWith("chip.yaml:6:10: "));
  EXPECT_THAT(refusal_of_edit("clock: 1 GHz", "clock: 1 GB"), StartsWith("chip.yaml:7:10: "));
  EXPECT_THAT(refusal_of_edit("type: mma", "type: mna"),
              AllOf(StartsWith("chip.yaml:10:11: "), HasSubstr("mma")));
  EXPECT_THAT(refusal_of_edit("fill: 16 clk", "fill: 2000000000 clk"),
              AllOf(StartsWith("chip.yaml:13:11: "), HasSubstr("1000000000")));
  EXPECT_THAT(refusal_of_edit("issue: 2 clk", "isue: 2 clk"), HasSubstr("chip.yaml:"));
}

TEST(ChipConfigTest, BadOverridesAreNamedAsSuch) {
  EXPECT_THAT(refusal("tiny", {"core.max_contexts=65"}), StartsWith("--set"));
  EXPECT_THAT(refusal("tiny", {"dispatch.policy=random"}), HasSubstr("dynamic"));
  EXPECT_THAT(refusal("tiny", {"core.dma.max_transfer=1 KiB"}), HasSubstr("max_transfer"));
}

TEST(ChipConfigTest, PartsMustFitTogether) {
  EXPECT_THAT(refusal("tiny", {"core.count=1"}), HasSubstr("max_cluster 2 exceeds the 1 cores"));
  EXPECT_THAT(refusal("maia100", {"network.columns=2"}), HasSubstr("maia100.yaml:"));
}

TEST(ChipConfigTest, AnUnknownChipIsSuggestedANearOne) {
  EXPECT_THAT(refusal("maia10"), AllOf(HasSubstr("maia100"), HasSubstr("tiny")));
  EXPECT_NE(refusal("/nowhere/chip.yaml"), "");
}

}  // namespace
}  // namespace orrery
