// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "noc/network_graph.h"
#include "noc/noc_probe.h"
#include "noc/route_tables.h"
#include "noc/traffic_pattern.h"

namespace orrery {

// Networks by name and size, all wires a flit a cycle: what studies of networks compare.
struct NocShape {
  std::string topology = "mesh";  // one of topology_names(), or "custom"
  std::string file;               // of a custom one, see custom_experiment.h
  // Routers of a grid, per die; nodes of a crossbar or routers of a ring in `columns`.
  std::uint32_t columns = 8, rows = 8;
  std::uint32_t nodes_per_router = 1;  // of cluster_mesh
  std::string routing;                 // "" or one of routing_names(topology); "": the first
  std::uint32_t link_cycles = 1;
  std::uint32_t die_link_cycles = 1;  // of dual_die and partitioned_crossbar, between the parts
};

struct NocNetwork {
  NetworkGraph graph;
  RouteTables routes;
  NodeGrid grid;  // of the nodes
};

std::vector<std::string> topology_names();
// Whether it has columns and rows, or one number of nodes. Throws std::invalid_argument for a name
// that there is not.
bool is_grid(std::string_view topology);
std::vector<std::string> routing_names(std::string_view topology);

// Throws std::invalid_argument that says what was expected.
NocNetwork build_network(const NocShape& shape, std::uint64_t flit_bytes);

}  // namespace orrery
