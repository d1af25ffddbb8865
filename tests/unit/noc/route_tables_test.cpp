// SPDX-License-Identifier: Apache-2.0
#include "noc/route_tables.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "noc/graph_builders.h"
#include "noc/route_builders.h"
#include "tests/unit/noc/routes.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

constexpr LinkParameters kLinks{.bytes_per_cycle = 32, .latency_cycles = 1};
constexpr LinkParameters kDieToDie{.bytes_per_cycle = 16, .latency_cycles = 9};

std::uint32_t line_distance(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : b - a;
}

std::uint32_t ring_distance(std::uint32_t a, std::uint32_t b, std::uint32_t size) {
  return std::min(line_distance(a, b), size - line_distance(a, b));
}

std::uint32_t mesh_distance(RouterId a, RouterId b, std::uint32_t columns) {
  return line_distance(a % columns, b % columns) + line_distance(a / columns, b / columns);
}

struct Size {
  std::uint32_t columns, rows;
};

std::uint32_t torus_distance(RouterId a, RouterId b, const Size& size) {
  return ring_distance(a % size.columns, b % size.columns, size.columns) +
         ring_distance(a / size.columns, b / size.columns, size.rows);
}

bool goes_along_row(const GraphLink& link) {
  return link.direction <= GridDirection::kWest;
}

// "EESS" for two links east and two south.
std::string directions(const NetworkGraph& graph, const std::vector<TakenLink>& taken) {
  std::string letters;
  for (const TakenLink& step : taken) {
    letters += "EWSN"[graph.links[step.link].direction];
  }
  return letters;
}

std::vector<std::uint32_t> classes(const std::vector<TakenLink>& taken) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(taken.size());
  for (const TakenLink& step : taken) {
    numbers.push_back(step.vc_class);
  }
  return numbers;
}

// Whether links along rows all come before those along columns, or all after them.
bool turns_once(const NetworkGraph& graph, const std::vector<TakenLink>& taken, bool rows_first) {
  return std::is_partitioned(taken.begin(), taken.end(), [&](const TakenLink& step) {
    return goes_along_row(graph.links[step.link]) == rows_first;
  });
}

NetworkGraph with_nodes(NetworkGraph graph) {
  attach_one_node_per_router(graph, 64);
  return graph;
}

TEST(MeshRoutesTest, GoTheManhattanDistanceColumnsFirst) {
  for (const Size& size : {Size{5, 4}, {1, 6}, {6, 1}, {1, 1}}) {
    const NetworkGraph graph = with_nodes(make_mesh(size.columns, size.rows, kLinks));
    const RouteTables tables = dimension_order_routes(size.columns, size.rows, graph);
    EXPECT_EQ(tables.sets.size(), 1U);
    EXPECT_EQ(tables.vc_classes, 1U);
    for_each_route(graph, tables, [&](std::size_t, RouterId from, RouterId to, const auto& taken) {
      EXPECT_EQ(taken.size(), mesh_distance(from, to, size.columns));
      EXPECT_TRUE(turns_once(graph, taken, true));
    });
    EXPECT_EQ(route_refusal(graph, tables), "");
  }
}

TEST(MeshRoutesTest, XyAndYxHaveAClassEach) {
  const NetworkGraph graph = with_nodes(make_mesh(5, 4, kLinks));
  const RouteTables tables = xy_yx_routes(5, 4, graph);
  EXPECT_EQ(tables.sets.size(), 2U);
  for_each_route(
      graph, tables, [&](std::size_t set, RouterId from, RouterId to, const auto& taken) {
        EXPECT_EQ(taken.size(), mesh_distance(from, to, 5));
        EXPECT_TRUE(turns_once(graph, taken, set == 0));
        EXPECT_EQ(classes(taken), std::vector<std::uint32_t>(taken.size(), set == 0 ? 0 : 1));
      });
  EXPECT_EQ(route_refusal(graph, tables), "");
}

TEST(MeshRoutesTest, XyAndYxInOneClassCanDeadlock) {
  const NetworkGraph graph = with_nodes(make_mesh(2, 2, kLinks));
  RouteTables tables = xy_yx_routes(2, 2, graph);
  tables.sets[1].first_class = 0;
  EXPECT_EQ(route_refusal(graph, tables),
            "network: routes can deadlock: router (0,0) -> router (1,0) -> router (1,1) -> "
            "router (0,1) -> router (0,0) in class 0 wait for each other");
}

TEST(MeshRoutesTest, RefuseAGraphThatIsNotTheirs) {
  EXPECT_THROW(dimension_order_routes(3, 3, make_mesh(3, 2, kLinks)), std::invalid_argument);
  EXPECT_THROW(dimension_order_routes(0, 3, {}), std::invalid_argument);
  EXPECT_THROW(dimension_order_routes(4, 1, make_mesh(4, 1, kLinks), true), std::invalid_argument);
}

