// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "noc/network_config.h"
#include "sim/counters.h"
#include "sim/transfer.h"

namespace orrery {

// How much a link carried, per class of traffic. Bytes count headers too. `from` and `to` are nodes
// and the routers or crossbars on which they hang.
struct LinkLoad {
  std::string name, from, to;
  std::uint64_t request_bytes = 0, response_bytes = 0;
  Femtoseconds request_busy_fs = 0, response_busy_fs = 0;
};

// Nodes that a message goes to: `count` of them from `first`, `step` apart.
struct Receivers {
  NodeId first = 0;
  std::uint32_t count = 1;
  std::uint32_t step = 1;

  NodeId last() const { return first + (count - 1) * step; }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    NodeId node = first;
    for (std::uint32_t i = 0; i < count; ++i, node += step) {
      visit(node);
    }
  }
};

struct NetworkCounters {
  Counter messages;         // requests and responses, one each per transfer
  Counter delivered_bytes;  // data handed to receivers, headers not counted
  Counter byte_hops;        // bytes with headers x routers entered: what wires and routers spend
  Counter queueing_fs;      // arrival minus arrival over an empty network, summed over messages
  // Of the detailed tier, else 0.
  Counter packets;          // delivered, a multicast's once for each receiver
  Counter packet_hops;      // routers that they passed, summed
  Counter credit_stall_fs;  // packets that had flits to send, but no credit, summed
};

// What the network module asks of either tier.
class NetworkEngine {
 public:
  struct Arrival {
    std::uint64_t ticket = 0;
    Femtoseconds at_fs = 0;  // now or later
  };

  virtual ~NetworkEngine() = default;

  // Carries a message; times of calls do not go back. `arrivals` gives the ticket back when the
  // end is known: of a request, when the last share is at its node; of a response, when the last
  // receiver has everything. Reads send a
  // header and get header and data, writes the reverse.
  virtual void carry_request(std::uint64_t ticket,
                             NodeId source,
                             std::span<const Share> shares,
                             Access access,
                             Femtoseconds now_fs) = 0;
  virtual void carry_response(std::uint64_t ticket,
                              std::span<const Share> shares,
                              Access access,
                              const Receivers& receivers,
                              Femtoseconds now_fs) = 0;

  // `advance` must be called by then, for an arrival to be known in time; kNever: need not.
  virtual Femtoseconds next_event() const = 0;
  virtual void advance(Femtoseconds now_fs) = 0;
  // What has become known since the last look; the caller takes it out.
  std::vector<Arrival>& arrivals() { return arrivals_; }

  NetworkCounters& counters() { return counters_; }
  const NetworkCounters& counters() const { return counters_; }
  virtual std::vector<LinkLoad> link_loads() const = 0;

  // Frees all links and clears their loads; counters stay. Nothing may be under way.
  virtual void reset() = 0;

 protected:
  std::vector<Arrival> arrivals_;
  NetworkCounters counters_;
};

// Throws std::invalid_argument as `check_network` does.
std::unique_ptr<NetworkEngine> make_network_engine(const NetworkConfig& config,
                                                   const NodeLayout& layout);

}  // namespace orrery
