// SPDX-License-Identifier: Apache-2.0
#include "noc/check_routes.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "noc/channel_dependencies.h"

namespace orrery {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw std::invalid_argument("network: " + message);
}

void check_width(const char* kind, const std::string& name, std::uint64_t bytes_per_cycle) {
  if (bytes_per_cycle == 0) {
    refuse(fmt::format("{} {}: width is zero, expected at least 1 B/clk", kind, name));
  }
}

void check_router(const NetworkGraph& graph, const std::string& what, RouterId router) {
  if (router >= graph.routers.size()) {
    refuse(
        fmt::format("{} router {}, but there are {} routers", what, router, graph.routers.size()));
  }
}

void check_link(const NetworkGraph& graph, const GraphLink& link) {
  check_router(graph, fmt::format("link {} starts at", link.name), link.from);
  check_router(graph, fmt::format("link {} leads to", link.name), link.to);
  if (link.from == link.to) {
    refuse(fmt::format("link {} leads from {} to itself", link.name, graph.routers[link.from]));
  }
  check_width("link", link.name, link.bytes_per_cycle);
}

std::string router_path(const NetworkGraph& graph, const std::vector<RouterId>& path) {
  std::vector<std::string> names;
  names.reserve(path.size());
  for (const RouterId router : path) {
    names.push_back(graph.routers[router]);
  }
  return fmt::format("{}", fmt::join(names, " -> "));
}

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kMaxVcClasses = 64;  // a port has no more virtual channels

void check_shape(const NetworkGraph& graph, const RouteTables& tables) {
  if (tables.routers != graph.routers.size()) {
    refuse(fmt::format("routes for {} routers, but there are {}", tables.routers,
                       graph.routers.size()));
  }
  if (tables.sets.empty()) {
    refuse("no routes");
  }
  if (tables.vc_classes == 0 || tables.vc_classes > kMaxVcClasses) {
    refuse(fmt::format("routes need {} classes of virtual channels, expected 1 to {}",
                       tables.vc_classes, kMaxVcClasses));
  }
  for (const RouteSet& set : tables.sets) {
    const std::size_t expected = std::size_t{tables.routers} * tables.routers;
    if (set.next.size() != expected) {
      refuse(fmt::format("{} hops in a set of routes, expected {}", set.next.size(), expected));
    }
  }
}

