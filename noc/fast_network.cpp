// SPDX-License-Identifier: Apache-2.0
#include "noc/fast_network.h"

#include <algorithm>
#include <limits>

namespace orrery {

FastNetwork::FastNetwork(const NetworkConfig& config, const NodeLayout& layout)
    : topology_(config, layout), header_bytes_(config.header_bytes) {
  links_.reserve(topology_.links().size());
  for (const Link& link : topology_.links()) {
    State& state = links_.emplace_back();
    state.width = width_of(link.rate);
    state.latency_fs = link.latency_fs;
    state.is_hop = link.kind != LinkKind::kInPort;
  }
}

std::uint32_t FastNetwork::width_of(const Rate& rate) {
  const auto found = std::find_if(widths_.begin(), widths_.end(), [&](const Width& width) {
    return width.rate.amount == rate.amount && width.rate.period_fs == rate.period_fs;
  });
  if (found != widths_.end()) {
    return static_cast<std::uint32_t>(found - widths_.begin());
  }
  widths_.push_back({rate, 0, 0});
  return static_cast<std::uint32_t>(widths_.size() - 1);
}

Femtoseconds FastNetwork::duration(LinkId link, std::uint64_t bytes) {
  Width& width = widths_[links_[link].width];
  if (width.bytes != bytes) {
    width.bytes = bytes;
    width.duration_fs = width.rate.time_for(bytes);
  }
  return width.duration_fs;
}

FastNetwork::Front FastNetwork::cross(LinkId link,
                                      Traffic traffic,
                                      const Front& front,
                                      std::uint64_t bytes) {
  State& state = links_[link];
  Lane& lane = state.lanes[static_cast<std::size_t>(traffic)];
  const Femtoseconds duration_fs = duration(link, bytes);
  const LinkSchedule::Slot slot = lane.schedule.book(now_fs_, front.head_fs, duration_fs);
  lane.bytes += bytes;
  if (state.is_hop) {
    counters_.byte_hops += bytes;
  }
  return {slot.start_fs + state.latency_fs, std::max(slot.end_fs, front.tail_fs) + state.latency_fs,
          front.lone_head_fs + state.latency_fs,
          std::max(front.lone_head_fs + duration_fs, front.lone_tail_fs) + state.latency_fs};
}

FastNetwork::Front FastNetwork::transit(
    NodeId from, NodeId to, Traffic traffic, const Front& front, std::uint64_t bytes) {
  Front here = front;
  topology_.for_each_transit(from, to,
                             [&](LinkId link) { here = cross(link, traffic, here, bytes); });
  return here;
}

// One arm of a multicast tree: the links that it shares with the arms before it are passed already.
FastNetwork::Front FastNetwork::branch(NodeId from,
                                       NodeId receiver,
                                       const Front& front,
                                       std::uint64_t bytes) {
  Front here = front;
  topology_.for_each_transit(from, receiver, [&](LinkId link) {
    State& state = links_[link];
    if (state.visit != visit_) {
      state.visit = visit_;
      state.behind = cross(link, Traffic::kResponse, here, bytes);
    }
    here = state.behind;
  });
  return here;
}

Femtoseconds FastNetwork::carry_request(NodeId source,
                                        std::span<const Share> shares,
                                        Access access,
                                        Femtoseconds now_fs) {
  std::uint64_t data_bytes = 0;
  if (access == Access::kWrite) {
    for (const Share& share : shares) {
      data_bytes += share.bytes;
    }
  }
  Femtoseconds arrival_fs = now_fs;
  Femtoseconds lone_fs = now_fs;
  const bool leaves = std::any_of(shares.begin(), shares.end(),
                                  [&](const Share& share) { return share.node != source; });
  if (!topology_.ideal() && leaves) {
    now_fs_ = now_fs;
    const Front start{now_fs, now_fs, now_fs, now_fs};
    const Front port =
        cross(topology_.out_port(source), Traffic::kRequest, start, header_bytes_ + data_bytes);
    for (const Share& share : shares) {
      if (share.node == source) {
        continue;
      }
      const std::uint64_t bytes = header_bytes_ + (access == Access::kWrite ? share.bytes : 0);
      const Front reached = transit(source, share.node, Traffic::kRequest, port, bytes);
      const Front front = cross(topology_.in_port(share.node), Traffic::kRequest, reached, bytes);
      arrival_fs = std::max(arrival_fs, front.tail_fs);
      lone_fs = std::max(lone_fs, front.lone_tail_fs);
    }
  }
  count(data_bytes, arrival_fs, lone_fs);
  return arrival_fs;
}

Femtoseconds FastNetwork::carry_response(std::span<const Share> shares,
                                         Access access,
                                         const Receivers& receivers,
                                         Femtoseconds now_fs) {
  now_fs_ = now_fs;
  Femtoseconds arrival_fs = now_fs;
  Femtoseconds lone_fs = now_fs;
  // A receiver's port takes all shares: alone, too, it is done no earlier than the first head and
  // all of them. (A bound that is met on crossbars; on meshes shares that hinder each other on the
  // way count as queueing.)
  Femtoseconds first_head_fs = std::numeric_limits<Femtoseconds>::max();
  Femtoseconds port_fs = 0;
  std::uint64_t data_bytes = 0;
  for (const Share& share : shares) {
    const std::uint64_t share_bytes = access == Access::kRead ? share.bytes : 0;
    data_bytes += share_bytes;
    if (topology_.ideal() || (receivers.count == 1 && share.node == receivers.first)) {
      continue;
    }
    ++visit_;
    const std::uint64_t bytes = header_bytes_ + share_bytes;
    const Front start{now_fs, now_fs, now_fs, now_fs};
    const Front port = cross(topology_.out_port(share.node), Traffic::kResponse, start, bytes);
    receivers.for_each([&](NodeId receiver) {
      if (receiver == share.node) {
        return;
      }
      const LinkId in_port = topology_.in_port(receiver);
      const Front reached = receivers.count > 1
                                ? branch(share.node, receiver, port, bytes)
                                : transit(share.node, receiver, Traffic::kResponse, port, bytes);
      const Front front = cross(in_port, Traffic::kResponse, reached, bytes);
      arrival_fs = std::max(arrival_fs, front.tail_fs);
      lone_fs = std::max(lone_fs, front.lone_tail_fs);
      first_head_fs = std::min(first_head_fs, reached.lone_head_fs);
    });
    port_fs += duration(topology_.in_port(receivers.first), bytes);
  }
  if (port_fs > 0) {
    lone_fs = std::max(lone_fs, first_head_fs + port_fs);
  }
  count(data_bytes * receivers.count, arrival_fs, lone_fs);
  return arrival_fs;
}

void FastNetwork::count(std::uint64_t data_bytes, Femtoseconds arrival_fs, Femtoseconds lone_fs) {
  ++counters_.messages;
  counters_.delivered_bytes += data_bytes;
  counters_.queueing_fs += arrival_fs > lone_fs ? arrival_fs - lone_fs : 0;
}

std::vector<LinkLoad> FastNetwork::link_loads() const {
  std::vector<LinkLoad> loads;
  loads.reserve(links_.size());
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const auto& [request, response] = links_[i].lanes;
    const Link& link = topology_.links()[i];
    loads.push_back({link.name, link.from, link.to, request.bytes, response.bytes,
                     request.schedule.busy_fs(), response.schedule.busy_fs()});
  }
  return loads;
}

void FastNetwork::reset() {
  for (State& state : links_) {
    state.lanes = {};
    state.visit = 0;
  }
  visit_ = 0;
  now_fs_ = 0;
}

}  // namespace orrery
