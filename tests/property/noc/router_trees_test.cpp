// SPDX-License-Identifier: Apache-2.0
// Multicast down trees of routes and reductions up them: each wire of a tree carries a message
// once, alone it takes the time of its farthest way, and in any traffic all of it comes.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "noc/router_engine.h"
#include "tests/property/noc/random_routers.h"

namespace orrery {
namespace {

using ::testing::Contains;

constexpr std::uint32_t kMulticastClass = 1, kReductionClass = 2;

// The value is the traffic class.
enum class Kind { kUnicast, kMulticast, kReduction };

struct Message {
  Kind kind = Kind::kUnicast;
  Packet packet;
  std::vector<std::uint32_t> nodes;  // destinations of a multicast, sources of a reduction
  Tick at = 0;
};

struct Flits {
  std::vector<std::uint64_t> links, node_in, node_out;
  bool operator==(const Flits&) const = default;
};

void PrintTo(const Flits& flits, std::ostream* out) {
  *out << fmt::format("links {}, to nodes {}, from nodes {}", fmt::join(flits.links, " "),
                      fmt::join(flits.node_in, " "), fmt::join(flits.node_out, " "));
}

Flits no_flits(const NetworkGraph& graph) {
  const std::vector<std::uint64_t> nodes(graph.nodes.size(), 0);
  return {std::vector<std::uint64_t>(graph.links.size(), 0), nodes, nodes};
}

// All pairs of source and destination.
std::vector<Packet> ways_through(const Message& message) {
  std::vector<Packet> ways;
  if (message.kind == Kind::kUnicast) {
    return {message.packet};
  }
  for (const std::uint32_t node : message.nodes) {
    Packet& way = ways.emplace_back(message.packet);
    (message.kind == Kind::kMulticast ? way.destination : way.source) = node;
  }
  return ways;
}

// What the union of its routes carries.
void add_tree(Flits& flits, const Network& network, const Message& message, std::size_t set) {
  std::set<GraphLinkId> links;
  std::set<std::uint32_t> from, to;
  for (const Packet& way : ways_through(message)) {
    from.insert(way.source);
    to.insert(way.destination);
    for (const TakenLink& taken :
         route(network.graph, network.routes, set, network.graph.nodes[way.source].router,
               network.graph.nodes[way.destination].router)) {
      links.insert(taken.link);
    }
  }
  for (const GraphLinkId link : links) {
    flits.links[link] += message.packet.flits;
  }
  for (const std::uint32_t node : from) {
    flits.node_out[node] += message.packet.flits;
  }
  for (const std::uint32_t node : to) {
    flits.node_in[node] += message.packet.flits;
  }
}

struct Outcome {
  std::vector<Delivery> deliveries;
  Flits flits;
  std::uint64_t flit_hops = 0, left = 0;
  std::vector<double> occupancy;
};

void send(RouterEngine& engine, const Message& message, Tick now) {
  switch (message.kind) {
    case Kind::kUnicast:
      return engine.send(message.packet, now);
    case Kind::kMulticast:
      return engine.send_multicast(message.packet, message.nodes, now);
    case Kind::kReduction:
      return engine.send_reduction(message.packet, message.nodes, now);
  }
}

Outcome run(const Network& network,
            const RouterConfig& config,
            const std::vector<Message>& messages,
            Tick step = RouterEngine::kNoTick) {
  RouterEngine engine(network.graph, network.routes, config);
  Tick now = 0;
  for (const Message& message : messages) {
    while (now < message.at) {
      now += std::min(message.at - now, step);
      engine.advance(now - 1);
    }
    send(engine, message, message.at);
  }
  engine.advance(RouterEngine::kNoTick);
  return {engine.deliveries(),
          {flits_of(engine.link_loads()), flits_of(engine.node_in_loads()),
           flits_of(engine.node_out_loads())},
          engine.flit_hops(),
          engine.packets_in_flight(),
          engine.mean_occupancy()};
}

RouterConfig with_trees(RouterConfig config, std::uint32_t tree_buffer_flits) {
  config.traffic_classes = 3;
  config.multicast_class = kMulticastClass;
  config.reduction_class = kReductionClass;
  config.tree_buffer_flits = tree_buffer_flits;
  return config;
}

std::vector<std::uint32_t> some_nodes(Draw& draw, const Network& network) {
  std::vector<std::uint32_t> nodes(network.graph.nodes.size());
  std::iota(nodes.begin(), nodes.end(), 0U);
  for (std::size_t i = nodes.size(); i > 1; --i) {
    std::swap(nodes[i - 1], nodes[draw.below(static_cast<std::uint32_t>(i))]);
  }
  nodes.resize(draw.between(1, static_cast<std::uint32_t>(nodes.size())));
  return nodes;
}

// A reduction's `packet.source` and a multicast's `packet.destination` say nothing.
Message random_message(Draw& draw, const Network& network, Kind kind, std::uint32_t longest) {
  const auto nodes = static_cast<std::uint32_t>(network.graph.nodes.size());
  Message message{.kind = kind, .packet = {}, .nodes = {}, .at = 0};
  message.packet = {.source = draw.below(nodes),
                    .destination = draw.below(nodes),
                    .flits = draw.between(1, longest),
                    .traffic_class = static_cast<std::uint32_t>(kind)};
  if (kind != Kind::kUnicast) {
    message.nodes = some_nodes(draw, network);
  }
  return message;
}

// ---- alone ---------------------------------------------------------------------------------

struct Lone {
  Flits flits;
  std::vector<Tick> latencies;  // in the order of the destinations
  bool operator==(const Lone&) const = default;
};

void PrintTo(const Lone& lone, std::ostream* out) {
  PrintTo(lone.flits, out);
  *out << fmt::format(", latencies {}", fmt::join(lone.latencies, " "));
}

Lone lone(const Network& network, const RouterConfig& config, const Message& message) {
  const Outcome outcome = run(network, config, {message});
  EXPECT_EQ(outcome.left, 0U);
  Lone seen{outcome.flits, {}};
  const std::vector<Packet> ways = ways_through(message);
  const std::size_t expected = message.kind == Kind::kMulticast ? ways.size() : 1;
  EXPECT_EQ(outcome.deliveries.size(), expected);
  for (std::size_t i = 0; i < expected; ++i) {
    for (const Delivery& delivery : outcome.deliveries) {
      if (delivery.packet.destination == ways[i].destination) {
        EXPECT_EQ(delivery.created, message.at);
        seen.latencies.push_back(delivery.delivered - message.at);
      }
    }
  }
  return seen;
}

// By route set. A multicast reaches each destination as a packet to it alone would. A reduction
// goes on from each router when the last of its parts has come there, and all take the same way
// from there on: it takes as long as the part with the longest way.
std::vector<Lone> lone_by_closed_form(const Network& network,
                                      const RouterConfig& config,
                                      const Message& message) {
  std::vector<Lone> all;
  for (std::size_t set = 0; set < network.routes.sets.size(); ++set) {
    Lone& expected = all.emplace_back(Lone{no_flits(network.graph), {}});
    add_tree(expected.flits, network, message, set);
    for (const Packet& way : ways_through(message)) {
      expected.latencies.push_back(way_of(network, config, way, set).head_cycles +
                                   Tick{way.flits - 1} * config.switch_alloc_cycles);
    }
    if (message.kind == Kind::kReduction) {
      expected.latencies = {
          *std::max_element(expected.latencies.begin(), expected.latencies.end())};
    }
  }
  return all;
}

constexpr std::uint32_t kLongestLone = 60;

void compare_lone(Draw& draw, const Network& network, RouterConfig config) {
  for (const Kind kind : {Kind::kMulticast, Kind::kReduction}) {
    const Message message = random_message(draw, network, kind, kLongestLone);
    SCOPED_TRACE(
        fmt::format("{} of {} flits, node {} and {}; {}",
                    kind == Kind::kMulticast ? "multicast" : "reduction", message.packet.flits,
                    kind == Kind::kMulticast ? message.packet.source : message.packet.destination,
                    fmt::join(message.nodes, " "), describe(config)));
    ASSERT_THAT(lone_by_closed_form(network, config, message),
                Contains(lone(network, config, message)));
  }
}

// 4 cycles a router and 2, and the flits that follow the first.
TEST(RouterTreesClosedForm, ALoneTreeLoadsItsLinksOnceAndTakesTheTimeOfItsWays) {
  for (std::uint64_t seed = 0; seed < 400 && !HasFatalFailure(); ++seed) {
    Draw draw(seed);
    Network network = random_network(draw);
    for (GraphLink& link : network.graph.links) {
      link.latency_cycles = 1;
    }
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, network.name));
    RouterConfig config = with_trees({}, kLongestLone);
    config.vcs = std::max(2U, network.routes.vc_classes);
    ASSERT_EQ(way_of(network, config, {.source = 0, .destination = 0}, 0).head_cycles, 4U + 2);
    compare_lone(draw, network, config);
  }
}

