// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "noc/topology.h"
#include "tests/unit/noc/network_refusals.h"
#include "tests/unit/noc/networks.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

TEST(CheckNetworkTest, CountsThatDoNotFitAreNamed) {
  NodeLayout layout = kClusterLayout;
  layout.cores = 47;
  EXPECT_THAT(network_refusal(cluster_config(), layout),
              HasSubstr("47 cores, but 4 x 3 routers of 4 cores hold 48"));
  layout = kClusterLayout;
  layout.shared_nodes = 11;
  EXPECT_THAT(network_refusal(cluster_config(), layout),
              HasSubstr("11 shared nodes on 12 routers"));
  layout = kMeshLayout;
  layout.memory_nodes = 3;
  EXPECT_THAT(network_refusal(mesh_config(), layout),
              HasSubstr("3 memory nodes, but 2 memory_positions"));
  layout = kMeshLayout;
  layout.shared_nodes = 0;
  EXPECT_EQ(network_refusal(mesh_config(), layout), "");
}

TEST(CheckNetworkTest, ValuesThatMakeNoSenseAreNamed) {
  const NodeLayout small{.cores = 2, .shared_nodes = 0, .memory_nodes = 1};
  NetworkConfig config = crossbar_config();
  config.core_port_bytes_per_cycle = 0;
  EXPECT_THAT(network_refusal(config, small), HasSubstr("core_port is zero"));
  config = partitioned_config();
  config.partition_link_bytes_per_cycle = 0;
  EXPECT_THAT(network_refusal(config, small), HasSubstr("partition_link is zero"));
  config = crossbar_config();
  config.clock_hz = 0;
  EXPECT_THAT(network_refusal(config, small), HasSubstr("clock of 0 Hz"));
  config = mesh_config();
  config.memory_positions[1] = {4, 2};
  EXPECT_THAT(network_refusal(config, kMeshLayout),
              HasSubstr("[4, 2] is outside the grid of 4 x 3"));
  config = mesh_config();
  config.columns = 65;
  EXPECT_THAT(network_refusal(config, kMeshLayout), HasSubstr("65 x 3 routers"));
  EXPECT_THAT(
      network_refusal(crossbar_config(), {.cores = ~0U, .shared_nodes = ~0U, .memory_nodes = 1}),
      HasSubstr("nodes, expected at most"));
}

TEST(CheckNetworkTest, TheNetworksOfTheseTestsAreLegalInBothTiers) {
  const std::pair<NetworkConfig, NodeLayout> networks[] = {
      {crossbar_config(), {.cores = 4, .shared_nodes = 2, .memory_nodes = 1}},
      {partitioned_config(), {.cores = 4, .shared_nodes = 2, .memory_nodes = 1}},
      {mesh_config(), kMeshLayout},
      {cluster_config(), kClusterLayout},
      {ring_config(), kRingLayout},
      {torus_config(), kClusterLayout},
      {dual_die_config(), kDualDieLayout},
      {custom_config(), kCustomLayout},
      {one_way_ring_config(true), kCustomLayout},
  };
  for (auto [config, layout] : networks) {
    EXPECT_EQ(network_refusal(config, layout), "");
    config.fidelity = NetworkFidelity::kDetailed;
    config.hop_cycles = 4;
    EXPECT_EQ(network_refusal(config, layout), "");
  }
}

TEST(CheckNetworkTest, TheRoutersOfBothDiesCount) {
  NodeLayout layout = kDualDieLayout;
  layout.cores = 6;
  EXPECT_EQ(network_refusal(dual_die_config(), layout),
            "network: the chip has 6 cores, but two dies of 2 x 3 routers of 1 core hold 12");
  layout = kDualDieLayout;
  layout.shared_nodes = 6;
  EXPECT_EQ(network_refusal(dual_die_config(), layout),
            "network: the chip has 6 shared nodes on 12 routers, expected one a router or none");
  NetworkConfig config = dual_die_config();
  config.memory_positions[1] = {4, 0};
  EXPECT_EQ(network_refusal(config, kDualDieLayout),
            "network: memory position [4, 0] is outside the grid of 2 x 3 routers");
}

