// SPDX-License-Identifier: Apache-2.0
#include "noc/fast_packets.h"

#include <array>

#include "sim/clock.h"

namespace orrery {
namespace {

constexpr Femtoseconds kCycleFs = kFsPerNanosecond;

}  // namespace

FastPackets::FastPackets(const FastExperiment& experiment, std::uint64_t flit_bytes)
    : nodes_(experiment.nodes()),
      flit_bytes_(flit_bytes),
      port_cycles_(experiment.port_cycles),
      network_(experiment.config, experiment.layout) {}

void FastPackets::send(const Packet& packet, Tick now) {
  const std::uint64_t bytes = packet.flits * flit_bytes_;
  const bool reply = packet.traffic_class != 0;
  const NodeId from = packet.source + (reply ? nodes_ : 0);
  const NodeId to = packet.destination + (reply ? 0 : nodes_);
  const std::array<Share, 1> share{{{reply ? from : to, bytes}}};
  const Femtoseconds end_fs =
      reply ? network_.carry_response(share, Access::kRead, Receivers{to}, now * kCycleFs)
            : network_.carry_request(from, share, Access::kWrite, now * kCycleFs);
  End end;
  end.packet = packet;
  end.created = now;
  end.delivered = static_cast<Tick>(static_cast<std::int64_t>(end_fs / kCycleFs) + port_cycles_);
  end.hops = 1;
  network_.topology().for_each_transit(from, to, [&](LinkId) { ++end.hops; });
  end.number = sent_++;
  ends_.push(end);
}

void FastPackets::advance(Tick until) {
  while (!ends_.empty() && ends_.top().delivered <= until) {
    deliveries_.push_back(ends_.top());
    ends_.pop();
  }
}

std::vector<WireLoad> FastPackets::link_loads() const {
  std::vector<WireLoad> loads;
  const std::vector<LinkLoad> all = network_.link_loads();
  for (std::size_t l = std::size_t{4} * nodes_; l < all.size(); ++l) {
    loads.push_back({(all[l].request_bytes + all[l].response_bytes) / flit_bytes_, 0});
  }
  return loads;
}

std::vector<WireLoad> FastPackets::port_loads(LinkId (Topology::*port)(NodeId) const) const {
  std::vector<WireLoad> loads;
  const std::vector<LinkLoad> all = network_.link_loads();
  const auto bytes = [&](NodeId node) {
    const LinkLoad& load = all[(network_.topology().*port)(node)];
    return load.request_bytes + load.response_bytes;
  };
  for (NodeId node = 0; node < nodes_; ++node) {
    loads.push_back({(bytes(node) + bytes(nodes_ + node)) / flit_bytes_, 0});
  }
  return loads;
}

std::vector<WireLoad> FastPackets::node_in_loads() const {
  return port_loads(&Topology::in_port);
}

std::vector<WireLoad> FastPackets::node_out_loads() const {
  return port_loads(&Topology::out_port);
}

}  // namespace orrery