// Follows the routes of all sets, a goal at a time. All packets for a goal that are at a router (or
// have taken a channel) go on alike, so nothing is visited twice for one goal.
class RouteWalk {
 public:
  RouteWalk(const NetworkGraph& graph, const RouteTables& tables)
      : graph_(graph),
        tables_(tables),
        dependencies_(graph, tables.vc_classes),
        node_on_(graph.routers.size(), kNone),
        next_(graph.routers.size()),
        walk_of_router_(graph.routers.size()),
        goal_of_channel_(graph.links.size() * tables.vc_classes, kNone) {
    for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
      std::uint32_t& first = node_on_[graph.nodes[node].router];
      if (first == kNone) {
        first = node;
        ends_.push_back(graph.nodes[node].router);
      }
    }
  }

  void follow_all() {
    for (std::size_t set = 0; set < tables_.sets.size(); ++set) {
      std::fill(goal_of_channel_.begin(), goal_of_channel_.end(), kNone);
      for (const RouterId goal : ends_) {
        follow(set, goal);
      }
    }
  }

  const ChannelDependencies& dependencies() const { return dependencies_; }

 private:
  void follow(std::size_t set, RouterId goal) {
    for (RouterId at = 0; at < next_.size(); ++at) {
      next_[at] = tables_.next(set, at, goal);
    }
    const std::uint64_t first_walk = walk_ + 1;
    for (const RouterId start : ends_) {
      walk_to_goal(start, goal, first_walk);
    }
    for (const RouterId start : ends_) {
      take_channels(tables_.sets[set].first_class, start, goal);
    }
  }

  void walk_to_goal(RouterId start, RouterId goal, std::uint64_t first_walk) {
    ++walk_;
    RouterId at = start;
    while (at != goal && walk_of_router_[at] < first_walk) {
      walk_of_router_[at] = walk_;
      at = graph_.links[checked_hop(at, start, goal).link].to;
    }
    if (at != goal && walk_of_router_[at] == walk_) {
      refuse_loop(at, start, goal);
    }
  }

  Hop checked_hop(RouterId at, RouterId start, RouterId goal) const {
    const Hop hop = next_[at];
    if (hop.link == Hop::kNoLink) {
      refuse(fmt::format("{} cannot reach {}", end_name(start), end_name(goal)));
    }
    const std::string& here = graph_.routers[at];
    if (hop.link >= graph_.links.size()) {
      refuse(fmt::format("the route from {} to {} takes link {}, but there are {} links", here,
                         graph_.routers[goal], std::uint32_t{hop.link}, graph_.links.size()));
    }
    const GraphLink& link = graph_.links[hop.link];
    if (link.from != at) {
      refuse(fmt::format("the route from {} to {} takes link {}, which starts at {}", here,
                         graph_.routers[goal], link.name, graph_.routers[link.from]));
    }
    return hop;
  }

  // Only after all routes to the goal were found to end there.
  void take_channels(std::uint32_t vc_class, RouterId start, RouterId goal) {
    std::uint32_t before = kNone;
    std::uint32_t direction = RouteTables::kInjected;
    for (RouterId at = start; at != goal;) {
      const Hop hop = next_[at];
      const GraphLink& link = graph_.links[hop.link];
      vc_class = tables_.class_on(graph_, hop, vc_class, direction);
      check_class(vc_class, link, start, goal);
      const std::uint32_t channel = dependencies_.channel(hop.link, vc_class);
      if (before != kNone) {
        dependencies_.add(before, channel);
      }
      if (goal_of_channel_[channel] == goal) {
        return;
      }
      goal_of_channel_[channel] = goal;
      before = channel;
      direction = link.direction;
      at = link.to;
    }
  }

  void check_class(std::uint32_t vc_class,
                   const GraphLink& link,
                   RouterId start,
                   RouterId goal) const {
    if (vc_class >= tables_.vc_classes) {
      refuse(fmt::format("the route from {} to {} takes link {} in class {}, expected below {}",
                         end_name(start), end_name(goal), link.name, vc_class, tables_.vc_classes));
    }
  }

  [[noreturn]] void refuse_loop(RouterId first, RouterId start, RouterId goal) const {
    std::vector<RouterId> loop{first};
    do {
      loop.push_back(graph_.links[next_[loop.back()].link].to);
    } while (loop.back() != first);
    refuse(fmt::format("the route from {} to {} never ends: {}", end_name(start), end_name(goal),
                       router_path(graph_, loop)));
  }

  // "core 3 (router (0,1))".
  std::string end_name(RouterId router) const {
    return fmt::format("{} ({})", graph_.nodes[node_on_[router]].name, graph_.routers[router]);
  }

  const NetworkGraph& graph_;
  const RouteTables& tables_;
  ChannelDependencies dependencies_;
  std::vector<std::uint32_t> node_on_;  // by router: its first one
  std::vector<RouterId> ends_;          // routers with nodes
  // By router: the hop to the goal at hand. The tables have it in as many places of memory.
  std::vector<Hop> next_;
  std::uint64_t walk_ = 0;
  std::vector<std::uint64_t> walk_of_router_;  // the last that came by
  std::vector<RouterId> goal_of_channel_;      // the last for which it was taken, in this set
};

void refuse_cycle(const NetworkGraph& graph,
                  const ChannelDependencies& dependencies,
                  const std::vector<std::uint32_t>& cycle) {
  std::vector<RouterId> path;
  std::set<std::uint32_t> classes;
  for (const std::uint32_t channel : cycle) {
    path.push_back(graph.links[dependencies.link_of(channel)].from);
    classes.insert(dependencies.class_of(channel));
  }
  path.push_back(path.front());
  refuse(fmt::format("routes can deadlock: {} in class {} wait for each other",
                     router_path(graph, path), fmt::join(classes, " and ")));
}

}  // namespace

void check_graph(const NetworkGraph& graph) {
  if (graph.routers.empty()) {
    refuse("no routers");
  }
  if (graph.nodes.empty()) {
    refuse("no nodes");
  }
  if (graph.links.size() >= Hop::kNoLink) {
    refuse(fmt::format("{} links, expected fewer than {}", graph.links.size(),
                       std::uint32_t{Hop::kNoLink}));
  }
  for (const GraphNode& node : graph.nodes) {
    check_router(graph, fmt::format("node {} is on", node.name), node.router);
    check_width("node", node.name, node.bytes_per_cycle);
  }
  for (const GraphLink& link : graph.links) {
    check_link(graph, link);
  }
}

void check_routes(const NetworkGraph& graph, const RouteTables& tables) {
  check_shape(graph, tables);
  RouteWalk walk(graph, tables);
  walk.follow_all();
  const ChannelDependencies& dependencies = walk.dependencies();
  const std::vector<std::uint32_t> cycle = dependencies.find_cycle();
  if (!cycle.empty()) {
    refuse_cycle(graph, dependencies, cycle);
  }
}

}  // namespace orrery