// Reductions need no buffer for the whole packet, but as ever one for the time until a credit is
// back: seven flits at the defaults.
TEST(RouterTreesClosedForm, ALoneReductionIsAsFastWithBuffersOfARoundTrip) {
  for (std::uint64_t seed = 500; seed < 600 && !HasFatalFailure(); ++seed) {
    Draw draw(seed);
    Network network = random_network(draw);
    for (GraphLink& link : network.graph.links) {
      link.latency_cycles = 1;
    }
    RouterConfig config = with_trees({}, 0);
    config.vcs = std::max(2U, network.routes.vc_classes);
    config.buffer_flits = 7;
    const Message message = random_message(draw, network, Kind::kReduction, kLongestLone);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, network.name));
    ASSERT_THAT(lone_by_closed_form(network, config, message),
                Contains(lone(network, config, message)));
  }
}

TEST(RouterTreesClosedForm, AlsoWithAnyStagesLanesAndDelays) {
  for (std::uint64_t seed = 1'000; seed < 1'400 && !HasFatalFailure(); ++seed) {
    Draw draw(seed);
    Network network = random_network(draw);
    give_wires_their_own(network.graph, draw);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, network.name));
    RouterConfig config = with_trees(random_config(draw, network.routes), 80);
    config.switch_alloc_cycles = draw.between(1, 3);
    config.vcs = std::min(config.vcs, 21U);
    compare_lone(draw, network, config);
  }
}

