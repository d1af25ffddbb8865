// SPDX-License-Identifier: Apache-2.0
#include "noc/topology.h"

#include <fmt/format.h>
#include <utility>

#include "sim/clock.h"

namespace orrery {
namespace {

std::uint32_t half_of(std::uint32_t index, std::uint32_t count) {
  return std::uint64_t{index} * 2 < count ? 0 : 1;
}

bool is_mesh(TopologyKind kind) {
  return kind == TopologyKind::kMesh || kind == TopologyKind::kClusterMesh;
}

std::string router_name(std::uint32_t column, std::uint32_t row) {
  return fmt::format("({},{})", column, row);
}

// The router of every node: cores in groups of a cluster, row by row; one shared node a router.
std::vector<std::uint32_t> place_on_mesh(const NetworkConfig& config, const NodeLayout& layout) {
  const std::uint32_t cores_per_router =
      config.topology == TopologyKind::kClusterMesh ? config.cores_per_cluster : 1;
  std::vector<std::uint32_t> station_of;
  station_of.reserve(layout.count());
  for (std::uint32_t core = 0; core < layout.cores; ++core) {
    station_of.push_back(core / cores_per_router);
  }
  for (std::uint32_t shared = 0; shared < layout.shared_nodes; ++shared) {
    station_of.push_back(shared);
  }
  for (const GridPosition& position : config.memory_positions) {
    station_of.push_back(position.row * config.columns + position.column);
  }
  return station_of;
}

}  // namespace

Topology::Topology(const NetworkConfig& config, const NodeLayout& layout)
    : layout_(layout), kind_(config.topology), cores_per_cluster_(config.cores_per_cluster) {
  check_network(config, layout);
  station_of_.assign(layout.count(), 0);
  if (kind_ == TopologyKind::kIdeal) {
    return;
  }
  add_ports(config);
  first_transit_ = static_cast<LinkId>(links_.size());
  if (kind_ == TopologyKind::kPartitionedCrossbar) {
    join_partitions(config);
  } else if (is_mesh(kind_)) {
    join_mesh(config);
  }
}

void Topology::add_ports(const NetworkConfig& config) {
  const Clock clock(config.clock_hz);
  const Femtoseconds hop_fs = clock.to_fs(config.hop_cycles);
  links_.reserve(std::size_t{2} * layout_.count());
  for (NodeId node = 0; node < layout_.count(); ++node) {
    const std::uint64_t width = node < layout_.first_shared() ? config.core_port_bytes_per_cycle
                                                              : config.memory_port_bytes_per_cycle;
    const Rate rate{width, clock.period_fs()};
    const std::string name = node_name(layout_, node);
    links_.push_back({name + " out", LinkKind::kOutPort, rate, hop_fs});
    links_.push_back({name + " in", LinkKind::kInPort, rate, 0});
  }
}

LinkId Topology::add_transit(Link link, std::uint32_t far_station) {
  links_.push_back(std::move(link));
  far_station_.push_back(far_station);
  return static_cast<LinkId>(links_.size() - 1);
}

void Topology::join_partitions(const NetworkConfig& config) {
  stations_ = 2;
  for (NodeId node = 0; node < layout_.count(); ++node) {
    station_of_[node] = partition_of(node);
  }
  const Clock clock(config.clock_hz);
  const Rate rate{config.partition_link_bytes_per_cycle, clock.period_fs()};
  const Femtoseconds latency_fs = clock.to_fs(config.partition_link_cycles);
  next_link_.assign(4, 0);
  next_link_[1] = add_transit({"partition 0 to 1", LinkKind::kPartition, rate, latency_fs}, 1);
  next_link_[2] = add_transit({"partition 1 to 0", LinkKind::kPartition, rate, latency_fs}, 0);
}

void Topology::join_mesh(const NetworkConfig& config) {
  const std::uint32_t columns = config.columns;
  const std::uint32_t rows = config.rows;
  stations_ = columns * rows;
  station_of_ = place_on_mesh(config, layout_);

  const Clock clock(config.clock_hz);
  const Rate rate{config.link_bytes_per_cycle, clock.period_fs()};
  const Femtoseconds hop_fs = clock.to_fs(config.hop_cycles);
  next_link_.assign(std::size_t{stations_} * stations_, 0);
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      const std::uint32_t here = row * columns + column;
      const auto link_to = [&](std::uint32_t to_column, std::uint32_t to_row) {
        return add_transit(
            {"router " + router_name(column, row) + " to " + router_name(to_column, to_row),
             LinkKind::kMesh, rate, hop_fs},
            to_row * columns + to_column);
      };
      const LinkId east = column + 1 < columns ? link_to(column + 1, row) : 0;
      const LinkId west = column > 0 ? link_to(column - 1, row) : 0;
      const LinkId south = row + 1 < rows ? link_to(column, row + 1) : 0;
      const LinkId north = row > 0 ? link_to(column, row - 1) : 0;
      for (std::uint32_t goal = 0; goal < stations_; ++goal) {
        const std::uint32_t goal_column = goal % columns;
        next_link_[std::size_t{here} * stations_ + goal] = goal_column > column   ? east
                                                           : goal_column < column ? west
                                                           : goal / columns > row ? south
                                                                                  : north;
      }
    }
  }
}

std::uint32_t Topology::partition_of(NodeId node) const {
  if (kind_ != TopologyKind::kPartitionedCrossbar) {
    return 0;
  }
  if (node < layout_.first_shared()) {
    return node / cores_per_cluster_ % 2;
  }
  if (node < layout_.first_memory()) {
    return half_of(node - layout_.first_shared(), layout_.shared_nodes);
  }
  return half_of(node - layout_.first_memory(), layout_.memory_nodes);
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

std::string node_name(const NodeLayout& layout, NodeId node) {
  if (node < layout.first_shared()) {
    return "core " + std::to_string(node);
  }
  if (node < layout.first_memory()) {
    return "shared node " + std::to_string(node - layout.first_shared());
  }
  return "memory node " + std::to_string(node - layout.first_memory());
}

}  // namespace orrery
