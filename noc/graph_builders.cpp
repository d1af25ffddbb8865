// SPDX-License-Identifier: Apache-2.0
#include "noc/graph_builders.h"

#include <fmt/format.h>
#include <stdexcept>
#include <string>

namespace orrery {
namespace {

// "router (0,1) to (1,1)", but "die 0 router (3,0) to die 1 router (0,0)".
std::string link_name(const std::string& from, const std::string& to) {
  const std::size_t from_kind = from.rfind(' ') + 1;
  const std::size_t to_kind = to.rfind(' ') + 1;
  const bool same_kind = from.substr(0, from_kind) == to.substr(0, to_kind);
  return fmt::format("{} to {}", from, same_kind ? to.substr(to_kind) : to);
}

struct Wire {
  RouterId from, to;
  std::uint32_t direction;
  bool dateline = false;
};

void add_link(NetworkGraph& graph, const Wire& wire, const LinkParameters& parameters) {
  graph.links.push_back({.name = link_name(graph.routers[wire.from], graph.routers[wire.to]),
                         .from = wire.from,
                         .to = wire.to,
                         .bytes_per_cycle = parameters.bytes_per_cycle,
                         .latency_cycles = parameters.latency_cycles,
                         .direction = wire.direction,
                         .dateline = wire.dateline});
}

// One row or column of a grid: `size` routers, `stride` apart.
struct Line {
  std::uint32_t size, stride;
  std::uint32_t forward;  // its direction; the way back is the next one
  bool closed;

  bool wraps() const { return closed && size > 2; }
};

// The links of the router at `position` of a line, forward and back.
void add_links_along(NetworkGraph& graph,
                     const Line& line,
                     RouterId router,
                     std::uint32_t position,
                     const LinkParameters& parameters) {
  const RouterId span = (line.size - 1) * line.stride;
  if (position + 1 < line.size) {
    add_link(graph, {router, router + line.stride, line.forward}, parameters);
  } else if (line.wraps()) {
    add_link(graph, {router, router - span, line.forward, true}, parameters);
  }
  if (position > 0) {
    add_link(graph, {router, router - line.stride, line.forward + 1}, parameters);
  } else if (line.wraps()) {
    add_link(graph, {router, router + span, line.forward + 1, true}, parameters);
  }
}

struct Grid {
  std::uint32_t columns, rows;
  bool closed = false;
  RouterId first_router = 0;
};

void add_grid_links(NetworkGraph& graph, const Grid& grid, const LinkParameters& parameters) {
  const Line along_row{grid.columns, 1, GridDirection::kEast, grid.closed};
  const Line along_column{grid.rows, grid.columns, GridDirection::kSouth, grid.closed};
  RouterId router = grid.first_router;
  for (std::uint32_t row = 0; row < grid.rows; ++row) {
    for (std::uint32_t column = 0; column < grid.columns; ++column, ++router) {
      add_links_along(graph, along_row, router, column, parameters);
      add_links_along(graph, along_column, router, row, parameters);
    }
  }
}

void add_grid_routers(NetworkGraph& graph, const Grid& grid, const std::string& prefix) {
  for (std::uint32_t row = 0; row < grid.rows; ++row) {
    for (std::uint32_t column = 0; column < grid.columns; ++column) {
      graph.routers.push_back(fmt::format("{}router ({},{})", prefix, column, row));
    }
  }
}

NetworkGraph make_grid(const Grid& grid, const LinkParameters& links) {
  NetworkGraph graph;
  add_grid_routers(graph, grid, "");
  add_grid_links(graph, grid, links);
  return graph;
}

std::vector<bool> rows_that_cross(std::uint32_t rows,
                                  const std::vector<std::uint32_t>& crossing_rows) {
  std::vector<bool> crosses(rows, crossing_rows.empty());
  for (const std::uint32_t row : crossing_rows) {
    if (row >= rows) {
      throw std::invalid_argument(
          fmt::format("network: die-to-die link in row {}, but a die has {} rows", row, rows));
    }
    crosses[row] = true;
  }
  return crosses;
}

}  // namespace

NetworkGraph make_crossbar(const std::vector<std::uint64_t>& node_bytes_per_cycle) {
  NetworkGraph graph;
  graph.routers = {"crossbar"};
  for (const std::uint64_t bytes_per_cycle : node_bytes_per_cycle) {
    graph.nodes.push_back({fmt::format("node {}", graph.nodes.size()), 0, bytes_per_cycle});
  }
  return graph;
}

NetworkGraph make_partitioned_crossbar(const LinkParameters& partition_link) {
  NetworkGraph graph;
  graph.routers = {"half 0", "half 1"};
  add_link(graph, {0, 1, 0}, partition_link);
  add_link(graph, {1, 0, 1}, partition_link);
  return graph;
}

NetworkGraph make_ring(std::uint32_t routers, const LinkParameters& links) {
  NetworkGraph graph;
  for (RouterId router = 0; router < routers; ++router) {
    graph.routers.push_back(fmt::format("router {}", router));
  }
  add_grid_links(graph, {.columns = routers, .rows = 1, .closed = true}, links);
  return graph;
}

NetworkGraph make_mesh(std::uint32_t columns, std::uint32_t rows, const LinkParameters& links) {
  return make_grid({.columns = columns, .rows = rows}, links);
}

NetworkGraph make_torus(std::uint32_t columns, std::uint32_t rows, const LinkParameters& links) {
  return make_grid({.columns = columns, .rows = rows, .closed = true}, links);
}

NetworkGraph make_dual_die(std::uint32_t columns,
                           std::uint32_t rows,
                           const LinkParameters& links,
                           const LinkParameters& die_to_die,
                           const std::vector<std::uint32_t>& crossing_rows) {
  const std::vector<bool> crosses = rows_that_cross(rows, crossing_rows);
  NetworkGraph graph;
  for (std::uint32_t die = 0; die < 2; ++die) {
    const Grid grid{columns, rows, false, die * columns * rows};
    add_grid_routers(graph, grid, fmt::format("die {} ", die));
    add_grid_links(graph, grid, links);
  }
  if (columns == 0) {
    return graph;
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (crosses[row]) {
      const RouterId east_edge = row * columns + columns - 1;
      const RouterId west_edge = (rows + row) * columns;
      add_link(graph, {east_edge, west_edge, GridDirection::kEast, true}, die_to_die);
      add_link(graph, {west_edge, east_edge, GridDirection::kWest, true}, die_to_die);
    }
  }
  return graph;
}

void attach_nodes(NetworkGraph& graph,
                  std::uint32_t nodes_per_router,
                  std::uint64_t bytes_per_cycle) {
  for (RouterId router = 0; router < graph.routers.size(); ++router) {
    for (std::uint32_t count = 0; count < nodes_per_router; ++count) {
      graph.nodes.push_back({fmt::format("node {}", graph.nodes.size()), router, bytes_per_cycle});
    }
  }
}

void attach_one_node_per_router(NetworkGraph& graph, std::uint64_t bytes_per_cycle) {
  attach_nodes(graph, 1, bytes_per_cycle);
}

}  // namespace orrery