// Flits on wires whose rates do not divide may pass the end of a slow one before a cycle is over.
constexpr Tick kPartOfACycle = 1;

TEST(RouterTreesClosedForm, NoTreeIsFasterThanItsWires) {
  for (std::uint64_t seed = 2'000; seed < 2'400; ++seed) {
    Draw draw(seed);
    Network network = random_network(draw);
    network.routes.sets.resize(1);
    give_wires_any_width(network.graph, draw);
    const RouterConfig config = with_trees(random_config(draw, network.routes), kLongestLone);
    for (const Kind kind : {Kind::kMulticast, Kind::kReduction}) {
      const Message message = random_message(draw, network, kind, draw.of(std::vector{1U, 60U}));
      const std::vector<Tick> latencies = lone(network, config, message).latencies;
      const std::vector<Packet> ways = ways_through(message);
      for (std::size_t i = 0; i < ways.size(); ++i) {
        ASSERT_GE(latencies[kind == Kind::kMulticast ? i : 0] + kPartOfACycle,
                  way_of(network, config, ways[i], 0).least_cycles)
            << "seed " << seed << ": " << network.name << ", from " << ways[i].source << " to "
            << ways[i].destination;
      }
    }
  }
}

// ---- among others --------------------------------------------------------------------------

struct Mix {
  Network network;
  RouterConfig config;
  std::vector<Message> messages;
  std::string text;
};

