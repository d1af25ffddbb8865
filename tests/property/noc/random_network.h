// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <rapidcheck.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "noc/fast_network.h"
#include "tests/unit/noc/networks.h"

// Networks and traffic of any legal kind.
namespace orrery {

struct RandomNetwork {
  NetworkConfig config;
  NodeLayout layout;
};

inline std::vector<std::uint32_t> any_routers(std::uint32_t count, std::uint32_t routers) {
  std::vector<std::uint32_t> picked;
  for (std::uint32_t i = 0; i < count; ++i) {
    picked.push_back(*rc::gen::inRange<std::uint32_t>(0, routers));
  }
  return picked;
}

inline CustomNetwork::Wire any_wire(std::uint32_t from, std::uint32_t to) {
  CustomNetwork::Wire wire;
  wire.from = from;
  wire.to = to;
  wire.bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
  wire.hop_cycles = *rc::gen::inRange<std::uint64_t>(0, 40);
  wire.dateline = *rc::gen::inRange(0, 4) == 0;
  return wire;
}

inline bool is_legal(const RandomNetwork& network) {
  try {
    check_network(network.config, network.layout);
  } catch (const std::invalid_argument&) {
    return false;
  }
  return true;
}

// A random tree, and as many more links as keep its routes free of deadlock.
inline void grow_custom_network(RandomNetwork& network) {
  NodeLayout& layout = network.layout;
  CustomNetwork& custom = network.config.custom;
  const auto routers = *rc::gen::inRange<std::uint32_t>(1, 7);
  for (std::uint32_t router = 0; router < routers; ++router) {
    custom.routers.push_back("r" + std::to_string(router));
    if (router > 0) {
      const auto parent = *rc::gen::inRange<std::uint32_t>(0, router);
      custom.wires.push_back(any_wire(parent, router));
      custom.wires.push_back(any_wire(router, parent));
    }
  }
  layout.cores = *rc::gen::inRange<std::uint32_t>(1, 13);
  layout.shared_nodes = *rc::gen::inRange<std::uint32_t>(0, 4);
  custom.core_routers = any_routers(layout.cores, routers);
  custom.shared_routers = any_routers(layout.shared_nodes, routers);
  custom.memory_routers = any_routers(layout.memory_nodes, routers);
  for (auto more = *rc::gen::inRange(0, 5); more > 0 && routers > 1; --more) {
    const auto from = *rc::gen::inRange<std::uint32_t>(0, routers);
    const auto to = (from + *rc::gen::inRange<std::uint32_t>(1, routers)) % routers;
    custom.wires.push_back(any_wire(from, to));
    if (!is_legal(network)) {
      custom.wires.pop_back();
    }
  }
}

inline void place_on_grid(RandomNetwork& network) {
  NetworkConfig& config = network.config;
  NodeLayout& layout = network.layout;
  const std::uint32_t dies = config.topology == TopologyKind::kDualDie ? 2 : 1;
  config.columns = *rc::gen::inRange<std::uint32_t>(1, dies == 2 ? 4 : 6);
  config.rows = config.topology == TopologyKind::kRing ? 1 : *rc::gen::inRange<std::uint32_t>(1, 6);
  config.link_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
  const bool clusters = config.topology != TopologyKind::kMesh;
  config.cores_per_cluster = clusters ? *rc::gen::inRange<std::uint32_t>(1, 5) : 1;
  if (dies == 2) {
    config.die_link_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
    config.die_link_cycles = *rc::gen::inRange<std::uint64_t>(0, 100);
    for (std::uint32_t row = 0; row < config.rows; ++row) {
      if (*rc::gen::arbitrary<bool>()) {
        config.die_link_rows.push_back(row);
      }
    }
  }
  const std::uint32_t routers = dies * config.columns * config.rows;
  layout.cores = routers * config.cores_per_cluster;
  layout.shared_nodes = *rc::gen::arbitrary<bool>() ? routers : 0;
  for (std::uint32_t i = 0; i < layout.memory_nodes; ++i) {
    config.memory_positions.push_back({*rc::gen::inRange<std::uint32_t>(0, dies * config.columns),
                                       *rc::gen::inRange<std::uint32_t>(0, config.rows)});
  }
}

inline RandomNetwork any_network() {
  RandomNetwork network;
  NetworkConfig& config = network.config;
  NodeLayout& layout = network.layout;
  config.topology =
      *rc::gen::element(TopologyKind::kCrossbar, TopologyKind::kPartitionedCrossbar,
                        TopologyKind::kMesh, TopologyKind::kClusterMesh, TopologyKind::kRing,
                        TopologyKind::kTorus, TopologyKind::kDualDie, TopologyKind::kCustom);
  config.clock_hz = *rc::gen::element<std::uint64_t>(1'000'000'000, 1'755'000'000, 700'000'000);
  config.core_port_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
  config.memory_port_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 2049);
  config.hop_cycles = *rc::gen::inRange<std::uint64_t>(0, 40);
  config.header_bytes = *rc::gen::inRange<std::uint64_t>(0, 65);
  layout.memory_nodes = *rc::gen::inRange<std::uint32_t>(1, 6);
  if (is_grid(config.topology)) {
    place_on_grid(network);
  } else if (config.topology == TopologyKind::kCustom) {
    grow_custom_network(network);
  } else {
    layout.cores = *rc::gen::inRange<std::uint32_t>(1, 20);
    layout.shared_nodes = *rc::gen::inRange<std::uint32_t>(0, 4);
    config.partition_link_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 1025);
    config.partition_link_cycles = *rc::gen::inRange<std::uint64_t>(0, 200);
    config.cores_per_cluster = *rc::gen::inRange<std::uint32_t>(1, 5);
  }
  return network;
}

