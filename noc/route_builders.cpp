// SPDX-License-Identifier: Apache-2.0
#include "noc/route_builders.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <queue>
#include <stdexcept>
#include <string>
#include <utility>

#include "noc/graph_builders.h"

namespace orrery {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw std::invalid_argument("network: " + message);
}

Hop make_hop(GraphLinkId link, std::uint32_t vc_class) {
  Hop hop;
  hop.link = link & Hop::kNoLink;
  hop.vc_class = vc_class & 0xff;
  return hop;
}

RouteTables empty_tables(const NetworkGraph& graph) {
  RouteTables tables;
  tables.routers = static_cast<std::uint32_t>(graph.routers.size());
  return tables;
}

RouteSet empty_set(const RouteTables& tables) {
  RouteSet set;
  set.next.resize(std::size_t{tables.routers} * tables.routers);
  return set;
}

// The link that leaves a router of a grid in each direction.
class GridLinks {
 public:
  GridLinks(const NetworkGraph& graph, std::uint64_t expected_routers)
      : graph_(graph), links_(graph.routers.size()) {
    if (expected_routers == 0) {
      refuse("no routers");
    }
    if (graph.routers.size() != expected_routers) {
      refuse(fmt::format("{} routers, but the grid of the routes has {}", graph.routers.size(),
                         expected_routers));
    }
    for (auto& links : links_) {
      links.fill(Hop::kNoLink);
    }
    for (GraphLinkId link = 0; link < graph.links.size(); ++link) {
      const GraphLink& wire = graph.links[link];
      if (wire.direction < kDirections && !has(wire.from, wire.direction)) {
        links_[wire.from][wire.direction] = link;
      }
    }
  }

  bool has(RouterId router, std::uint32_t direction) const {
    return links_[router][direction] != Hop::kNoLink;
  }

  GraphLinkId at(RouterId router, std::uint32_t direction) const {
    if (!has(router, direction)) {
      static constexpr std::array<const char*, kDirections> kNames{"east", "west", "south",
                                                                   "north"};
      refuse(fmt::format("{} has no link {}", graph_.routers[router], kNames[direction]));
    }
    return links_[router][direction];
  }

 private:
  static constexpr std::uint32_t kDirections = 4;

  const NetworkGraph& graph_;
  std::vector<std::array<GraphLinkId, kDirections>> links_;  // by router
};

struct Position {
  std::uint32_t column, row;

  bool operator==(const Position&) const = default;
};

// How routes go along the rows or the columns of a grid.
struct Dimension {
  std::uint32_t size;
  std::uint32_t forward;  // direction to the next router; the way back is the next one
  bool wraps;

  bool has_ties() const { return wraps && size % 2 == 0; }
};

// The direction in which to go next, and ClassRule::kByDirection's class for it.
struct Step {
  std::uint32_t direction, vc_class;
};

Step step_along(const Dimension& dimension, std::uint32_t from, std::uint32_t to, bool ties_back) {
  if (!dimension.wraps) {
    return {to > from ? dimension.forward : dimension.forward + 1, 0};
  }
  const std::uint32_t ahead = to > from ? to - from : to + dimension.size - from;
  const std::uint32_t back = dimension.size - ahead;
  if (ahead < back || (ahead == back && !ties_back)) {
    return {dimension.forward, to < from ? 1U : 0U};
  }
  return {dimension.forward + 1, to > from ? 1U : 0U};
}

struct GridRule {
  Dimension along_row, along_column;
  bool rows_last = true;   // X then Y
  bool ties_back = false;  // of two ways of equal length go west and north

  Step step(const Position& from, const Position& to) const {
    const bool along_row_now = rows_last ? from.column != to.column : from.row == to.row;
    return along_row_now ? step_along(along_row, from.column, to.column, ties_back)
                         : step_along(along_column, from.row, to.row, ties_back);
  }
};

GridRule grid_rule(std::uint32_t columns, std::uint32_t rows, bool torus) {
  return {{columns, GridDirection::kEast, torus && columns > 2},
          {rows, GridDirection::kSouth, torus && rows > 2}};
}

std::vector<Position> grid_positions(std::uint32_t columns, std::uint32_t rows) {
  std::vector<Position> positions;
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      positions.push_back({column, row});
    }
  }
  return positions;
}

// `step(at, goal)` for all pairs of different routers.
template <typename StepOf>
RouteSet grid_set(const RouteTables& tables, const GridLinks& links, const StepOf& step) {
  RouteSet set = empty_set(tables);
  std::size_t entry = 0;
  for (RouterId at = 0; at < tables.routers; ++at) {
    for (RouterId goal = 0; goal < tables.routers; ++goal, ++entry) {
      if (at != goal) {
        const Step next = step(at, goal);
        set.next[entry] = make_hop(links.at(at, next.direction), next.vc_class);
      }
    }
  }
  return set;
}