Mix random_mix(std::uint64_t seed) {
  Draw draw(seed);
  Mix mix{random_network(draw), {}, {}, {}};
  Network& network = mix.network;
  if (draw.below(2) == 0) {
    give_wires_their_own(network.graph, draw);
  }
  if (draw.below(2) == 0) {
    give_wires_any_width(network.graph, draw);
  }
  // One set of routes, that the sum of all trees be known.
  std::swap(
      network.routes.sets[0],
      network.routes.sets[draw.below(static_cast<std::uint32_t>(network.routes.sets.size()))]);
  network.routes.sets.resize(1);
  const std::uint32_t longest = draw.of(std::vector{1U, 5U, 20U, 50U});
  mix.config = with_trees(random_config(draw, network.routes), longest + draw.below(3) * 10);
  mix.config.alone = draw.below(4) == 0 ? RouterConfig::Reach{16, 1} : mix.config.alone;
  mix.config.contended = draw.below(4) == 0 ? RouterConfig::Reach{2, 4} : mix.config.contended;

  // Of flits that a node takes in a cycle.
  const double load = draw.of(std::vector{0.05, 0.2, 0.5, 1.5});
  const auto nodes = static_cast<std::uint32_t>(network.graph.nodes.size());
  const auto chance = static_cast<std::uint32_t>(load / (1.0 + longest) * 2e6);
  for (Tick at = 0; at < 150; ++at) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      if (draw.below(1'000'000) >= chance) {
        continue;
      }
      const auto kind = static_cast<Kind>(draw.below(3));
      if (kind != Kind::kUnicast && draw.below(nodes / 3 + 1) > 0) {
        continue;  // it goes to half of the nodes
      }
      Message message = random_message(draw, network, kind, longest);
      message.at = at;
      message.packet.tag = mix.messages.size();
      mix.messages.push_back(message);
    }
  }
  mix.text = fmt::format("seed {}: {}; {}; load {}, {} messages of up to {} flits", seed,
                         network.name, describe(mix.config), load, mix.messages.size(), longest);
  return mix;
}

constexpr std::uint64_t kFirstMix = 3'000, kLastMix = 3'150;

TEST(RouterTreesProperty, AllMessagesArriveWhereTheyMustAndAllRunsEnd) {
  for (std::uint64_t seed = kFirstMix; seed < kLastMix; ++seed) {
    const Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    const Outcome outcome = run(mix.network, mix.config, mix.messages);
    ASSERT_EQ(outcome.left, 0U);
    std::vector<std::vector<std::uint32_t>> came(mix.messages.size());
    for (const Delivery& delivery : outcome.deliveries) {
      const Message& message = mix.messages.at(delivery.packet.tag);
      came[delivery.packet.tag].push_back(delivery.packet.destination);
      ASSERT_EQ(std::tuple(delivery.created, delivery.packet.flits, delivery.packet.traffic_class),
                std::tuple(message.at, message.packet.flits, message.packet.traffic_class));
      ASSERT_LT(delivery.vc, mix.config.vcs);
      if (message.kind != Kind::kReduction) {
        ASSERT_EQ(delivery.packet.source, message.packet.source);
      }
    }
    for (const Message& message : mix.messages) {
      const std::vector<std::uint32_t> one{message.packet.destination};
      ASSERT_THAT(came[message.packet.tag],
                  ::testing::UnorderedElementsAreArray(
                      message.kind == Kind::kMulticast ? message.nodes : one));
    }
  }
}

TEST(RouterTreesProperty, WiresCarryTheSumOfAllTrees) {
  for (std::uint64_t seed = kFirstMix; seed < kLastMix; ++seed) {
    const Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    const Outcome outcome = run(mix.network, mix.config, mix.messages);
    Flits expected = no_flits(mix.network.graph);
    for (const Message& message : mix.messages) {
      add_tree(expected, mix.network, message, 0);
    }
    ASSERT_EQ(outcome.flits, expected);
    const auto sum = [](const std::vector<std::uint64_t>& flits) {
      return std::accumulate(flits.begin(), flits.end(), std::uint64_t{0});
    };
    EXPECT_EQ(outcome.flit_hops, sum(expected.links) + sum(expected.node_in));
  }
}

TEST(RouterTreesProperty, NothingIsFasterThanItsWays) {
  for (std::uint64_t seed = kFirstMix; seed < kLastMix; ++seed) {
    const Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    for (const Delivery& delivery : run(mix.network, mix.config, mix.messages).deliveries) {
      const Message& message = mix.messages[delivery.packet.tag];
      for (const Packet& way : ways_through(message)) {
        if (way.destination == delivery.packet.destination) {
          ASSERT_GE(delivery.delivered - delivery.created + kPartOfACycle,
                    way_of(mix.network, mix.config, way, 0).least_cycles)
              << "message " << way.tag << " from " << way.source << " to " << way.destination;
        }
      }
    }
  }
}

