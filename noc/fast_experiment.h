// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "noc/network_config.h"
#include "noc/noc_experiment.h"
#include "noc/router_config.h"

namespace orrery {

// A NocShape as the fast tier has it. Every node is two of its nodes, a core that sends packets and
// a memory node that takes them (and the reverse for replies), so that a packet to its own node
// passes both ports and the router, as it does in the detailed tier. A cycle is a nanosecond.
struct FastExperiment {
  NetworkConfig config;
  NodeLayout layout;
  // What a lone packet takes longer in the detailed tier, whatever its way: there the wires of a
  // node's ports take a cycle each, while the fast tier's first router costs the hop of the others.
  std::int64_t port_cycles = 0;

  std::uint32_t nodes() const { return layout.cores; }
};

// A hop takes what `router` and its link take together. (With a switch allocation of several cycles
// a virtual channel sends a flit only every so many: the fast tier does not know that.) Routes are
// those of the first set: XY on meshes; where both ways round are equally long, east or south.
// Throws std::invalid_argument for what the fast tier does not have: routes XY and YX at random,
// rings beyond kMaxGridSide.
FastExperiment fast_experiment(const NocShape& shape, const RouterConfig& router);

}  // namespace orrery
