// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>
#include <string>

#include "noc/check_router_config.h"
#include "noc/check_routes.h"
#include "noc/detailed_graph.h"
#include "noc/network_limits.h"
#include "noc/station_graph.h"
#include "noc/topology.h"

namespace orrery {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw std::invalid_argument("network: " + message);
}

void check_positive(const char* name, std::uint64_t value) {
  if (value == 0) {
    refuse(std::string(name) + " is zero, expected at least 1 B/clk");
  }
}

void check_hop(std::uint64_t cycles) {
  if (cycles > kMaxHopCycles) {
    refuse("a hop of more than " + std::to_string(kMaxHopCycles) + " clk");
  }
}

std::string grid(const NetworkConfig& config) {
  return std::to_string(config.columns) + " x " + std::to_string(config.rows);
}

void check_grid(const NetworkConfig& config, const NodeLayout& layout) {
  if (config.columns == 0 || config.rows == 0 || config.columns > kMaxGridSide ||
      config.rows > kMaxGridSide) {
    refuse("a grid of " + grid(config) + " routers, expected 1 to " + std::to_string(kMaxGridSide) +
           " columns and rows");
  }
  const std::uint64_t dies = config.topology == TopologyKind::kDualDie ? 2 : 1;
  const std::uint64_t routers = dies * config.columns * config.rows;
  const bool clusters = config.topology != TopologyKind::kMesh;
  const std::uint64_t per_router = clusters ? config.cores_per_cluster : 1;
  if (routers * per_router != layout.cores) {
    refuse("the chip has " + std::to_string(layout.cores) + " cores, but " +
           (dies == 2 ? "two dies of " : "") + grid(config) + " routers of " +
           std::to_string(per_router) + (per_router == 1 ? " core" : " cores") + " hold " +
           std::to_string(routers * per_router));
  }
  if (layout.shared_nodes != 0 && layout.shared_nodes != routers) {
    refuse("the chip has " + std::to_string(layout.shared_nodes) + " shared nodes on " +
           std::to_string(routers) + " routers, expected one a router or none");
  }
  if (config.memory_positions.size() != layout.memory_nodes) {
    refuse("the chip has " + std::to_string(layout.memory_nodes) + " memory nodes, but " +
           std::to_string(config.memory_positions.size()) + " memory_positions");
  }
  for (const GridPosition& position : config.memory_positions) {
    if (position.column >= dies * config.columns || position.row >= config.rows) {
      refuse("memory position [" + std::to_string(position.column) + ", " +
             std::to_string(position.row) + "] is outside the grid of " + grid(config) +
             " routers");
    }
  }
}

void check_die_links(const NetworkConfig& config) {
  check_positive("die_link", config.die_link_bytes_per_cycle);
  for (const std::uint32_t row : config.die_link_rows) {
    if (row >= config.rows) {
      refuse("die-to-die link in row " + std::to_string(row) + ", but a die has " +
             std::to_string(config.rows) + " rows");
    }
  }
}

void check_nodes_of_kind(const char* kind, std::size_t routers, std::uint32_t nodes) {
  if (routers != nodes) {
    refuse("the chip has " + std::to_string(nodes) + " " + kind + ", but " +
           std::to_string(routers) + " are placed on routers");
  }
}

// Before a graph is made of them.
void check_wires(const CustomNetwork& custom) {
  const std::size_t routers = custom.routers.size();
  for (const CustomNetwork::Wire& wire : custom.wires) {
    if (wire.from >= routers || wire.to >= routers) {
      refuse("a link from router " + std::to_string(wire.from) + " to router " +
             std::to_string(wire.to) + ", but there are " + std::to_string(routers) + " routers");
    }
    check_hop(wire.hop_cycles);
  }
  for (const CustomNetwork::Route& route : custom.routes) {
    const std::uint32_t highest = std::max({route.router, route.goal, route.via});
    if (highest >= routers) {
      refuse("a route names router " + std::to_string(highest) + ", but there are " +
             std::to_string(routers) + " routers");
    }
    const bool wired =
        std::any_of(custom.wires.begin(), custom.wires.end(), [&](const CustomNetwork::Wire& wire) {
          return wire.from == route.router && wire.to == route.via;
        });
    if (!wired) {
      refuse("a route from " + custom.routers[route.router] + " goes via " +
             custom.routers[route.via] + ", but no link leads there");
    }
  }
}