TEST(RouterTreesProperty, NoBufferHoldsMoreThanItsPlaces) {
  for (std::uint64_t seed = kFirstMix; seed < kLastMix; ++seed) {
    Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    for (GraphLink& link : mix.network.graph.links) {
      link.bytes_per_cycle = link.lanes * kFlitBytes;
    }
    for (GraphNode& node : mix.network.graph.nodes) {
      node.bytes_per_cycle = node.lanes * kFlitBytes;
    }
    const std::vector<double> occupancy = run(mix.network, mix.config, mix.messages).occupancy;
    const std::size_t vcs = std::size_t{mix.config.vcs} * mix.config.traffic_classes;
    ASSERT_EQ(occupancy.size(), mix.network.graph.links.size() * vcs);
    for (std::size_t i = 0; i < occupancy.size(); ++i) {
      const GraphLink& link = mix.network.graph.links[i / vcs];
      std::uint32_t places = link.buffer_flits > 0 ? link.buffer_flits : mix.config.buffer_flits;
      if (i % vcs >= mix.config.vcs) {
        places = std::max(places, mix.config.tree_buffer_flits);
      }
      ASSERT_GE(occupancy[i], 0);
      ASSERT_LE(occupancy[i], places * link.lanes) << link.name;
    }
  }
}

TEST(RouterTreesProperty, EqualRunsAreEqualHoweverTimeIsAdvanced) {
  const auto seen = [](const Outcome& outcome) {
    std::vector<std::tuple<std::uint64_t, std::uint32_t, Tick, std::uint32_t, std::uint32_t>> all;
    for (const Delivery& d : outcome.deliveries) {
      all.emplace_back(d.packet.tag, d.packet.destination, d.delivered, d.hops, d.vc);
    }
    return all;
  };
  for (std::uint64_t seed = kFirstMix; seed < kFirstMix + 40; ++seed) {
    const Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    const Outcome first = run(mix.network, mix.config, mix.messages);
    for (const Tick step : {RouterEngine::kNoTick, Tick{1}, Tick{7}}) {
      const Outcome again = run(mix.network, mix.config, mix.messages, step);
      ASSERT_EQ(seen(again), seen(first));
      ASSERT_EQ(again.flits, first.flits);
      ASSERT_EQ(again.flit_hops, first.flit_hops);
    }
  }
}

// A tree without a branch is a packet like any other.
TEST(RouterTreesProperty, AMulticastToOneIsAPacket) {
  for (std::uint64_t seed = kFirstMix; seed < kFirstMix + 60; ++seed) {
    Mix mix = random_mix(seed);
    SCOPED_TRACE(mix.text);
    mix.config.tree_buffer_flits = 60;
    mix.config.buffer_flits = 60;
    for (GraphLink& link : mix.network.graph.links) {
      link.buffer_flits = 0;
    }
    for (GraphNode& node : mix.network.graph.nodes) {
      node.send_buffer_flits = node.receive_buffer_flits = 0;
    }
    std::vector<Message> multicasts, packets;
    for (const Message& message : mix.messages) {
      Message& packet = packets.emplace_back(message);
      packet.kind = Kind::kUnicast;
      packet.packet.traffic_class = 0;
      Message& multicast = multicasts.emplace_back(packet);
      multicast.kind = Kind::kMulticast;
      multicast.packet.traffic_class = kMulticastClass;
      multicast.nodes = {packet.packet.destination};
    }
    const Outcome trees = run(mix.network, mix.config, multicasts);
    const Outcome plain = run(mix.network, mix.config, packets);
    ASSERT_EQ(trees.deliveries.size(), plain.deliveries.size());
    for (std::size_t i = 0; i < trees.deliveries.size(); ++i) {
      ASSERT_EQ(trees.deliveries[i].packet.tag, plain.deliveries[i].packet.tag);
      ASSERT_EQ(trees.deliveries[i].delivered, plain.deliveries[i].delivered);
    }
    ASSERT_EQ(trees.flits, plain.flits);
  }
}

// ---- rates ---------------------------------------------------------------------------------

Network crossbar(std::uint32_t nodes) {
  Network network{"crossbar", make_crossbar(std::vector<std::uint64_t>(nodes, kFlitBytes)), {}};
  network.routes = shortest_path_routes(network.graph);
  return network;
}

