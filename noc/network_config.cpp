// SPDX-License-Identifier: Apache-2.0
#include "noc/network_config.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noc/network_limits.h"

namespace orrery {
namespace {

struct NamedTopology {
  std::string_view name;
  TopologyKind kind;
};

constexpr std::array<NamedTopology, 5> kTopologies{
    {{"ideal", TopologyKind::kIdeal},
     {"crossbar", TopologyKind::kCrossbar},
     {"partitioned_crossbar", TopologyKind::kPartitionedCrossbar},
     {"mesh", TopologyKind::kMesh},
     {"cluster_mesh", TopologyKind::kClusterMesh}}};

TopologyKind read_topology(const ConfigNode& node) {
  std::vector<std::string> names;
  for (const NamedTopology& topology : kTopologies) {
    names.emplace_back(topology.name);
  }
  const std::string name = node.choice("topology", names);
  for (const NamedTopology& topology : kTopologies) {
    if (topology.name == name) {
      return topology.kind;
    }
  }
  node.fail("topology", "unknown topology '" + name + "'");
}

std::uint64_t read_clock(const ConfigNode& node) {
  const std::uint64_t clock_hz = node.frequency_hz("clock");
  if (clock_hz < kMinNetworkClockHz || clock_hz > kMaxNetworkClockHz) {
    node.fail("clock", "a clock of " + std::to_string(clock_hz) + " Hz, expected 1 MHz to 100 GHz");
  }
  return clock_hz;
}

std::uint64_t read_hop(const ConfigNode& node, std::string_view key) {
  const std::uint64_t cycles = node.cycles(key);
  if (cycles > kMaxHopCycles) {
    node.fail(key, std::to_string(cycles) + " clk, expected at most " +
                       std::to_string(kMaxHopCycles) + " clk");
  }
  return cycles;
}

std::uint64_t read_header(const ConfigNode& node) {
  const std::uint64_t bytes = node.bytes("header", 0);
  if (bytes > kMaxHeaderBytes) {
    node.fail("header", std::to_string(bytes) + " B, expected at most " +
                            std::to_string(kMaxHeaderBytes) + " B");
  }
  return bytes;
}

// One coordinate, below `size`, of a router.
std::uint32_t read_coordinate(const ConfigNode& item, const std::string& text, std::uint32_t size) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) {
    item.fail("'" + item.path() + "' has '" + text + "', expected [column, row]");
  }
  if (value >= size) {
    item.fail("'" + item.path() + "' has " + text + ", which is outside the mesh, expected 0 to " +
              std::to_string(size - 1));
  }
  return value;
}

// An item of memory_positions: [column, row].
GridPosition read_position(const ConfigNode& item, const NetworkConfig& config) {
  const std::vector<std::pair<std::string, std::string>> leaves = item.leaves();
  const bool flat_pair = item.is_list() && leaves.size() == 2 &&
                         leaves[0].first == item.path() + ".0" &&
                         leaves[1].first == item.path() + ".1";
  if (!flat_pair) {
    item.fail("'" + item.path() + "' is not a pair, expected [column, row]");
  }
  return {read_coordinate(item, leaves[0].second, config.columns),
          read_coordinate(item, leaves[1].second, config.rows)};
}

std::uint32_t read_cluster(const ConfigNode& node) {
  return static_cast<std::uint32_t>(node.integer("cores_per_cluster", 1, 65'535));
}

void read_grid(const ConfigNode& node, NetworkConfig& config) {
  config.columns = static_cast<std::uint32_t>(node.integer("columns", 1, kMaxGridSide));
  config.rows = static_cast<std::uint32_t>(node.integer("rows", 1, kMaxGridSide));
  config.link_bytes_per_cycle = node.per_cycle("link", "B");
  if (config.topology == TopologyKind::kClusterMesh) {
    config.cores_per_cluster = read_cluster(node);
  }
  for (const ConfigNode& item : node.list("memory_positions")) {
    config.memory_positions.push_back(read_position(item, config));
  }
}

}  // namespace

NetworkConfig read_network_config(const ConfigNode& node) {
  NetworkConfig config;
  config.topology = read_topology(node);
  if (config.topology != TopologyKind::kIdeal) {
    config.clock_hz = read_clock(node);
    config.core_port_bytes_per_cycle = node.per_cycle("core_port", "B");
    config.memory_port_bytes_per_cycle = node.per_cycle("memory_port", "B");
    config.hop_cycles = read_hop(node, "hop");
    config.header_bytes = read_header(node);
  }
  switch (config.topology) {
    case TopologyKind::kIdeal:
    case TopologyKind::kCrossbar:
      break;
    case TopologyKind::kPartitionedCrossbar:
      config.partition_link_bytes_per_cycle = node.per_cycle("partition_link", "B");
      config.partition_link_cycles = read_hop(node, "partition_hop");
      config.cores_per_cluster = read_cluster(node);
      break;
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
      read_grid(node, config);
      break;
  }
  node.finish();
  return config;
}

}  // namespace orrery
