// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "noc/network_config.h"
#include "noc/station_graph.h"
#include "sim/rate_server.h"
#include "sim/transfer.h"

namespace orrery {

using LinkId = std::uint32_t;

enum class LinkKind : std::uint8_t {
  kOutPort,  // from a node into its station
  kInPort,   // from a station to one of its nodes
  kTransit,  // between stations
};

// One direction of a wire. `latency_fs` is the way of a message's head from the entrance of this
// link to the entrance of the next one, or to the destination.
struct Link {
  std::string name;      // "core 3 out", "router (0,1) to (1,1)": for reports
  std::string from, to;  // "core 3", "router (0,1)": its ends
  LinkKind kind = LinkKind::kOutPort;
  Rate rate;
  Femtoseconds latency_fs = 0;
};

// Who is wired to whom, and along which links a message goes, in the fast tier. Every node hangs on
// one *station* (a crossbar, or a router) by an out port and an in port; stations are joined by
// transit links. A message passes the out port of its source, the transit links of its route, and
// the in port of its destination.
//
// A station costs `hop_cycles`, charged at the link by which a message enters it: the out port and
// every link of a grid. So a crossbar costs one hop, a mesh one hop for each router on the way, and
// two nodes of one cluster one hop and their ports. Partition, die-to-die and custom links cost
// what the configuration says, the far station included. In ports cost no latency of their own.
//
// Routes are those of the first route set (see station_graph.h). From one source they form a tree:
// what multicast needs. An ideal network has no links.
class Topology {
 public:
  // Throws std::invalid_argument as `check_network` does.
  Topology(const NetworkConfig& config, const NodeLayout& layout);

  const NodeLayout& layout() const { return layout_; }
  bool ideal() const { return links_.empty(); }
  const std::vector<Link>& links() const { return links_; }

  LinkId out_port(NodeId node) const { return 2 * node; }
  LinkId in_port(NodeId node) const { return 2 * node + 1; }

  // The crossbar or router on which a node hangs; 0 on an ideal network.
  std::uint32_t station_of(NodeId node) const { return station_of_[node]; }

  // Calls `visit(link)` for the links between the stations of two nodes, in order.
  template <typename Visit>
  void for_each_transit(NodeId from, NodeId to, Visit&& visit) const {
    std::uint32_t station = station_of_[from];
    const std::uint32_t goal = station_of_[to];
    while (station != goal) {
      const GraphLinkId link = routes_.next(0, station, goal).link;
      visit(first_transit_ + link);
      station = far_station_[link];
    }
  }

  // All links from one node to another, ports included. Empty from a node to itself.
  std::vector<LinkId> route(NodeId from, NodeId to) const;
  // Routers (or crossbars) passed on the way.
  std::uint32_t hops(NodeId from, NodeId to) const;

 private:
  NodeLayout layout_;
  RouteTables routes_;
  LinkId first_transit_ = 0;
  std::vector<Link> links_;
  std::vector<RouterId> station_of_;   // by node
  std::vector<RouterId> far_station_;  // by transit link
};

// Whether the network's numbers make sense and fit the nodes. Throws std::invalid_argument that
// names the numbers which do not: the reader of a chip checks with this before anything is built.
void check_network(const NetworkConfig& config, const NodeLayout& layout);

}  // namespace orrery
