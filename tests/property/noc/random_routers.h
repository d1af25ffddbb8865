// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "noc/graph_builders.h"
#include "noc/route_builders.h"
#include "noc/router_engine.h"
#include "sim/random.h"
#include "tests/unit/noc/routes.h"

// Networks of routers and settings of theirs, for the tests of RouterEngine.
namespace orrery {

// Draws from one seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(random_below(seed_, next_++, bound));
  }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) {
    return least + below(most - least + 1);
  }
  template <typename T>
  T of(const std::vector<T>& values) {
    return values[below(static_cast<std::uint32_t>(values.size()))];
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

struct Network {
  std::string name;
  NetworkGraph graph;
  RouteTables routes;
};

inline constexpr std::uint64_t kFlitBytes = 64;

// A tree of routers: each joined with one before it, both ways.
inline NetworkGraph random_tree(Draw& draw) {
  NetworkGraph graph;
  const std::uint32_t routers = draw.between(2, 9);
  for (RouterId router = 0; router < routers; ++router) {
    graph.routers.push_back(fmt::format("router {}", router));
    if (router > 0) {
      const RouterId before = draw.below(router);
      for (const auto& [from, to] : {std::pair{before, router}, {router, before}}) {
        graph.links.push_back({.name = fmt::format("router {} to {}", from, to),
                               .from = from,
                               .to = to,
                               .bytes_per_cycle = kFlitBytes});
      }
    }
  }
  // In another order than the routers.
  for (std::size_t i = graph.links.size(); i > 1; --i) {
    std::swap(graph.links[i - 1], graph.links[draw.below(static_cast<std::uint32_t>(i))]);
  }
  for (std::uint32_t node = 0; node < routers + draw.below(8); ++node) {
    graph.nodes.push_back({fmt::format("node {}", node), draw.below(routers), kFlitBytes});
  }
  return graph;
}

inline Network random_network(Draw& draw) {
  const LinkParameters links{kFlitBytes, 1};
  const std::uint32_t columns = draw.between(1, 4);
  const std::uint32_t rows = draw.between(1, 4);
  const auto with_nodes = [&](NetworkGraph graph) {
    attach_nodes(graph, draw.between(1, graph.routers.size() > 8 ? 2 : 3), kFlitBytes);
    return graph;
  };
  Network network;
  NetworkGraph& graph = network.graph;
  switch (draw.below(8)) {
    case 0:
      network.name = "mesh";
      graph = with_nodes(make_mesh(columns, rows, links));
      network.routes = dimension_order_routes(columns, rows, graph);
      break;
    case 1:
      network.name = "mesh, XY and YX";
      graph = with_nodes(make_mesh(columns, rows, links));
      network.routes = xy_yx_routes(columns, rows, graph);
      break;
    case 2:
      network.name = "torus";
      graph = with_nodes(make_torus(columns, rows, links));
      network.routes = dimension_order_routes(columns, rows, graph, true);
      break;
    case 3:
      network.name = "ring";
      graph = with_nodes(make_ring(2 * columns, links));
      network.routes = ring_routes(2 * columns, graph);
      break;
    case 4:
      network.name = "crossbar";
      graph = make_crossbar(std::vector<std::uint64_t>(draw.between(2, 24), kFlitBytes));
      network.routes = shortest_path_routes(graph);
      break;
    case 5:
      network.name = "partitioned crossbar";
      graph = make_partitioned_crossbar(links);
      attach_nodes(graph, draw.between(1, 6), kFlitBytes);
      network.routes = shortest_path_routes(graph);
      break;
    case 6:
      network.name = "two dies";
      graph = with_nodes(
          make_dual_die(std::min(columns, 3U), std::min(rows, 3U), links, links, {draw.below(1)}));
      network.routes = dual_die_routes(std::min(columns, 3U), std::min(rows, 3U), graph);
      break;
    default:
      network.name = "tree";
      graph = random_tree(draw);
      network.routes = shortest_path_routes(graph);
      break;
  }
  for (GraphLink& link : graph.links) {
    link.latency_cycles = draw.between(1, 4);
  }
  network.name += fmt::format(", {} routers, {} nodes", graph.routers.size(), graph.nodes.size());
  return network;
}

// Wires with delays and buffers of their own, and several side by side.
inline void give_wires_their_own(NetworkGraph& graph, Draw& draw) {
  for (GraphLink& link : graph.links) {
    link.lanes = draw.between(1, 2);
    link.bytes_per_cycle *= link.lanes;
    link.credit_cycles = draw.below(4);
    link.buffer_flits = draw.below(12);
  }
  for (GraphNode& node : graph.nodes) {
    node.lanes = draw.between(1, 3);
    node.bytes_per_cycle *= node.lanes;
    node.send_cycles = draw.between(1, 3);
    node.receive_cycles = draw.between(1, 3);
    node.send_buffer_flits = draw.below(12);
    node.receive_buffer_flits = draw.below(12);
  }
}

// From an eighth of a flit's width to four times, and such that flits do not divide.
inline void give_wires_any_width(NetworkGraph& graph, Draw& draw) {
  const std::vector<std::uint64_t> widths{8, 21, 32, 48, 64, 64, 64, 96, 128, 256};
  for (GraphLink& link : graph.links) {
    link.bytes_per_cycle = link.lanes * draw.of(widths);
  }
  for (GraphNode& node : graph.nodes) {
    node.bytes_per_cycle = node.lanes * draw.of(widths);
  }
}

inline constexpr RouterConfig::Reach kFlitByFlit{1, 1'000'000};

inline RouterConfig random_config(Draw& draw, const RouteTables& routes) {
  RouterConfig config;
  config.flit_bytes = kFlitBytes;
  config.traffic_classes = draw.between(1, 2);
  config.vcs = std::max(routes.vc_classes, draw.between(1, 5));
  config.buffer_flits = draw.between(1, 16);
  config.routing_cycles = draw.between(0, 2);
  config.vc_alloc_cycles = draw.between(1, 2);
  config.switch_alloc_cycles = draw.between(1, 2);
  config.traversal_cycles = draw.between(1, 2);
  config.credit_cycles = draw.between(0, 2);
  config.credit_link_cycles = draw.between(1, 4);
  config.allocation_passes = draw.between(1, 3);
  config.one_packet_at_a_time = draw.below(4) == 0;
  return config;
}

inline std::string describe(const RouterConfig& config) {
  return fmt::format(
      "classes {}, vcs {}, buffer {}, routing {}, vc_alloc {}, switch_alloc {}, traversal {}, "
      "credit {}, credit_link {}, passes {}, one at a time {}",
      config.traffic_classes, config.vcs, config.buffer_flits, config.routing_cycles,
      config.vc_alloc_cycles, config.switch_alloc_cycles, config.traversal_cycles,
      config.credit_cycles, config.credit_link_cycles, config.allocation_passes,
      config.one_packet_at_a_time);
}

// What a packet passes if its route is of the set given, with nobody else about.
struct Way {
  std::vector<TakenLink> links;
  Tick head_cycles = 0;   // until its head is out
  Tick least_cycles = 0;  // until its tail is out, at least
};

inline Way way_of(const Network& network,
                  const RouterConfig& config,
                  const Packet& packet,
                  std::size_t set) {
  const NetworkGraph& graph = network.graph;
  const GraphNode& from = graph.nodes[packet.source];
  const GraphNode& to = graph.nodes[packet.destination];
  Way way;
  way.links = route(graph, network.routes, set, from.router, to.router);
  struct Wire {
    std::uint64_t bytes_per_cycle;
    Tick stages, flight;  // of the router before it
  };
  const Tick stages = config.routing_cycles + config.vc_alloc_cycles;
  const Tick crossing = config.switch_alloc_cycles + config.traversal_cycles;
  std::vector<Wire> wires{{from.bytes_per_cycle / from.lanes, 0, Tick{1} + from.send_cycles}};
  for (const TakenLink& taken : way.links) {
    const GraphLink& link = graph.links[taken.link];
    wires.push_back({link.bytes_per_cycle / link.lanes, stages, crossing + link.latency_cycles});
  }
  wires.push_back({to.bytes_per_cycle / to.lanes, stages, crossing + to.receive_cycles});
  // Behind every wire flits follow each other at its rate, and only the head waits for stages.
  Tick tail_cycles = 0;
  for (const Wire& wire : wires) {
    way.head_cycles += wire.stages;
    const Tick on_wire = std::max<Tick>(packet.flits * kFlitBytes / wire.bytes_per_cycle, 1);
    tail_cycles = std::max(tail_cycles, way.head_cycles + on_wire - 1) + wire.flight;
    way.head_cycles += wire.flight;
  }
  way.least_cycles = tail_cycles;
  return way;
}

inline std::vector<std::uint64_t> flits_of(const std::vector<WireLoad>& loads) {
  std::vector<std::uint64_t> flits;
  for (const WireLoad& load : loads) {
    flits.push_back(load.flits);
  }
  return flits;
}

}  // namespace orrery
