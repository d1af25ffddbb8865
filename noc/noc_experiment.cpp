// SPDX-License-Identifier: Apache-2.0
#include "noc/noc_experiment.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdexcept>

#include "noc/graph_builders.h"
#include "noc/network_limits.h"
#include "noc/route_builders.h"

namespace orrery {
namespace {

constexpr std::uint32_t kMostCrossbarNodes = 512;

struct NamedTopology {
  std::string_view name;
  bool grid;  // columns x rows; otherwise one number
};

constexpr std::array<NamedTopology, 7> kTopologies{{{"crossbar", false},
                                                    {"partitioned_crossbar", false},
                                                    {"ring", false},
                                                    {"mesh", true},
                                                    {"torus", true},
                                                    {"cluster_mesh", true},
                                                    {"dual_die", true}}};

void check_size(const NocShape& shape, bool grid) {
  const auto refuse = [&](const std::string& expected) {
    throw std::invalid_argument(
        fmt::format("a {} of {}{}, expected {}", shape.topology, shape.columns,
                    grid ? fmt::format(" x {}", shape.rows) : "", expected));
  };
  if (grid && (shape.columns < 1 || shape.rows < 1 || shape.columns > kMaxGridSide ||
               shape.rows > kMaxGridSide)) {
    refuse(fmt::format("1 to {} columns and rows", kMaxGridSide));
  }
  if (!grid && (shape.columns < 2 || shape.columns > kMostCrossbarNodes)) {
    refuse(fmt::format("2 to {} nodes", kMostCrossbarNodes));
  }
  if (shape.topology == "partitioned_crossbar" && shape.columns % 2 != 0) {
    refuse("an even number of nodes");
  }
  if (shape.nodes_per_router < 1 || shape.nodes_per_router > 64) {
    throw std::invalid_argument(
        fmt::format("{} nodes a router, expected 1 to 64", shape.nodes_per_router));
  }
}

}  // namespace

std::vector<std::string> topology_names() {
  std::vector<std::string> names;
  for (const NamedTopology& topology : kTopologies) {
    names.emplace_back(topology.name);
  }
  return names;
}

bool is_grid(std::string_view topology) {
  if (topology == "custom") {
    return false;
  }
  for (const NamedTopology& named : kTopologies) {
    if (named.name == topology) {
      return named.grid;
    }
  }
  throw std::invalid_argument(fmt::format("topology '{}', expected one of {}", topology,
                                          fmt::join(topology_names(), ", ")));
}

std::vector<std::string> routing_names(std::string_view topology) {
  if (topology == "mesh" || topology == "cluster_mesh") {
    return {"xy", "xy_yx"};
  }
  return {topology == "torus" || topology == "dual_die" ? "xy" : "shortest"};
}

NocNetwork build_network(const NocShape& shape, std::uint64_t flit_bytes) {
  const bool grid = is_grid(shape.topology);
  check_size(shape, grid);
  const std::vector<std::string> routings = routing_names(shape.topology);
  const std::string routing = shape.routing.empty() ? routings.front() : shape.routing;
  if (std::find(routings.begin(), routings.end(), routing) == routings.end()) {
    throw std::invalid_argument(fmt::format("routing '{}' on a {}, expected {}", routing,
                                            shape.topology, fmt::join(routings, " or ")));
  }
  const LinkParameters link{flit_bytes, shape.link_cycles};
  const LinkParameters between{flit_bytes, shape.die_link_cycles};
  const std::uint32_t columns = shape.columns;
  const std::uint32_t rows = shape.rows;
  NocNetwork network;
  network.grid = {columns, grid ? rows : 1};
  if (shape.topology == "crossbar") {
    network.graph = make_crossbar(std::vector<std::uint64_t>(columns, flit_bytes));
    network.routes = shortest_path_routes(network.graph);
  } else if (shape.topology == "partitioned_crossbar") {
    network.graph = make_partitioned_crossbar(between);
    attach_nodes(network.graph, columns / 2, flit_bytes);
    network.routes = shortest_path_routes(network.graph);
  } else if (shape.topology == "ring") {
    network.graph = make_ring(columns, link);
    attach_one_node_per_router(network.graph, flit_bytes);
    network.routes = ring_routes(columns, network.graph);
  } else if (shape.topology == "torus") {
    network.graph = make_torus(columns, rows, link);
    attach_one_node_per_router(network.graph, flit_bytes);
    network.routes = dimension_order_routes(columns, rows, network.graph, true);
  } else if (shape.topology == "dual_die") {
    network.graph = make_dual_die(columns, rows, link, between);
    attach_one_node_per_router(network.graph, flit_bytes);
    network.routes = dual_die_routes(columns, rows, network.graph);
    network.grid = {columns, 2 * rows};  // die 1 behind die 0
  } else {
    const std::uint32_t nodes = shape.topology == "mesh" ? 1 : shape.nodes_per_router;
    network.graph = make_mesh(columns, rows, link);
    attach_nodes(network.graph, nodes, flit_bytes);
    network.routes = routing == "xy" ? dimension_order_routes(columns, rows, network.graph)
                                     : xy_yx_routes(columns, rows, network.graph);
    network.grid = {columns * nodes, rows};
  }
  return network;
}

}  // namespace orrery
