// SPDX-License-Identifier: Apache-2.0
#include "noc/check_router_config.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <vector>

#include "noc/network_limits.h"

namespace orrery {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw std::invalid_argument("network: " + message);
}

void check_range(const char* name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  if (value < least || value > most) {
    refuse(fmt::format("{} is {}, expected {} to {}", name, value, least, most));
  }
}

void check_wire(const std::string& wire,
                const char* what,
                std::uint64_t value,
                std::uint64_t most) {
  if (value > most) {
    refuse(fmt::format("{}: {} of {}, expected at most {}", wire, what, value, most));
  }
}

void check_lanes(const std::string& wire, std::uint32_t lanes) {
  if (lanes < 1 || lanes > kMaxRouterPorts) {
    refuse(fmt::format("{}: {} lanes, expected 1 to {}", wire, lanes, kMaxRouterPorts));
  }
}

}  // namespace

void check_router_config(const RouterConfig& config,
                         const NetworkGraph& graph,
                         const RouteTables& routes) {
  check_range("flit", config.flit_bytes, 1, kMaxFlitBytes);
  check_range("traffic classes", config.traffic_classes, 1, kMaxVcsPerPort);
  check_range("vcs", config.vcs, 1, kMaxVcsPerPort);
  check_range("virtual channels of a port", std::uint64_t{config.traffic_classes} * config.vcs, 1,
              kMaxVcsPerPort);
  check_range("buffer", config.buffer_flits, 1, kMaxBufferFlits);
  check_range("routing", config.routing_cycles, 0, kMaxStageCycles);
  check_range("vc_alloc", config.vc_alloc_cycles, 1, kMaxStageCycles);
  check_range("switch_alloc", config.switch_alloc_cycles, 1, kMaxStageCycles);
  check_range("traversal", config.traversal_cycles, 1, kMaxStageCycles);
  check_range("credit", config.credit_cycles, 0, kMaxStageCycles);
  check_range("credit_link", config.credit_link_cycles, 0, kMaxLinkCycles);
  check_range("allocation_passes", config.allocation_passes, 1, kMaxAllocationPasses);
  check_range("reach of a lone grant", config.alone.least, 1, kMaxBufferFlits);
  check_range("share of a lone grant", config.alone.share, 1, kMaxPacketFlits);
  check_range("reach of a contended grant", config.contended.least, 1, kMaxBufferFlits);
  check_range("share of a contended grant", config.contended.share, 1, kMaxPacketFlits);
  check_range("buffer of trees", config.tree_buffer_flits, 0, kMaxTreeBufferFlits);
  for (const std::uint32_t tree_class : {config.multicast_class, config.reduction_class}) {
    if (tree_class != RouterConfig::kNoClass && tree_class >= config.traffic_classes) {
      refuse(fmt::format("class {} of trees, but there are {} traffic classes", tree_class,
                         config.traffic_classes));
    }
  }
  if (config.multicast_class != RouterConfig::kNoClass &&
      config.multicast_class == config.reduction_class) {
    refuse("multicast and reductions in one traffic class can wait for each other");
  }
  if (routes.vc_classes > config.vcs) {
    refuse(fmt::format("vcs is {}, but the routes need {} classes of virtual channels", config.vcs,
                       routes.vc_classes));
  }
  std::vector<std::uint64_t> ports(graph.routers.size(), 0);
  for (const GraphLink& link : graph.links) {
    if (link.latency_cycles > kMaxLinkCycles) {
      refuse(fmt::format("{}: latency of {} clk, expected at most {} clk", link.name,
                         link.latency_cycles, kMaxLinkCycles));
    }
    check_wire(link.name, "credit latency", link.credit_cycles, kMaxLinkCycles);
    check_wire(link.name, "buffer", link.buffer_flits, kMaxWireBufferFlits);
    check_lanes(link.name, link.lanes);
    ports[link.to] += link.lanes;
  }
  for (const GraphNode& node : graph.nodes) {
    check_wire(node.name, "wire", std::max(node.send_cycles, node.receive_cycles), kMaxLinkCycles);
    check_wire(node.name, "buffer", std::max(node.send_buffer_flits, node.receive_buffer_flits),
               kMaxWireBufferFlits);
    check_lanes(node.name, node.lanes);
    ports[node.router] += node.lanes;
  }
  for (std::size_t r = 0; r < ports.size(); ++r) {
    if (ports[r] > kMaxRouterPorts) {
      refuse(fmt::format("{} has {} ports, expected at most {}", graph.routers[r], ports[r],
                         kMaxRouterPorts));
    }
  }
}

}  // namespace orrery
