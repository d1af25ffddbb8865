// SPDX-License-Identifier: Apache-2.0
#include "noc/fast_experiment.h"

#include <fmt/format.h>
#include <stdexcept>

#include "noc/network_limits.h"

namespace orrery {
namespace {

TopologyKind kind_of(const std::string& topology) {
  if (topology == "crossbar") {
    return TopologyKind::kCrossbar;
  }
  if (topology == "partitioned_crossbar") {
    return TopologyKind::kPartitionedCrossbar;
  }
  if (topology == "ring") {
    return TopologyKind::kRing;
  }
  if (topology == "torus") {
    return TopologyKind::kTorus;
  }
  return topology == "dual_die" ? TopologyKind::kDualDie : TopologyKind::kClusterMesh;
}

void check_shape(const NocShape& shape) {
  if (!shape.routing.empty() && shape.routing != routing_names(shape.topology).front()) {
    throw std::invalid_argument(fmt::format("routing '{}' in the fast tier, expected {}",
                                            shape.routing, routing_names(shape.topology).front()));
  }
  if (shape.topology == "ring" && shape.columns > kMaxGridSide) {
    throw std::invalid_argument(fmt::format("a ring of {} in the fast tier, expected 2 to {} nodes",
                                            shape.columns, kMaxGridSide));
  }
}

// The router of each memory node: the same as its core's.
std::vector<GridPosition> places(const NetworkConfig& config, std::uint32_t nodes) {
  const std::uint32_t die_routers = config.columns * config.rows;
  std::vector<GridPosition> positions;
  positions.reserve(nodes);
  for (std::uint32_t node = 0; node < nodes; ++node) {
    const std::uint32_t router = node / config.cores_per_cluster;
    positions.push_back({router / die_routers * config.columns + router % config.columns,
                         router % die_routers / config.columns});
  }
  return positions;
}

}  // namespace

FastExperiment fast_experiment(const NocShape& shape, const RouterConfig& router) {
  check_shape(shape);
  const std::uint32_t stages = router.routing_cycles + router.vc_alloc_cycles +
                               router.switch_alloc_cycles + router.traversal_cycles;
  FastExperiment fast;
  NetworkConfig& config = fast.config;
  config.topology = kind_of(shape.topology);
  config.header_bytes = 0;
  config.core_port_bytes_per_cycle = config.memory_port_bytes_per_cycle = router.flit_bytes;
  config.link_bytes_per_cycle = router.flit_bytes;
  config.partition_link_bytes_per_cycle = config.die_link_bytes_per_cycle = router.flit_bytes;
  config.partition_link_cycles = config.die_link_cycles = stages + shape.die_link_cycles;
  config.columns = shape.columns;
  config.rows = is_grid(shape.topology) ? shape.rows : 1;
  std::uint32_t nodes = config.columns * config.rows;
  const std::uint32_t links = is_grid(config.topology) ? shape.link_cycles : 1;
  config.hop_cycles = stages + links;
  fast.port_cycles = 2 - std::int64_t{links};
  if (shape.topology == "partitioned_crossbar") {
    config.cores_per_cluster = nodes / 2;
  } else if (shape.topology == "cluster_mesh") {
    config.cores_per_cluster = shape.nodes_per_router;
    nodes *= shape.nodes_per_router;
  } else if (shape.topology == "dual_die") {
    nodes *= 2;
  }
  if (is_grid(config.topology)) {
    config.memory_positions = places(config, nodes);
  }
  fast.layout = {.cores = nodes, .shared_nodes = 0, .memory_nodes = nodes};
  return fast;
}

}  // namespace orrery
