// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "noc/network_graph.h"
#include "noc/route_tables.h"

namespace orrery {

// Routes for the networks of graph_builders.h and for any other graph. Graphs must be such as
// `check_graph` accepts. The routes on grids throw std::invalid_argument where the graph is not the
// grid they are told. Only `check_routes` says whether routes are complete and free of deadlock.

// Along columns (X) first, then along rows (Y). On a torus the shortest way round; where both ways
// are equally long, east and south in set 0, west and north in set 1. Classes of a torus: see
// ClassRule::kByDirection.
RouteTables dimension_order_routes(std::uint32_t columns,
                                   std::uint32_t rows,
                                   const NetworkGraph& graph,
                                   bool torus = false);

// On a mesh: set 0 goes X then Y in class 0, set 1 Y then X in class 1.
RouteTables xy_yx_routes(std::uint32_t columns, std::uint32_t rows, const NetworkGraph& graph);

// The shortest way round, as on a torus of one row.
RouteTables ring_routes(std::uint32_t routers, const NetworkGraph& graph);

// X then Y within each die. To the other die: X, then Y, to a die-to-die link, across into class 1,
// then X and Y. Of the rows with such a link one on a shortest way is taken; of several, the
// nearest.
RouteTables dual_die_routes(std::uint32_t columns, std::uint32_t rows, const NetworkGraph& graph);

// Least latency: the cycles of the links and one for each hop; of equals the link of the lowest
// number. As many classes as the routes cross datelines, and one.
RouteTables shortest_path_routes(const NetworkGraph& graph);

// At `router`, packets for `goal` (a router) take `link`.
struct ExplicitHop {
  RouterId router = 0, goal = 0;
  GraphLinkId link = 0;
};

// The shortest paths, but for the hops given. Throws std::invalid_argument if they name routers or
// links that are not there.
RouteTables routes_from_paths(const NetworkGraph& graph, const std::vector<ExplicitHop>& hops);

}  // namespace orrery
