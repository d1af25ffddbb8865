// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "noc/network_graph.h"
#include "noc/route_tables.h"

namespace orrery {

// Whether a graph is one: routers, nodes on them, links between two of them, and every width at
// least 1 B/clk. Throws std::invalid_argument that names what is not.
void check_graph(const NetworkGraph& graph);

// Whether the routes of every set bring packets from every router with nodes to all others, in
// classes below `vc_classes`, and cannot deadlock. Throws std::invalid_argument that names the
// routers which do not. The graph must be one that `check_graph` accepts.
//
// No deadlock: the graph of channels, with an edge from each channel to those which a packet may
// ask for while it holds the first, has no cycle. A channel is a class of virtual channels on a
// link. (Dally and Seitz, "Deadlock-Free Message Routing in Multiprocessor Interconnection
// Networks", 1987.) Nodes take what arrives, so the ports of nodes are in no cycle.
void check_routes(const NetworkGraph& graph, const RouteTables& tables);

}  // namespace orrery
