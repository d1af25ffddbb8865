// SPDX-License-Identifier: Apache-2.0
#include "sweep/derived_values.h"

#include <gtest/gtest.h>

#include "arch/chip_area.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

Amount amount_of(const ChipConfig& chip, const std::string& name) {
  return std::get<Amount>(derived_value(chip, name));
}

TEST(DerivedValues, AreThoseOfTheChip) {
  const ChipConfig chip = load_chip("maia100", kSourceConfigs, {});
  const ChipArea area = *chip_area(chip);
  EXPECT_DOUBLE_EQ(amount_of(chip, "die_area").value, area.total_mm2);
  EXPECT_EQ(amount_of(chip, "die_area").dimension.text(), "mm2");
  EXPECT_DOUBLE_EQ(amount_of(chip, "chip_cost").value, area.cost->total_usd());
  EXPECT_DOUBLE_EQ(amount_of(chip, "peak.bf16").value, chip.peak_flop_per_s(Dtype::kBf16));
  EXPECT_EQ(amount_of(chip, "peak.bf16").dimension.text(), "FLOP/s");
  EXPECT_DOUBLE_EQ(amount_of(chip, "peak.memory").value, chip.peak_memory_bytes_per_s());
  EXPECT_EQ(amount_of(chip, "peak.tf32").value, 0);  // which it does not have
}

TEST(DerivedValues, EveryNameHasAValue) {
  const ChipConfig chip = load_chip("h100-sxm", kSourceConfigs, {});
  for (const std::string& name : derived_names()) {
    EXPECT_TRUE(is_derived(name)) << name;
    EXPECT_GE(amount_of(chip, name).value, 0) << name;
  }
  EXPECT_FALSE(is_derived("core.count"));
}

}  // namespace
}  // namespace orrery