RouteSet grid_set(const RouteTables& tables, const GridLinks& links, const GridRule& rule) {
  const std::vector<Position> positions =
      grid_positions(rule.along_row.size, rule.along_column.size);
  return grid_set(tables, links, [&](RouterId at, RouterId goal) {
    return rule.step(positions[at], positions[goal]);
  });
}

// Where routes from one die to the other cross, by the rows of their ends.
class Crossings {
 public:
  Crossings(std::uint32_t columns, std::uint32_t rows, const GridLinks& links) : rows_(rows) {
    std::vector<std::uint32_t> joined;
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (links.has(row * columns + columns - 1, GridDirection::kEast)) {
        joined.push_back(row);
      }
    }
    if (joined.empty()) {
      refuse("no link joins the dies");
    }
    best_.reserve(std::size_t{rows} * rows);
    for (std::uint32_t from = 0; from < rows; ++from) {
      for (std::uint32_t to = 0; to < rows; ++to) {
        best_.push_back(nearest(joined, from, to));
      }
    }
  }

  std::uint32_t row(std::uint32_t from, std::uint32_t to) const {
    return best_[std::size_t{from} * rows_ + to];
  }

 private:
  static std::uint32_t distance(std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; }

  // The choice of one router holds at the next one: a step towards the best row brings no other
  // nearer by more.
  static std::uint32_t nearest(const std::vector<std::uint32_t>& joined,
                               std::uint32_t from,
                               std::uint32_t to) {
    return *std::min_element(joined.begin(), joined.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(distance(from, a) + distance(a, to), distance(from, a)) <
             std::pair(distance(from, b) + distance(b, to), distance(from, b));
    });
  }

  std::uint32_t rows_;
  std::vector<std::uint32_t> best_;
};

std::uint64_t cost_of(const GraphLink& link) {
  return std::uint64_t{link.latency_cycles} + 1;
}

constexpr std::uint64_t kUnreachable = std::numeric_limits<std::uint64_t>::max();

// Dijkstra's shortest distances of all routers to one goal.
class Distances {
 public:
  explicit Distances(const NetworkGraph& graph)
      : graph_(graph), links_to_(graph.routers.size()), distance_(graph.routers.size()) {
    for (GraphLinkId link = 0; link < graph.links.size(); ++link) {
      links_to_[graph.links[link].to].push_back(link);
    }
  }

  const std::vector<std::uint64_t>& to(RouterId goal) {
    std::fill(distance_.begin(), distance_.end(), kUnreachable);
    reach(goal, 0);
    while (!reached_.empty()) {
      const auto [distance, router] = reached_.top();
      reached_.pop();
      if (distance == distance_[router]) {
        for (const GraphLinkId link : links_to_[router]) {
          reach(graph_.links[link].from, distance + cost_of(graph_.links[link]));
        }
      }
    }
    return distance_;
  }

 private:
  void reach(RouterId router, std::uint64_t distance) {
    if (distance < distance_[router]) {
      distance_[router] = distance;
      reached_.emplace(distance, router);
    }
  }

  using Reached = std::pair<std::uint64_t, RouterId>;

  const NetworkGraph& graph_;
  std::vector<std::vector<GraphLinkId>> links_to_;  // by router
  std::vector<std::uint64_t> distance_;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> reached_;
};

RouteSet shortest_paths(const NetworkGraph& graph, const RouteTables& tables) {
  RouteSet set = empty_set(tables);
  Distances distances(graph);
  for (RouterId goal = 0; goal < tables.routers; ++goal) {
    const std::vector<std::uint64_t>& distance = distances.to(goal);
    for (GraphLinkId link = 0; link < graph.links.size(); ++link) {
      const GraphLink& wire = graph.links[link];
      Hop& hop = set.next[std::size_t{wire.from} * tables.routers + goal];
      // In the order of their numbers, so that of equals the lowest stays.
      if (hop.link == Hop::kNoLink && distance[wire.to] != kUnreachable &&
          distance[wire.from] == distance[wire.to] + cost_of(wire)) {
        hop = make_hop(link, 0);
      }
    }
  }
  return set;
}

// How many datelines the routes to one goal cross from each router on, and the most of them.
// Routes that never end are left out: `check_routes` refuses them.
class DatelineCount {
 public:
  DatelineCount(const NetworkGraph& graph, const RouteTables& tables)
      : graph_(graph), tables_(tables), crossed_(tables.routers) {}

  std::uint32_t most_to(RouterId goal) {
    std::fill(crossed_.begin(), crossed_.end(), kUnknown);
    for (RouterId start = 0; start < tables_.routers; ++start) {
      walk(start, goal);
    }
    return *std::max_element(crossed_.begin(), crossed_.end());
  }

 private:
  static constexpr std::uint32_t kUnknown = 0xffffffff;

