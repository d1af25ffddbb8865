// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "noc/network_config.h"
#include "noc/network_graph.h"
#include "noc/route_tables.h"

namespace orrery {

// The network of a chip as a graph: stations (crossbars, routers), the links between them with
// their full widths, the chip's nodes in the order of NodeLayout. Latencies of links are whole
// hops, the far station included. Not for ideal networks.
struct StationGraph {
  NetworkGraph graph;
  RouteTables routes;
};

// For numbers that `check_network` accepts.
StationGraph build_stations(const NetworkConfig& config, const NodeLayout& layout);

// The half of a partitioned crossbar in which a node is; 0 on every other network. Clusters of
// cores alternate between the halves, so that a kernel of few tasks uses both (GPUs deal blocks
// over their GPCs); shared nodes and memory nodes are split by index, the first half taking the odd
// one.
std::uint32_t partition_of(const NetworkConfig& config, const NodeLayout& layout, NodeId node);

// "core 3", "shared node 0", "memory node 2".
std::string node_name(const NodeLayout& layout, NodeId node);

}  // namespace orrery
