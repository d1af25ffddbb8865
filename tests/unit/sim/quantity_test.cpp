// SPDX-License-Identifier: Apache-2.0
#include "sim/quantity.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace orrery {
namespace {

std::string error_of(std::string_view text, std::span<const UnitScale> units) {
  try {
    parse_quantity(text, units);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(Quantity, DecimalsAreExact) {
  EXPECT_EQ(parse_quantity("1.755 GHz", frequency_units()), 1'755'000'000U);
  EXPECT_EQ(parse_quantity("3.35 TB/s", bandwidth_units()), 3'350'000'000'000U);
  EXPECT_EQ(parse_quantity("0.5 us", time_units()), 500'000'000U);
  EXPECT_EQ(parse_quantity("1.8e3 MB/s", bandwidth_units()), 1'800'000'000U);
  EXPECT_EQ(parse_quantity("64 GiB", byte_units()), std::uint64_t{64} << 30);
  EXPECT_EQ(parse_quantity("0.3 ns", time_units()), 300'000U);  // 0.3 is no double
}

TEST(Quantity, PowerVoltageAndEnergyAreWholeSmallUnits) {
  EXPECT_EQ(parse_quantity("700 W", power_units()), 700'000U);
  EXPECT_EQ(parse_quantity("1.2 kW", power_units()), 1'200'000U);
  EXPECT_EQ(parse_quantity("0.95 V", voltage_units()), 950U);
  EXPECT_EQ(parse_quantity("0.42 pJ", energy_units()), 420'000U);
  EXPECT_EQ(error_of("0.5 mW", power_units()), "is not a whole number of the smallest unit");
}

TEST(Quantity, AreaAndMoneyAreWholeSmallUnits) {
  EXPECT_EQ(parse_quantity("858 mm2", area_units()), 858'000'000'000'000U);
  EXPECT_EQ(parse_quantity("193 um2", area_units()), 193'000'000U);
  EXPECT_EQ(parse_quantity("16.5 USD", money_units()), 16'500'000U);
  EXPECT_EQ(error_of("1 m2", area_units()), "unknown unit 'm2', expected one of: um2, mm2");
}

TEST(Quantity, EveryPlaceCounts) {
  EXPECT_EQ(parse_quantity("1.000000001 GHz", frequency_units()), 1'000'000'001U);
  EXPECT_EQ(parse_quantity("10.01 kHz", frequency_units()), 10'010U);
  EXPECT_EQ(parse_quantity("100 Hz", frequency_units()), 100U);
  EXPECT_EQ(parse_quantity("1.500000000000000000000000000000 kB", byte_units()), 1500U);
  EXPECT_EQ(parse_quantity("0.000 s", time_units()), 0U);
  EXPECT_EQ(parse_quantity("00012 B", byte_units()), 12U);
}

TEST(Quantity, BlankAndExponentAreOptional) {
  EXPECT_EQ(parse_quantity("227KiB", byte_units()), 227U * 1024);
  EXPECT_EQ(parse_quantity("5   ns", time_units()), 5'000'000U);
  EXPECT_EQ(parse_quantity("25e-1 kB", byte_units()), 2500U);
  EXPECT_EQ(parse_quantity("1E+3 B", byte_units()), 1000U);
}

TEST(Quantity, TheLargestValueFitsAndOneMoreDoesNot) {
  EXPECT_EQ(parse_quantity("18446744073709551615 B", byte_units()), ~std::uint64_t{0});
  EXPECT_EQ(error_of("18446744073709551616 B", byte_units()), "does not fit in 64 bits");
  EXPECT_EQ(error_of("99999999999999999999999 B", byte_units()), "does not fit in 64 bits");
  EXPECT_EQ(error_of("5.2 h", time_units()).substr(0, 16), "unknown unit 'h'");
  EXPECT_EQ(error_of("18447 s", time_units()), "does not fit in 64 bits");
  EXPECT_EQ(error_of("1e99999999999 B", byte_units()), "does not fit in 64 bits");
}

TEST(Quantity, PartsOfTheSmallestUnitAreRefused) {
  EXPECT_EQ(error_of("1.5 B", byte_units()), "is not a whole number of the smallest unit");
  EXPECT_EQ(error_of("0.1 KiB", byte_units()), "is not a whole number of the smallest unit");
  EXPECT_EQ(error_of("1e-99999 s", time_units()), "is not a whole number of the smallest unit");
  EXPECT_EQ(parse_quantity("0.5 KiB", byte_units()), 512U);
}

TEST(Quantity, MissingUnitNamesTheAcceptedOnes) {
  EXPECT_EQ(error_of("64", time_units()),
            "the unit is missing, expected one of: fs, ps, ns, us, ms, s");
}

TEST(Quantity, WrongUnitNamesTheAcceptedOnes) {
  EXPECT_EQ(error_of("64 ghz", frequency_units()),
            "unknown unit 'ghz', expected one of: Hz, kHz, MHz, GHz");
  EXPECT_EQ(error_of("64 KB", byte_units()).substr(0, 17), "unknown unit 'KB'");
  EXPECT_EQ(error_of("1,5 GHz", frequency_units()).substr(0, 21), "unknown unit ',5 GHz'");
  EXPECT_EQ(error_of("1. GHz", frequency_units()).substr(0, 20), "unknown unit '. GHz'");
  EXPECT_EQ(error_of("1 GHz ", frequency_units()).substr(0, 19), "unknown unit 'GHz '");
}

TEST(Quantity, SignsAndWordsAreRefused) {
  EXPECT_EQ(error_of("-1 GHz", frequency_units()), "is negative");
  for (const char* text : {"", " ", "+1 GHz", ".5 GHz", "fast", "nan GHz", "0x10 Hz "}) {
    EXPECT_NE(error_of(text, frequency_units()), "no error") << text;
  }
}

}  // namespace
}  // namespace orrery
