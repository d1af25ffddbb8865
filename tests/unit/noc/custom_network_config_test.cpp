// SPDX-License-Identifier: Apache-2.0
#include "noc/custom_network_config.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/noc/network_refusals.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Seven lines, so that what tests add begins in line 8.
const std::string kHead =
    "topology: custom\nclock: 1 GHz\ncore_port: 64 B/clk\nmemory_port: 64 B/clk\nhop: 8 clk\n"
    "header: 32 B\nrouters: [west, middle, east]\n";
const std::string kLinks =
    "links:\n"
    "  - {from: west, to: middle, width: 32 B/clk, hop: 10 clk}\n"
    "  - {from: middle, to: east, width: 16 B/clk, hop: 12 clk, one_way: true}\n"
    "  - {from: east, to: middle, width: 8 B/clk, hop: 14 clk, one_way: true, dateline: true}\n";
const std::string kNodes = "core_routers: [west, east]\n";

std::string with_link(const std::string& link) {
  return read_refusal(kHead + "links:\n  - " + link + "\n" + kNodes);
}

TEST(CustomNetworkConfigTest, ALinkIsBothWaysUnlessItSaysOtherwise) {
  const CustomNetwork custom = read_network(kHead + kLinks + kNodes).custom;
  EXPECT_THAT(custom.routers, ElementsAre("west", "middle", "east"));
  ASSERT_EQ(custom.wires.size(), 4U);
  const auto expect_wire = [](const CustomNetwork::Wire& wire,
                              const CustomNetwork::Wire& expected) {
    EXPECT_EQ(wire.from, expected.from);
    EXPECT_EQ(wire.to, expected.to);
    EXPECT_EQ(wire.bytes_per_cycle, expected.bytes_per_cycle);
    EXPECT_EQ(wire.hop_cycles, expected.hop_cycles);
    EXPECT_EQ(wire.dateline, expected.dateline);
  };
  expect_wire(custom.wires[0], {0, 1, 32, 10, false});
  expect_wire(custom.wires[1], {1, 0, 32, 10, false});
  expect_wire(custom.wires[2], {1, 2, 16, 12, false});
  expect_wire(custom.wires[3], {2, 1, 8, 14, true});
}

TEST(CustomNetworkConfigTest, OneWayAndDatelineMayBeFalse) {
  const CustomNetwork custom =
      read_network(kHead +
                   "links:\n  - {from: west, to: east, width: 1 B/clk, hop: 0 clk, "
                   "one_way: false, dateline: false}\n" +
                   kNodes)
          .custom;
  ASSERT_EQ(custom.wires.size(), 2U);
  EXPECT_FALSE(custom.wires[0].dateline);
}

TEST(CustomNetworkConfigTest, BothWaysOfALinkHaveItsDateline) {
  const CustomNetwork custom =
      read_network(
          kHead +
          "links:\n  - {from: west, to: east, width: 1 B/clk, hop: 1 clk, dateline: true}\n" +
          kNodes)
          .custom;
  ASSERT_EQ(custom.wires.size(), 2U);
  EXPECT_TRUE(custom.wires[0].dateline);
  EXPECT_TRUE(custom.wires[1].dateline);
}

TEST(CustomNetworkConfigTest, RoutesNameTheNextRouter) {
  const CustomNetwork custom =
      read_network(kHead + kLinks + kNodes + "routes:\n  - {at: west, goal: east, via: middle}\n")
          .custom;
  ASSERT_EQ(custom.routes.size(), 1U);
  EXPECT_EQ(custom.routes[0].router, 0U);
  EXPECT_EQ(custom.routes[0].goal, 2U);
  EXPECT_EQ(custom.routes[0].via, 1U);
}

TEST(CustomNetworkConfigTest, EachKindOfNodeIsPlaced) {
  const CustomNetwork custom =
      read_network(kHead + kLinks +
                   "core_routers: [west, east, west]\nshared_routers: [middle, middle]\n"
                   "memory_routers: [east]\n")
          .custom;
  EXPECT_THAT(custom.core_routers, ElementsAre(0, 2, 0));
  EXPECT_THAT(custom.shared_routers, ElementsAre(1, 1));
  EXPECT_THAT(custom.memory_routers, ElementsAre(2));
}

TEST(CustomNetworkConfigTest, RoutersHaveNamesOfTheirOwn) {
  const std::string head = kHead.substr(0, kHead.find("routers:"));
  EXPECT_EQ(read_refusal(head + "routers: [a, b, a]\nlinks: []\n" + kNodes),
            "chip.yaml:7:10: router 'a' is named twice");
  EXPECT_EQ(read_refusal(head + "routers: []\nlinks: []\n" + kNodes),
            "chip.yaml:7:10: 0 routers, expected 1 to 4096");
  std::string many = "r0";
  for (int i = 1; i <= 4'096; ++i) {
    many += ", r" + std::to_string(i);
  }
  EXPECT_EQ(read_refusal(head + "routers: [" + many + "]\nlinks: []\n" + kNodes),
            "chip.yaml:7:10: 4097 routers, expected 1 to 4096");
}