// The same in the detailed tier: hops long enough for the router's stages, flits of any size with
// which the widths still fit into the ports of a router.
inline RandomNetwork any_detailed_network() {
  RandomNetwork network = any_network();
  NetworkConfig& config = network.config;
  DetailedNetworkConfig& detailed = config.detailed;
  detailed.packet_bytes = config.header_bytes + *rc::gen::inRange<std::uint64_t>(1, 2'000);
  detailed.vcs = *rc::gen::inRange<std::uint32_t>(1, 5);
  detailed.buffer_flits = *rc::gen::inRange<std::uint32_t>(1, 17);
  detailed.separate_networks = *rc::gen::arbitrary<bool>();
  detailed.multicast = *rc::gen::arbitrary<bool>();
  detailed.allocation_passes = *rc::gen::inRange<std::uint32_t>(1, 3);
  detailed.routing_cycles = *rc::gen::inRange<std::uint32_t>(0, 3);
  detailed.vc_alloc_cycles = *rc::gen::inRange<std::uint32_t>(1, 3);
  detailed.switch_alloc_cycles = *rc::gen::inRange<std::uint32_t>(1, 3);
  detailed.traversal_cycles = *rc::gen::inRange<std::uint32_t>(1, 3);
  detailed.credit_cycles = *rc::gen::inRange<std::uint32_t>(0, 3);
  const std::uint64_t stages = detailed.router_cycles();
  config.hop_cycles += stages + 1;
  config.partition_link_cycles += stages;
  config.die_link_cycles += stages;
  std::vector<CustomNetwork::Wire>& wires = config.custom.wires;
  for (CustomNetwork::Wire& wire : wires) {
    wire.hop_cycles += stages;
  }
  // Longer hops make other ways the shortest, which may deadlock; those of the tree cannot.
  config.fidelity = NetworkFidelity::kFast;
  while (config.topology == TopologyKind::kCustom && !is_legal(network)) {
    wires.pop_back();
  }
  config.fidelity = NetworkFidelity::kDetailed;
  // Rings and datelines need more virtual channels, narrow flits fewer lanes.
  detailed.flit_bytes = *rc::gen::inRange<std::uint64_t>(8, 129);
  while (!is_legal(network) && detailed.flit_bytes < 4'096) {
    ++detailed.vcs;
    detailed.flit_bytes += detailed.vcs > 6 ? detailed.flit_bytes : 0;
  }
  RC_ASSERT(is_legal(network));
  return network;
}

// Another width of every wire.
template <typename Widen>
void widen(NetworkConfig& config, Widen&& widen_one) {
  for (std::uint64_t* const width :
       {&config.core_port_bytes_per_cycle, &config.memory_port_bytes_per_cycle,
        &config.link_bytes_per_cycle, &config.partition_link_bytes_per_cycle,
        &config.die_link_bytes_per_cycle}) {
    widen_one(*width);
  }
  for (CustomNetwork::Wire& wire : config.custom.wires) {
    widen_one(wire.bytes_per_cycle);
  }
}

// For the log of a case that fails.
inline std::string describe(const RandomNetwork& network) {
  const NetworkConfig& config = network.config;
  const DetailedNetworkConfig& detailed = config.detailed;
  std::string text = fmt::format(
      "topology {} at {} Hz: {} cores, {} shared nodes, {} memory nodes, ports {} and {} B/clk, "
      "hop "
      "{} clk, header {} B; {} x {} routers of {} cores, link {} B/clk, die link {} B/clk {} clk, "
      "partition link {} B/clk {} clk; flit {} B, packet {} B, {} vcs, buffer {}, separate {}, "
      "multicast {}, "
      "passes {}, stages {} {} {} {} {}",
      static_cast<int>(config.topology), config.clock_hz, network.layout.cores,
      network.layout.shared_nodes, network.layout.memory_nodes, config.core_port_bytes_per_cycle,
      config.memory_port_bytes_per_cycle, config.hop_cycles, config.header_bytes, config.columns,
      config.rows, config.cores_per_cluster, config.link_bytes_per_cycle,
      config.die_link_bytes_per_cycle, config.die_link_cycles,
      config.partition_link_bytes_per_cycle, config.partition_link_cycles, detailed.flit_bytes,
      detailed.packet_bytes, detailed.vcs, detailed.buffer_flits, detailed.separate_networks,
      detailed.multicast, detailed.allocation_passes, detailed.routing_cycles,
      detailed.vc_alloc_cycles, detailed.switch_alloc_cycles, detailed.traversal_cycles,
      detailed.credit_cycles);
  for (const CustomNetwork::Wire& wire : config.custom.wires) {
    text += fmt::format("; {} to {}: {} B/clk {} clk{}", wire.from, wire.to, wire.bytes_per_cycle,
                        wire.hop_cycles, wire.dateline ? " dateline" : "");
  }
  return text;
}

inline NodeId any_core(const NodeLayout& layout) {
  return *rc::gen::inRange<NodeId>(0, layout.cores);
}
inline NodeId any_memory_side(const NodeLayout& layout) {
  return *rc::gen::inRange<NodeId>(layout.cores, layout.count());
}

// Shares at distinct nodes of the memory side, in order.
inline std::vector<Share> any_shares(const NodeLayout& layout,
                                     std::size_t most = 16,
                                     std::uint64_t most_bytes = 20'000) {
  std::vector<Share> shares;
  const auto step = *rc::gen::inRange<NodeId>(1, 4);
  for (NodeId node = any_memory_side(layout); node < layout.count() && shares.size() < most;
       node += step) {
    shares.push_back({node, *rc::gen::inRange<std::uint64_t>(1, most_bytes)});
  }
  return shares;
}

inline Access any_access() {
  return *rc::gen::element(Access::kRead, Access::kWrite);
}

// One call of the engine.
struct RandomMessage {
  bool request = false;
  Access access = Access::kRead;
  NodeId core = 0;
  std::uint32_t receivers = 1;
  std::vector<Share> shares;
  Femtoseconds now_fs = 0;
};

inline std::string describe(const RandomMessage& message) {
  std::string text = fmt::format("{} of a {} at {} fs, core {}, {} receivers",
                                 message.request ? "request" : "response",
                                 message.access == Access::kRead ? "read" : "write", message.now_fs,
                                 message.core, message.receivers);
  for (const Share& share : message.shares) {
    text += fmt::format("; {} B at node {}", share.bytes, share.node);
  }
  return text;
}

inline std::vector<RandomMessage> any_messages(const NodeLayout& layout,
                                               std::size_t count,
                                               std::size_t most_shares = 16,
                                               std::uint64_t most_bytes = 20'000) {
  std::vector<RandomMessage> messages(count);
  Femtoseconds now_fs = 0;
  for (RandomMessage& message : messages) {
    now_fs += *rc::gen::inRange<Femtoseconds>(0, 100 * kCycle);
    message.now_fs = now_fs;
    message.request = *rc::gen::arbitrary<bool>();
    message.access = any_access();
    message.core = any_core(layout);
    message.receivers = message.access == Access::kRead
                            ? *rc::gen::inRange<std::uint32_t>(1, layout.cores - message.core + 1)
                            : 1;
    message.shares = any_shares(layout, most_shares, most_bytes);
  }
  return messages;
}

inline Femtoseconds carry(FastNetwork& network, const RandomMessage& message) {
  return message.request
             ? network.carry_request(message.core, message.shares, message.access, message.now_fs)
             : network.carry_response(message.shares, message.access,
                                      Receivers{message.core, message.receivers}, message.now_fs);
}

}  // namespace orrery