TEST(TorusRoutesTest, GoTheShorterWayRoundColumnsFirst) {
  for (const Size& size : {Size{5, 4}, {4, 1}, {3, 3}, {2, 6}, {2, 2}}) {
    const NetworkGraph graph = with_nodes(make_torus(size.columns, size.rows, kLinks));
    const RouteTables tables = dimension_order_routes(size.columns, size.rows, graph, true);
    for_each_route(graph, tables, [&](std::size_t, RouterId from, RouterId to, const auto& taken) {
      EXPECT_EQ(taken.size(), torus_distance(from, to, size));
      EXPECT_TRUE(turns_once(graph, taken, true));
    });
    EXPECT_EQ(route_refusal(graph, tables), "") << size.columns << " x " << size.rows;
  }
}

TEST(TorusRoutesTest, APacketThatWrapsIsInClassOneAllAlongTheRing) {
  const NetworkGraph graph = with_nodes(make_torus(5, 4, kLinks));
  const RouteTables tables = dimension_order_routes(5, 4, graph, true);
  EXPECT_EQ(tables.vc_classes, 2U);
  for_each_route(graph, tables, [&](std::size_t, RouterId, RouterId, const auto& taken) {
    for (const TakenLink& step : taken) {
      const bool in_row = goes_along_row(graph.links[step.link]);
      const bool wraps = std::any_of(taken.begin(), taken.end(), [&](const TakenLink& other) {
        const GraphLink& link = graph.links[other.link];
        return link.dateline && goes_along_row(link) == in_row;
      });
      EXPECT_EQ(step.vc_class, wraps ? 1U : 0U);
    }
  });
}

