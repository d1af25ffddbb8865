// SPDX-License-Identifier: Apache-2.0
#include "noc/network_config.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/noc/network_refusals.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kPorts =
    "clock: 1.5 GHz\ncore_port: 64 B/clk\nmemory_port: 128 B/clk\nhop: 20 clk\nheader: 32 B\n";
const std::string kGrid =
    "columns: 4\nrows: 3\nlink: 32 B/clk\nmemory_positions: [[0, 0], [3, 2]]\n";

TEST(NetworkConfigTest, ReadsACrossbar) {
  const NetworkConfig config = read_network("topology: crossbar\n" + kPorts);
  EXPECT_EQ(config.topology, TopologyKind::kCrossbar);
  EXPECT_EQ(config.clock_hz, 1'500'000'000U);
  EXPECT_EQ(config.core_port_bytes_per_cycle, 64U);
  EXPECT_EQ(config.memory_port_bytes_per_cycle, 128U);
  EXPECT_EQ(config.hop_cycles, 20U);
  EXPECT_EQ(config.header_bytes, 32U);
}

TEST(NetworkConfigTest, ReadsAPartitionedCrossbar) {
  const NetworkConfig config = read_network("topology: partitioned_crossbar\n" + kPorts +
                                            "partition_link: 1024 B/clk\npartition_hop: 50 clk\n"
                                            "cores_per_cluster: 2\n");
  EXPECT_EQ(config.topology, TopologyKind::kPartitionedCrossbar);
  EXPECT_EQ(config.partition_link_bytes_per_cycle, 1024U);
  EXPECT_EQ(config.partition_link_cycles, 50U);
  EXPECT_EQ(config.cores_per_cluster, 2U);
}

TEST(NetworkConfigTest, ReadsMeshes) {
  const NetworkConfig mesh = read_network("topology: mesh\n" + kPorts + kGrid);
  EXPECT_EQ(mesh.topology, TopologyKind::kMesh);
  EXPECT_EQ(mesh.columns, 4U);
  EXPECT_EQ(mesh.rows, 3U);
  EXPECT_EQ(mesh.link_bytes_per_cycle, 32U);
  ASSERT_EQ(mesh.memory_positions.size(), 2U);
  EXPECT_EQ(mesh.memory_positions[1].column, 3U);
  EXPECT_EQ(mesh.memory_positions[1].row, 2U);
  const NetworkConfig clusters =
      read_network("topology: cluster_mesh\n" + kPorts + kGrid + "cores_per_cluster: 4\n");
  EXPECT_EQ(clusters.topology, TopologyKind::kClusterMesh);
  EXPECT_EQ(clusters.cores_per_cluster, 4U);
}

TEST(NetworkConfigTest, AnIdealNetworkHasNothingElseToSay) {
  EXPECT_EQ(read_network("topology: ideal\n").topology, TopologyKind::kIdeal);
  EXPECT_THAT(read_refusal("topology: ideal\nheader: 32 B\n"), HasSubstr("chip.yaml:2:1"));
}

TEST(NetworkConfigTest, KeysOfAnotherTopologyAreUnknown) {
  EXPECT_THAT(read_refusal("topology: crossbar\n" + kPorts + "columns: 4\n"),
              HasSubstr("'columns'"));
  EXPECT_THAT(read_refusal("topology: crossbar\n" + kPorts + "partition_hop: 5 clk\n"),
              HasSubstr("'partition_hop'"));
  EXPECT_THAT(read_refusal("topology: mesh\n" + kPorts + kGrid + "cores_per_cluster: 4\n"),
              HasSubstr("'cores_per_cluster'"));
}

TEST(NetworkConfigTest, AnUnknownTopologyIsRefusedWithTheNearest) {
  EXPECT_THAT(read_refusal("topology: crosbar\n" + kPorts), HasSubstr("crossbar"));
}

TEST(NetworkConfigTest, PositionsMustBePairsInsideTheMesh) {
  const std::string mesh =
      "topology: mesh\n" + kPorts + "columns: 4\nrows: 3\nlink: 32 B/clk\nmemory_positions: ";
  EXPECT_THAT(read_refusal(mesh + "[[4, 0]]\n"), HasSubstr("expected 0 to 3"));
  EXPECT_THAT(read_refusal(mesh + "[[0, 3]]\n"), HasSubstr("expected 0 to 2"));
  EXPECT_THAT(read_refusal(mesh + "[[0, 0, 0]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(read_refusal(mesh + "[[0, [1]]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(read_refusal(mesh + "[1, 2]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(read_refusal(mesh + "[[0, -1]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(read_refusal(mesh + "[[0, east]]\n"), HasSubstr("chip.yaml:10:"));
  EXPECT_EQ(read_refusal(mesh + "[]\n"), "");
}

TEST(NetworkConfigTest, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(read_refusal("topology: crossbar\nclock: 1 Hz\n"), HasSubstr("chip.yaml:2:"));
  EXPECT_NE(read_refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 0 B/clk\n"), "");
  EXPECT_THAT(
      read_refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 1 B/clk\nmemory_port: 1 B/clk\n"
                   "hop: 1000001 clk\nheader: 0 B\n"),
      HasSubstr("at most 1000000 clk"));
  EXPECT_THAT(
      read_refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 1 B/clk\nmemory_port: 1 B/clk\n"
                   "hop: 0 clk\nheader: 1 MiB\n"),
      HasSubstr("at most 65536 B"));
  EXPECT_NE(read_refusal("topology: mesh\n" + kPorts +
                         "columns: 65\nrows: 1\nlink: 1 B/clk\nmemory_positions: []\n"),
            "");
}

// ---- rings, tori, two dies -------------------------------------------------------------------

TEST(NetworkConfigTest, ReadsARing) {
  const NetworkConfig ring = read_network("topology: ring\n" + kPorts +
                                          "columns: 6\nlink: 32 B/clk\ncores_per_cluster: 2\n"
                                          "memory_positions: [[5, 0]]\n");
  EXPECT_EQ(ring.topology, TopologyKind::kRing);
  EXPECT_EQ(ring.columns, 6U);
  EXPECT_EQ(ring.rows, 1U);
  EXPECT_EQ(ring.link_bytes_per_cycle, 32U);
  EXPECT_EQ(ring.cores_per_cluster, 2U);
  ASSERT_EQ(ring.memory_positions.size(), 1U);
  EXPECT_EQ(ring.memory_positions[0].column, 5U);
}

TEST(NetworkConfigTest, ARingHasOneRow) {
  const std::string ring =
      "topology: ring\n" + kPorts + "columns: 6\nlink: 32 B/clk\ncores_per_cluster: 2\n";
  EXPECT_THAT(read_refusal(ring + "rows: 1\nmemory_positions: []\n"), HasSubstr("'rows'"));
  EXPECT_THAT(read_refusal(ring + "memory_positions: [[0, 1]]\n"),
              HasSubstr("has 1, which is outside the grid, expected 0 to 0"));
  EXPECT_THAT(read_refusal(ring), HasSubstr("'memory_positions'"));
}

TEST(NetworkConfigTest, ReadsATorus) {
  const NetworkConfig torus =
      read_network("topology: torus\n" + kPorts + kGrid + "cores_per_cluster: 4\n");
  EXPECT_EQ(torus.topology, TopologyKind::kTorus);
  EXPECT_EQ(torus.columns, 4U);
  EXPECT_EQ(torus.rows, 3U);
  EXPECT_EQ(torus.cores_per_cluster, 4U);
  EXPECT_THAT(read_refusal("topology: torus\n" + kPorts + kGrid), HasSubstr("'cores_per_cluster'"));
}

const std::string kDies =
    "topology: dual_die\n" + kPorts + "columns: 4\nrows: 3\nlink: 32 B/clk\ncores_per_cluster: 1\n";

TEST(NetworkConfigTest, ReadsTwoDies) {
  const NetworkConfig dies =
      read_network(kDies + "die_link: 128 B/clk\ndie_hop: 40 clk\nmemory_positions: [[7, 2]]\n");
  EXPECT_EQ(dies.topology, TopologyKind::kDualDie);
  EXPECT_EQ(dies.die_link_bytes_per_cycle, 128U);
  EXPECT_EQ(dies.die_link_cycles, 40U);
  EXPECT_TRUE(dies.die_link_rows.empty());  // all
  EXPECT_EQ(dies.memory_positions[0].column, 7U);
  const NetworkConfig two_rows = read_network(
      kDies +
      "die_link: 128 B/clk\ndie_hop: 40 clk\ndie_link_rows: [0, 2]\nmemory_positions: []\n");
  EXPECT_EQ(two_rows.die_link_rows, (std::vector<std::uint32_t>{0, 2}));
}

TEST(NetworkConfigTest, WhatIsWrongBetweenTwoDiesIsNamedWhereItStands) {
  EXPECT_EQ(read_refusal(kDies + "die_link: 1 B/clk\ndie_hop: 1 clk\ndie_link_rows: []\n"),
            "chip.yaml:13:16: no rows, expected at least one (without the key: all)");
  EXPECT_THAT(read_refusal(kDies + "memory_positions: []\n"), HasSubstr("'die_link'"));
  EXPECT_THAT(read_refusal(kDies + "die_link: 1 B/clk\nmemory_positions: []\n"),
              HasSubstr("'die_hop'"));
  EXPECT_THAT(read_refusal(kDies + "die_link: 0 B/clk\n"), HasSubstr("chip.yaml:11:11: "));
  EXPECT_EQ(read_refusal(kDies + "die_link: 1 B/clk\ndie_hop: 1000001 clk\n"),
            "chip.yaml:12:10: 1000001 clk, expected at most 1000000 clk");
  EXPECT_THAT(read_refusal(kDies + "die_link: 1 B/clk\ndie_hop: 1 clk\ndie_link_rows: [0, 3]\n"),
              HasSubstr("chip.yaml:13:"));
  EXPECT_THAT(
      read_refusal(kDies + "die_link: 1 B/clk\ndie_hop: 1 clk\nmemory_positions: [[8, 0]]\n"),
      HasSubstr("has 8, which is outside the grid, expected 0 to 7"));
  EXPECT_THAT(read_refusal("topology: torus\n" + kPorts + kGrid +
                           "cores_per_cluster: 4\ndie_link: 1 B/clk\n"),
              HasSubstr("'die_link'"));
}

}  // namespace
}  // namespace orrery
