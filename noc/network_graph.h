// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery {

using RouterId = std::uint32_t;
using GraphLinkId = std::uint32_t;

// One direction of a wire between two routers.
struct GraphLink {
  std::string name;  // "router (0,1) to (1,1)": for reports and errors
  RouterId from = 0, to = 0;
  std::uint64_t bytes_per_cycle = 0;  // of all lanes
  std::uint32_t lanes = 1;            // wires side by side; a packet takes one of them
  std::uint32_t latency_cycles = 1;   // of the wire alone, without the routers at its ends
  std::uint32_t credit_cycles = 0;    // of the wire for credits; 0: RouterConfig's
  std::uint32_t buffer_flits = 0;     // of a virtual channel at its far end; 0: RouterConfig's
  // Links of one dimension and direction: a packet that goes on along them has not turned. A ring
  // has two (clockwise, anticlockwise), a mesh four.
  std::uint32_t direction = 0;
  // A packet that crosses it moves on to the next virtual-channel class, from this link on: what
  // breaks the cycle of dependencies in a ring, or between two dies.
  bool dateline = false;
};

// Who sends and receives: hangs on a router by a port each way.
struct GraphNode {
  std::string name;  // "core 3"
  RouterId router = 0;
  std::uint64_t bytes_per_cycle = 0;  // each way, of all lanes
  std::uint32_t lanes = 1;            // ports side by side, such as those of a cache's slices
  // Of the wires to and from the router.
  std::uint32_t send_cycles = 1, receive_cycles = 1;
  // Of a virtual channel where the router takes what the node sends, and of the node; 0: as above.
  std::uint32_t send_buffer_flits = 0, receive_buffer_flits = 0;
};

// Routers, the wires between them, and the nodes. A crossbar is one router.
struct NetworkGraph {
  std::vector<std::string> routers;  // their names, "router (0,1)"
  std::vector<GraphNode> nodes;
  std::vector<GraphLink> links;
};

}  // namespace orrery
