// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <rapidcheck.h>
#include <vector>

#include "noc/fast_network.h"
#include "tests/unit/noc/networks.h"

// Networks and traffic of any legal kind.
namespace orrery {

struct RandomNetwork {
  NetworkConfig config;
  NodeLayout layout;
};

inline RandomNetwork any_network() {
  RandomNetwork network;
  NetworkConfig& config = network.config;
  NodeLayout& layout = network.layout;
  config.topology = *rc::gen::element(TopologyKind::kCrossbar, TopologyKind::kPartitionedCrossbar,
                                      TopologyKind::kMesh, TopologyKind::kClusterMesh);
  config.clock_hz = *rc::gen::element<std::uint64_t>(1'000'000'000, 1'755'000'000, 700'000'000);
  config.core_port_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
  config.memory_port_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 2049);
  config.hop_cycles = *rc::gen::inRange<std::uint64_t>(0, 40);
  config.header_bytes = *rc::gen::inRange<std::uint64_t>(0, 65);
  layout.memory_nodes = *rc::gen::inRange<std::uint32_t>(1, 6);
  if (config.topology == TopologyKind::kCrossbar ||
      config.topology == TopologyKind::kPartitionedCrossbar) {
    layout.cores = *rc::gen::inRange<std::uint32_t>(1, 20);
    layout.shared_nodes = *rc::gen::inRange<std::uint32_t>(0, 4);
    config.partition_link_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 1025);
    config.partition_link_cycles = *rc::gen::inRange<std::uint64_t>(0, 200);
    config.cores_per_cluster = *rc::gen::inRange<std::uint32_t>(1, 5);
    return network;
  }
  config.columns = *rc::gen::inRange<std::uint32_t>(1, 6);
  config.rows = *rc::gen::inRange<std::uint32_t>(1, 6);
  config.link_bytes_per_cycle = *rc::gen::inRange<std::uint64_t>(1, 257);
  const bool clusters = config.topology == TopologyKind::kClusterMesh;
  config.cores_per_cluster = clusters ? *rc::gen::inRange<std::uint32_t>(1, 5) : 1;
  layout.cores = config.columns * config.rows * config.cores_per_cluster;
  layout.shared_nodes = *rc::gen::arbitrary<bool>() ? config.columns * config.rows : 0;
  for (std::uint32_t i = 0; i < layout.memory_nodes; ++i) {
    config.memory_positions.push_back({*rc::gen::inRange<std::uint32_t>(0, config.columns),
                                       *rc::gen::inRange<std::uint32_t>(0, config.rows)});
  }
  return network;
}

inline NodeId any_core(const NodeLayout& layout) {
  return *rc::gen::inRange<NodeId>(0, layout.cores);
}
inline NodeId any_memory_side(const NodeLayout& layout) {
  return *rc::gen::inRange<NodeId>(layout.cores, layout.count());
}

// Shares at distinct nodes of the memory side, in order.
inline std::vector<Share> any_shares(const NodeLayout& layout) {
  std::vector<Share> shares;
  const auto step = *rc::gen::inRange<NodeId>(1, 4);
  for (NodeId node = any_memory_side(layout); node < layout.count() && shares.size() < 16;
       node += step) {
    shares.push_back({node, *rc::gen::inRange<std::uint64_t>(1, 20'000)});
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

inline std::vector<RandomMessage> any_messages(const NodeLayout& layout, std::size_t count) {
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
    message.shares = any_shares(layout);
  }
  return messages;
}

inline Femtoseconds carry(FastNetwork& network, const RandomMessage& message) {
  return message.request
             ? network.carry_request(message.core, message.shares, message.access, message.now_fs)
             : network.carry_response(message.shares, message.access, message.core,
                                      message.receivers, message.now_fs);
}

}  // namespace orrery