  // Goes on until what is left of the route is known, then counts backwards.
  void walk(RouterId start, RouterId goal) {
    RouterId at = start;
    while (crossed_[at] == kUnknown) {
      crossed_[at] = 0;
      const Hop hop = tables_.next(0, at, goal);
      if (at == goal || hop.link == Hop::kNoLink) {
        break;
      }
      path_.push_back(hop.link);
      at = graph_.links[hop.link].to;
    }
    std::uint32_t crossed = crossed_[at];
    for (; !path_.empty(); path_.pop_back()) {
      const GraphLink& link = graph_.links[path_.back()];
      crossed += link.dateline ? 1 : 0;
      crossed_[link.from] = crossed;
    }
  }

  const NetworkGraph& graph_;
  const RouteTables& tables_;
  std::vector<std::uint32_t> crossed_;  // by router
  std::vector<GraphLinkId> path_;       // of the walk at hand
};

// For tables of one set that starts in class 0.
std::uint32_t classes_needed(const NetworkGraph& graph, const RouteTables& tables) {
  DatelineCount datelines(graph, tables);
  std::uint32_t most = 0;
  for (RouterId goal = 0; goal < tables.routers; ++goal) {
    most = std::max(most, datelines.most_to(goal));
  }
  return most + 1;
}

void check_hop(const NetworkGraph& graph, const ExplicitHop& hop) {
  const RouterId highest = std::max(hop.router, hop.goal);
  if (highest >= graph.routers.size()) {
    refuse(fmt::format("a route names router {}, but there are {} routers", highest,
                       graph.routers.size()));
  }
  if (hop.link >= graph.links.size()) {
    refuse(fmt::format("the route from {} to {} takes link {}, but there are {} links",
                       graph.routers[hop.router], graph.routers[hop.goal], hop.link,
                       graph.links.size()));
  }
}

}  // namespace

RouteTables dimension_order_routes(std::uint32_t columns,
                                   std::uint32_t rows,
                                   const NetworkGraph& graph,
                                   bool torus) {
  const GridLinks links(graph, std::uint64_t{columns} * rows);
  GridRule rule = grid_rule(columns, rows, torus);
  const bool wraps = rule.along_row.wraps || rule.along_column.wraps;
  RouteTables tables = empty_tables(graph);
  tables.vc_classes = wraps ? 2 : 1;
  tables.rule = torus ? ClassRule::kByDirection : ClassRule::kByDateline;
  tables.sets.push_back(grid_set(tables, links, rule));
  if (rule.along_row.has_ties() || rule.along_column.has_ties()) {
    rule.ties_back = true;
    tables.sets.push_back(grid_set(tables, links, rule));
  }
  return tables;
}

RouteTables xy_yx_routes(std::uint32_t columns, std::uint32_t rows, const NetworkGraph& graph) {
  const GridLinks links(graph, std::uint64_t{columns} * rows);
  GridRule rule = grid_rule(columns, rows, false);
  RouteTables tables = empty_tables(graph);
  tables.vc_classes = 2;
  tables.sets.push_back(grid_set(tables, links, rule));
  rule.rows_last = false;
  tables.sets.push_back(grid_set(tables, links, rule));
  tables.sets.back().first_class = 1;
  return tables;
}

RouteTables ring_routes(std::uint32_t routers, const NetworkGraph& graph) {
  return dimension_order_routes(routers, 1, graph, true);
}

RouteTables dual_die_routes(std::uint32_t columns, std::uint32_t rows, const NetworkGraph& graph) {
  const GridLinks links(graph, std::uint64_t{columns} * rows * 2);
  const Crossings crossings(columns, rows, links);
  const GridRule rule = grid_rule(columns, rows, false);
  const std::vector<Position> positions = grid_positions(columns, rows);
  const std::uint32_t die_routers = columns * rows;

  RouteTables tables = empty_tables(graph);
  tables.vc_classes = 2;
  tables.sets.push_back(grid_set(tables, links, [&](RouterId at, RouterId goal) {
    const Position here = positions[at % die_routers];
    const Position there = positions[goal % die_routers];
    const bool on_first_die = at < die_routers;
    if (on_first_die == (goal < die_routers)) {
      return rule.step(here, there);
    }
    const Position exit{on_first_die ? columns - 1 : 0, crossings.row(here.row, there.row)};
    if (here == exit) {
      return Step{on_first_die ? GridDirection::kEast : GridDirection::kWest, 0};
    }
    return rule.step(here, exit);
  }));
  return tables;
}

RouteTables shortest_path_routes(const NetworkGraph& graph) {
  return routes_from_paths(graph, {});
}

RouteTables routes_from_paths(const NetworkGraph& graph, const std::vector<ExplicitHop>& hops) {
  RouteTables tables = empty_tables(graph);
  tables.sets.push_back(shortest_paths(graph, tables));
  for (const ExplicitHop& hop : hops) {
    check_hop(graph, hop);
    tables.sets[0].next[std::size_t{hop.router} * tables.routers + hop.goal] =
        make_hop(hop.link, 0);
  }
  tables.vc_classes = classes_needed(graph, tables);
  return tables;
}

}  // namespace orrery
