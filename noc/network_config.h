// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
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
  kRing,                 // `columns` routers of `cores_per_cluster` cores
  kTorus,                // a cluster mesh whose rows and columns are rings
  kDualDie,              // two cluster meshes of `columns` x `rows`, joined by die-to-die links
  kCustom,               // any graph
};

// Fast: next free time of each link. Detailed: routers with virtual channels, buffers and credits.
enum class NetworkFidelity : std::uint8_t { kFast, kDetailed };

struct GridPosition {
  std::uint32_t column = 0, row = 0;
};

// What the detailed tier adds.
struct DetailedNetworkConfig {
  // A wire of the network carries one flit a cycle. What is wider is several wires side by side
  // (ports of slices, planes of links), what is narrower takes several cycles a flit.
  std::uint64_t flit_bytes = 64;
  std::uint64_t packet_bytes = 1'024;  // of a packet at most, with its header
  std::uint32_t vcs = 2;               // of a link, for each kind of message
  // Flits of a virtual channel at least; wires get as many as the way there and of the credit back
  // takes, so that a lone packet is never held up.
  std::uint32_t buffer_flits = 8;
  // Requests and responses have wires of their own; otherwise virtual channels of their own.
  bool separate_networks = true;
  // Routers copy a read for several receivers where their ways part; otherwise the source sends
  // each its own.
  bool multicast = false;
  std::uint32_t allocation_passes = 1;
  // Of a router, within `hop_cycles`: the wire takes the rest.
  std::uint32_t routing_cycles = 0, vc_alloc_cycles = 1, switch_alloc_cycles = 1,
                traversal_cycles = 1;
  std::uint32_t credit_cycles = 1;

  std::uint32_t router_cycles() const {
    return routing_cycles + vc_alloc_cycles + switch_alloc_cycles + traversal_cycles;
  }
};

// A user's own network. Routers by index.
struct CustomNetwork {
  struct Wire {
    std::uint32_t from = 0, to = 0;
    std::uint64_t bytes_per_cycle = 0;
    std::uint64_t hop_cycles = 0;  // from router to router, the far one included
    bool dateline = false;
  };
  // Packets at `router` for the goal take the wire to `via`.
  struct Route {
    std::uint32_t router = 0, goal = 0, via = 0;
  };
  std::vector<std::string> routers;  // names
  std::vector<Wire> wires;           // each one direction
  std::vector<Route> routes;         // where they are not the shortest
  std::vector<std::uint32_t> core_routers, shared_routers, memory_routers;
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
  // Partitioned crossbar, ring and all grids but the mesh
  std::uint32_t cores_per_cluster = 1;
  // Grids and ring (one row); of a dual die, each die
  std::uint32_t columns = 0, rows = 0;
  std::uint64_t link_bytes_per_cycle = 0;
  std::vector<GridPosition> memory_positions;  // the router of each memory node
  // Dual die
  std::uint64_t die_link_bytes_per_cycle = 0;
  std::uint64_t die_link_cycles = 0;
  std::vector<std::uint32_t> die_link_rows;  // none: all

  CustomNetwork custom;

  NetworkFidelity fidelity = NetworkFidelity::kFast;
  DetailedNetworkConfig detailed;
};

constexpr bool is_grid(TopologyKind kind) {
  return kind == TopologyKind::kMesh || kind == TopologyKind::kClusterMesh ||
         kind == TopologyKind::kRing || kind == TopologyKind::kTorus ||
         kind == TopologyKind::kDualDie;
}

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
