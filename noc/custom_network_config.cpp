// SPDX-License-Identifier: Apache-2.0
#include "noc/custom_network_config.h"

#include <algorithm>
#include <string>

#include "noc/network_limits.h"

namespace orrery {
namespace {

constexpr std::size_t kMaxCustomRouters = 4'096;

void read_router_names(const ConfigNode& node, CustomNetwork& network) {
  network.routers = node.text_list("routers");
  if (network.routers.empty() || network.routers.size() > kMaxCustomRouters) {
    node.fail("routers", std::to_string(network.routers.size()) + " routers, expected 1 to " +
                             std::to_string(kMaxCustomRouters));
  }
  std::vector<std::string> sorted = network.routers;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    node.fail("routers", "router '" + *twice + "' is named twice");
  }
}

std::uint32_t find_router(const ConfigNode& node,
                          std::string_view key,
                          const std::string& name,
                          const CustomNetwork& network) {
  const auto found = std::find(network.routers.begin(), network.routers.end(), name);
  if (found == network.routers.end()) {
    node.fail(key, "unknown router '" + name + "', expected one of 'routers'");
  }
  return static_cast<std::uint32_t>(found - network.routers.begin());
}

std::uint32_t read_router(const ConfigNode& node,
                          std::string_view key,
                          const CustomNetwork& network) {
  return find_router(node, key, node.text(key), network);
}

void read_link(const ConfigNode& item, CustomNetwork& network) {
  CustomNetwork::Wire wire;
  wire.from = read_router(item, "from", network);
  wire.to = read_router(item, "to", network);
  wire.bytes_per_cycle = item.per_cycle("width", "B");
  wire.hop_cycles = item.cycles("hop");
  if (wire.hop_cycles > kMaxHopCycles) {
    item.fail("hop", std::to_string(wire.hop_cycles) + " clk, expected at most " +
                         std::to_string(kMaxHopCycles) + " clk");
  }
  if (wire.from == wire.to) {
    item.fail("to", "a link from '" + network.routers[wire.from] + "' to itself");
  }
  wire.dateline = item.has("dateline") && item.flag("dateline");
  network.wires.push_back(wire);
  if (!item.has("one_way") || !item.flag("one_way")) {
    std::swap(wire.from, wire.to);
    network.wires.push_back(wire);
  }
  item.finish();
}

void read_route(const ConfigNode& item, CustomNetwork& network) {
  CustomNetwork::Route route;
  route.router = read_router(item, "at", network);
  route.goal = read_router(item, "goal", network);
  route.via = read_router(item, "via", network);
  if (route.router == route.goal) {
    item.fail("goal", "a route from '" + network.routers[route.router] + "' to itself");
  }
  const bool given = std::any_of(network.routes.begin(), network.routes.end(),
                                 [&](const CustomNetwork::Route& other) {
                                   return other.router == route.router && other.goal == route.goal;
                                 });
  if (given) {
    item.fail("goal", "a second route from '" + network.routers[route.router] + "' to '" +
                          network.routers[route.goal] + "'");
  }
  const bool wired =
      std::any_of(network.wires.begin(), network.wires.end(), [&](const CustomNetwork::Wire& wire) {
        return wire.from == route.router && wire.to == route.via;
      });
  if (!wired) {
    item.fail("via", "no link from '" + network.routers[route.router] + "' to '" +
                         network.routers[route.via] + "'");
  }
  network.routes.push_back(route);
  item.finish();
}

}  // namespace

CustomNetwork read_custom_network(const ConfigNode& node) {
  CustomNetwork network;
  read_router_names(node, network);
  for (const ConfigNode& item : node.list("links")) {
    read_link(item, network);
  }
  if (node.has("routes")) {
    for (const ConfigNode& item : node.list("routes")) {
      read_route(item, network);
    }
  }
  return network;
}

std::vector<std::uint32_t> read_placement(const ConfigNode& node,
                                          std::string_view key,
                                          const CustomNetwork& network) {
  std::vector<std::uint32_t> routers;
  for (const std::string& name : node.text_list(key)) {
    routers.push_back(find_router(node, key, name, network));
  }
  return routers;
}

}  // namespace orrery