TEST(TorusRoutesTest, TiesGoBothWays) {
  const NetworkGraph graph = with_nodes(make_torus(4, 4, kLinks));
  const RouteTables tables = dimension_order_routes(4, 4, graph, true);
  ASSERT_EQ(tables.sets.size(), 2U);
  EXPECT_EQ(directions(graph, route(graph, tables, 0, 0, 10)), "EESS");
  EXPECT_EQ(directions(graph, route(graph, tables, 1, 0, 10)), "WWNN");
  EXPECT_THAT(classes(route(graph, tables, 0, 0, 10)), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(classes(route(graph, tables, 1, 0, 10)), ElementsAre(1, 1, 1, 1));
}

TEST(TorusRoutesTest, WithoutTiesThereIsOneSetAndWithoutWrapsOneClass) {
  EXPECT_EQ(dimension_order_routes(5, 3, make_torus(5, 3, kLinks), true).sets.size(), 1U);
  const RouteTables two_by_two = dimension_order_routes(2, 2, make_torus(2, 2, kLinks), true);
  EXPECT_EQ(two_by_two.sets.size(), 1U);
  EXPECT_EQ(two_by_two.vc_classes, 1U);
}

TEST(TorusRoutesTest, InOneClassCanDeadlock) {
  const NetworkGraph graph = with_nodes(make_ring(5, kLinks));
  RouteTables tables = ring_routes(5, graph);
  for (Hop& hop : tables.sets[0].next) {
    hop.vc_class = 0;
  }
  EXPECT_EQ(route_refusal(graph, tables),
            "network: routes can deadlock: router 0 -> router 1 -> router 2 -> router 3 -> "
            "router 4 -> router 0 in class 0 wait for each other");
}

TEST(RingRoutesTest, GoTheShorterWayRound) {
  for (std::uint32_t routers = 1; routers <= 9; ++routers) {
    const NetworkGraph graph = with_nodes(make_ring(routers, kLinks));
    const RouteTables tables = ring_routes(routers, graph);
    EXPECT_EQ(tables.sets.size(), routers > 2 && routers % 2 == 0 ? 2U : 1U);
    for_each_route(graph, tables, [&](std::size_t, RouterId from, RouterId to, const auto& taken) {
      EXPECT_EQ(taken.size(), ring_distance(from, to, routers));
    });
    EXPECT_EQ(route_refusal(graph, tables), "");
  }
}

TEST(DualDieRoutesTest, CrossInTheirOwnRowWhereEveryRowHasALink) {
  const NetworkGraph graph = with_nodes(make_dual_die(3, 4, kLinks, kDieToDie));
  const RouteTables tables = dual_die_routes(3, 4, graph);
  const auto taken = route(graph, tables, 0, 1, 12 + 3 * 3 + 1);  // (1,0) to (1,3)
  EXPECT_EQ(directions(graph, taken), "EEESSS");
  EXPECT_THAT(classes(taken), ElementsAre(0, 1, 1, 1, 1, 1));
  EXPECT_EQ(route_refusal(graph, tables), "");
}

TEST(DualDieRoutesTest, GoToARowThatHasALinkOnlyAsFarAsNeeded) {
  const NetworkGraph graph = with_nodes(make_dual_die(2, 5, kLinks, kDieToDie, {1, 3}));
  const RouteTables tables = dual_die_routes(2, 5, graph);
  const auto names = [&](RouterId from, RouterId to) {
    return directions(graph, route(graph, tables, 0, from, to));
  };
  EXPECT_EQ(names(0, 10), "ESEN");         // (0,0) to (0,0) by row 1
  EXPECT_EQ(names(4, 10 + 8), "ESES");     // (0,2) to (0,4) by row 3
  EXPECT_EQ(names(10 + 9, 0), "WNWWNNN");  // (1,4) to (0,0) by row 3, the nearest
  EXPECT_EQ(names(0, 9), "ESSSS");         // within a die
}

TEST(DualDieRoutesTest, AreShortestAndFreeOfDeadlock) {
  for (const std::vector<std::uint32_t>& rows :
       {std::vector<std::uint32_t>{}, {0}, {2}, {0, 3}, {1, 2}}) {
    const NetworkGraph graph = with_nodes(make_dual_die(3, 4, kLinks, kDieToDie, rows));
    const RouteTables tables = dual_die_routes(3, 4, graph);
    const RouteTables shortest = shortest_path_routes(graph);
    EXPECT_EQ(tables.vc_classes, 2U);
    for_each_route(graph, tables, [&](std::size_t, RouterId from, RouterId to, const auto& taken) {
      EXPECT_EQ(taken.size(), route(graph, shortest, 0, from, to).size());
      const auto crossing = std::find_if(taken.begin(), taken.end(), [&](const TakenLink& step) {
        return graph.links[step.link].dateline;
      });
      EXPECT_TRUE(turns_once(graph, {taken.begin(), crossing}, true));
      if (crossing != taken.end()) {
        EXPECT_TRUE(turns_once(graph, {crossing, taken.end()}, true));
        EXPECT_EQ(crossing->vc_class, 1U);
      }
    });
    EXPECT_EQ(route_refusal(graph, tables), "");
  }
}

TEST(DualDieRoutesTest, RefuseDiesThatAreNotJoined) {
  EXPECT_THROW(dual_die_routes(2, 2, make_mesh(2, 4, kLinks)), std::invalid_argument);
}

TEST(ShortestPathRoutesTest, CrossbarsNeedOneClass) {
  const NetworkGraph crossbar = make_crossbar({64, 64});
  EXPECT_EQ(route_refusal(crossbar, shortest_path_routes(crossbar)), "");
  const NetworkGraph halves = with_nodes(make_partitioned_crossbar(kLinks));
  const RouteTables tables = shortest_path_routes(halves);
  EXPECT_EQ(tables.vc_classes, 1U);
  EXPECT_EQ(route(halves, tables, 0, 1, 0).size(), 1U);
  EXPECT_EQ(route_refusal(halves, tables), "");
}

TEST(ShortestPathRoutesTest, TakeTheLeastLatencyThenTheLowestLink) {
  NetworkGraph graph = with_nodes(make_ring(4, kLinks));
  const auto nodes_passed = [&] {
    std::vector<RouterId> passed;
    for (const TakenLink& step : route(graph, shortest_path_routes(graph), 0, 0, 2)) {
      passed.push_back(graph.links[step.link].to);
    }
    return passed;
  };
  EXPECT_THAT(nodes_passed(), ElementsAre(1, 2));
  graph.links[0].latency_cycles = 2;  // from 0 to 1
  EXPECT_THAT(nodes_passed(), ElementsAre(3, 2));
}

TEST(ShortestPathRoutesTest, ADatelineMakesARingFreeOfDeadlock) {
  for (std::uint32_t routers = 3; routers <= 9; ++routers) {
    const NetworkGraph graph = with_nodes(make_ring(routers, kLinks));
    const RouteTables tables = shortest_path_routes(graph);
    EXPECT_EQ(tables.vc_classes, 2U);
    EXPECT_EQ(route_refusal(graph, tables), "");
  }
}

TEST(RoutesFromPathsTest, OverrideTheShortestPaths) {
  const NetworkGraph graph = with_nodes(make_ring(5, kLinks));
  const RouteTables tables = routes_from_paths(graph, {{0, 1, 1}, {4, 1, 9}, {3, 1, 7}});
  EXPECT_EQ(directions(graph, route(graph, tables, 0, 0, 1)), "WWWW");
  EXPECT_THAT(classes(route(graph, tables, 0, 0, 1)), ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(directions(graph, route(graph, tables, 0, 1, 0)), "W");
}

TEST(RoutesFromPathsTest, RefuseWhatIsNotThere) {
  const NetworkGraph graph = with_nodes(make_ring(5, kLinks));
  EXPECT_THROW(routes_from_paths(graph, {{5, 1, 1}}), std::invalid_argument);
  EXPECT_THROW(routes_from_paths(graph, {{1, 5, 1}}), std::invalid_argument);
  EXPECT_THROW(routes_from_paths(graph, {{0, 1, 10}}), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
