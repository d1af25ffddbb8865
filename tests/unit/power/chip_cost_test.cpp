// SPDX-License-Identifier: Apache-2.0
#include "power/chip_cost.h"

#include <gtest/gtest.h>

#include "tests/support/area_sample.h"

namespace orrery {
namespace {

const AreaTable& table() {
  static const AreaTable kTable = read_area_table(parse_config(kAreaTable, "t.yaml"));
  return kTable;
}

TEST(ChipCost, IsDiesMemoryAndPackage) {
  ChipPurchase purchase;
  purchase.die_mm2 = 100;
  purchase.fixed_mm2 = 100;
  purchase.memory_gb = 16;
  purchase.memory_usd_per_gb = 10;
  purchase.stack_sites = 2;
  const auto cost = chip_cost(purchase, table(), table().nodes[0]);
  ASSERT_TRUE(cost.has_value());
  EXPECT_EQ(cost->gross_dies, 640U);
  EXPECT_DOUBLE_EQ(cost->yield, 0.907029);  // (1 + 0.1 / 2)^-2, in millionths
  EXPECT_DOUBLE_EQ(cost->good_dies(), 640 * 0.907029);
  EXPECT_NEAR(cost->die_usd, 10000 / 580.4986, 1e-4);
  EXPECT_DOUBLE_EQ(cost->dies_usd, cost->die_usd);
  EXPECT_DOUBLE_EQ(cost->memory_usd, 160);
  EXPECT_DOUBLE_EQ(cost->package_usd, 0.5 * (100 + 200));
  EXPECT_DOUBLE_EQ(cost->total_usd(), cost->dies_usd + 160 + 150);
}

TEST(ChipCost, PaysForEachDie) {
  ChipPurchase purchase;
  purchase.die_mm2 = 100;
  purchase.fixed_mm2 = 100;
  const double one = chip_cost(purchase, table(), table().nodes[0])->dies_usd;
  purchase.dies = 2;
  const auto cost = chip_cost(purchase, table(), table().nodes[0]);
  EXPECT_DOUBLE_EQ(cost->dies_usd, 2 * one);
  EXPECT_DOUBLE_EQ(cost->package_usd, 0.5 * 200);
}

TEST(ChipCost, TakesTheNodesWaferAndDefects) {
  ChipPurchase purchase;
  purchase.die_mm2 = 100;
  purchase.fixed_mm2 = 100;
  const auto cost = chip_cost(purchase, table(), table().nodes[1]);
  EXPECT_DOUBLE_EQ(cost->yield, 0.826446);  // (1 + 0.2 / 2)^-2
  EXPECT_NEAR(cost->die_usd, 16000 / (640 * 0.826446), 1e-9);
}

TEST(ChipCost, IsNoneWhereNoGoodDieComesOffAWafer) {
  ChipPurchase purchase;
  purchase.die_mm2 = 70'000;
  purchase.fixed_mm2 = 70'000;
  EXPECT_FALSE(chip_cost(purchase, table(), table().nodes[0]).has_value());
  ProcessNode hopeless = table().nodes[0];
  hopeless.defects_per_cm2 = 100;
  purchase.die_mm2 = 40'000;
  purchase.fixed_mm2 = 40'000;
  EXPECT_FALSE(chip_cost(purchase, table(), hopeless).has_value());
}

}  // namespace
}  // namespace orrery
