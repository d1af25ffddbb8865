// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace orrery {

// Routers of the detailed network tier: virtual channels, buffers, pipeline, allocation. The
// defaults are the base settings of tests/accuracy/noc/booksim.csv: with links of one cycle a hop
// takes four.
struct RouterConfig {
  std::uint64_t flit_bytes = 64;
  // Kinds of messages with virtual channels of their own, so that none waits for another:
  // requests, responses, trees.
  std::uint32_t traffic_classes = 1;
  std::uint32_t vcs = 2;           // of each traffic class, on each link
  std::uint32_t buffer_flits = 8;  // of each virtual channel

  // Classes of their own for multicast and for reductions, of those above; their buffers.
  static constexpr std::uint32_t kNoClass = 0xffffffff;
  std::uint32_t multicast_class = kNoClass, reduction_class = kNoClass;
  std::uint32_t tree_buffer_flits = 0;  // at least a whole multicast packet

  // Cycles that a head spends in each stage. The way from the switch allocation of one router to
  // the arrival at the next takes `switch_alloc + traversal + link latency` cycles.
  std::uint32_t routing_cycles = 0;  // 0: the router before has looked ahead
  std::uint32_t vc_alloc_cycles = 1;
  std::uint32_t switch_alloc_cycles = 1;
  std::uint32_t traversal_cycles = 1;
  std::uint32_t credit_cycles = 1;       // from a credit's arrival to its use
  std::uint32_t credit_link_cycles = 1;  // of the wire back

  std::uint32_t allocation_passes = 1;  // of both allocators

  // How far a grant may reach, in flits: `least` or, if that is more, 1/`share` of the packet. See
  // RouterEngine.
  struct Reach {
    static constexpr std::uint32_t kMostReachFlits = 4'096;
    std::uint32_t least, share;
    std::uint32_t flits(std::uint32_t packet_flits) const {
      return std::clamp(packet_flits / share, least, kMostReachFlits);
    }
  };
  Reach alone{4, 4};       // nobody else is on the way to the output or at the input
  Reach contended{1, 16};  // others are; at most half a buffer

  // A node sends its packets one after the other, responses first; otherwise one of each traffic
  // class at a time, flit by flit.
  bool one_packet_at_a_time = false;
};

}  // namespace orrery
