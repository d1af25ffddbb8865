// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/config_node.h"
#include "sim/transfer.h"

namespace orrery {

enum class TopologyKind : std::uint8_t {
  kIdeal,                // no time at all: for tests and closed formulas
  kCrossbar,             // every core to every memory-side node, one hop
  kPartitionedCrossbar,  // two crossbars, each with half of the cores and memory-side nodes, and a
                         // link
  kMesh,                 // one core a router
  kClusterMesh,          // routers with a crossbar of `cores_per_cluster` cores and a shared node
};

struct GridPosition {
  std::uint32_t column = 0, row = 0;
};

// The on-chip network of a chip. Widths are per direction.
struct NetworkConfig {
  TopologyKind topology = TopologyKind::kCrossbar;
  std::uint64_t clock_hz = 1'000'000'000;
  std::uint64_t core_port_bytes_per_cycle = 64;
  std::uint64_t memory_port_bytes_per_cycle = 64;  // of each shared or memory node
  std::uint64_t hop_cycles = 1;                    // a crossbar or router, with its link
  std::uint64_t header_bytes = 32;                 // a request, an acknowledgement, a packet's head
  // Partitioned crossbar
  std::uint64_t partition_link_bytes_per_cycle = 0;
  std::uint64_t partition_link_cycles = 0;
  // Partitioned crossbar and cluster mesh
  std::uint32_t cores_per_cluster = 1;
  // Meshes
  std::uint32_t columns = 0, rows = 0;
  std::uint64_t link_bytes_per_cycle = 0;
  std::vector<GridPosition> memory_positions;  // the router of each memory node
};

// Throws InputError. `node` is the chip's map "network".
NetworkConfig read_network_config(const ConfigNode& node);

// Who sits on the network: cores [0, cores), then shared nodes, then memory nodes.
struct NodeLayout {
  std::uint32_t cores = 0, shared_nodes = 0, memory_nodes = 0;

  NodeId first_shared() const { return cores; }
  NodeId first_memory() const { return cores + shared_nodes; }
  std::uint32_t count() const { return cores + shared_nodes + memory_nodes; }
};

}  // namespace orrery