TEST(CheckNetworkTest, ADieLinkHasAWidthAHopAndARow) {
  NetworkConfig config = dual_die_config();
  config.die_link_bytes_per_cycle = 0;
  EXPECT_EQ(network_refusal(config, kDualDieLayout),
            "network: die_link is zero, expected at least 1 B/clk");
  config = dual_die_config();
  config.die_link_cycles = 1'000'001;
  EXPECT_EQ(network_refusal(config, kDualDieLayout), "network: a hop of more than 1000000 clk");
  config = dual_die_config();
  config.die_link_rows = {0, 3};
  EXPECT_EQ(network_refusal(config, kDualDieLayout),
            "network: die-to-die link in row 3, but a die has 3 rows");
}

// ---- custom networks -----------------------------------------------------------------------

TEST(CheckNetworkTest, EveryNodeIsPlacedOnARouter) {
  NetworkConfig config = custom_config();
  EXPECT_EQ(network_refusal(config, {.cores = 3, .shared_nodes = 0, .memory_nodes = 1}),
            "network: the chip has 3 cores, but 2 are placed on routers");
  EXPECT_EQ(network_refusal(config, {.cores = 2, .shared_nodes = 1, .memory_nodes = 1}),
            "network: the chip has 1 shared nodes, but 0 are placed on routers");
  EXPECT_EQ(network_refusal(config, {.cores = 2, .shared_nodes = 0, .memory_nodes = 4}),
            "network: the chip has 4 memory nodes, but 1 are placed on routers");
  config.custom.memory_routers = {3};
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: node memory node 0 is on router 3, but there are 3 routers");
}

TEST(CheckNetworkTest, NodesThatCannotReachEachOtherAreNamed) {
  NetworkConfig config = custom_config();
  config.custom.wires.pop_back();  // nothing leads out of the east
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: core 1 (east) cannot reach core 0 (west)");
}

TEST(CheckNetworkTest, RoutersInWhoseCircleRoutesCanDeadlockAreNamed) {
  EXPECT_EQ(network_refusal(one_way_ring_config(false), kCustomLayout),
            "network: routes can deadlock: west -> middle -> east -> west in class 0 wait for each "
            "other");
}

TEST(CheckNetworkTest, RoutesThatNeverEndAreNamed) {
  NetworkConfig config = custom_config();
  config.custom.routes = {{1, 2, 0}};  // from the middle back to the west
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: the route from core 0 (west) to core 1 (east) never ends: "
            "west -> middle -> west");
}

TEST(CheckNetworkTest, CustomWiresAreCheckedByName) {
  NetworkConfig config = custom_config();
  config.custom.wires[2].bytes_per_cycle = 0;
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: link middle to east: width is zero, expected at least 1 B/clk");
  config = custom_config();
  config.custom.wires[0].to = 0;
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: link west to west leads from west to itself");
  config = custom_config();
  config.custom.wires[0].hop_cycles = std::uint64_t{1} << 32;
  EXPECT_EQ(network_refusal(config, kCustomLayout), "network: a hop of more than 1000000 clk");
}

TEST(CheckNetworkTest, CustomWiresAndRoutesLeadBetweenRoutersThatAreThere) {
  NetworkConfig config = custom_config();
  config.custom.wires[0].to = 3;
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: a link from router 0 to router 3, but there are 3 routers");
  config = custom_config();
  config.custom.routes = {{0, 3, 1}};
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: a route names router 3, but there are 3 routers");
  config.custom.routes = {{0, 2, 2}};
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: a route from west goes via east, but no link leads there");
}

// ---- the detailed tier ---------------------------------------------------------------------

NetworkConfig detailed(NetworkConfig config) {
  config.fidelity = NetworkFidelity::kDetailed;
  config.hop_cycles = 8;
  return config;
}
constexpr NodeLayout kSmall{.cores = 2, .shared_nodes = 0, .memory_nodes = 1};

