// SPDX-License-Identifier: Apache-2.0
#include "noc/graph_builders.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "noc/check_routes.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

constexpr LinkParameters kLinks{.bytes_per_cycle = 32, .latency_cycles = 2};
constexpr LinkParameters kDieToDie{.bytes_per_cycle = 16, .latency_cycles = 9};

std::vector<std::string> link_names(const NetworkGraph& graph, bool dateline) {
  std::vector<std::string> names;
  for (const GraphLink& link : graph.links) {
    if (link.dateline == dateline) {
      names.push_back(link.name);
    }
  }
  return names;
}

bool has_twins(const NetworkGraph& graph) {
  std::vector<std::pair<RouterId, RouterId>> ends;
  for (const GraphLink& link : graph.links) {
    ends.emplace_back(link.from, link.to);
  }
  std::sort(ends.begin(), ends.end());
  return std::adjacent_find(ends.begin(), ends.end()) != ends.end();
}

std::string refusal(const NetworkGraph& graph) {
  try {
    check_graph(graph);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

NetworkGraph pair_of_routers() {
  NetworkGraph graph = make_partitioned_crossbar(kLinks);
  attach_one_node_per_router(graph, 64);
  return graph;
}

TEST(GraphBuildersTest, ACrossbarIsOneRouterWithANodeForEachWidth) {
  const NetworkGraph graph = make_crossbar({64, 64, 128});
  EXPECT_EQ(graph.routers.size(), 1U);
  EXPECT_TRUE(graph.links.empty());
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.nodes[2].name, "node 2");
  EXPECT_EQ(graph.nodes[2].router, 0U);
  EXPECT_EQ(graph.nodes[2].bytes_per_cycle, 128U);
  EXPECT_EQ(refusal(graph), "");
}

TEST(GraphBuildersTest, APartitionedCrossbarHasALinkEachWay) {
  const NetworkGraph graph = pair_of_routers();
  EXPECT_THAT(link_names(graph, false), ElementsAre("half 0 to 1", "half 1 to 0"));
  EXPECT_EQ(graph.links[1].bytes_per_cycle, 32U);
  EXPECT_EQ(graph.links[1].latency_cycles, 2U);
  EXPECT_EQ(refusal(graph), "");
}

TEST(GraphBuildersTest, ARingIsClosedByLinksWithADateline) {
  const NetworkGraph graph = make_ring(4, kLinks);
  EXPECT_EQ(graph.links.size(), 8U);
  EXPECT_THAT(link_names(graph, true), ElementsAre("router 0 to 3", "router 3 to 0"));
  EXPECT_EQ(graph.links[1].direction, GridDirection::kWest);  // anticlockwise
}

TEST(GraphBuildersTest, AMeshJoinsNeighboursInFourDirections) {
  const NetworkGraph graph = make_mesh(3, 2, kLinks);
  EXPECT_EQ(graph.links.size(), 2U * (2 * 2 + 3 * 1));
  EXPECT_EQ(graph.routers[4], "router (1,1)");
  std::vector<std::string> from_middle;
  for (const GraphLink& link : graph.links) {
    if (link.from == 1) {
      from_middle.push_back(link.name + " d" + std::to_string(link.direction));
    }
  }
  EXPECT_THAT(from_middle, ElementsAre("router (1,0) to (2,0) d0", "router (1,0) to (0,0) d1",
                                       "router (1,0) to (1,1) d2"));
  EXPECT_TRUE(link_names(graph, true).empty());
}

TEST(GraphBuildersTest, ATorusAddsALinkEachWayToEachRowAndColumn) {
  const NetworkGraph graph = make_torus(4, 3, kLinks);
  EXPECT_EQ(graph.links.size(), 4U * 4 * 3);
  EXPECT_EQ(link_names(graph, true).size(), 2U * (3 + 4));
}

TEST(GraphBuildersTest, ShortRingsHaveNeitherTwinsNorLinksToThemselves) {
  for (std::uint32_t columns = 1; columns <= 3; ++columns) {
    for (std::uint32_t rows = 1; rows <= 3; ++rows) {
      NetworkGraph graph = make_torus(columns, rows, kLinks);
      attach_one_node_per_router(graph, 64);
      EXPECT_FALSE(has_twins(graph)) << columns << " x " << rows;
      EXPECT_EQ(refusal(graph), "");
    }
  }
  EXPECT_EQ(make_torus(2, 1, kLinks).links.size(), 2U);
  EXPECT_TRUE(make_ring(1, kLinks).links.empty());
}

TEST(GraphBuildersTest, TwoDiesAreJoinedInEveryRow) {
  const NetworkGraph graph = make_dual_die(3, 2, kLinks, kDieToDie);
  EXPECT_EQ(graph.routers.size(), 12U);
  EXPECT_EQ(graph.links.size(), 2U * 14 + 4);
  EXPECT_THAT(link_names(graph, true), ElementsAre("die 0 router (2,0) to die 1 router (0,0)",
                                                   "die 1 router (0,0) to die 0 router (2,0)",
                                                   "die 0 router (2,1) to die 1 router (0,1)",
                                                   "die 1 router (0,1) to die 0 router (2,1)"));
  EXPECT_EQ(graph.links.back().bytes_per_cycle, 16U);
  EXPECT_EQ(graph.links.back().latency_cycles, 9U);
  EXPECT_EQ(graph.links.front().bytes_per_cycle, 32U);
}

TEST(GraphBuildersTest, TwoDiesAreJoinedInTheRowsGivenOnly) {
  const NetworkGraph graph = make_dual_die(3, 4, kLinks, kDieToDie, {2});
  EXPECT_THAT(link_names(graph, true), ElementsAre("die 0 router (2,2) to die 1 router (0,2)",
                                                   "die 1 router (0,2) to die 0 router (2,2)"));
  EXPECT_THROW(make_dual_die(3, 4, kLinks, kDieToDie, {4}), std::invalid_argument);
}

TEST(GraphBuildersTest, ClustersOfNodesShareARouter) {
  NetworkGraph graph = make_mesh(2, 1, kLinks);
  attach_nodes(graph, 3, 48);
  ASSERT_EQ(graph.nodes.size(), 6U);
  EXPECT_EQ(graph.nodes[2].router, 0U);
  EXPECT_EQ(graph.nodes[3].router, 1U);
  EXPECT_EQ(graph.nodes[5].name, "node 5");
  EXPECT_EQ(graph.nodes[5].bytes_per_cycle, 48U);
}

TEST(CheckGraphTest, RefusesAGraphWithoutRoutersOrNodes) {
  EXPECT_EQ(refusal({}), "network: no routers");
  EXPECT_EQ(refusal(make_mesh(2, 2, kLinks)), "network: no nodes");
}

TEST(CheckGraphTest, RefusesLinksThatDoNotJoinTwoRouters) {
  NetworkGraph graph = pair_of_routers();
  graph.links[0].from = 7;
  EXPECT_EQ(refusal(graph),
            "network: link half 0 to 1 starts at router 7, but there are 2 routers");
  graph = pair_of_routers();
  graph.links[0].to = 2;
  EXPECT_EQ(refusal(graph), "network: link half 0 to 1 leads to router 2, but there are 2 routers");
  graph.links[0].to = 0;
  EXPECT_EQ(refusal(graph), "network: link half 0 to 1 leads from half 0 to itself");
}

TEST(CheckGraphTest, RefusesWidthsOfZero) {
  NetworkGraph graph = pair_of_routers();
  graph.links[1].bytes_per_cycle = 0;
  EXPECT_EQ(refusal(graph), "network: link half 1 to 0: width is zero, expected at least 1 B/clk");
  graph = pair_of_routers();
  graph.nodes[1].bytes_per_cycle = 0;
  EXPECT_EQ(refusal(graph), "network: node node 1: width is zero, expected at least 1 B/clk");
}

TEST(CheckGraphTest, RefusesANodeOnARouterThatIsNotThere) {
  NetworkGraph graph = pair_of_routers();
  graph.nodes[0] = {"core 0", 5, 64};
  EXPECT_EQ(refusal(graph), "network: node core 0 is on router 5, but there are 2 routers");
}

}  // namespace
}  // namespace orrery
