// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "noc/network_config.h"
#include "noc/network_graph.h"
#include "noc/router_config.h"

namespace orrery {

// Turns the stations of a chip into wires of the detailed tier: lanes of a flit a cycle, the wire's
// part of each hop, buffers that cover the way of the flits there and of the credits back.
void refine_graph(NetworkGraph& graph, const NetworkConfig& config);

RouterConfig router_config(const NetworkConfig& config);

// The number of flits of the longest packet.
std::uint64_t packet_flits(const NetworkConfig& config);

}  // namespace orrery
