// SPDX-License-Identifier: Apache-2.0
#include "sim/quantity_order.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(QuantityOrderTest, ComparesAcrossUnitsOfAKind) {
  EXPECT_EQ(lies_within("1.4 us", "500 ns", "3 us"), true);
  EXPECT_EQ(lies_within("4 us", "500 ns", "3 us"), false);
  EXPECT_EQ(lies_within("499ns", "500 ns", "3 us"), false);
  EXPECT_EQ(lies_within("1 KiB", "1024 B", "1 MB"), true);
  EXPECT_EQ(lies_within("0.5", "0", "1"), true);
  EXPECT_EQ(lies_within("0.5 mm2", "100 um2", "1 mm2"), true);
  EXPECT_EQ(lies_within("0.5 mm2", "1 USD", "2 USD"), std::nullopt);
}

TEST(QuantityOrderTest, TakesUnitsThatItDoesNotKnowAsKindsOfTheirOwn) {
  EXPECT_EQ(lies_within("10 clk", "0 clk", "64 clk"), true);
  EXPECT_EQ(lies_within("65 clk", "0 clk", "64 clk"), false);
  EXPECT_EQ(lies_within("10 clk", "0 ns", "64 ns"), std::nullopt);
  EXPECT_EQ(lies_within("10", "0 clk", "64 clk"), std::nullopt);
  EXPECT_EQ(lies_within("true", "0", "1"), std::nullopt);
  EXPECT_EQ(lies_within("", "0", "1"), std::nullopt);
}

}  // namespace
}  // namespace orrery
