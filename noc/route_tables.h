// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "noc/network_graph.h"

namespace orrery {

// The next step of a packet. 4 bytes: the tables of a large mesh hold millions.
struct Hop {
  static constexpr std::uint32_t kNoLink = 0xffffff;

  std::uint32_t link : 24 = kNoLink;  // a GraphLinkId; kNoLink at the goal itself, or unreachable
  std::uint32_t vc_class : 8 = 0;     // see ClassRule::kByDirection
};

// How the virtual-channel class of a packet changes on its way.
enum class ClassRule : std::uint8_t {
  // It starts with the class of its route set and rises at each dateline link it crosses.
  kByDateline,
  // On entering a direction it takes the class of the hop, and keeps it while it goes on in that
  // direction. (A torus: class 1 for packets that will pass the wrap-around link of the ring,
  // class 0 for the others, so neither class has a cycle. Dally and Seitz 1987.)
  kByDirection,
};

// Deterministic routes: where to go next, by router and router of the destination. Several sets
// (XY and YX; both ways around a ring for destinations at equal distance) are drawn from at random,
// a packet at a time.
struct RouteSet {
  std::uint32_t first_class = 0;  // of a packet that takes this set; for kByDateline
  std::vector<Hop> next;          // by router, by goal router
};

struct RouteTables {
  std::uint32_t routers = 0;
  std::uint32_t vc_classes = 1;  // a packet's class is below
  ClassRule rule = ClassRule::kByDateline;
  std::vector<RouteSet> sets;

  Hop next(std::size_t set, RouterId at, RouterId goal) const {
    return sets[set].next[std::size_t{at} * routers + goal];
  }
  // The class in which a packet takes `hop`. `direction_before` is that of the link it came by;
  // kInjected: it comes from a node.
  static constexpr std::uint32_t kInjected = 0xffffffff;
  std::uint32_t class_on(const NetworkGraph& graph,
                         Hop hop,
                         std::uint32_t class_before,
                         std::uint32_t direction_before) const {
    const GraphLink& link = graph.links[hop.link];
    if (rule == ClassRule::kByDateline) {
      return class_before + (link.dateline ? 1 : 0);
    }
    return link.direction == direction_before ? class_before : std::uint32_t{hop.vc_class};
  }
};

}  // namespace orrery
