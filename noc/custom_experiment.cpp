// SPDX-License-Identifier: Apache-2.0
#include "noc/custom_experiment.h"

#include <fmt/format.h>
#include <stdexcept>
#include <utility>

#include "noc/custom_network_config.h"
#include "noc/detailed_graph.h"
#include "noc/network_limits.h"
#include "noc/station_graph.h"
#include "sim/config_node.h"

namespace orrery {
namespace {

constexpr std::size_t kMostNodes = 4'096;

NetworkConfig read_file(const std::string& path) {
  const ConfigNode root = load_config(path);
  NetworkConfig config;
  config.topology = TopologyKind::kCustom;
  config.custom = read_custom_network(root);
  config.custom.core_routers = read_placement(root, "nodes", config.custom);
  if (config.custom.core_routers.empty() || config.custom.core_routers.size() > kMostNodes) {
    root.fail("nodes", std::to_string(config.custom.core_routers.size()) +
                           " nodes, expected 1 to " + std::to_string(kMostNodes));
  }
  root.finish();
  return config;
}

}  // namespace

std::uint32_t count_nodes(const std::string& path) {
  return static_cast<std::uint32_t>(read_file(path).custom.core_routers.size());
}

NocNetwork read_network_file(const std::string& path, const RouterConfig& router) {
  NetworkConfig config = read_file(path);
  DetailedNetworkConfig& detailed = config.detailed;
  detailed.flit_bytes = router.flit_bytes;
  detailed.routing_cycles = router.routing_cycles;
  detailed.vc_alloc_cycles = router.vc_alloc_cycles;
  detailed.switch_alloc_cycles = router.switch_alloc_cycles;
  detailed.traversal_cycles = router.traversal_cycles;
  detailed.vcs = router.vcs;
  detailed.buffer_flits = router.buffer_flits;
  config.core_port_bytes_per_cycle = config.memory_port_bytes_per_cycle = router.flit_bytes;
  config.hop_cycles = detailed.router_cycles() + 1;
  const auto nodes = static_cast<std::uint32_t>(config.custom.core_routers.size());
  StationGraph stations = build_stations(config, {.cores = nodes});
  for (const GraphLink& link : stations.graph.links) {
    if (link.latency_cycles < detailed.router_cycles()) {
      throw std::invalid_argument(
          fmt::format("network: {}: a hop of {} clk, but the router's stages take {} clk",
                      link.name, link.latency_cycles, detailed.router_cycles()));
    }
    if (link.bytes_per_cycle > kMaxRouterPorts * detailed.flit_bytes) {
      throw std::invalid_argument(
          fmt::format("network: {}: width of {} B/clk, expected at most {} B/clk", link.name,
                      link.bytes_per_cycle, kMaxRouterPorts * detailed.flit_bytes));
    }
  }
  refine_graph(stations.graph, config);
  // Nodes and buffers as on the networks by name.
  for (GraphLink& link : stations.graph.links) {
    link.buffer_flits = 0;
  }
  for (GraphNode& node : stations.graph.nodes) {
    node.name = "node" + node.name.substr(node.name.find(' '));
    node.send_cycles = node.receive_cycles = 1;
    node.send_buffer_flits = node.receive_buffer_flits = 0;
  }
  return {std::move(stations.graph), std::move(stations.routes), {nodes, 1}};
}

}  // namespace orrery
