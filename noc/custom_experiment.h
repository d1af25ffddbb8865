// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "noc/noc_experiment.h"
#include "noc/router_config.h"

namespace orrery {

// A network of the user's own for `orrery probe noc`, from a YAML file with the keys of
// custom_network_config.h and
//
//   nodes: [west, west, middle, east]   # the router of each
//
// Widths are in bytes, of flits of `router.flit_bytes`; a node has a port of a flit a cycle. A hop
// has to cover the stages of `router`. Throws InputError for the file, std::invalid_argument for
// hops and widths out of range; the rest is for `check_graph` and `check_routes`.
NocNetwork read_network_file(const std::string& path, const RouterConfig& router);

// How many nodes a file has.
std::uint32_t count_nodes(const std::string& path);

}  // namespace orrery
