// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "noc/network_config.h"
#include "sim/config_node.h"

namespace orrery {

// Reads a user's own network from the keys `routers`, `links` and `routes` (which may be missing)
// of a map:
//
//   routers: [west, middle, east]
//   links:
//     - {from: west, to: middle, width: 64 B/clk, hop: 10 clk}            # both ways
//     - {from: middle, to: east, width: 64 B/clk, hop: 10 clk, one_way: true, dateline: true}
//   routes:
//     - {at: west, goal: east, via: middle}   # instead of the shortest way
//
// Throws InputError. Whether all nodes are reached and routes cannot deadlock is for
// `check_routes`.
CustomNetwork read_custom_network(const ConfigNode& node);

// A list of router names under `key`, as indices.
std::vector<std::uint32_t> read_placement(const ConfigNode& node,
                                          std::string_view key,
                                          const CustomNetwork& network);

}  // namespace orrery
