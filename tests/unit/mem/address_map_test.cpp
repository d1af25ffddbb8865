// SPDX-License-Identifier: Apache-2.0
#include "mem/address_map.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr std::uint64_t kUnit = 256;
constexpr std::uint64_t kRow = 1024;

AddressMap map_of(std::uint32_t channels) {
  return AddressMap(channels, kUnit, kRow, 16);
}

class AddressMapOfChannels : public ::testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Counts,
                         AddressMapOfChannels,
                         ::testing::Values(1, 2, 16, 64, 80, 160, 192, 7));

TEST_P(AddressMapOfChannels, EachGroupOfConsecutiveUnitsCoversEveryChannelOnce) {
  const AddressMap map = map_of(GetParam());
  for (std::uint64_t group = 0; group < 200; ++group) {
    std::set<std::uint32_t> seen;
    for (std::uint64_t i = 0; i < GetParam(); ++i) {
      const std::uint64_t unit = group * GetParam() + i;
      EXPECT_EQ(map.group_of(unit), group);
      seen.insert(map.channel_of(unit));
    }
    ASSERT_EQ(seen.size(), GetParam());
  }
}

TEST_P(AddressMapOfChannels, TwoUnitsNeverMeetInOnePlace) {
  const AddressMap map = map_of(GetParam());
  std::set<std::tuple<std::uint32_t, std::uint64_t>> seen;
  for (std::uint64_t unit = 0; unit < 20'000; ++unit) {
    EXPECT_TRUE(seen.insert({map.channel_of(unit), map.group_of(unit)}).second);
    EXPECT_LT(map.channel_of(unit), GetParam());
  }
}

TEST_P(AddressMapOfChannels, PowerOfTwoPitchesSpreadOverChannels) {
  const AddressMap map = map_of(GetParam());
  constexpr std::uint64_t kRows = 65536;
  for (std::uint64_t pitch = 128; pitch <= 65536; pitch *= 2) {
    std::vector<std::uint64_t> load(GetParam());
    for (std::uint64_t row = 0; row < kRows; ++row) {
      ++load[map.locate(row * pitch).channel];
    }
    const std::uint64_t most = *std::max_element(load.begin(), load.end());
    EXPECT_LE(most * GetParam(), kRows * 5 / 4) << "pitch " << pitch;
  }
}

TEST_P(AddressMapOfChannels, OddPitchesSpreadOverChannels) {
  const AddressMap map = map_of(GetParam());
  constexpr std::uint64_t kRows = 65536;
  for (const std::uint64_t units : {31, 33, 63, 65, 80, 127, 129, 160, 165, 1023}) {
    std::vector<std::uint64_t> load(GetParam());
    for (std::uint64_t row = 0; row < kRows; ++row) {
      ++load[map.locate(row * units * kUnit).channel];
    }
    const std::uint64_t most = *std::max_element(load.begin(), load.end());
    EXPECT_LE(most * GetParam(), kRows * 5 / 4) << "pitch of units " << units;
  }
}

TEST(AddressMap, ConsecutiveRowsOfAChannelLieInDifferentBanks) {
  const AddressMap map = map_of(16);
  std::set<std::uint32_t> banks;
  for (std::uint64_t row = 0; row < 16; ++row) {
    banks.insert(map.bank_of(row));
  }
  EXPECT_EQ(banks.size(), 16U);
}

TEST(AddressMap, FourUnitsOf256BytesShareARowOfOneKiB) {
  const AddressMap map = map_of(1);
  EXPECT_EQ(map.locate(0).row, map.locate(1023).row);
  EXPECT_NE(map.locate(0).row, map.locate(1024).row);
}

TEST(AddressMap, DivisionByAnOddNumberIsExactForLargeAddresses) {
  const AddressMap map = map_of(160);
  for (std::uint64_t unit = (std::uint64_t{1} << 40) - 2000; unit < (std::uint64_t{1} << 40);
       ++unit) {
    EXPECT_EQ(map.group_of(unit), unit / 160);
  }
}

TEST(AddressMap, RefusesWhatIsNoPowerOfTwo) {
  EXPECT_THROW(AddressMap(0, 256, 1024, 16), std::invalid_argument);
  EXPECT_THROW(AddressMap(4, 200, 1024, 16), std::invalid_argument);
  EXPECT_THROW(AddressMap(4, 256, 1000, 16), std::invalid_argument);
  EXPECT_THROW(AddressMap(4, 256, 128, 16), std::invalid_argument);
  EXPECT_THROW(AddressMap(4, 256, 1024, 12), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
