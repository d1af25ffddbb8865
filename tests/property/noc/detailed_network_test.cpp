// SPDX-License-Identifier: Apache-2.0
#include "noc/detailed_network.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <rapidcheck.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "noc/fast_network.h"
#include "noc/station_graph.h"
#include "sim/clock.h"
#include "tests/property/noc/random_network.h"

// The detailed tier as a plain engine, on any legal network.
namespace orrery {
namespace {

// Small messages: a flit costs time here.
constexpr std::size_t kMostShares = 4;
constexpr std::uint64_t kMostBytes = 4'000;

std::vector<RandomMessage> few_messages(const NodeLayout& layout) {
  return any_messages(layout, 12, kMostShares, kMostBytes);
}

void carry(NetworkEngine& network, std::uint64_t ticket, const RandomMessage& message) {
  if (message.request) {
    network.carry_request(ticket, message.core, message.shares, message.access, message.now_fs);
  } else {
    network.carry_response(ticket, message.shares, message.access,
                           Receivers{message.core, message.receivers}, message.now_fs);
  }
}

// Takes out what is known at `now_fs`: each ticket once, and none too late.
void take(NetworkEngine& network, Femtoseconds now_fs, std::vector<Femtoseconds>& arrivals_fs) {
  for (const NetworkEngine::Arrival& arrival : network.arrivals()) {
    RC_ASSERT(arrivals_fs.at(arrival.ticket) == kNever);
    RC_ASSERT(arrival.at_fs >= now_fs);
    arrivals_fs[arrival.ticket] = arrival.at_fs;
  }
  network.arrivals().clear();
}

// When each message arrives. `look_fs` are further times at which the engine is advanced.
std::vector<Femtoseconds> drive(NetworkEngine& network,
                                const std::vector<RandomMessage>& messages,
                                const std::vector<Femtoseconds>& look_fs = {}) {
  std::vector<Femtoseconds> arrivals_fs(messages.size(), kNever);
  std::size_t sent = 0;
  std::size_t looked = 0;
  while (true) {
    const Femtoseconds send_fs = sent < messages.size() ? messages[sent].now_fs : kNever;
    const Femtoseconds next_fs = looked < look_fs.size() ? look_fs[looked] : kNever;
    const Femtoseconds now_fs = std::min({send_fs, next_fs, network.next_event()});
    if (now_fs == kNever) {
      break;
    }
    network.advance(now_fs);
    take(network, now_fs, arrivals_fs);
    for (; looked < look_fs.size() && look_fs[looked] == now_fs; ++looked) {
    }
    for (; sent < messages.size() && messages[sent].now_fs == now_fs; ++sent) {
      carry(network, sent, messages[sent]);
    }
    take(network, now_fs, arrivals_fs);
  }
  for (const Femtoseconds arrival_fs : arrivals_fs) {
    RC_ASSERT(arrival_fs != kNever);
  }
  return arrivals_fs;
}

// ---- a lone message ------------------------------------------------------------------------

std::uint64_t data_bytes(const RandomMessage& message, const Share& share) {
  return message.request == (message.access == Access::kWrite) ? share.bytes : 0;
}

// Flits of each packet of a message.
std::vector<std::uint64_t> packets_of(const NetworkConfig& config, std::uint64_t bytes) {
  const std::uint64_t most = config.detailed.packet_bytes - config.header_bytes;
  std::vector<std::uint64_t> packets;
  do {
    const std::uint64_t part = std::min(bytes, most);
    const std::uint64_t flits = ceil_div(config.header_bytes + part, config.detailed.flit_bytes);
    packets.push_back(std::max<std::uint64_t>(flits, 1));
    bytes -= part;
  } while (bytes > 0);
  return packets;
}

// The part of a share whose closed form is no later than the share's arrival. Where two ways are
// equally long, packets take both.
Share surely_one_way(const RandomNetwork& random, Share share) {
  if (build_stations(random.config, random.layout).routes.sets.size() > 1) {
    share.bytes = share.bytes / 2 - std::min(share.bytes / 2, random.config.header_bytes);
  }
  return share;
}

RandomMessage any_lone_message(const NodeLayout& layout) {
  RandomMessage message = any_messages(layout, 1, 1, 20'000).front();
  message.receivers = 1;
  return message;
}

// On a wire whose flits take no whole number of cycles, a segment uses what is left of the last
// cycle of the one before, and the time at which it goes on may be rounded down.
Femtoseconds rounded_down(const NetworkConfig& config,
                          const Topology& topology,
                          const RandomMessage& message) {
  Femtoseconds rounded_fs = 0;
  for (const Share& share : message.shares) {
    for (NodeId core = message.core; core < message.core + message.receivers; ++core) {
      std::uint64_t uneven = 0;
      for (const LinkId id :
           message.request ? topology.route(core, share.node) : topology.route(share.node, core)) {
        const std::uint64_t width = topology.links()[id].rate.amount;
        const std::uint64_t lanes = ceil_div(width, config.detailed.flit_bytes);
        uneven += config.detailed.flit_bytes * lanes % width == 0 ? 0 : 1;
      }
      rounded_fs = std::max(rounded_fs, Clock(config.clock_hz).to_fs(2 * uneven));
    }
  }
  return rounded_fs;
}

// What lies between the tiers for one message that has the network to itself:
// - up to a cycle until the next clock edge;
// - headers and padding of its packets;
// - a lane sends a flit in a whole number of cycles, a virtual channel one every `switch_alloc`;
// - packets share the lanes of a wire, and where lanes meet its virtual channels;
// - a packet passes the router's stages, and from a slow wire to a fast one a segment of it (a
//   quarter, or four flits) goes on whole;
// - packets that share a virtual channel do both one after the other.
Femtoseconds most_of_a_lone_message(const RandomNetwork& random,
                                    const Topology& topology,
                                    const RandomMessage& message) {
  const NetworkConfig& config = random.config;
  const NodeId from = message.request ? message.core : message.shares[0].node;
  const NodeId to = message.request ? message.shares[0].node : message.core;
  const std::vector<std::uint64_t> packets =
      packets_of(config, data_bytes(message, message.shares[0]));
  const std::uint64_t segment =
      std::min(packets.front(), std::max<std::uint64_t>(4, packets.front() / 4));
  const std::uint32_t vcs =
      config.detailed.vcs / build_stations(config, random.layout).routes.vc_classes;
  const Clock clock(config.clock_hz);
  Femtoseconds head_fs = clock.to_fs(1);
  Femtoseconds slowest_fs = 0;
  for (const LinkId id : topology.route(from, to)) {
    const Link& link = topology.links()[id];
    const std::uint64_t lanes = ceil_div(link.rate.amount, config.detailed.flit_bytes);
    const std::uint64_t flit_cycles =
        std::max<std::uint64_t>(ceil_div(config.detailed.flit_bytes * lanes, link.rate.amount),
                                config.detailed.switch_alloc_cycles);
    const std::uint64_t side_by_side = std::min<std::uint64_t>(lanes, vcs);
    const std::size_t in_a_row =
        std::min(packets.size(), ceil_div(packets.size(), side_by_side) + packets.size() / 8);
    const std::uint64_t flits = std::accumulate(
        packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(in_a_row), std::uint64_t{0});
    const std::uint64_t segments = vcs == 1 ? packets.size() : 1;
    head_fs += link.latency_fs + clock.to_fs(segments * segment * flit_cycles);
    slowest_fs = std::max(slowest_fs, clock.to_fs(flits * flit_cycles));
  }
  return head_fs + slowest_fs + clock.to_fs(packets.size() * config.detailed.router_cycles());
}

TEST(DetailedNetworkProperty, ALoneMessageTakesAsLongAsInTheFastTierWithinRounding) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const RandomMessage message = any_lone_message(random.layout);
    RC_LOG() << describe(random) << "\n" << describe(message) << "\n";
    FastNetwork fast(random.config, random.layout);
    DetailedNetwork network(random.config, random.layout);
    const Femtoseconds fast_fs = carry(fast, message) - message.now_fs;
    const Femtoseconds detailed_fs = drive(network, {message}).front() - message.now_fs;
    const Femtoseconds most_fs = most_of_a_lone_message(random, fast.topology(), message);
    RC_LOG() << "fast " << fast_fs << " fs, detailed " << detailed_fs << " fs, at most " << most_fs;
    RandomMessage one_way = message;
    one_way.shares[0] = surely_one_way(random, message.shares[0]);
    fast.reset();
    const Femtoseconds least_fs = carry(fast, one_way) - message.now_fs;
    RC_ASSERT(detailed_fs + rounded_down(random.config, fast.topology(), message) >= least_fs);
    RC_ASSERT(detailed_fs <= most_fs);
  });
  EXPECT_TRUE(ok);
}

