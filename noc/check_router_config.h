// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "noc/network_graph.h"
#include "noc/route_tables.h"
#include "noc/router_config.h"

namespace orrery {

// Throws std::invalid_argument that says which number is out of range: virtual channels fewer than
// the classes of the routes or more than a port may have, buffers of nothing, stages of no cycles.
void check_router_config(const RouterConfig& config,
                         const NetworkGraph& graph,
                         const RouteTables& routes);

}  // namespace orrery
