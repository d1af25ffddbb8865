// SPDX-License-Identifier: Apache-2.0
#include "mem/dram_address_map.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <ostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/random.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct NamedGeometry {
  const char* name;
  DramGeometry geometry;
};
std::ostream& operator<<(std::ostream& out, const NamedGeometry& one) {
  return out << one.name;
}

// Pseudo-channels, stack IDs, bank groups, banks of a group, rows, columns, bytes of a burst.
constexpr NamedGeometry kHbm2{"hbm2", {2, 1, 4, 4, 65536, 32, 32}};
constexpr NamedGeometry kHbm3{"hbm3", {2, 2, 4, 4, 16384, 32, 32}};
constexpr NamedGeometry kHbm4{"hbm4", {2, 2, 2, 8, 16384, 32, 32}};

std::string text_of(const DramPlace& place) {
  return fmt::format("channel {} pc {} sid {} group {} bank {} row {} column {}", place.channel,
                     place.pseudo_channel, place.stack_id, place.bank_group, place.bank, place.row,
                     place.column);
}

std::string error_of(const std::string& order,
                     const std::string& hash = "",
                     const DramGeometry& geometry = kHbm3.geometry,
                     std::uint32_t channels = 16) {
  try {
    const DramAddressMap map(geometry, channels, order, hash);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

// The maps A, B and H as their text in words has it: 256 B of one channel, then the next channel;
// within a channel digits from the least significant one on.
DramPlace named_place(char map,
                      std::uint64_t burst,
                      std::uint32_t channels,
                      const DramGeometry& geometry) {
  const std::uint64_t low = 256 / geometry.burst_bytes;
  const std::uint64_t above_channel = burst / low / channels;
  std::uint64_t local = above_channel * low + burst % low;
  const auto digit = [&local](std::uint32_t values) {
    const auto value = static_cast<std::uint32_t>(local % values);
    local /= values;
    return value;
  };
  DramPlace place;
  place.channel = static_cast<std::uint32_t>(burst / low % channels);
  place.pseudo_channel = digit(geometry.pseudo_channels);
  if (map == 'B') {
    place.column = digit(geometry.columns);
    place.bank_group = digit(geometry.bank_groups);
  } else {
    place.bank_group = digit(geometry.bank_groups);
    place.column = digit(geometry.columns);
  }
  place.bank = digit(geometry.banks_per_group);
  place.stack_id = digit(geometry.stack_ids);
  place.row = digit(geometry.rows);
  if (map == 'H') {
    for (std::uint64_t rest = channels > 1 ? above_channel : 0; rest > 0; rest /= channels) {
      place.channel ^= static_cast<std::uint32_t>(rest % channels);
    }
    place.bank_group ^= place.row % geometry.bank_groups;
    place.bank ^= place.row / geometry.bank_groups % geometry.banks_per_group;
    for (std::uint32_t row = place.row; row > 0; row >>= 1) {
      place.pseudo_channel ^= row & 1;
    }
  }
  return place;
}

using NamedMapCase = std::tuple<char, NamedGeometry, std::uint32_t>;
class NamedMap : public ::testing::TestWithParam<NamedMapCase> {};
INSTANTIATE_TEST_SUITE_P(All,
                         NamedMap,
                         ::testing::Combine(::testing::Values('A', 'B', 'H'),
                                            ::testing::Values(kHbm2, kHbm3, kHbm4),
                                            ::testing::Values(1U, 8U, 16U, 32U)),
                         [](const ::testing::TestParamInfo<NamedMapCase>& named) {
                           return fmt::format("{}_{}_{}", std::get<0>(named.param),
                                              std::get<1>(named.param).name,
                                              std::get<2>(named.param));
                         });

TEST_P(NamedMap, PutsBurstsWhereItsDescriptionSays) {
  const auto& [name, named, channels] = GetParam();
  const DramGeometry& geometry = named.geometry;
  const DramAddressMap map(geometry, channels, std::string(1, name));
  ASSERT_EQ(map.bursts(), geometry.bursts_of_channel() * channels);
  ASSERT_EQ(map.channels(), channels);
  const auto check = [&, n = name, c = channels](std::uint64_t burst) {
    const DramPlace expected = named_place(n, burst, c, geometry);
    const DramPlace place = map.locate(burst);
    ASSERT_EQ(place, expected) << "burst " << burst << ": " << text_of(place) << ", expected "
                               << text_of(expected);
    ASSERT_EQ(map.burst_of(place), burst);
  };
  for (std::uint64_t burst = 0; burst < 2000; ++burst) {
    check(burst);
    check(map.bursts() - 1 - burst);
    check(random_below(1, burst, map.bursts()));
  }
}

TEST(DramAddressMap, SaysItsFieldsAndHash) {
  const auto text = [](const DramGeometry& geometry, const char* order, const char* hash = "") {
    return DramAddressMap(geometry, 16, order, hash).text();
  };
  EXPECT_EQ(text(kHbm3.geometry, "A"),
            "pseudo_channel, bank_group, channel, column, bank, stack_id, row; hash none");
  EXPECT_EQ(text(kHbm4.geometry, "A"),
            "pseudo_channel, bank_group, column:2, channel, column:16, bank, stack_id, row; "
            "hash none");
  EXPECT_EQ(text(kHbm3.geometry, "B"),
            "pseudo_channel, column:4, channel, column:8, bank_group, bank, stack_id, row; "
            "hash none");
  EXPECT_EQ(text(kHbm3.geometry, "H"),
            "pseudo_channel, bank_group, channel, column, bank, stack_id, row; hash xor");
  EXPECT_EQ(text(kHbm3.geometry, "default"),
            "column:8, channel, pseudo_channel, bank_group, column:4, bank, stack_id, row; "
            "hash mix");
  EXPECT_EQ(text(kHbm3.geometry, "default", "none"),
            "column:8, channel, pseudo_channel, bank_group, column:4, bank, stack_id, row; "
            "hash none");
  EXPECT_EQ(text(kHbm3.geometry, "A", "mix"),
            "pseudo_channel, bank_group, channel, column, bank, stack_id, row; hash mix");
}

TEST(DramAddressMap, ItsTextIsAnOrderOfTheSameMap) {
  for (const char* name : {"A", "B", "H", "default"}) {
    const DramAddressMap map(kHbm4.geometry, 40, name);
    const std::string text = map.text();
    const auto end = text.find("; hash ");
    const DramAddressMap again(kHbm4.geometry, 40, text.substr(0, end), text.substr(end + 7));
    EXPECT_EQ(again.text(), text);
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const std::uint64_t burst = random_below(2, i, map.bursts());
      ASSERT_EQ(again.locate(burst), map.locate(burst));
    }
  }
}

TEST(DramAddressMap, NamedMapsGoToTheNextChannelAfter256Bytes) {
  for (const std::uint32_t burst_bytes : {32U, 64U, 128U, 256U, 512U}) {
    DramGeometry geometry = kHbm3.geometry;
    geometry.burst_bytes = burst_bytes;
    const std::uint64_t unit = std::max(1U, 256 / burst_bytes);
    for (const char* name : {"A", "B", "default"}) {
      const DramAddressMap map(geometry, 16, name, "none");
      for (std::uint64_t burst = 0; burst < 64 * unit; ++burst) {
        ASSERT_EQ(map.locate(burst).channel, burst / unit % 16) << name << " " << burst_bytes;
      }
    }
  }
}

TEST(DramAddressMap, TheDefaultPutsRunsOf256BytesSideBySide) {
  const DramAddressMap map(kHbm3.geometry, 80, "default");
  EXPECT_EQ(map.run_length(), 8U);
  for (std::uint64_t run = 0; run < 2000; ++run) {
    const std::uint64_t first = random_below(3, run, map.bursts() / 8) * 8;
    DramPlace expected = map.locate(first);
    EXPECT_EQ(expected.column % 8, 0U);
    for (std::uint64_t i = 1; i < 8; ++i) {
      ++expected.column;
      ASSERT_EQ(map.locate(first + i), expected);
    }
  }
}

TEST(DramAddressMap, TheDefaultWithoutAHashIsPlainDigits) {
  const DramAddressMap map(kHbm3.geometry, 5, "default", "none");
  // Channel, pseudo-channel, stack ID, bank group, bank, row, column.
  EXPECT_EQ(map.locate(7), (DramPlace{0, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(map.locate(8), (DramPlace{1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(map.locate(8UL * 5), (DramPlace{0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(map.locate(8UL * 5 * 2), (DramPlace{0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(map.locate(8UL * 5 * 2 * 4), (DramPlace{0, 0, 0, 0, 0, 0, 8}));
  EXPECT_EQ(map.locate(8UL * 5 * 2 * 4 * 4), (DramPlace{0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(map.locate(8UL * 5 * 2 * 4 * 4 * 4), (DramPlace{0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(map.locate(8UL * 5 * 2 * 4 * 4 * 4 * 2), (DramPlace{0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(map.locate(map.bursts() - 1), (DramPlace{4, 1, 1, 3, 3, 16383, 31}));
}

TEST(DramAddressMap, RowsOfARunOrLessStayWhole) {
  for (const std::uint32_t columns : {1U, 4U, 8U, 12U}) {
    DramGeometry geometry = kHbm3.geometry;
    geometry.columns = columns;
    const DramAddressMap map(geometry, 16, "default");
    EXPECT_EQ(map.run_length(), columns);
    EXPECT_THAT(map.text(), HasSubstr("column, channel, pseudo_channel"));
  }
}

TEST(DramAddressMap, PartsOfAFieldStandWhereTheOrderPutsThem) {
  // 3 x 8 = 24 rows: digits 2 (row), 5 (channel), 4 (column), 12 (row), 3 (column).
  const DramGeometry geometry{1, 1, 1, 1, 24, 12, 32};
  const DramAddressMap map(geometry, 5,
                           "row:2, channel, column:4, row, column:3, pseudo_channel, bank", "none");
  EXPECT_EQ(map.bursts(), 24U * 5 * 12);
  for (std::uint32_t burst = 0; burst < map.bursts(); ++burst) {
    DramPlace expected;
    expected.row = burst % 2 + 2 * (burst / 40 % 12);
    expected.channel = burst / 2 % 5;
    expected.column = burst / 10 % 4 + 4 * (burst / 480);
    ASSERT_EQ(map.locate(burst), expected) << burst;
  }
}

TEST(DramAddressMap, AFieldMayStandInThreePowersOfTwo) {
  const DramGeometry geometry{2, 1, 1, 1, 8, 8, 32};
  const DramAddressMap map(geometry, 2,
                           "column:2,row:2,column:2,row:2,channel,column,row,"
                           "pseudo_channel",
                           "none");
  for (std::uint32_t burst = 0; burst < map.bursts(); ++burst) {
    const auto bit = [burst](std::uint32_t i) { return burst >> i & 1; };
    DramPlace expected;
    expected.column = bit(0) | bit(2) << 1 | bit(5) << 2;
    expected.row = bit(1) | bit(3) << 1 | bit(6) << 2;
    expected.channel = bit(4);
    expected.pseudo_channel = bit(7);
    ASSERT_EQ(map.locate(burst), expected) << burst;
  }
}

TEST(DramAddressMap, SpacesDoNotMatter) {
  const DramAddressMap map(kHbm3.geometry, 16,
                           "  column : 8,channel ,\tpseudo_channel, bank_group,column,"
                           "bank,stack_id, row ",
                           "none");
  EXPECT_EQ(map.text(), DramAddressMap(kHbm3.geometry, 16, "default", "none").text());
  EXPECT_EQ(DramAddressMap(kHbm3.geometry, 16, " A ").text(),
            DramAddressMap(kHbm3.geometry, 16, "A").text());
}

TEST(DramAddressMap, AFieldOfOneValueMayBeLeftOut) {
  const DramAddressMap map(kHbm2.geometry, 1, "column, bank, bank_group, pseudo_channel, row");
  EXPECT_EQ(map.bursts(), kHbm2.geometry.bursts_of_channel());
  EXPECT_EQ(map.locate(map.bursts() - 1).stack_id, 0U);
}

TEST(DramAddressMap, ARunIsAsLongAsTheLowestPartOfTheColumn) {
  const auto run_length = [](const char* order, const char* hash) {
    return DramAddressMap(kHbm3.geometry, 12, order, hash).run_length();
  };
  for (const char* hash : {"none", "xor", "mix"}) {
    EXPECT_EQ(run_length("A", hash), 1U);
    EXPECT_EQ(run_length("B", hash), 1U);
    EXPECT_EQ(run_length("default", hash), 8U);
    EXPECT_EQ(run_length("column,channel,pseudo_channel,bank_group,bank,stack_id,row", hash), 32U);
    EXPECT_EQ(
        run_length("column:2,channel,column,pseudo_channel,bank_group,bank,stack_id,row", hash),
        2U);
  }
}

TEST(DramAddressMap, OrdersOfFieldsAreMixedUnlessToldOtherwise) {
  const std::string order = "column,channel,pseudo_channel,bank_group,bank,stack_id,row";
  EXPECT_THAT(DramAddressMap(kHbm3.geometry, 16, order).text(), HasSubstr("hash mix"));
  EXPECT_THAT(DramAddressMap(kHbm3.geometry, 16, order, "xor").text(), HasSubstr("hash xor"));
  EXPECT_THAT(DramAddressMap(kHbm3.geometry, 16, order, "none").text(), HasSubstr("hash none"));
  EXPECT_THAT(DramAddressMap(kHbm3.geometry, 16, "H", "none").text(), HasSubstr("hash none"));
}

TEST(DramAddressMap, WithoutAPowerOfTwoXorAddsAndWraps) {
  const DramGeometry geometry{2, 1, 3, 5, 12, 2, 32};
  const DramAddressMap map(geometry, 7, "column,channel,pseudo_channel,bank_group,bank,row", "xor");
  for (std::uint32_t burst = 0; burst < map.bursts(); ++burst) {
    const std::uint32_t above = burst / 14;
    DramPlace expected;
    expected.column = burst % 2;
    expected.channel = burst / 2 % 7;
    for (std::uint32_t rest = above; rest > 0; rest /= 7) {
      expected.channel = (expected.channel + rest % 7) % 7;
    }
    expected.row = above / 30;
    expected.pseudo_channel = (above + static_cast<std::uint32_t>(std::popcount(expected.row))) % 2;
    expected.bank_group = (above / 2 + expected.row) % 3;
    expected.bank = (above / 6 + expected.row / 3) % 5;
    ASSERT_EQ(map.locate(burst), expected) << burst;
    ASSERT_EQ(map.burst_of(expected), burst);
  }
}

TEST(DramAddressMap, RefusesUnknownFields) {
  EXPECT_THAT(error_of("columm,channel"),
              AllOf(HasSubstr("unknown field 'columm'"),
                    HasSubstr("expected A, B, H, default or an order of channel, pseudo_channel, "
                              "stack_id, bank_group, bank, row, column")));
  EXPECT_THAT(error_of("C"), HasSubstr("unknown field 'C'"));
  EXPECT_THAT(error_of("a"), HasSubstr("unknown field 'a'"));
  EXPECT_THAT(error_of(""), HasSubstr("unknown field ''"));
  EXPECT_THAT(error_of("column,channel,"), HasSubstr("unknown field ''"));
  EXPECT_THAT(error_of("column;channel"), HasSubstr("unknown field 'column;channel'"));
}

TEST(DramAddressMap, RefusesAMissingField) {
  const std::vector<std::string> fields{
      "column", "channel", "pseudo_channel", "bank_group", "bank", "stack_id", "row"};
  for (const std::string& left_out : fields) {
    std::string order;
    for (const std::string& field : fields) {
      if (field != left_out) {
        order += (order.empty() ? "" : ",") + field;
      }
    }
    EXPECT_THAT(error_of(order), HasSubstr("'" + left_out + "' is missing"));
  }
}

TEST(DramAddressMap, RefusesPartsThatOverlap) {
  EXPECT_THAT(error_of("column,channel,pseudo_channel,bank_group,column,bank,stack_id,row"),
              HasSubstr("'column' stands 2 times without a number of values: parts overlap"));
  EXPECT_THAT(error_of("row,row,row,channel,pseudo_channel,bank_group,column,bank,stack_id"),
              HasSubstr("'row' stands 3 times"));
}

TEST(DramAddressMap, RefusesPartsThatExceedAField) {
  const std::string rest = ",channel,pseudo_channel,bank_group,bank,stack_id,row";
  EXPECT_THAT(error_of("column:64" + rest), HasSubstr("parts of 'column' have 64 values"));
  EXPECT_THAT(error_of("column:64" + rest), HasSubstr("it has only 32"));
  EXPECT_THAT(error_of("column:8,column:8" + rest), HasSubstr("parts of 'column' have 64 values"));
}

TEST(DramAddressMap, RefusesPartsThatDoNotDivideAField) {
  const std::string rest = ",channel,pseudo_channel,bank_group,bank,stack_id,row";
  EXPECT_THAT(error_of("column:24" + rest),
              HasSubstr("parts of 'column' make 24, which does not divide its 32"));
  EXPECT_THAT(error_of("column:24,column" + rest),
              HasSubstr("parts of 'column' make 24, which does not divide its 32"));
  EXPECT_THAT(error_of("column:16" + rest), HasSubstr("parts of 'column' have only 16 of its 32"));
  EXPECT_THAT(error_of("column:4,column:4" + rest),
              HasSubstr("parts of 'column' have only 16 of its 32"));
}

TEST(DramAddressMap, RefusesNumbersOfValuesThatAreNone) {
  for (const char* number : {"0", "-2", "8x", "x", "", "1.5", "0x8", "+8", "99999999999", "8 8"}) {
    const std::string item = "column:" + std::string(number);
    EXPECT_THAT(error_of(item + ",column,channel,pseudo_channel,bank_group,bank,stack_id,row"),
                HasSubstr("'" + std::string(number) + "' is not a number of values"))
        << item;
  }
  EXPECT_THAT(error_of("column:8:4,channel"), HasSubstr("'8:4' is not a number of values"));
}

TEST(DramAddressMap, RefusesMorePartsThanThereAreBits) {
  std::string order;
  for (int i = 0; i < 65; ++i) {
    order += "column:1,";
  }
  EXPECT_THAT(error_of(order + "column"), HasSubstr("more than 64 parts"));
}

TEST(DramAddressMap, RefusesUnknownHashes) {
  for (const char* hash : {"XOR", "crc", " mix", "none,xor"}) {
    EXPECT_THAT(error_of("A", hash),
                HasSubstr("unknown hash '" + std::string(hash) + "', expected none, xor or mix"));
  }
}

TEST(DramAddressMap, XorNeedsTheChannelInOnePart) {
  const std::string order = "channel:4,column,channel,pseudo_channel,bank_group,bank,stack_id,row";
  EXPECT_THAT(error_of(order, "xor"), HasSubstr("hash xor needs the channel in one part"));
  EXPECT_EQ(error_of(order, "mix"), "no error");
  EXPECT_EQ(error_of(order, "none"), "no error");
}

TEST(DramPlace, CountsTheBanksOfAPseudoChannelByStackIdAndGroup) {
  const DramGeometry& geometry = kHbm3.geometry;
  std::uint32_t next = 0;
  for (std::uint32_t stack_id = 0; stack_id < geometry.stack_ids; ++stack_id) {
    for (std::uint32_t group = 0; group < geometry.bank_groups; ++group) {
      for (std::uint32_t bank = 0; bank < geometry.banks_per_group; ++bank) {
        EXPECT_EQ((DramPlace{3, 1, stack_id, group, bank, 9, 9}).bank_index(geometry), next++);
      }
    }
  }
  EXPECT_EQ(next, geometry.banks());
}

}  // namespace
}  // namespace orrery