// Without anything to round: whole flits, lanes of one flit a cycle, one packet, on a clock edge.
TEST(DetailedNetworkProperty, WithNothingToRoundBothTiersAgreeToTheFemtosecond) {
  const bool ok = rc::check([] {
    RandomNetwork random = any_detailed_network();
    NetworkConfig& config = random.config;
    const auto flits = *rc::gen::inRange<std::uint64_t>(1, 60);
    config.detailed.flit_bytes = 64;
    config.detailed.packet_bytes = 64 * 64;
    config.detailed.switch_alloc_cycles = 1;  // else a flit takes as many cycles
    config.header_bytes = 64;
    widen(config, [](std::uint64_t& width) { width = 64; });
    RandomMessage message = any_lone_message(random.layout);
    message.shares[0].bytes = 64 * flits;
    message.now_fs = Clock(config.clock_hz).to_fs(*rc::gen::inRange<std::uint64_t>(0, 100));
    RC_LOG() << describe(random) << "\n" << describe(message) << "\n";
    FastNetwork fast(config, random.layout);
    DetailedNetwork network(config, random.layout);
    RC_ASSERT(drive(network, {message}).front() == carry(fast, message));
    RC_ASSERT(network.counters().queueing_fs.value() == 0U);
  });
  EXPECT_TRUE(ok);
}

