// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_cells.h"

#include <limits>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(CompareCells, SignsWhatIsNotZero) {
  EXPECT_EQ(signed_us(1.04, 1000), "+1.0");
  EXPECT_EQ(signed_us(-1.04, 1000), "-1.0");
  EXPECT_EQ(signed_us(-0.04, 1000), "0.0");
  EXPECT_EQ(signed_us(0.04, 1000), "0.0");
  EXPECT_EQ(signed_us(0.04, 99), "+0.040");
  EXPECT_EQ(us(-0.01, 1000), "0.0");
  EXPECT_EQ(signed_percent(0.0004), "0.0");
  EXPECT_EQ(signed_percent(0.012), "+1.2");
  EXPECT_EQ(signed_percent(std::numeric_limits<double>::quiet_NaN()), "n/a");
}

TEST(CompareCells, AmountsHaveTheUnitOfTheRecord) {
  EXPECT_EQ(amount(1e9, "byte"), "1.00 GB");
  EXPECT_EQ(amount(2e12, "byte/s"), "2.00 TB/s");
  EXPECT_EQ(amount(1.5e12, "fs"), "1.50 ms");
  EXPECT_EQ(amount(71311, "1/s"), "71.3 k/s");
  EXPECT_EQ(amount(12345, "1"), "12345");
  EXPECT_EQ(amount(0.226, "1"), "0.226");
  EXPECT_EQ(amount(2.5e6, "1"), "2.50 M");
  EXPECT_EQ(amount(317, "W"), "317 W");
  EXPECT_EQ(amount(std::nullopt, "W"), "none");
  EXPECT_EQ(ratio(1, 2), "0.500");
  EXPECT_EQ(ratio(1, 0), "");
}

TEST(CompareCells, EveryStepHasALabel) {
  EXPECT_STREQ(label_of("power").label, "lowered clock (power)");
  EXPECT_STREQ(label_of("only_b").brief, "only B");
  EXPECT_STREQ(label_of("no such").label, "?");
}

}  // namespace
}  // namespace orrery
