// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "noc/fast_experiment.h"
#include "noc/fast_network.h"
#include "noc/router_engine.h"

namespace orrery {

// The fast tier with the face of RouterEngine: a packet is one message. Packets of traffic class 0
// are writes of one share, those of class 1 responses with data, on a network of their own (in the
// detailed tier all classes share the wires). Its end is known when it is sent, and kept back until
// then. Buffers, credits and virtual channels are not there to be counted. What a wire carried is
// counted when it is booked: beyond saturation that is more than a flit a cycle.
class FastPackets {
 public:
  // Throws std::invalid_argument as `check_network` does.
  FastPackets(const FastExperiment& experiment, std::uint64_t flit_bytes);

  void send(const Packet& packet, Tick now);  // times of calls do not go back
  Tick next_tick() const { return ends_.empty() ? RouterEngine::kNoTick : ends_.top().delivered; }
  void advance(Tick until);
  std::vector<Delivery>& deliveries() { return deliveries_; }

  std::uint64_t flit_hops() const { return network_.counters().byte_hops.value() / flit_bytes_; }
  std::vector<WireLoad> link_loads() const;
  std::vector<WireLoad> node_in_loads() const;
  std::vector<WireLoad> node_out_loads() const;
  std::vector<double> mean_occupancy() const { return {}; }

 private:
  // The first that ends; of several the first sent.
  struct End : Delivery {
    std::uint64_t number = 0;
    bool operator<(const End& other) const {
      return delivered != other.delivered ? delivered > other.delivered : number > other.number;
    }
  };

  std::vector<WireLoad> port_loads(LinkId (Topology::*port)(NodeId) const) const;

  std::uint32_t nodes_;
  std::uint64_t flit_bytes_;
  std::int64_t port_cycles_;
  FastNetwork network_;
  std::priority_queue<End> ends_;
  std::vector<Delivery> deliveries_;
  std::uint64_t sent_ = 0;
};

}  // namespace orrery
