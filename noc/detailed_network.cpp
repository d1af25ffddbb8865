// SPDX-License-Identifier: Apache-2.0
#include "noc/detailed_network.h"

#include <algorithm>

#include "noc/detailed_graph.h"
#include "noc/topology.h"

namespace orrery {

DetailedNetwork::DetailedNetwork(const NetworkConfig& config, const NodeLayout& layout)
    : config_(config), clock_(config.clock_hz) {
  check_network(config, layout);
  StationGraph stations = build_stations(config, layout);
  refine_graph(stations.graph, config);
  graph_ = std::move(stations.graph);
  routes_ = std::move(stations.routes);
  router_ = router_config(config);
  Tick least = ~Tick{0};
  for (const GraphNode& node : graph_.nodes) {
    least = std::min<Tick>(least, node.receive_cycles);
  }
  arrival_lead_ = router_.switch_alloc_cycles + router_.traversal_cycles + least;
  make_engines();
}

void DetailedNetwork::make_engines() {
  engines_.clear();
  for (std::size_t i = 0; i < (config_.detailed.separate_networks ? 2 : 1); ++i) {
    engines_.push_back(std::make_unique<RouterEngine>(graph_, routes_, router_));
  }
}

// ---- messages ------------------------------------------------------------------------------

Tick DetailedNetwork::begin(Femtoseconds now_fs) {
  now_ = std::max(now_, clock_.to_cycles(now_fs));
  if (now_ > 0) {
    for (const auto& engine : engines_) {
      engine->advance(now_ - 1);
    }
  }
  return now_;
}

std::uint64_t DetailedNetwork::open_message(std::uint64_t ticket, Tick now) {
  if (free_messages_.empty()) {
    free_messages_.push_back(messages_.size());
    messages_.emplace_back();
  }
  const std::uint64_t index = free_messages_.back();
  free_messages_.pop_back();
  messages_[index] = {.ticket = ticket, .created = now, .end = now};
  ++counters_.messages;
  return index;
}

std::uint64_t DetailedNetwork::flits_of(std::uint64_t bytes) const {
  return std::max<std::uint64_t>(1, ceil_div(bytes, router_.flit_bytes));
}

// Calls `send_packet(flits)` for each packet of a message.
template <typename Send>
void DetailedNetwork::split(std::uint64_t bytes, Send&& send_packet) const {
  const std::uint64_t most = config_.detailed.packet_bytes - config_.header_bytes;
  std::uint64_t left = bytes;
  do {
    const std::uint64_t part = std::min(left, most);
    send_packet(static_cast<std::uint32_t>(flits_of(config_.header_bytes + part)));
    left -= part;
  } while (left > 0);
}

// What a lone message of one share takes: the head's way, then a flit a cycle over the slowest
// wire, of all lanes.
Tick DetailedNetwork::lone_cycles(NodeId from, NodeId to, std::uint64_t bytes) const {
  std::uint64_t flits = 0;
  std::uint64_t packets = 0;
  split(bytes, [&](std::uint32_t part) {
    flits += part;
    ++packets;
  });
  Tick head = config_.hop_cycles;
  std::uint64_t width =
      std::min(graph_.nodes[from].bytes_per_cycle, graph_.nodes[to].bytes_per_cycle);
  const RouterId goal = graph_.nodes[to].router;
  for (RouterId at = graph_.nodes[from].router; at != goal;) {
    const GraphLink& link = graph_.links[routes_.next(0, at, goal).link];
    head += link.latency_cycles + config_.detailed.router_cycles();
    width = std::min(width, link.bytes_per_cycle);
    at = link.to;
  }
  return head + ceil_div(flits * router_.flit_bytes, std::min(width, packets * router_.flit_bytes));
}

void DetailedNetwork::send(
    std::uint64_t message, NodeId from, NodeId to, std::uint64_t bytes, Traffic traffic) {
  RouterEngine& network = engine(traffic);
  split(bytes, [&](std::uint32_t flits) {
    network.send({.source = from,
                  .destination = to,
                  .flits = flits,
                  .traffic_class = traffic_class(traffic),
                  .tag = message},
                 now_);
    ++messages_[message].deliveries_left;
  });
  messages_[message].lone = std::max(messages_[message].lone, lone_cycles(from, to, bytes));
}

void DetailedNetwork::carry_request(std::uint64_t ticket,
                                    NodeId source,
                                    std::span<const Share> shares,
                                    Access access,
                                    Femtoseconds now_fs) {
  const std::uint64_t message = open_message(ticket, begin(now_fs));
  for (const Share& share : shares) {
    const std::uint64_t bytes = access == Access::kWrite ? share.bytes : 0;
    counters_.delivered_bytes += bytes;
    if (share.node != source) {
      send(message, source, share.node, bytes, Traffic::kRequest);
    }
  }
  if (messages_[message].deliveries_left == 0) {
    arrivals_.push_back({ticket, now_fs});
    free_messages_.push_back(message);
  }
}

void DetailedNetwork::carry_response(std::uint64_t ticket,
                                     std::span<const Share> shares,
                                     Access access,
                                     const Receivers& receivers,
                                     Femtoseconds now_fs) {
  const std::uint64_t message = open_message(ticket, begin(now_fs));
  for (const Share& share : shares) {
    const std::uint64_t bytes = access == Access::kRead ? share.bytes : 0;
    counters_.delivered_bytes += bytes * receivers.count;
    if (receivers.count > 1) {
      send_tree(message, share.node, receivers, bytes);
    } else if (share.node != receivers.first) {
      send(message, share.node, receivers.first, bytes, Traffic::kResponse);
    }
  }
  if (messages_[message].deliveries_left == 0) {
    arrivals_.push_back({ticket, now_fs});
    free_messages_.push_back(message);
  }
}

void DetailedNetwork::send_tree(std::uint64_t message,
                                NodeId from,
                                const Receivers& receivers,
                                std::uint64_t bytes) {
  receivers_.clear();
  receivers.for_each([&](NodeId to) {
    if (to != from) {
      receivers_.push_back(to);
    }
  });
  if (!config_.detailed.multicast) {
    for (const NodeId to : receivers_) {
      send(message, from, to, bytes, Traffic::kResponse);
    }
    return;
  }
  RouterEngine& network = engine(Traffic::kResponse);
  split(bytes, [&](std::uint32_t flits) {
    network.send_multicast(
        {.source = from, .flits = flits, .traffic_class = router_.multicast_class, .tag = message},
        receivers_, now_);
    messages_[message].deliveries_left += receivers_.size();
  });
  for (const NodeId to : receivers_) {
    messages_[message].lone = std::max(messages_[message].lone, lone_cycles(from, to, bytes));
  }
}

void DetailedNetwork::collect() {
  for (const auto& engine : engines_) {
    for (const Delivery& delivery : engine->deliveries()) {
      Message& message = messages_[delivery.packet.tag];
      ++counters_.packets;
      counters_.packet_hops += delivery.hops;
      message.end = std::max(message.end, delivery.delivered + 1);  // when its last flit is over
      if (--message.deliveries_left == 0) {
        const Tick took = message.end - message.created;
        counters_.queueing_fs += clock_.to_fs(took > message.lone ? took - message.lone : 0);
        arrivals_.push_back({message.ticket, clock_.to_fs(message.end)});
        free_messages_.push_back(delivery.packet.tag);
      }
    }
    engine->deliveries().clear();
  }
  std::uint64_t flit_hops = 0;
  for (const auto& engine : engines_) {
    flit_hops += engine->flit_hops();
  }
  counters_.byte_hops += (flit_hops - counted_flit_hops_) * router_.flit_bytes;
  counted_flit_hops_ = flit_hops;
  std::uint64_t stalls = 0;
  for (const auto& engine : engines_) {
    stalls += engine->credit_stall_cycles();
  }
  counters_.credit_stall_fs += clock_.to_fs(stalls - counted_stalls_);
  counted_stalls_ = stalls;
}

// ---- time ----------------------------------------------------------------------------------

Femtoseconds DetailedNetwork::next_event() const {
  Tick next = RouterEngine::kNoTick;
  for (const auto& engine : engines_) {
    next = std::min(next, engine->next_tick());
  }
  return next == RouterEngine::kNoTick ? kNever : clock_.to_fs(next + arrival_lead_);
}

void DetailedNetwork::advance(Femtoseconds now_fs) {
  const Tick at = now_fs / clock_.period_fs();
  for (const auto& engine : engines_) {
    if (engine->next_tick() <= at) {
      engine->advance(at);
    }
  }
  now_ = std::max(now_, at);
  collect();
}

std::vector<LinkLoad> DetailedNetwork::link_loads() const {
  std::vector<LinkLoad> loads;
  const auto add = [&](LinkLoad load, std::uint32_t lanes, auto&& load_in) {
    const std::uint64_t requests = load_in(*engines_[0]).flits;
    const std::uint64_t responses = engines_.size() > 1 ? load_in(*engines_[1]).flits : 0;
    load.request_bytes = requests * router_.flit_bytes;
    load.response_bytes = responses * router_.flit_bytes;
    load.request_busy_fs = clock_.to_fs(requests / lanes);
    load.response_busy_fs = clock_.to_fs(responses / lanes);
    loads.push_back(std::move(load));
  };
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    const GraphNode& node = graph_.nodes[n];
    const std::string& router = graph_.routers[node.router];
    add({.name = node.name + " out", .from = node.name, .to = router}, node.lanes,
        [n](const RouterEngine& engine) { return engine.node_out_loads()[n]; });
    add({.name = node.name + " in", .from = router, .to = node.name}, node.lanes,
        [n](const RouterEngine& engine) { return engine.node_in_loads()[n]; });
  }
  for (std::size_t l = 0; l < graph_.links.size(); ++l) {
    const GraphLink& link = graph_.links[l];
    add({.name = link.name, .from = graph_.routers[link.from], .to = graph_.routers[link.to]},
        link.lanes, [l](const RouterEngine& engine) { return engine.link_loads()[l]; });
  }
  return loads;
}

void DetailedNetwork::reset() {
  make_engines();
  now_ = 0;
  counted_flit_hops_ = 0;
  counted_stalls_ = 0;
  messages_.clear();
  free_messages_.clear();
}

}  // namespace orrery
