// SPDX-License-Identifier: Apache-2.0
#include "sweep/amount.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

double base(const char* text) {
  return parse_amount(text).value().amount().value;
}
std::string kind(const char* text) {
  return parse_amount(text).value().amount().dimension.text();
}

TEST(Amount, UnitsBecomeBaseUnits) {
  EXPECT_DOUBLE_EQ(base("1.4 GHz"), 1.4e9);
  EXPECT_DOUBLE_EQ(base("96 MiB"), 96.0 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(base("3 ms"), 3e-3);
  EXPECT_DOUBLE_EQ(base("0.7 pJ/FLOP"), 0.7e-12);
  EXPECT_DOUBLE_EQ(base("500 W"), 500);
  EXPECT_DOUBLE_EQ(base("850 mV"), 0.85);
  EXPECT_DOUBLE_EQ(base("1.8 TB/s"), 1.8e12);
  EXPECT_DOUBLE_EQ(base("35 %"), 0.35);
  EXPECT_DOUBLE_EQ(base("64"), 64);
  EXPECT_DOUBLE_EQ(base("9e15 PFLOP/s"), 9e30);
}

TEST(Amount, ClocksArePlainNumbersSoThatRatesMultiply) {
  EXPECT_TRUE(parse_amount("20 clk")->unit.dimension.is_number());
  const Dimension rate = parse_amount("8192 FLOP/clk")->unit.dimension;
  const Dimension clock = parse_amount("1 GHz")->unit.dimension;
  EXPECT_EQ(rate.times(clock), parse_amount("1 TFLOP/s")->unit.dimension);
  EXPECT_EQ(kind("1 TB/s"), "byte/s");
  EXPECT_EQ(kind("2 W"), "J/s");
  EXPECT_EQ(kind("7"), "a plain number");
}

TEST(Amount, ColumnsAreInTheUnitsOfResults) {
  EXPECT_EQ(parse_amount("1.4 GHz")->unit.column, "Hz");
  EXPECT_EQ(parse_amount("128 B/clk")->unit.column, "byte/clk");
  EXPECT_EQ(parse_amount("128 B/clk")->in_column(), 128);
  EXPECT_EQ(parse_amount("3 ms")->unit.column, "fs");
  EXPECT_EQ(parse_amount("3 ms")->in_column(), 3e12);
  EXPECT_EQ(parse_amount("2 TB/s")->unit.column, "byte/s");
  EXPECT_EQ(parse_amount("35 %")->in_column(), 35);
  EXPECT_EQ(parse_amount("12")->unit.column, "1");
}

TEST(Amount, WordsAreNone) {
  for (const char* const text : {"mesh", "", "1.4 GHz x", "1.4 XHz", "inf", "nan", "1e999", "GHz",
                                 "1 B/GHz", "[1, 2]", "0x10"}) {
    EXPECT_FALSE(parse_amount(text)) << text;
  }
}

TEST(Amount, AUnitEndsWhereItIsNoLongerOne) {
  EXPECT_EQ(unit_length("GB/s * 3"), 4U);
  EXPECT_EQ(unit_length("ms/core.count"), 2U);
  EXPECT_EQ(unit_length("in (1, 2)"), 0U);
  EXPECT_EQ(unit_length("GHz2"), 0U);
  EXPECT_EQ(unit_length(""), 0U);
}

}  // namespace
}  // namespace orrery
