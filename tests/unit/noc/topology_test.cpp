// SPDX-License-Identifier: Apache-2.0
#include "noc/topology.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/noc/networks.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> route_names(const Topology& topology, NodeId from, NodeId to) {
  std::vector<std::string> names;
  for (const LinkId link : topology.route(from, to)) {
    names.push_back(topology.links()[link].name);
  }
  return names;
}

TEST(TopologyTest, AnIdealNetworkHasNoLinks) {
  NetworkConfig config;
  config.topology = TopologyKind::kIdeal;
  const Topology topology(config, {.cores = 4, .shared_nodes = 1, .memory_nodes = 1});
  EXPECT_TRUE(topology.ideal());
  EXPECT_TRUE(topology.route(0, 5).empty());
}

TEST(TopologyTest, ACrossbarIsTwoPortsAndOneHop) {
  const Topology topology(crossbar_config(), {.cores = 4, .shared_nodes = 2, .memory_nodes = 1});
  EXPECT_THAT(route_names(topology, 3, 5), ElementsAre("core 3 out", "shared node 1 in"));
  EXPECT_THAT(route_names(topology, 6, 0), ElementsAre("memory node 0 out", "core 0 in"));
  EXPECT_EQ(topology.hops(3, 5), 1U);
  EXPECT_EQ(topology.links()[topology.out_port(0)].latency_fs, 20 * kCycle);
  EXPECT_EQ(topology.links()[topology.in_port(0)].latency_fs, 0U);
  EXPECT_EQ(topology.links()[topology.out_port(0)].rate.amount, 64U);
  EXPECT_EQ(topology.links()[topology.out_port(4)].rate.amount, 128U);
}

TEST(TopologyTest, ClustersAlternateBetweenTheHalvesAndOtherNodesAreHalvedByIndex) {
  const NodeLayout layout{.cores = 6, .shared_nodes = 2, .memory_nodes = 5};
  std::vector<std::uint32_t> partitions;
  for (NodeId node = 0; node < 13; ++node) {
    partitions.push_back(partition_of(partitioned_config(), layout, node));
  }
  EXPECT_THAT(partitions, ElementsAre(0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1));
}

TEST(TopologyTest, OnlyTheOtherHalfIsReachedOverThePartitionLink) {
  const Topology topology(partitioned_config(), {.cores = 4, .shared_nodes = 2, .memory_nodes = 0});
  EXPECT_THAT(route_names(topology, 0, 4), ElementsAre("core 0 out", "shared node 0 in"));
  EXPECT_THAT(route_names(topology, 0, 5),
              ElementsAre("core 0 out", "half 0 to 1", "shared node 1 in"));
  EXPECT_THAT(route_names(topology, 4, 3),
              ElementsAre("shared node 0 out", "half 0 to 1", "core 3 in"));
  EXPECT_THAT(route_names(topology, 3, 4),
              ElementsAre("core 3 out", "half 1 to 0", "shared node 0 in"));
}

TEST(TopologyTest, AMeshGoesAlongColumnsFirst) {
  const Topology topology(mesh_config(), kMeshLayout);
  EXPECT_THAT(route_names(topology, 1, 11),  // core (1,0) to core (3,2)
              ElementsAre("core 1 out", "router (1,0) to (2,0)", "router (2,0) to (3,0)",
                          "router (3,0) to (3,1)", "router (3,1) to (3,2)", "core 11 in"));
  EXPECT_THAT(route_names(topology, 11, 1),
              ElementsAre("core 11 out", "router (3,2) to (2,2)", "router (2,2) to (1,2)",
                          "router (1,2) to (1,1)", "router (1,1) to (1,0)", "core 1 in"));
}

TEST(TopologyTest, AMeshPlacesEachKindOfNode) {
  const Topology topology(mesh_config(), kMeshLayout);
  EXPECT_EQ(topology.station_of(5), 5U);
  EXPECT_EQ(topology.station_of(kMeshLayout.first_shared() + 5), 5U);
  EXPECT_EQ(topology.station_of(kMeshLayout.first_memory()), 0U);
  EXPECT_EQ(topology.station_of(kMeshLayout.first_memory() + 1), 8U);
  EXPECT_EQ(topology.links().size(), 2 * 26 + 2 * (3 * 3 + 2 * 4));
}

TEST(TopologyTest, AClusterIsACrossbarOnItsRouter) {
  const Topology topology(cluster_config(), kClusterLayout);
  EXPECT_THAT(route_names(topology, 7, 49), ElementsAre("core 7 out", "shared node 1 in"));
  EXPECT_THAT(route_names(topology, 7, 48),
              ElementsAre("core 7 out", "router (1,0) to (0,0)", "shared node 0 in"));
  EXPECT_EQ(partition_of(mesh_config(), kMeshLayout, 47), 0U);
}

TEST(TopologyTest, ANodeReachesItselfWithoutTheNetwork) {
  const Topology topology(crossbar_config(), {.cores = 2, .shared_nodes = 0, .memory_nodes = 1});
  EXPECT_TRUE(topology.route(1, 1).empty());
}

}  // namespace
}  // namespace orrery
