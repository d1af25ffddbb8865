// SPDX-License-Identifier: Apache-2.0
#include "noc/detailed_graph.h"

#include <algorithm>
#include <limits>

#include "sim/units.h"

namespace orrery {

void refine_graph(NetworkGraph& graph, const NetworkConfig& config) {
  const DetailedNetworkConfig& detailed = config.detailed;
  const std::uint32_t stages = detailed.router_cycles();
  const auto lanes = [&](std::uint64_t bytes_per_cycle) {
    // A width that no 32 bits of lanes give is for `check_router_config` to refuse.
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(
        std::min(ceil_div(bytes_per_cycle, detailed.flit_bytes), kMost));
  };
  // From a flit's grant to the use of its credit, over a wire of so many cycles.
  const auto round_trip = [&](std::uint32_t wire) {
    return 2 * wire + stages + detailed.switch_alloc_cycles + detailed.credit_cycles + 2;
  };
  for (GraphLink& link : graph.links) {
    link.lanes = lanes(link.bytes_per_cycle);
    link.latency_cycles -= stages;
    link.credit_cycles = std::max(link.latency_cycles, 1U);
    link.buffer_flits = std::max(detailed.buffer_flits, round_trip(link.latency_cycles));
  }
  for (GraphNode& node : graph.nodes) {
    node.lanes = lanes(node.bytes_per_cycle);
    // The whole wire of a node is where it receives: senders and routers stand side by side.
    node.send_cycles = 0;
    node.receive_cycles = static_cast<std::uint32_t>(config.hop_cycles) - stages - 1;
    node.send_buffer_flits = std::max(detailed.buffer_flits, round_trip(1));
    node.receive_buffer_flits = std::max(detailed.buffer_flits, round_trip(node.receive_cycles));
  }
}

RouterConfig router_config(const NetworkConfig& config) {
  const DetailedNetworkConfig& detailed = config.detailed;
  RouterConfig router;
  router.flit_bytes = detailed.flit_bytes;
  router.traffic_classes = detailed.separate_networks ? 1 : 2;
  if (detailed.multicast) {
    router.multicast_class = router.traffic_classes++;
    router.tree_buffer_flits = static_cast<std::uint32_t>(packet_flits(config));
  }
  router.vcs = detailed.vcs;
  router.buffer_flits = detailed.buffer_flits;
  router.routing_cycles = detailed.routing_cycles;
  router.vc_alloc_cycles = detailed.vc_alloc_cycles;
  router.switch_alloc_cycles = detailed.switch_alloc_cycles;
  router.traversal_cycles = detailed.traversal_cycles;
  router.credit_cycles = detailed.credit_cycles;
  router.allocation_passes = detailed.allocation_passes;
  return router;
}

std::uint64_t packet_flits(const NetworkConfig& config) {
  return ceil_div(config.detailed.packet_bytes, config.detailed.flit_bytes);
}

}  // namespace orrery
