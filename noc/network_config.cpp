// SPDX-License-Identifier: Apache-2.0
#include "noc/network_config.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noc/custom_network_config.h"
#include "noc/network_limits.h"

namespace orrery {
namespace {

struct NamedTopology {
  std::string_view name;
  TopologyKind kind;
};

constexpr std::array<NamedTopology, 9> kTopologies{
    {{"ideal", TopologyKind::kIdeal},
     {"crossbar", TopologyKind::kCrossbar},
     {"partitioned_crossbar", TopologyKind::kPartitionedCrossbar},
     {"mesh", TopologyKind::kMesh},
     {"cluster_mesh", TopologyKind::kClusterMesh},
     {"ring", TopologyKind::kRing},
     {"torus", TopologyKind::kTorus},
     {"dual_die", TopologyKind::kDualDie},
     {"custom", TopologyKind::kCustom}}};

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
    item.fail("'" + item.path() + "' has " + text + ", which is outside the grid, expected 0 to " +
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
  const std::uint32_t dies = config.topology == TopologyKind::kDualDie ? 2 : 1;
  return {read_coordinate(item, leaves[0].second, dies * config.columns),
          read_coordinate(item, leaves[1].second, config.rows)};
}

std::uint32_t read_cluster(const ConfigNode& node) {
  return static_cast<std::uint32_t>(node.integer("cores_per_cluster", 1, 65'535));
}

void read_grid(const ConfigNode& node, NetworkConfig& config) {
  config.columns = static_cast<std::uint32_t>(node.integer("columns", 1, kMaxGridSide));
  config.rows = config.topology == TopologyKind::kRing
                    ? 1
                    : static_cast<std::uint32_t>(node.integer("rows", 1, kMaxGridSide));
  config.link_bytes_per_cycle = node.per_cycle("link", "B");
  if (config.topology != TopologyKind::kMesh) {
    config.cores_per_cluster = read_cluster(node);
  }
  if (config.topology == TopologyKind::kDualDie) {
    config.die_link_bytes_per_cycle = node.per_cycle("die_link", "B");
    config.die_link_cycles = read_hop(node, "die_hop");
    if (node.has("die_link_rows")) {
      for (const std::uint64_t row : node.integer_list("die_link_rows", 0, config.rows - 1)) {
        config.die_link_rows.push_back(static_cast<std::uint32_t>(row));
      }
      if (config.die_link_rows.empty()) {
        node.fail("die_link_rows", "no rows, expected at least one (without the key: all)");
      }
    }
  }
  for (const ConfigNode& item : node.list("memory_positions")) {
    config.memory_positions.push_back(read_position(item, config));
  }
}

void read_custom(const ConfigNode& node, NetworkConfig& config) {
  config.custom = read_custom_network(node);
  config.custom.core_routers = read_placement(node, "core_routers", config.custom);
  for (const auto& [key, routers] : {std::pair{"shared_routers", &config.custom.shared_routers},
                                     std::pair{"memory_routers", &config.custom.memory_routers}}) {
    if (node.has(key)) {
      *routers = read_placement(node, key, config.custom);
    }
  }
}

std::uint32_t read_number(const ConfigNode& node,
                          std::string_view key,
                          std::uint32_t fallback,
                          std::uint64_t most) {
  return node.has(key) ? static_cast<std::uint32_t>(node.integer(key, 1, most)) : fallback;
}

void read_stage(const ConfigNode& stages,
                std::string_view key,
                bool may_be_zero,
                std::uint32_t& cycles) {
  if (!stages.has(key)) {
    return;
  }
  const std::uint64_t value = stages.cycles(key);
  if (value > kMaxStageCycles || (value == 0 && !may_be_zero)) {
    stages.fail(key, std::to_string(value) + " clk, expected " + (may_be_zero ? "0" : "1") +
                         " to " + std::to_string(kMaxStageCycles) + " clk");
  }
  cycles = static_cast<std::uint32_t>(value);
}

// The map `router`, of which all keys but `flit` may be missing.
DetailedNetworkConfig read_router(const ConfigNode& node) {
  DetailedNetworkConfig config;
  const auto bytes = [&](std::string_view key, std::uint64_t most) {
    const std::uint64_t value = node.bytes(key);
    if (value > most) {
      node.fail(key, std::to_string(value) + " B, expected at most " + std::to_string(most) + " B");
    }
    return value;
  };
  config.flit_bytes = bytes("flit", kMaxFlitBytes);
  if (node.has("packet")) {
    config.packet_bytes = bytes("packet", std::uint64_t{kMaxFlitBytes} * kMaxTreeBufferFlits);
  }
  config.vcs = read_number(node, "vcs", config.vcs, kMaxVcsPerPort);
  config.buffer_flits = read_number(node, "buffer", config.buffer_flits, kMaxBufferFlits);
  config.allocation_passes =
      read_number(node, "allocation_passes", config.allocation_passes, kMaxAllocationPasses);
  if (node.has("separate_networks")) {
    config.separate_networks = node.flag("separate_networks");
  }
  if (node.has("multicast")) {
    config.multicast = node.flag("multicast");
  }
  if (node.has("stages")) {
    const ConfigNode stages = node.map("stages");
    read_stage(stages, "routing", true, config.routing_cycles);
    read_stage(stages, "vc_alloc", false, config.vc_alloc_cycles);
    read_stage(stages, "switch_alloc", false, config.switch_alloc_cycles);
    read_stage(stages, "traversal", false, config.traversal_cycles);
    read_stage(stages, "credit", true, config.credit_cycles);
    stages.finish();
  }
  node.finish();
  return config;
}

void read_fidelity(const ConfigNode& node, NetworkConfig& config) {
  const bool has_router = node.has("router");
  if (has_router) {
    config.detailed = read_router(node.map("router"));
  }
  if (node.has("fidelity") && node.choice("fidelity", {"fast", "detailed"}) == "detailed") {
    config.fidelity = NetworkFidelity::kDetailed;
    if (!has_router && config.topology != TopologyKind::kIdeal) {
      node.fail("fidelity", "'fidelity: detailed' needs the map 'router'");
    }
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
  if (config.topology == TopologyKind::kPartitionedCrossbar) {
    config.partition_link_bytes_per_cycle = node.per_cycle("partition_link", "B");
    config.partition_link_cycles = read_hop(node, "partition_hop");
    config.cores_per_cluster = read_cluster(node);
  } else if (is_grid(config.topology)) {
    read_grid(node, config);
  } else if (config.topology == TopologyKind::kCustom) {
    read_custom(node, config);
  }
  read_fidelity(node, config);
  node.finish();
  return config;
}

}  // namespace orrery
