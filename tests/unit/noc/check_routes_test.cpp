// SPDX-License-Identifier: Apache-2.0
#include "noc/check_routes.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "noc/graph_builders.h"
#include "noc/route_builders.h"
#include "tests/unit/noc/routes.h"

namespace orrery {
namespace {

struct Ends {
  RouterId from, to;
};

// Routers "router a", "router b" and so on with "core 0", "core 1" and so on.
NetworkGraph lettered_graph(std::uint32_t routers, const std::vector<Ends>& links) {
  NetworkGraph graph;
  for (RouterId router = 0; router < routers; ++router) {
    graph.routers.push_back(std::string("router ") + "abcdefgh"[router]);
    graph.nodes.push_back({"core " + std::to_string(router), router, 64});
  }
  for (const Ends& ends : links) {
    graph.links.push_back({.name = graph.routers[ends.from] + " to " + graph.routers[ends.to],
                           .from = ends.from,
                           .to = ends.to,
                           .bytes_per_cycle = 32});
  }
  return graph;
}

NetworkGraph one_way_ring() {
  return lettered_graph(3, {{0, 1}, {1, 2}, {2, 0}});
}

NetworkGraph chain_of_three() {
  return lettered_graph(3, {{0, 1}, {1, 0}, {1, 2}, {2, 1}});
}

TEST(CheckRoutesTest, RefusesARingOfOneClass) {
  const NetworkGraph graph = one_way_ring();
  EXPECT_EQ(route_refusal(graph, shortest_path_routes(graph)),
            "network: routes can deadlock: router a -> router b -> router c -> router a in class 0 "
            "wait for each other");
}

TEST(CheckRoutesTest, AcceptsARingWithADateline) {
  NetworkGraph graph = one_way_ring();
  graph.links[2].dateline = true;
  EXPECT_EQ(route_refusal(graph, shortest_path_routes(graph)), "");
}

TEST(CheckRoutesTest, RoutersWithoutNodesStartNoRoutes) {
  NetworkGraph graph = one_way_ring();
  graph.nodes.pop_back();  // a -> b and b -> c -> a remain
  EXPECT_EQ(route_refusal(graph, shortest_path_routes(graph)), "");
}

TEST(CheckRoutesTest, RefusesNodesThatCannotReachEachOther) {
  NetworkGraph graph = chain_of_three();
  graph.links.pop_back();
  EXPECT_EQ(route_refusal(graph, shortest_path_routes(graph)),
            "network: core 2 (router c) cannot reach core 0 (router a)");
}

TEST(CheckRoutesTest, RefusesARouteThatNeverEnds) {
  const NetworkGraph graph = chain_of_three();
  const RouteTables tables = routes_from_paths(graph, {{1, 2, 1}});  // back to a
  EXPECT_EQ(route_refusal(graph, tables),
            "network: the route from core 0 (router a) to core 2 (router c) never ends: "
            "router a -> router b -> router a");
}

TEST(CheckRoutesTest, RefusesALoopThatCrossesADateline) {
  NetworkGraph graph = chain_of_three();
  graph.links[0].dateline = true;
  const RouteTables tables = routes_from_paths(graph, {{1, 2, 1}});
  EXPECT_EQ(route_refusal(graph, tables),
            "network: the route from core 0 (router a) to core 2 (router c) never ends: "
            "router a -> router b -> router a");
}

TEST(CheckRoutesTest, RefusesAHopOverALinkOfAnotherRouter) {
  const NetworkGraph graph = chain_of_three();
  const RouteTables tables = routes_from_paths(graph, {{0, 2, 2}});
  EXPECT_EQ(route_refusal(graph, tables),
            "network: the route from router a to router c takes link router b to router c, which "
            "starts at router b");
}

TEST(CheckRoutesTest, RefusesALinkThatIsNotThere) {
  const NetworkGraph graph = chain_of_three();
  RouteTables tables = shortest_path_routes(graph);
  tables.sets[0].next[2].link = 9;  // from a to c
  EXPECT_EQ(route_refusal(graph, tables),
            "network: the route from router a to router c takes link 9, but there are 4 links");
}

TEST(CheckRoutesTest, RefusesAClassThatIsNotThere) {
  NetworkGraph graph = chain_of_three();
  graph.links[2].dateline = true;
  RouteTables tables = shortest_path_routes(graph);
  EXPECT_EQ(tables.vc_classes, 2U);
  EXPECT_EQ(route_refusal(graph, tables), "");
  tables.vc_classes = 1;
  EXPECT_EQ(route_refusal(graph, tables),
            "network: the route from core 0 (router a) to core 2 (router c) takes link router b to "
            "router c in class 1, expected below 1");
  tables.vc_classes = 0;
  EXPECT_EQ(route_refusal(graph, tables),
            "network: routes need 0 classes of virtual channels, expected 1 to 64");
}

TEST(CheckRoutesTest, RefusesTablesOfAnotherSize) {
  const NetworkGraph graph = chain_of_three();
  EXPECT_EQ(route_refusal(graph, shortest_path_routes(lettered_graph(2, {{0, 1}, {1, 0}}))),
            "network: routes for 2 routers, but there are 3");
  RouteTables tables = shortest_path_routes(graph);
  tables.sets[0].next.pop_back();
  EXPECT_EQ(route_refusal(graph, tables), "network: 8 hops in a set of routes, expected 9");
  tables.sets.clear();
  EXPECT_EQ(route_refusal(graph, tables), "network: no routes");
}

void join(NetworkGraph& graph, RouterId a, RouterId b) {
  graph.links.push_back({.name = "there", .from = a, .to = b, .bytes_per_cycle = 32});
  graph.links.push_back({.name = "back", .from = b, .to = a, .bytes_per_cycle = 32});
}

std::uint32_t draw_below(std::mt19937& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

// On a tree no route turns back, so no channel can wait for itself, whatever else the graph has.
TEST(CheckRoutesTest, AcceptsShortestPathsOverASpanningTreeOfAnyConnectedGraph) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    const std::uint32_t routers = 2 + draw_below(random, 40);
    NetworkGraph graph;
    graph.routers.assign(routers, "router");
    attach_one_node_per_router(graph, 64);
    for (RouterId router = 1; router < routers; ++router) {
      join(graph, router, draw_below(random, router));
    }
    for (GraphLink& link : graph.links) {
      link.latency_cycles = draw_below(random, 5);
    }
    const RouteTables tables = shortest_path_routes(graph);
    for (RouterId router = 1; router < routers; ++router) {
      join(graph, router, draw_below(random, router));
    }
    EXPECT_EQ(route_refusal(graph, tables), "") << "trial " << trial;
  }
}

TEST(CheckRoutesTest, ChecksAMeshOf4096Routers) {
  NetworkGraph graph = make_mesh(64, 64, {});
  attach_one_node_per_router(graph, 64);
  EXPECT_EQ(route_refusal(graph, dimension_order_routes(64, 64, graph)), "");
}

}  // namespace
}  // namespace orrery