// ---- traffic -------------------------------------------------------------------------------

TEST(DetailedNetworkProperty, EveryByteArrivesAndEveryMessageOnce) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const std::vector<RandomMessage> messages = few_messages(random.layout);
    DetailedNetwork network(random.config, random.layout);
    RC_LOG() << describe(random) << "\n";
    drive(network, messages);  // each ticket once
    std::uint64_t delivered = 0;
    std::uint64_t requests = 0;
    std::uint64_t responses = 0;
    for (const RandomMessage& message : messages) {
      for (const Share& share : message.shares) {
        const std::uint64_t bytes = data_bytes(message, share);
        const std::vector<std::uint64_t> packets = packets_of(random.config, bytes);
        const std::uint64_t carried = std::accumulate(packets.begin(), packets.end(), 0ULL) *
                                      random.config.detailed.flit_bytes;
        const std::uint32_t receivers = message.request ? 1 : message.receivers;
        delivered += bytes * receivers;
        (message.request ? requests : responses) += carried * receivers;
      }
    }
    RC_ASSERT(network.counters().messages.value() == messages.size());
    RC_ASSERT(network.counters().delivered_bytes.value() == delivered);
    std::uint64_t requests_in = 0;
    std::uint64_t responses_in = 0;
    const std::vector<LinkLoad> loads = network.link_loads();
    for (NodeId node = 0; node < random.layout.count(); ++node) {
      requests_in += loads[2 * node + 1].request_bytes;
      responses_in += loads[2 * node + 1].response_bytes;
    }
    if (random.config.detailed.separate_networks) {
      RC_ASSERT(requests_in == requests);
      RC_ASSERT(responses_in == responses);
    } else {
      RC_ASSERT(requests_in + responses_in == requests + responses);
    }
  });
  EXPECT_TRUE(ok);
}

// However loaded the network is, each share takes at least what it takes alone in the fast tier.
TEST(DetailedNetworkProperty, NoMessageIsEarlierThanItsClosedForm) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const std::vector<RandomMessage> messages = few_messages(random.layout);
    RC_LOG() << describe(random) << "\n";
    DetailedNetwork network(random.config, random.layout);
    const std::vector<Femtoseconds> arrivals_fs = drive(network, messages);
    FastNetwork empty(random.config, random.layout);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      for (const Share& share : messages[i].shares) {
        RandomMessage part = messages[i];
        part.shares = {surely_one_way(random, share)};
        empty.reset();
        RC_ASSERT(arrivals_fs[i] + rounded_down(random.config, empty.topology(), part) >=
                  carry(empty, part));
      }
    }
  });
  EXPECT_TRUE(ok);
}