// Flits to each node in cycles 200 to 999.
std::vector<double> rates(const Network& network,
                          const RouterConfig& config,
                          const std::vector<Message>& messages) {
  RouterEngine engine(network.graph, network.routes, config);
  for (const Message& message : messages) {
    send(engine, message, message.at);
  }
  engine.advance(199);
  const std::vector<std::uint64_t> before = flits_of(engine.node_in_loads());
  engine.advance(999);
  std::vector<double> rates;
  for (std::size_t node = 0; node < before.size(); ++node) {
    rates.push_back(static_cast<double>(engine.node_in_loads()[node].flits - before[node]) / 800);
  }
  engine.advance(RouterEngine::kNoTick);
  EXPECT_EQ(engine.packets_in_flight(), 0U);
  return rates;
}

std::vector<Message> stream(std::uint32_t source,
                            const std::vector<std::uint32_t>& nodes,
                            std::uint32_t flits,
                            std::uint32_t messages) {
  return std::vector<Message>(
      messages, {.kind = Kind::kMulticast,
                 .packet = {.source = source, .flits = flits, .traffic_class = kMulticastClass},
                 .nodes = nodes,
                 .at = 0});
}

std::vector<Message> operator+(std::vector<Message> a, const std::vector<Message>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(RouterTreesRate, AStreamOfMulticastsFillsTheWiresOfAllItsDestinations) {
  for (const std::uint32_t nodes : {3U, 9U, 70U}) {  // of one and of several words of masks
    for (const std::uint32_t flits : {1U, 4U, 17U}) {
      const Network network = crossbar(nodes);
      std::vector<std::uint32_t> destinations(nodes - 1);
      std::iota(destinations.begin(), destinations.end(), 1U);
      const std::vector<double> flits_a_cycle =
          rates(network, with_trees({}, 32), stream(0, destinations, flits, 1'100 / flits));
      EXPECT_EQ(flits_a_cycle[0], 0);
      for (const std::uint32_t node : destinations) {
        EXPECT_NEAR(flits_a_cycle[node], 1, 0.01)
            << "node " << node << " of " << nodes << ", packets of " << flits;
      }
    }
  }
}

TEST(RouterTreesRate, MulticastsThatMeetShareTheRateOfTheirWire) {
  for (const std::uint32_t flits : {1U, 4U, 17U}) {
    const std::vector<double> flits_a_cycle =
        rates(crossbar(5), with_trees({}, 32),
              stream(0, {2, 3}, flits, 1'100 / flits) + stream(1, {3, 4}, flits, 1'100 / flits));
    EXPECT_NEAR(flits_a_cycle[3], 1, 0.01) << "packets of " << flits;
    EXPECT_NEAR(flits_a_cycle[2], 0.5, 0.03) << "packets of " << flits;
    EXPECT_NEAR(flits_a_cycle[4], 0.5, 0.03) << "packets of " << flits;
  }
}

// What branches at a router and what does not share its ports; no output that has work may sleep.
TEST(RouterTreesRate, AnOutputThatManyWantIsNeverIdle) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Draw draw(seed);
    const std::uint32_t nodes = draw.of(std::vector{4U, 6U, 70U});
    RouterConfig config = with_trees({}, 32);
    config.vcs = draw.between(2, 4);  // one pauses between packets
    config.allocation_passes = draw.between(1, 2);
    config.alone = draw.below(2) == 0 ? kFlitByFlit : config.alone;
    const std::uint32_t longest = draw.of(std::vector{2U, 8U, 32U});
    std::vector<Message> messages;
    for (std::uint32_t source = 1; source < 4; ++source) {
      for (std::uint32_t flits = 0; flits < 500;) {
        Message message{.kind = Kind::kMulticast, .packet = {}, .nodes = {0}, .at = 0};
        message.packet = {
            .source = source, .flits = draw.between(1, longest), .traffic_class = kMulticastClass};
        if (draw.below(2) == 0) {
          message.nodes.push_back(draw.between(1, 3));
        }
        flits += message.packet.flits;
        messages.push_back(message);
      }
    }
    EXPECT_GT(rates(crossbar(nodes), config, messages)[0], 0.97)
        << "seed " << seed << ", " << nodes << " nodes, packets of up to " << longest << "; "
        << describe(config);
  }
}

// A few messages, so that nothing else wakes a router that has gone to sleep over work.
TEST(RouterTreesRate, AFewMessagesToOneNodeComeWithoutAPause) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Draw draw(seed);
    RouterConfig config = with_trees({}, 32);
    config.vcs = draw.between(2, 4);
    config.allocation_passes = draw.between(1, 2);
    std::vector<Message> messages;
    Tick flits = 0;
    for (std::uint32_t i = draw.between(2, 6); i > 0; --i) {
      Message message{.kind = Kind::kMulticast, .packet = {}, .nodes = {0}, .at = 0};
      message.packet = {.source = draw.between(1, 2),
                        .flits = draw.between(1, 32),
                        .traffic_class = kMulticastClass};
      if (draw.below(2) == 0) {
        message.nodes.push_back(3);
      }
      flits += message.packet.flits;
      messages.push_back(message);
    }
    Tick last = 0;
    for (const Delivery& delivery : run(crossbar(4), config, messages).deliveries) {
      last = std::max(last, delivery.delivered);
    }
    constexpr Tick kAlone = 4 + 2;
    EXPECT_LT(last, kAlone + flits + messages.size()) << "seed " << seed;
  }
}

