// SPDX-License-Identifier: Apache-2.0
#include "noc/network_config.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kPorts =
    "clock: 1.5 GHz\ncore_port: 64 B/clk\nmemory_port: 128 B/clk\nhop: 20 clk\nheader: 32 B\n";
const std::string kGrid =
    "columns: 4\nrows: 3\nlink: 32 B/clk\nmemory_positions: [[0, 0], [3, 2]]\n";

NetworkConfig read(const std::string& text) {
  return read_network_config(parse_config(text, "chip.yaml"));
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(NetworkConfigTest, ReadsACrossbar) {
  const NetworkConfig config = read("topology: crossbar\n" + kPorts);
  EXPECT_EQ(config.topology, TopologyKind::kCrossbar);
  EXPECT_EQ(config.clock_hz, 1'500'000'000U);
  EXPECT_EQ(config.core_port_bytes_per_cycle, 64U);
  EXPECT_EQ(config.memory_port_bytes_per_cycle, 128U);
  EXPECT_EQ(config.hop_cycles, 20U);
  EXPECT_EQ(config.header_bytes, 32U);
}

TEST(NetworkConfigTest, ReadsAPartitionedCrossbar) {
  const NetworkConfig config = read("topology: partitioned_crossbar\n" + kPorts +
                                    "partition_link: 1024 B/clk\npartition_hop: 50 clk\n"
                                    "cores_per_cluster: 2\n");
  EXPECT_EQ(config.topology, TopologyKind::kPartitionedCrossbar);
  EXPECT_EQ(config.partition_link_bytes_per_cycle, 1024U);
  EXPECT_EQ(config.partition_link_cycles, 50U);
  EXPECT_EQ(config.cores_per_cluster, 2U);
}

TEST(NetworkConfigTest, ReadsMeshes) {
  const NetworkConfig mesh = read("topology: mesh\n" + kPorts + kGrid);
  EXPECT_EQ(mesh.topology, TopologyKind::kMesh);
  EXPECT_EQ(mesh.columns, 4U);
  EXPECT_EQ(mesh.rows, 3U);
  EXPECT_EQ(mesh.link_bytes_per_cycle, 32U);
  ASSERT_EQ(mesh.memory_positions.size(), 2U);
  EXPECT_EQ(mesh.memory_positions[1].column, 3U);
  EXPECT_EQ(mesh.memory_positions[1].row, 2U);
  const NetworkConfig clusters =
      read("topology: cluster_mesh\n" + kPorts + kGrid + "cores_per_cluster: 4\n");
  EXPECT_EQ(clusters.topology, TopologyKind::kClusterMesh);
  EXPECT_EQ(clusters.cores_per_cluster, 4U);
}

TEST(NetworkConfigTest, AnIdealNetworkHasNothingElseToSay) {
  EXPECT_EQ(read("topology: ideal\n").topology, TopologyKind::kIdeal);
  EXPECT_THAT(refusal("topology: ideal\nheader: 32 B\n"), HasSubstr("chip.yaml:2:1"));
}

TEST(NetworkConfigTest, KeysOfAnotherTopologyAreUnknown) {
  EXPECT_THAT(refusal("topology: crossbar\n" + kPorts + "columns: 4\n"), HasSubstr("'columns'"));
  EXPECT_THAT(refusal("topology: crossbar\n" + kPorts + "partition_hop: 5 clk\n"),
              HasSubstr("'partition_hop'"));
  EXPECT_THAT(refusal("topology: mesh\n" + kPorts + kGrid + "cores_per_cluster: 4\n"),
              HasSubstr("'cores_per_cluster'"));
}

TEST(NetworkConfigTest, AnUnknownTopologyIsRefusedWithTheNearest) {
  EXPECT_THAT(refusal("topology: crosbar\n" + kPorts), HasSubstr("crossbar"));
}

TEST(NetworkConfigTest, PositionsMustBePairsInsideTheMesh) {
  const std::string mesh =
      "topology: mesh\n" + kPorts + "columns: 4\nrows: 3\nlink: 32 B/clk\nmemory_positions: ";
  EXPECT_THAT(refusal(mesh + "[[4, 0]]\n"), HasSubstr("expected 0 to 3"));
  EXPECT_THAT(refusal(mesh + "[[0, 3]]\n"), HasSubstr("expected 0 to 2"));
  EXPECT_THAT(refusal(mesh + "[[0, 0, 0]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(refusal(mesh + "[[0, [1]]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(refusal(mesh + "[1, 2]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(refusal(mesh + "[[0, -1]]\n"), HasSubstr("expected [column, row]"));
  EXPECT_THAT(refusal(mesh + "[[0, east]]\n"), HasSubstr("chip.yaml:10:"));
  EXPECT_EQ(refusal(mesh + "[]\n"), "");
}

TEST(NetworkConfigTest, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(refusal("topology: crossbar\nclock: 1 Hz\n"), HasSubstr("chip.yaml:2:"));
  EXPECT_NE(refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 0 B/clk\n"), "");
  EXPECT_THAT(refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 1 B/clk\nmemory_port: 1 B/clk\n"
                      "hop: 1000001 clk\nheader: 0 B\n"),
              HasSubstr("at most 1000000 clk"));
  EXPECT_THAT(refusal("topology: crossbar\nclock: 1 GHz\ncore_port: 1 B/clk\nmemory_port: 1 B/clk\n"
                      "hop: 0 clk\nheader: 1 MiB\n"),
              HasSubstr("at most 65536 B"));
  EXPECT_NE(refusal("topology: mesh\n" + kPorts +
                    "columns: 65\nrows: 1\nlink: 1 B/clk\nmemory_positions: []\n"),
            "");
}

}  // namespace
}  // namespace orrery
