// SPDX-License-Identifier: Apache-2.0
#include "cli/format.h"

#include <limits>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Engineering, KeepsThreeDigitsAndPicksThePrefix) {
  EXPECT_EQ(engineering(1.23e-5, "s"), "12.3 µs");
  EXPECT_EQ(engineering(1.234e-3, "s"), "1.23 ms");
  EXPECT_EQ(engineering(7.45e14, "FLOP/s"), "745 TFLOP/s");
  EXPECT_EQ(engineering(3.12e12, "B/s"), "3.12 TB/s");
  EXPECT_EQ(engineering(1.61e10, "B"), "16.1 GB");
  EXPECT_EQ(engineering(42, "B"), "42.0 B");
  EXPECT_EQ(engineering(-2.5e3, "B"), "-2.50 kB");
  EXPECT_EQ(engineering(0, "s"), "0 s");
}

TEST(Engineering, RoundsIntoTheNextPrefix) {
  EXPECT_EQ(engineering(999.4, "B"), "999 B");
  EXPECT_EQ(engineering(999.6, "B"), "1.00 kB");
  EXPECT_EQ(engineering(9.996e-4, "s"), "1.00 ms");
}

TEST(Engineering, LeavesTheRangeOfPrefixesWithDigits) {
  EXPECT_EQ(engineering(1.5e22, "B"), "15000 EB");
  EXPECT_EQ(engineering(1.5e-16, "s"), "0.150 fs");
}

TEST(Formats, SayWhatIsNotANumber) {
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(engineering(value, "B"), "n/a");
    EXPECT_EQ(significant(value), "n/a");
    EXPECT_EQ(fixed(value, 2), "n/a");
    EXPECT_EQ(percent(value), "n/a");
  }
}

TEST(Formats, FillCellsOfTables) {
  EXPECT_EQ(format_time(12'300'000'000), "12.3 µs");
  EXPECT_EQ(significant(12345.6), "12346");
  EXPECT_EQ(significant(74.51), "74.5");
  EXPECT_EQ(significant(0.07451), "0.0745");
  EXPECT_EQ(percent(0.6123), "61.2");
  EXPECT_EQ(microseconds(kFsPerMicrosecond / 2, 2 * kFsPerMicrosecond), "0.500");
  EXPECT_EQ(microseconds(kFsPerMicrosecond / 2, 200 * kFsPerMicrosecond), "0.5");
}

}  // namespace
}  // namespace orrery
