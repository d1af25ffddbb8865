// SPDX-License-Identifier: Apache-2.0
#include "noc/topology.h"

#include "sim/clock.h"

namespace orrery {

Topology::Topology(const NetworkConfig& config, const NodeLayout& layout) : layout_(layout) {
  check_network(config, layout);
  station_of_.assign(layout.count(), 0);
  if (config.topology == TopologyKind::kIdeal) {
    return;
  }
  const auto [graph, routes] = build_stations(config, layout);
  routes_ = routes;
  const Clock clock(config.clock_hz);
  links_.reserve(std::size_t{2} * layout.count() + graph.links.size());
  for (const GraphNode& node : graph.nodes) {
    const Rate rate{node.bytes_per_cycle, clock.period_fs()};
    const std::string& router = graph.routers[node.router];
    links_.push_back({node.name + " out", node.name, router, LinkKind::kOutPort, rate,
                      clock.to_fs(config.hop_cycles)});
    links_.push_back({node.name + " in", router, node.name, LinkKind::kInPort, rate, 0});
    station_of_[links_.size() / 2 - 1] = node.router;
  }
  first_transit_ = static_cast<LinkId>(links_.size());
  for (const GraphLink& link : graph.links) {
    links_.push_back({link.name, graph.routers[link.from], graph.routers[link.to],
                      LinkKind::kTransit, Rate{link.bytes_per_cycle, clock.period_fs()},
                      clock.to_fs(link.latency_cycles)});
    far_station_.push_back(link.to);
  }
}

std::vector<LinkId> Topology::route(NodeId from, NodeId to) const {
  std::vector<LinkId> links;
  if (ideal() || from == to) {
    return links;
  }
  links.push_back(out_port(from));
  for_each_transit(from, to, [&](LinkId link) { links.push_back(link); });
  links.push_back(in_port(to));
  return links;
}

std::uint32_t Topology::hops(NodeId from, NodeId to) const {
  const std::size_t links = route(from, to).size();
  return links == 0 ? 0 : static_cast<std::uint32_t>(links - 1);  // all but the in port
}

}  // namespace orrery
