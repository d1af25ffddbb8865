// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "noc/link_schedule.h"
#include "noc/network_config.h"
#include "noc/network_engine.h"
#include "noc/topology.h"
#include "sim/transfer.h"

namespace orrery {

// The network's fast tier: virtual cut-through by next-free-time arithmetic, one step a link and
// no event inside the network. A message's head enters a link when it has come there and the link
// is free; the link is taken for bytes / rate; the tail leaves when that is over and the tail has
// come from the link before. Buffers are infinite: what waits for one link blocks no other.
//
// Requests and responses are two networks of full width over the same routes (two schedules a
// link), so responses never wait behind requests. What a real router adds (finite buffers,
// arbitration, virtual channels) is in the detailed tier.
//
// Reads: the request is a header, the response carries the data. Writes: the request carries the
// data, the response is a header. Each node that holds a share is sent, and sends, a header of its
// own. The shares of one request leave the source together: its port passes one header and all the
// data once, and each share ends no earlier than that. Calls must come in order of `now_fs`.
class FastNetwork : public NetworkEngine {
 public:
  // Throws std::invalid_argument as `check_network` does.
  FastNetwork(const NetworkConfig& config, const NodeLayout& layout);

  // When the last share of a request has arrived at its node.
  Femtoseconds carry_request(NodeId source,
                             std::span<const Share> shares,
                             Access access,
                             Femtoseconds now_fs);

  // When the last byte of a response has arrived at the last of the receivers. Every link of the
  // tree from a share's node to the receivers carries that share once.
  Femtoseconds carry_response(std::span<const Share> shares,
                              Access access,
                              const Receivers& receivers,
                              Femtoseconds now_fs);

  // The same for the module: the end is known at once.
  void carry_request(std::uint64_t ticket,
                     NodeId source,
                     std::span<const Share> shares,
                     Access access,
                     Femtoseconds now_fs) override {
    arrivals_.push_back({ticket, carry_request(source, shares, access, now_fs)});
  }
  void carry_response(std::uint64_t ticket,
                      std::span<const Share> shares,
                      Access access,
                      const Receivers& receivers,
                      Femtoseconds now_fs) override {
    arrivals_.push_back({ticket, carry_response(shares, access, receivers, now_fs)});
  }
  Femtoseconds next_event() const override { return kNever; }
  void advance(Femtoseconds /*now_fs*/) override {}

  const Topology& topology() const { return topology_; }
  std::vector<LinkLoad> link_loads() const override;
  void reset() override;

 private:
  enum class Traffic : std::uint8_t { kRequest, kResponse };

  // When a message's head and tail stand before the next link; the same had it been alone.
  struct Front {
    Femtoseconds head_fs, tail_fs;
    Femtoseconds lone_head_fs, lone_tail_fs;
  };
  struct Lane {
    LinkSchedule schedule;
    std::uint64_t bytes = 0;
  };
  struct State {
    std::array<Lane, 2> lanes;  // by Traffic
    std::uint32_t width = 0;    // an index into widths_
    Femtoseconds latency_fs = 0;
    bool is_hop = true;
    std::uint64_t visit = 0;  // the multicast that last passed, and where it stood behind the link
    Front behind{};
  };

  // A rate that links share, with the last duration computed for it: the shares of a transfer are
  // mostly of one size, and the division costs more than the rest of a link.
  struct Width {
    Rate rate;
    std::uint64_t bytes = 0;
    Femtoseconds duration_fs = 0;
  };

  std::uint32_t width_of(const Rate& rate);
  Femtoseconds duration(LinkId link, std::uint64_t bytes);
  Front cross(LinkId link, Traffic traffic, const Front& front, std::uint64_t bytes);
  Front transit(NodeId from, NodeId to, Traffic traffic, const Front& front, std::uint64_t bytes);
  Front branch(NodeId from, NodeId receiver, const Front& front, std::uint64_t bytes);
  void count(std::uint64_t data_bytes, Femtoseconds arrival_fs, Femtoseconds lone_fs);

  Topology topology_;
  std::uint64_t header_bytes_;
  std::vector<Width> widths_;
  std::vector<State> links_;
  Femtoseconds now_fs_ = 0;
  std::uint64_t visit_ = 0;
};

}  // namespace orrery
