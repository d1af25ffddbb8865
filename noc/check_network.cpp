// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <string>

#include "noc/network_limits.h"
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

std::string grid(const NetworkConfig& config) {
  return std::to_string(config.columns) + " x " + std::to_string(config.rows);
}

void check_grid(const NetworkConfig& config, const NodeLayout& layout) {
  if (config.columns == 0 || config.rows == 0 || config.columns > kMaxGridSide ||
      config.rows > kMaxGridSide) {
    refuse("a mesh of " + grid(config) + " routers, expected 1 to " + std::to_string(kMaxGridSide) +
           " columns and rows");
  }
  const std::uint64_t routers = std::uint64_t{config.columns} * config.rows;
  const bool clusters = config.topology == TopologyKind::kClusterMesh;
  const std::uint64_t per_router = clusters ? config.cores_per_cluster : 1;
  if (routers * per_router != layout.cores) {
    refuse("the chip has " + std::to_string(layout.cores) + " cores, but " + grid(config) +
           " routers of " + std::to_string(per_router) + (per_router == 1 ? " core" : " cores") +
           " hold " + std::to_string(routers * per_router));
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
    if (position.column >= config.columns || position.row >= config.rows) {
      refuse("memory position [" + std::to_string(position.column) + ", " +
             std::to_string(position.row) + "] is outside the mesh of " + grid(config) +
             " routers");
    }
  }
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
  if (config.hop_cycles > kMaxHopCycles || config.partition_link_cycles > kMaxHopCycles) {
    refuse("a hop of more than " + std::to_string(kMaxHopCycles) + " clk");
  }
  check_positive("core_port", config.core_port_bytes_per_cycle);
  check_positive("memory_port", config.memory_port_bytes_per_cycle);
  switch (config.topology) {
    case TopologyKind::kIdeal:
    case TopologyKind::kCrossbar:
      break;
    case TopologyKind::kPartitionedCrossbar:
      check_positive("partition_link", config.partition_link_bytes_per_cycle);
      break;
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
      check_positive("link", config.link_bytes_per_cycle);
      check_grid(config, layout);
      break;
  }
}

}  // namespace orrery