TEST(DetailedNetworkProperty, LookingMoreOftenChangesNothing) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const std::vector<RandomMessage> messages = few_messages(random.layout);
    RC_LOG() << describe(random) << "\n";
    DetailedNetwork network(random.config, random.layout);
    const std::vector<Femtoseconds> seldom_fs = drive(network, messages);
    std::vector<Femtoseconds> look_fs;
    const Femtoseconds end_fs = *std::max_element(seldom_fs.begin(), seldom_fs.end());
    for (int i = 0; i < 40; ++i) {
      look_fs.push_back(*rc::gen::inRange<Femtoseconds>(0, end_fs + 1));
    }
    for (const RandomMessage& message : messages) {
      look_fs.push_back(message.now_fs);
    }
    std::sort(look_fs.begin(), look_fs.end());
    DetailedNetwork again(random.config, random.layout);
    RC_ASSERT(drive(again, messages, look_fs) == seldom_fs);
    RC_ASSERT(again.counters().queueing_fs.value() == network.counters().queueing_fs.value());
    RC_ASSERT(again.counters().byte_hops.value() == network.counters().byte_hops.value());
  });
  EXPECT_TRUE(ok);
}

// Calls of one femtosecond by different sources, in any order.
TEST(DetailedNetworkProperty, TheOrderOfCallsByDifferentSourcesDoesNotShow) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const NodeLayout& layout = random.layout;
    std::vector<RandomMessage> messages;
    std::vector<std::size_t> order;
    for (NodeId core = 0; core < std::min<NodeId>(layout.cores, 12); ++core) {
      RandomMessage message = any_messages(layout, 1, kMostShares, kMostBytes).front();
      message.request = true;
      message.core = core;
      message.now_fs = 0;
      messages.push_back(message);
      order.push_back(core);
    }
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    std::vector<RandomMessage> shuffled;
    for (const std::size_t i : order) {
      shuffled.push_back(messages[i]);
    }
    DetailedNetwork network(random.config, layout);
    DetailedNetwork again(random.config, layout);
    const std::vector<Femtoseconds> arrivals_fs = drive(network, messages);
    const std::vector<Femtoseconds> shuffled_fs = drive(again, shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) {
      RC_ASSERT(shuffled_fs[i] == arrivals_fs[order[i]]);
    }
  });
  EXPECT_TRUE(ok);
}

struct Outcome {
  std::vector<Femtoseconds> arrivals_fs;
  std::vector<std::uint64_t> loads;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(NetworkEngine& network, const std::vector<RandomMessage>& messages) {
  Outcome outcome;
  outcome.arrivals_fs = drive(network, messages);
  for (const LinkLoad& load : network.link_loads()) {
    for (const std::uint64_t value :
         {load.request_bytes, load.response_bytes, load.request_busy_fs, load.response_busy_fs}) {
      outcome.loads.push_back(value);
    }
  }
  return outcome;
}

TEST(DetailedNetworkProperty, EqualRunsAreEqualAndResetGivesAFreshNetwork) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_detailed_network();
    const std::vector<RandomMessage> messages = few_messages(random.layout);
    RC_LOG() << describe(random) << "\n";
    DetailedNetwork network(random.config, random.layout);
    DetailedNetwork twin(random.config, random.layout);
    const Outcome first = outcome_of(network, messages);
    RC_ASSERT(outcome_of(twin, messages) == first);
    const std::uint64_t queueing_fs = network.counters().queueing_fs.value();
    network.reset();
    RC_ASSERT(network.next_event() == kNever);
    for (const LinkLoad& load : network.link_loads()) {
      RC_ASSERT(load.request_bytes == 0U && load.response_bytes == 0U);
    }
    RC_ASSERT(outcome_of(network, messages) == first);
    RC_ASSERT(network.counters().queueing_fs.value() == 2 * queueing_fs);  // counters go on
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace orrery