// ---- many reductions -----------------------------------------------------------------------

// All nodes of a mesh to all of them, as many at once: with one virtual channel one goes after the
// other, each in the time of a lone one and the cycle in which the next starts.
TEST(RouterTreesReduction, MoreThanThereAreVirtualChannelsTakeTurns) {
  Network network{"mesh", make_mesh(4, 4, {kFlitBytes, 1}), {}};
  attach_one_node_per_router(network.graph, kFlitBytes);
  network.routes = dimension_order_routes(4, 4, network.graph);
  std::vector<std::uint32_t> all(16);
  std::iota(all.begin(), all.end(), 0U);
  for (const std::uint32_t vcs : {1U, 2U, 4U}) {
    RouterConfig config = with_trees({}, 0);
    config.vcs = vcs;
    std::vector<Message> messages;
    Tick one_by_one = 0;
    for (std::uint32_t i = 0; i < 64; ++i) {
      messages.push_back({.kind = Kind::kReduction,
                          .packet = {.destination = i % 16,
                                     .flits = 1 + i % 20,
                                     .traffic_class = kReductionClass,
                                     .tag = i},
                          .nodes = all,
                          .at = 0});
      one_by_one += lone(network, config, messages.back()).latencies.at(0);
    }
    const Outcome outcome = run(network, config, messages);
    EXPECT_EQ(outcome.left, 0U);
    ASSERT_EQ(outcome.deliveries.size(), 64U);
    Tick last = 0;
    for (const Delivery& delivery : outcome.deliveries) {
      last = std::max(last, delivery.delivered);
    }
    EXPECT_LE(last, one_by_one);
    if (vcs == 1) {
      // The next starts in the cycle before the last flit is at the node.
      EXPECT_EQ(last, one_by_one - 63);
    }
  }
}

// ---- what is refused -----------------------------------------------------------------------

class RouterTreesRefusal : public ::testing::Test {
 protected:
  RouterTreesRefusal() : network_(crossbar(3)), config_(with_trees({}, 8)) {}

  std::string refusal(const Message& message) const {
    RouterEngine engine(network_.graph, network_.routes, config_);
    try {
      send(engine, message, message.at);
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(engine.packets_in_flight(), 0U);
      EXPECT_EQ(engine.next_tick(), RouterEngine::kNoTick);
      return error.what();
    } catch (const std::logic_error& error) {
      return std::string("logic_error: ") + error.what();
    }
    engine.advance(RouterEngine::kNoTick);
    EXPECT_EQ(engine.packets_in_flight(), 0U);
    return "";
  }
  static Message message(Kind kind, std::vector<std::uint32_t> nodes) {
    return {.kind = kind,
            .packet = {.source = 0,
                       .destination = 1,
                       .flits = 8,
                       .traffic_class = static_cast<std::uint32_t>(kind)},
            .nodes = std::move(nodes),
            .at = 0};
  }

  Network network_;
  RouterConfig config_;
};

TEST_F(RouterTreesRefusal, NothingOfWhatIsRight) {
  EXPECT_EQ(refusal(message(Kind::kUnicast, {})), "");
  EXPECT_EQ(refusal(message(Kind::kMulticast, {0, 1, 2})), "");
  EXPECT_EQ(refusal(message(Kind::kReduction, {0, 1, 2})), "");
  for (const Kind kind : {Kind::kUnicast, Kind::kMulticast, Kind::kReduction}) {
    Message next = message(kind, {0});
    next.at = 1;
    EXPECT_EQ(refusal(next), "");
  }
}

