// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "noc/network_graph.h"

namespace orrery {

// The usual networks as graphs. Where nothing else is said, nodes are attached by the caller or by
// `attach_nodes`. Nothing is checked here: see `check_graph`.

struct LinkParameters {
  std::uint64_t bytes_per_cycle = 64;
  std::uint32_t latency_cycles = 1;
};

// Values of GraphLink::direction on grids. A ring is a grid of one row: clockwise is east.
struct GridDirection {
  static constexpr std::uint32_t kEast = 0, kWest = 1, kSouth = 2, kNorth = 3;
};

// One router, "crossbar", with a node for each width.
NetworkGraph make_crossbar(const std::vector<std::uint64_t>& node_bytes_per_cycle);

// Two routers, "half 0" and "half 1", joined by a link each way.
NetworkGraph make_partitioned_crossbar(const LinkParameters& partition_link);

// "router 0" and so on, each joined with the next. From three routers on the last and the first are
// joined as well, by links with a dateline.
NetworkGraph make_ring(std::uint32_t routers, const LinkParameters& links);

// "router (column,row)", with the index row * columns + column.
NetworkGraph make_mesh(std::uint32_t columns, std::uint32_t rows, const LinkParameters& links);

// A mesh with links from edge to edge, which have a dateline, along each side of at least three
// routers: on shorter ones they would run beside the mesh's own.
NetworkGraph make_torus(std::uint32_t columns, std::uint32_t rows, const LinkParameters& links);

// Two meshes of `columns` x `rows`, "die 0 router (column,row)" first. In each of `crossing_rows`
// (none given: in all rows) links with a dateline join the east edge of die 0 and the west edge of
// die 1. Throws std::invalid_argument for a crossing row that is not there.
NetworkGraph make_dual_die(std::uint32_t columns,
                           std::uint32_t rows,
                           const LinkParameters& links,
                           const LinkParameters& die_to_die,
                           const std::vector<std::uint32_t>& crossing_rows = {});

// Adds `nodes_per_router` nodes to every router, in the order of the routers, named "node 0" and so
// on.
void attach_nodes(NetworkGraph& graph,
                  std::uint32_t nodes_per_router,
                  std::uint64_t bytes_per_cycle);
void attach_one_node_per_router(NetworkGraph& graph, std::uint64_t bytes_per_cycle);

}  // namespace orrery