TEST(CheckNetworkTest, AHopIsNoShorterThanTheRoutersStages) {
  NetworkConfig config = detailed(crossbar_config());
  config.hop_cycles = 3;
  EXPECT_EQ(
      network_refusal(config, kSmall),
      "network: a hop of 3 clk, but the router's stages take 3 clk and a node's wire at least "
      "1 clk");
  config.hop_cycles = 4;
  EXPECT_EQ(network_refusal(config, kSmall), "");
  config.detailed.routing_cycles = 1;
  EXPECT_THAT(network_refusal(config, kSmall), HasSubstr("the router's stages take 4 clk"));
  config = detailed(custom_config());
  config.custom.wires[3].hop_cycles = 2;
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: east to middle: a hop of 2 clk, but the router's stages take 3 clk");
  config = detailed(dual_die_config());
  config.die_link_cycles = 2;
  EXPECT_THAT(network_refusal(config, kDualDieLayout),
              HasSubstr(": a hop of 2 clk, but the router's stages take 3 clk"));
}

TEST(CheckNetworkTest, APacketIsLargerThanItsHeaderAndNotTooLarge) {
  NetworkConfig config = detailed(crossbar_config());
  config.detailed.packet_bytes = config.header_bytes;
  EXPECT_EQ(network_refusal(config, kSmall),
            "network: packet of 32 B, expected more than its header of 32 B");
  ++config.detailed.packet_bytes;
  EXPECT_EQ(network_refusal(config, kSmall), "");
  config.detailed.packet_bytes = 64 * 4096;
  EXPECT_EQ(network_refusal(config, kSmall), "");
  ++config.detailed.packet_bytes;
  EXPECT_EQ(network_refusal(config, kSmall),
            "network: packet of 262145 B is 4097 flits, expected at most 4096");
}

TEST(CheckNetworkTest, RingsNeedTwoClassesOfVirtualChannels) {
  NetworkConfig config = detailed(ring_config());
  config.detailed.vcs = 1;
  EXPECT_EQ(network_refusal(config, kRingLayout),
            "network: vcs is 1, but the routes need 2 classes of virtual channels");
  config = detailed(mesh_config());
  config.detailed.vcs = 1;
  EXPECT_EQ(network_refusal(config, kMeshLayout), "");
  config = detailed(one_way_ring_config(true));
  config.detailed.vcs = 1;
  EXPECT_EQ(network_refusal(config, kCustomLayout),
            "network: vcs is 1, but the routes need 2 classes of virtual channels");
}

TEST(CheckNetworkTest, OneNetworkForBothKindsHasTwiceTheVirtualChannels) {
  NetworkConfig config = detailed(crossbar_config());
  config.detailed.vcs = 64;
  EXPECT_EQ(network_refusal(config, kSmall), "");
  config.detailed.separate_networks = false;
  EXPECT_EQ(network_refusal(config, kSmall),
            "network: virtual channels of a port is 128, expected 1 to 64");
}

TEST(CheckNetworkTest, AWireHasAsManyLanesAsFlitsGoInItsWidth) {
  NetworkConfig config = detailed(crossbar_config());
  config.detailed.flit_bytes = 0;
  EXPECT_EQ(network_refusal(config, kSmall), "network: flit is 0, expected 1 to 65536");
  config = detailed(crossbar_config());
  config.core_port_bytes_per_cycle = 64 * 1025;
  EXPECT_EQ(network_refusal(config, kSmall), "network: core 0: 1025 lanes, expected 1 to 1024");
  // Would be one lane in 32 bits.
  config.core_port_bytes_per_cycle = 64 * ((std::uint64_t{1} << 32) + 1);
  EXPECT_THAT(network_refusal(config, kSmall), HasSubstr("network: core 0: "));
  config.core_port_bytes_per_cycle = 64 * 600;
  EXPECT_EQ(network_refusal(config, kSmall),
            "network: crossbar has 1202 ports, expected at most 1024");
}

TEST(CheckNetworkTest, TheFastTierAsksNothingOfTheRouter) {
  NetworkConfig config = crossbar_config();
  config.hop_cycles = 0;
  config.detailed.vcs = 0;
  EXPECT_EQ(network_refusal(config, kSmall), "");
}

}  // namespace
}  // namespace orrery
