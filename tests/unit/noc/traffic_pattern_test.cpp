// SPDX-License-Identifier: Apache-2.0
#include "noc/traffic_pattern.h"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace {

using ::testing::ElementsAre;

constexpr NodeGrid kFourByThree{.columns = 4, .rows = 3};

std::vector<std::uint32_t> destinations(std::string_view text, const NodeGrid& grid) {
  const TrafficPattern pattern(text, grid);
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t source = 0; source < grid.count(); ++source) {
    nodes.push_back(pattern.destination(source, 1, 0));
  }
  return nodes;
}

// Those of many packets from one node.
std::set<std::uint32_t> all_destinations(std::string_view text, const NodeGrid& grid) {
  const TrafficPattern pattern(text, grid);
  std::set<std::uint32_t> nodes;
  for (std::uint64_t packet = 0; packet < 1'000; ++packet) {
    nodes.insert(pattern.destination(5 % grid.count(), 1, packet));
  }
  return nodes;
}

std::string refusal(std::string_view text, const NodeGrid& grid = kFourByThree) {
  try {
    const TrafficPattern pattern(text, grid);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(TrafficPatternTest, UniformTrafficGoesToAllNodesAlike) {
  const TrafficPattern pattern("uniform", kFourByThree);
  std::vector<int> packets(12, 0);
  for (std::uint64_t packet = 0; packet < 12'000; ++packet) {
    ++packets.at(pattern.destination(3, 7, packet));
  }
  for (const int count : packets) {
    EXPECT_NEAR(count, 1'000, 150);  // five standard deviations
  }
}

TEST(TrafficPatternTest, EqualDrawsGiveEqualDestinations) {
  for (const char* text : {"uniform", "hotspot:0,3,4,7,8", "edge"}) {
    const TrafficPattern pattern(text, kFourByThree);
    std::set<std::uint64_t> sequences;
    for (const std::uint64_t seed : {1U, 2U, 1U}) {
      std::uint64_t sequence = 0;
      for (std::uint64_t packet = 0; packet < 15; ++packet) {
        sequence = sequence * 16 + pattern.destination(0, seed, packet);
      }
      sequences.insert(sequence);
    }
    EXPECT_EQ(sequences.size(), 2U) << text;
  }
}

TEST(TrafficPatternTest, TransposeExchangesColumnAndRow) {
  EXPECT_THAT(destinations("transpose", {3, 3}), ElementsAre(0, 3, 6, 1, 4, 7, 2, 5, 8));
  EXPECT_EQ(refusal("transpose"), "transpose on 4 x 3 nodes, expected a square");
}

// One on in a side of four, one in a side of three, none in a side of two.
TEST(TrafficPatternTest, TornadoGoesHalfWayRoundLessTheMiddle) {
  EXPECT_THAT(destinations("tornado", kFourByThree),
              ElementsAre(5, 6, 7, 4, 9, 10, 11, 8, 1, 2, 3, 0));
  EXPECT_THAT(destinations("tornado", {8, 1}), ElementsAre(3, 4, 5, 6, 7, 0, 1, 2));
  EXPECT_THAT(destinations("tornado", {7, 1}), ElementsAre(3, 4, 5, 6, 0, 1, 2));
  EXPECT_THAT(destinations("tornado", {2, 2}), ElementsAre(0, 1, 2, 3));
}

TEST(TrafficPatternTest, NeighborIsTheNextInEachDimension) {
  EXPECT_THAT(destinations("neighbor", kFourByThree),
              ElementsAre(5, 6, 7, 4, 9, 10, 11, 8, 1, 2, 3, 0));
  EXPECT_THAT(destinations("neighbor", {4, 1}), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(destinations("neighbor", {5, 2}), ElementsAre(6, 7, 8, 9, 5, 1, 2, 3, 4, 0));
}

TEST(TrafficPatternTest, HotspotsAreTheNodesNamed) {
  EXPECT_THAT(all_destinations("hotspot:7", kFourByThree), ElementsAre(7));
  EXPECT_THAT(all_destinations("hotspot:11,0,3", kFourByThree), ElementsAre(0, 3, 11));
}

TEST(TrafficPatternTest, ANodeNamedTwiceGetsTwiceAsMuch) {
  const TrafficPattern pattern("hotspot:1,1,2", kFourByThree);
  int to_the_first = 0;
  for (std::uint64_t packet = 0; packet < 9'000; ++packet) {
    to_the_first += pattern.destination(0, 5, packet) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(to_the_first, 6'000, 250);
}

TEST(TrafficPatternTest, EdgesAreTheSidesOfTheGrid) {
  EXPECT_THAT(all_destinations("edge:west", kFourByThree), ElementsAre(0, 4, 8));
  EXPECT_THAT(all_destinations("edge:east", kFourByThree), ElementsAre(3, 7, 11));
  EXPECT_THAT(all_destinations("edge:north", kFourByThree), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(all_destinations("edge:south", kFourByThree), ElementsAre(8, 9, 10, 11));
  EXPECT_THAT(all_destinations("edge", kFourByThree), ElementsAre(0, 3, 4, 7, 8, 11));
  EXPECT_THAT(all_destinations("edge:north,west", kFourByThree), ElementsAre(0, 1, 2, 3, 4, 8));
}

TEST(TrafficPatternTest, RefusesHotspotsThatAreNoNodes) {
  const std::string expected = ", expected nodes from 0 to 11, separated by commas";
  EXPECT_EQ(refusal("hotspot:12"), "hotspot '12'" + expected);
  EXPECT_EQ(refusal("hotspot:1,x"), "hotspot 'x'" + expected);
  EXPECT_EQ(refusal("hotspot:1,"), "hotspot ''" + expected);
  EXPECT_EQ(refusal("hotspot:"), "hotspot ''" + expected);
  EXPECT_EQ(refusal("hotspot:-1"), "hotspot '-1'" + expected);
  EXPECT_EQ(refusal("hotspot:1 "), "hotspot '1 '" + expected);
  EXPECT_EQ(refusal("hotspot:99999999999"), "hotspot '99999999999'" + expected);
}

TEST(TrafficPatternTest, RefusesSidesThatAreNone) {
  const std::string expected = ", expected any of west, east, north, south, separated by commas";
  EXPECT_EQ(refusal("edge:top"), "edge 'top'" + expected);
  EXPECT_EQ(refusal("edge:west,"), "edge ''" + expected);
  EXPECT_EQ(refusal("edge:"), "edge ''" + expected);
}

TEST(TrafficPatternTest, RefusesOtherPatterns) {
  for (const std::string text : {"", "Uniform", "uniform:1", "transpose:", "tornado:2",
                                 "neighbor:1", "hotspot", "shuffle", "edges"}) {
    EXPECT_EQ(refusal(text, {3, 3}),
              "'" + text +
                  "', expected uniform, transpose, tornado, neighbor, hotspot:NODE,... or "
                  "edge:SIDE,...");
  }
}

}  // namespace
}  // namespace orrery