TEST(CustomNetworkConfigTest, WhatIsMissingIsNamed) {
  EXPECT_THAT(read_refusal(kHead + kNodes), HasSubstr("'links'"));
  EXPECT_THAT(read_refusal(kHead + kLinks), HasSubstr("'core_routers'"));
  EXPECT_THAT(with_link("{to: east, width: 1 B/clk, hop: 1 clk}"), HasSubstr("'from'"));
  EXPECT_THAT(with_link("{from: west, width: 1 B/clk, hop: 1 clk}"), HasSubstr("'to'"));
  EXPECT_THAT(with_link("{from: west, to: east, hop: 1 clk}"), HasSubstr("'width'"));
  EXPECT_THAT(with_link("{from: west, to: east, width: 1 B/clk}"), HasSubstr("'hop'"));
}

TEST(CustomNetworkConfigTest, LinksThatMakeNoSenseAreRefusedWhereTheyStand) {
  EXPECT_EQ(with_link("{from: wets, to: east, width: 1 B/clk, hop: 1 clk}"),
            "chip.yaml:9:12: unknown router 'wets', expected one of 'routers'");
  EXPECT_EQ(with_link("{from: west, to: eats, width: 1 B/clk, hop: 1 clk}"),
            "chip.yaml:9:22: unknown router 'eats', expected one of 'routers'");
  EXPECT_EQ(with_link("{from: west, to: west, width: 1 B/clk, hop: 1 clk}"),
            "chip.yaml:9:22: a link from 'west' to itself");
  EXPECT_EQ(with_link("{from: west, to: east, width: 1 B/clk, hop: 1000001 clk}"),
            "chip.yaml:9:49: 1000001 clk, expected at most 1000000 clk");
  EXPECT_THAT(with_link("{from: west, to: east, width: 0 B/clk, hop: 1 clk}"),
              HasSubstr("chip.yaml:9:35: "));
  EXPECT_THAT(with_link("{from: west, to: east, width: 1 B/clk, hop: 1 clk, one_way: maybe}"),
              HasSubstr("chip.yaml:9:65: "));
  EXPECT_THAT(with_link("{from: west, to: east, width: 1 B/clk, hop: 1 clk, datelin: true}"),
              HasSubstr("did you mean 'dateline'?"));
}

TEST(CustomNetworkConfigTest, RoutesThatMakeNoSenseAreRefusedWhereTheyStand) {
  const auto with_route = [](const std::string& route) {
    return read_refusal(kHead + kLinks + kNodes + "routes:\n  - " + route + "\n");
  };
  EXPECT_EQ(with_route("{at: wets, goal: east, via: middle}"),
            "chip.yaml:14:10: unknown router 'wets', expected one of 'routers'");
  EXPECT_EQ(with_route("{at: west, goal: eats, via: middle}"),
            "chip.yaml:14:22: unknown router 'eats', expected one of 'routers'");
  EXPECT_EQ(with_route("{at: west, goal: east, via: mid}"),
            "chip.yaml:14:33: unknown router 'mid', expected one of 'routers'");
  EXPECT_EQ(with_route("{at: west, goal: east, via: east}"),
            "chip.yaml:14:33: no link from 'west' to 'east'");
  EXPECT_EQ(with_route("{at: west, goal: west, via: middle}"),
            "chip.yaml:14:22: a route from 'west' to itself");
  EXPECT_EQ(with_route("{at: west, goal: east, via: middle}\n"
                       "  - {at: west, goal: east, via: middle}"),
            "chip.yaml:15:22: a second route from 'west' to 'east'");
  EXPECT_THAT(with_route("{at: west, goal: east, via: middle, cost: 1}"), HasSubstr("'cost'"));
}

TEST(CustomNetworkConfigTest, NodesArePlacedOnRoutersThatAreThere) {
  EXPECT_EQ(read_refusal(kHead + kLinks + "core_routers: [west, eats]\n"),
            "chip.yaml:12:15: unknown router 'eats', expected one of 'routers'");
  EXPECT_EQ(read_refusal(kHead + kLinks + kNodes + "shared_routers: [centre]\n"),
            "chip.yaml:13:17: unknown router 'centre', expected one of 'routers'");
  EXPECT_EQ(read_refusal(kHead + kLinks + kNodes + "memory_routers: [centre]\n"),
            "chip.yaml:13:17: unknown router 'centre', expected one of 'routers'");
}

TEST(CustomNetworkConfigTest, KeysOfGridsAreUnknown) {
  EXPECT_THAT(read_refusal(kHead + kLinks + kNodes + "columns: 4\n"), HasSubstr("'columns'"));
  EXPECT_THAT(read_refusal(kHead + kLinks + kNodes + "memory_positions: []\n"),
              HasSubstr("'memory_positions'"));
}

}  // namespace
}  // namespace orrery