// Cores, shared nodes and memory nodes each on a router; routes that reach and cannot deadlock.
void check_custom(const NetworkConfig& config, const NodeLayout& layout) {
  check_nodes_of_kind("cores", config.custom.core_routers.size(), layout.cores);
  check_nodes_of_kind("shared nodes", config.custom.shared_routers.size(), layout.shared_nodes);
  check_nodes_of_kind("memory nodes", config.custom.memory_routers.size(), layout.memory_nodes);
  check_wires(config.custom);
  const StationGraph stations = build_stations(config, layout);
  check_graph(stations.graph);
  check_routes(stations.graph, stations.routes);
}

void check_detailed(const NetworkConfig& config, const NodeLayout& layout) {
  const DetailedNetworkConfig& detailed = config.detailed;
  if (detailed.flit_bytes == 0 || detailed.flit_bytes > kMaxFlitBytes) {
    refuse("flit is " + std::to_string(detailed.flit_bytes) + ", expected 1 to " +
           std::to_string(kMaxFlitBytes));
  }
  const std::uint64_t stages = detailed.router_cycles();
  if (config.hop_cycles < stages + 1) {
    refuse("a hop of " + std::to_string(config.hop_cycles) + " clk, but the router's stages take " +
           std::to_string(stages) + " clk and a node's wire at least 1 clk");
  }
  StationGraph stations = build_stations(config, layout);
  for (const GraphLink& link : stations.graph.links) {
    if (link.latency_cycles < stages) {
      refuse(link.name + ": a hop of " + std::to_string(link.latency_cycles) +
             " clk, but the router's stages take " + std::to_string(stages) + " clk");
    }
  }
  if (packet_flits(config) > kMaxTreeBufferFlits) {
    refuse("packet of " + std::to_string(detailed.packet_bytes) + " B is " +
           std::to_string(packet_flits(config)) + " flits, expected at most " +
           std::to_string(kMaxTreeBufferFlits));
  }
  if (detailed.packet_bytes <= config.header_bytes) {
    refuse("packet of " + std::to_string(detailed.packet_bytes) +
           " B, expected more than its header of " + std::to_string(config.header_bytes) + " B");
  }
  refine_graph(stations.graph, config);
  check_router_config(router_config(config), stations.graph, stations.routes);
}

}  // namespace

void check_network(const NetworkConfig& config, const NodeLayout& layout) {
  const std::uint64_t nodes =
      std::uint64_t{layout.cores} + layout.shared_nodes + layout.memory_nodes;
  if (nodes > kMaxNetworkNodes) {
    refuse(std::to_string(nodes) + " nodes, expected at most " + std::to_string(kMaxNetworkNodes));
  }
  if (config.topology == TopologyKind::kIdeal) {
    return;
  }
  if (config.clock_hz < kMinNetworkClockHz || config.clock_hz > kMaxNetworkClockHz) {
    refuse("clock of " + std::to_string(config.clock_hz) + " Hz, expected 1 MHz to 100 GHz");
  }
  for (const std::uint64_t cycles :
       {config.hop_cycles, config.partition_link_cycles, config.die_link_cycles}) {
    check_hop(cycles);
  }
  check_positive("core_port", config.core_port_bytes_per_cycle);
  check_positive("memory_port", config.memory_port_bytes_per_cycle);
  if (config.topology == TopologyKind::kPartitionedCrossbar) {
    check_positive("partition_link", config.partition_link_bytes_per_cycle);
  } else if (is_grid(config.topology)) {
    check_positive("link", config.link_bytes_per_cycle);
    check_grid(config, layout);
    if (config.topology == TopologyKind::kDualDie) {
      check_die_links(config);
    }
  } else if (config.topology == TopologyKind::kCustom) {
    check_custom(config, layout);
  }
  if (config.fidelity == NetworkFidelity::kDetailed) {
    check_detailed(config, layout);
  }
}

}  // namespace orrery