TEST_F(RouterTreesRefusal, PacketsOfNoFlitsAndNodesAndClassesThatAreNotThere) {
  for (const Kind kind : {Kind::kUnicast, Kind::kMulticast, Kind::kReduction}) {
    const std::string own_class = std::to_string(static_cast<std::uint32_t>(kind));
    const std::string tail = " in class " + own_class + ", on 3 nodes with 3 classes";
    Message wrong = message(kind, {1});
    wrong.packet.flits = 0;
    EXPECT_THAT(refusal(wrong), ::testing::StartsWith("a packet of 0 flits from node "));
    wrong = message(kind, {1});
    wrong.packet.traffic_class = 3;
    EXPECT_THAT(refusal(wrong), ::testing::HasSubstr("in class 3"));
    wrong = message(kind, {1});
    if (kind != Kind::kReduction) {
      wrong.packet.source = 3;
      EXPECT_EQ(refusal(wrong), "a packet of 8 flits from node 3 to node 1" + tail);
    } else {
      wrong.nodes = {0, 3};
      EXPECT_EQ(refusal(wrong), "a packet of 8 flits from node 3 to node 1" + tail);
    }
    wrong = message(kind, {0});
    if (kind != Kind::kMulticast) {
      wrong.packet.destination = 3;
    } else {
      wrong.nodes = {0, 3};
    }
    EXPECT_EQ(refusal(wrong), "a packet of 8 flits from node 0 to node 3" + tail);
  }
}

TEST_F(RouterTreesRefusal, AnotherTimeThanNowAndNext) {
  for (const Kind kind : {Kind::kUnicast, Kind::kMulticast, Kind::kReduction}) {
    Message late = message(kind, {0});
    late.at = 2;
    EXPECT_EQ(refusal(late),
              "logic_error: a packet sent in cycle 2, but the network stands in cycle 0");
  }
}

TEST_F(RouterTreesRefusal, PacketsInClassesOfTrees) {
  Message wrong = message(Kind::kUnicast, {});
  wrong.packet.traffic_class = kMulticastClass;
  EXPECT_EQ(refusal(wrong), "class 1 is for trees");
  wrong.packet.traffic_class = kReductionClass;
  EXPECT_EQ(refusal(wrong), "class 2 is for trees");
}

TEST_F(RouterTreesRefusal, TreesInOtherClassesThanTheirs) {
  for (const std::uint32_t wrong_class : {0U, 2U}) {
    Message wrong = message(Kind::kMulticast, {1, 2});
    wrong.packet.traffic_class = wrong_class;
    EXPECT_EQ(refusal(wrong), fmt::format("a multicast to 2 nodes in class {}, which is not that "
                                          "of multicast",
                                          wrong_class));
  }
  for (const std::uint32_t wrong_class : {0U, 1U}) {
    Message wrong = message(Kind::kReduction, {1, 2});
    wrong.packet.traffic_class = wrong_class;
    EXPECT_EQ(refusal(wrong), fmt::format("a reduction of 2 nodes in class {}, which is not that "
                                          "of reductions",
                                          wrong_class));
  }
}

TEST_F(RouterTreesRefusal, TreesOfNoNodes) {
  EXPECT_EQ(refusal(message(Kind::kMulticast, {})),
            "a multicast to 0 nodes in class 1, which is not that of multicast");
  EXPECT_EQ(refusal(message(Kind::kReduction, {})),
            "a reduction of 0 nodes in class 2, which is not that of reductions");
}

TEST_F(RouterTreesRefusal, TreesWithANodeTwice) {
  EXPECT_EQ(refusal(message(Kind::kMulticast, {2, 1, 2})), "a multicast to node 2 twice");
  EXPECT_EQ(refusal(message(Kind::kReduction, {0, 2, 0})), "a reduction of node 0 twice");
}

TEST_F(RouterTreesRefusal, MulticastPacketsThatTheirBuffersDoNotHold) {
  Message wrong = message(Kind::kMulticast, {1});
  wrong.packet.flits = 9;
  EXPECT_EQ(refusal(wrong), "a multicast packet of 9 flits, but buffers of trees hold 8");
}

}  // namespace
}  // namespace orrery
