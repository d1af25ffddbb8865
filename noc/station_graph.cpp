// SPDX-License-Identifier: Apache-2.0
#include "noc/station_graph.h"

#include <string>
#include <vector>

#include "noc/graph_builders.h"
#include "noc/route_builders.h"

namespace orrery {
namespace {

std::uint32_t half_of(std::uint32_t index, std::uint32_t count) {
  return std::uint64_t{index} * 2 < count ? 0 : 1;
}

LinkParameters wire(std::uint64_t bytes_per_cycle, std::uint64_t hop_cycles) {
  return {bytes_per_cycle, static_cast<std::uint32_t>(hop_cycles)};
}

// Of a memory node's position. The columns of the second die follow those of the first.
RouterId router_at(const NetworkConfig& config, const GridPosition& position) {
  const std::uint32_t die = position.column / config.columns;
  return (die * config.rows + position.row) * config.columns + position.column % config.columns;
}

std::vector<RouterId> routers_of_nodes(const NetworkConfig& config, const NodeLayout& layout) {
  std::vector<RouterId> routers;
  routers.reserve(layout.count());
  if (config.topology == TopologyKind::kCustom) {
    const CustomNetwork& custom = config.custom;
    for (const auto* list :
         {&custom.core_routers, &custom.shared_routers, &custom.memory_routers}) {
      routers.insert(routers.end(), list->begin(), list->end());
    }
    return routers;
  }
  if (!is_grid(config.topology)) {
    for (NodeId node = 0; node < layout.count(); ++node) {
      routers.push_back(partition_of(config, layout, node));
    }
    return routers;
  }
  const std::uint32_t cores_per_router =
      config.topology == TopologyKind::kMesh ? 1 : config.cores_per_cluster;
  for (std::uint32_t core = 0; core < layout.cores; ++core) {
    routers.push_back(core / cores_per_router);
  }
  for (std::uint32_t shared = 0; shared < layout.shared_nodes; ++shared) {
    routers.push_back(shared);
  }
  for (const GridPosition& position : config.memory_positions) {
    routers.push_back(router_at(config, position));
  }
  return routers;
}

NetworkGraph custom_graph(const CustomNetwork& custom) {
  NetworkGraph graph;
  graph.routers = custom.routers;
  for (const CustomNetwork::Wire& one : custom.wires) {
    graph.links.push_back({.name = custom.routers[one.from] + " to " + custom.routers[one.to],
                           .from = one.from,
                           .to = one.to,
                           .bytes_per_cycle = one.bytes_per_cycle,
                           .latency_cycles = static_cast<std::uint32_t>(one.hop_cycles),
                           .dateline = one.dateline});
  }
  return graph;
}

RouteTables custom_routes(const CustomNetwork& custom, const NetworkGraph& graph) {
  std::vector<ExplicitHop> hops;
  for (const CustomNetwork::Route& route : custom.routes) {
    for (GraphLinkId link = 0; link < graph.links.size(); ++link) {
      if (graph.links[link].from == route.router && graph.links[link].to == route.via) {
        hops.push_back({route.router, route.goal, link});
        break;
      }
    }
  }
  return routes_from_paths(graph, hops);
}

}  // namespace

StationGraph build_stations(const NetworkConfig& config, const NodeLayout& layout) {
  const LinkParameters link = wire(config.link_bytes_per_cycle, config.hop_cycles);
  const std::uint32_t columns = config.columns;
  const std::uint32_t rows = config.rows;
  StationGraph stations;
  NetworkGraph& graph = stations.graph;
  switch (config.topology) {
    case TopologyKind::kIdeal:
    case TopologyKind::kCrossbar:
      graph.routers = {"crossbar"};
      stations.routes = shortest_path_routes(graph);
      break;
    case TopologyKind::kPartitionedCrossbar:
      graph = make_partitioned_crossbar(
          wire(config.partition_link_bytes_per_cycle, config.partition_link_cycles));
      stations.routes = shortest_path_routes(graph);
      break;
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
      graph = make_mesh(columns, rows, link);
      stations.routes = dimension_order_routes(columns, rows, graph);
      break;
    case TopologyKind::kRing:
      graph = make_ring(columns, link);
      stations.routes = ring_routes(columns, graph);
      break;
    case TopologyKind::kTorus:
      graph = make_torus(columns, rows, link);
      stations.routes = dimension_order_routes(columns, rows, graph, true);
      break;
    case TopologyKind::kDualDie:
      graph = make_dual_die(columns, rows, link,
                            wire(config.die_link_bytes_per_cycle, config.die_link_cycles),
                            config.die_link_rows);
      stations.routes = dual_die_routes(columns, rows, graph);
      break;
    case TopologyKind::kCustom:
      graph = custom_graph(config.custom);
      stations.routes = custom_routes(config.custom, graph);
      break;
  }
  const std::vector<RouterId> routers = routers_of_nodes(config, layout);
  for (NodeId node = 0; node < layout.count(); ++node) {
    const std::uint64_t width = node < layout.first_shared() ? config.core_port_bytes_per_cycle
                                                             : config.memory_port_bytes_per_cycle;
    graph.nodes.push_back(
        {.name = node_name(layout, node), .router = routers[node], .bytes_per_cycle = width});
  }
  return stations;
}

std::uint32_t partition_of(const NetworkConfig& config, const NodeLayout& layout, NodeId node) {
  if (config.topology != TopologyKind::kPartitionedCrossbar) {
    return 0;
  }
  if (node < layout.first_shared()) {
    return node / config.cores_per_cluster % 2;
  }
  if (node < layout.first_memory()) {
    return half_of(node - layout.first_shared(), layout.shared_nodes);
  }
  return half_of(node - layout.first_memory(), layout.memory_nodes);
}

std::string node_name(const NodeLayout& layout, NodeId node) {
  if (node < layout.first_shared()) {
    return "core " + std::to_string(node);
  }
  if (node < layout.first_memory()) {
    return "shared node " + std::to_string(node - layout.first_shared());
  }
  return "memory node " + std::to_string(node - layout.first_memory());
}

}  // namespace orrery
