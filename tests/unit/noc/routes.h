// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "noc/check_routes.h"
#include "noc/network_graph.h"
#include "noc/route_tables.h"

namespace orrery {

// A link on a route and the class in which a packet takes it.
struct TakenLink {
  GraphLinkId link;
  std::uint32_t vc_class;
};

// Stops after as many links as there are routers: a longer route never ends.
inline std::vector<TakenLink> route(const NetworkGraph& graph,
                                    const RouteTables& tables,
                                    std::size_t set,
                                    RouterId from,
                                    RouterId to) {
  std::vector<TakenLink> taken;
  std::uint32_t vc_class = tables.sets[set].first_class;
  std::uint32_t direction = RouteTables::kInjected;
  for (RouterId at = from; at != to && taken.size() < graph.routers.size();) {
    const Hop hop = tables.next(set, at, to);
    vc_class = tables.class_on(graph, hop, vc_class, direction);
    taken.push_back({hop.link, vc_class});
    direction = graph.links[hop.link].direction;
    at = graph.links[hop.link].to;
  }
  return taken;
}

// Calls `visit(set, from, to, route)` for all routes between different routers.
template <typename Visit>
void for_each_route(const NetworkGraph& graph, const RouteTables& tables, const Visit& visit) {
  for (std::size_t set = 0; set < tables.sets.size(); ++set) {
    for (RouterId from = 0; from < tables.routers; ++from) {
      for (RouterId to = 0; to < tables.routers; ++to) {
        if (from != to) {
          visit(set, from, to, route(graph, tables, set, from, to));
        }
      }
    }
  }
}

// What `check_graph` or `check_routes` has against it; empty: nothing.
inline std::string route_refusal(const NetworkGraph& graph, const RouteTables& tables) {
  try {
    check_graph(graph);
    check_routes(graph, tables);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace orrery
