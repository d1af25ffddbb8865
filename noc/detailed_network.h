// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "noc/network_config.h"
#include "noc/network_engine.h"
#include "noc/network_graph.h"
#include "noc/route_tables.h"
#include "noc/router_engine.h"
#include "sim/clock.h"
#include "sim/transfer.h"

namespace orrery {

// The network's detailed tier: messages become packets of at most `packet_bytes`, each with a
// header and in whole flits, which the RouterEngine carries. Requests and responses go through an
// engine each, or through virtual channels of their own in one. A read for many receivers goes down
// a tree, in a class of its own.
//
// Wires: `hop_cycles` is what a router and the wire behind it cost a head. The routers' stages take
// their part of it, the wire the rest; a node's wires together are as long as one between routers.
// So a lone message takes as long as in the fast tier, but for the rounding to flits and the
// headers of its packets.
class DetailedNetwork : public NetworkEngine {
 public:
  // Throws std::invalid_argument as `check_network` does.
  DetailedNetwork(const NetworkConfig& config, const NodeLayout& layout);

  void carry_request(std::uint64_t ticket,
                     NodeId source,
                     std::span<const Share> shares,
                     Access access,
                     Femtoseconds now_fs) override;
  void carry_response(std::uint64_t ticket,
                      std::span<const Share> shares,
                      Access access,
                      const Receivers& receivers,
                      Femtoseconds now_fs) override;

  Femtoseconds next_event() const override;
  void advance(Femtoseconds now_fs) override;
  std::vector<LinkLoad> link_loads() const override;
  void reset() override;

 private:
  enum class Traffic : std::uint8_t { kRequest, kResponse };

  struct Message {
    std::uint64_t ticket = 0;
    std::uint64_t deliveries_left = 0;
    Tick created = 0;
    Tick lone = 0;  // cycles that it would take alone
    Tick end = 0;   // of what has been delivered
  };

  void make_engines();
  RouterEngine& engine(Traffic traffic) {
    return *engines_[engines_.size() == 1 ? 0 : static_cast<std::size_t>(traffic)];
  }
  std::uint32_t traffic_class(Traffic traffic) const {
    return engines_.size() == 1 ? static_cast<std::uint32_t>(traffic) : 0;
  }

  Tick begin(Femtoseconds now_fs);
  std::uint64_t open_message(std::uint64_t ticket, Tick now);
  void send(std::uint64_t message, NodeId from, NodeId to, std::uint64_t bytes, Traffic traffic);
  void send_tree(std::uint64_t message,
                 NodeId from,
                 const Receivers& receivers,
                 std::uint64_t bytes);
  template <typename Send>
  void split(std::uint64_t bytes, Send&& send_packet) const;
  void close_if_done(std::uint64_t message);
  void collect();
  std::uint64_t flits_of(std::uint64_t bytes) const;
  Tick lone_cycles(NodeId from, NodeId to, std::uint64_t bytes) const;

  NetworkConfig config_;
  Clock clock_;
  NetworkGraph graph_;
  RouteTables routes_;
  RouterConfig router_;
  Tick arrival_lead_ = 0;  // an arrival is known at least so many cycles ahead
  std::vector<std::unique_ptr<RouterEngine>> engines_;
  Tick now_ = 0;
  std::vector<Message> messages_;
  std::vector<std::uint64_t> free_messages_;
  std::vector<std::uint32_t> receivers_;                      // of the tree at hand
  std::uint64_t counted_flit_hops_ = 0, counted_stalls_ = 0;  // in `counters_`
};

}  // namespace orrery
