// SPDX-License-Identifier: Apache-2.0
#include "noc/fast_network.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <rapidcheck.h>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sim/clock.h"
#include "tests/property/noc/random_network.h"

namespace orrery {
namespace {

struct GridWay {
  std::uint32_t links = 0;  // between routers
  bool crosses = false;     // the partition link
  std::uint64_t narrowest = 0;
};

// From the definition of each topology, not from its tables.
GridWay way_between(const RandomNetwork& network, NodeId core, NodeId memory_side) {
  const NetworkConfig& config = network.config;
  const NodeLayout& layout = network.layout;
  GridWay way;
  way.narrowest = std::min(config.core_port_bytes_per_cycle, config.memory_port_bytes_per_cycle);
  const bool shared = memory_side < layout.first_memory();
  const std::uint32_t index =
      shared ? memory_side - layout.first_shared() : memory_side - layout.first_memory();
  if (config.topology == TopologyKind::kPartitionedCrossbar) {
    const std::uint32_t of_kind = shared ? layout.shared_nodes : layout.memory_nodes;
    way.crosses = (core / config.cores_per_cluster % 2 == 1) != (index >= (of_kind + 1) / 2);
    if (way.crosses) {
      way.narrowest = std::min(way.narrowest, config.partition_link_bytes_per_cycle);
    }
  } else if (config.topology != TopologyKind::kCrossbar) {
    const std::uint32_t router = core / config.cores_per_cluster;
    const GridPosition from{router % config.columns, router / config.columns};
    const GridPosition to = shared ? GridPosition{index % config.columns, index / config.columns}
                                   : config.memory_positions[index];
    const auto distance = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
    way.links = distance(from.column, to.column) + distance(from.row, to.row);
    if (way.links > 0) {
      way.narrowest = std::min(way.narrowest, config.link_bytes_per_cycle);
    }
  }
  return way;
}

Femtoseconds zero_load(const RandomNetwork& network, const GridWay& way, std::uint64_t bytes) {
  const NetworkConfig& config = network.config;
  const Clock clock(config.clock_hz);
  return clock.to_fs((way.links + 1) * config.hop_cycles +
                     (way.crosses ? config.partition_link_cycles : 0)) +
         scale_up(bytes, clock.period_fs(), way.narrowest);
}

TEST(FastNetworkProperty, ALoneMessageTakesItsHopsAndItsNarrowestLink) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    const NodeId core = any_core(random.layout);
    const std::array<Share, 1> shares{
        {{any_memory_side(random.layout), *rc::gen::inRange<std::uint64_t>(1, 100'000)}}};
    const GridWay way = way_between(random, core, shares[0].node);
    const std::uint64_t header = random.config.header_bytes;
    const Femtoseconds bare_fs = zero_load(random, way, header);
    const Femtoseconds full_fs = zero_load(random, way, header + shares[0].bytes);
    FastNetwork network(random.config, random.layout);
    RC_ASSERT(network.carry_request(core, shares, Access::kRead, 5) == 5 + bare_fs);
    RC_ASSERT(network.carry_response(shares, Access::kRead, core, 1, 5) == 5 + full_fs);
    network.reset();
    RC_ASSERT(network.carry_request(core, shares, Access::kWrite, 5) == 5 + full_fs);
    RC_ASSERT(network.carry_response(shares, Access::kWrite, core, 1, 5) == 5 + bare_fs);
    RC_ASSERT(network.counters().queueing_fs.value() == 0U);
    RC_ASSERT(network.topology().hops(core, shares[0].node) ==
              way.links + 1 + (way.crosses ? 1 : 0));
  });
  EXPECT_TRUE(ok);
}

// Every receiver's core asks at once: the busiest link never rests between its first and last
// message, up to the latency of a way and the rounding of a femtosecond a message.
TEST(FastNetworkProperty, TheBusiestLinkOfAFanInRunsAtItsRate) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    const NodeId core = any_core(random.layout);
    FastNetwork network(random.config, random.layout);
    Femtoseconds last_fs = 0;
    for (int i = 0; i < 200; ++i) {
      const std::array<Share, 1> shares{{{any_memory_side(random.layout), 1000}}};
      last_fs = std::max(last_fs, network.carry_response(shares, Access::kRead, core, 1, 0));
    }
    Femtoseconds busiest_fs = 0;
    std::uint64_t received = 0;
    for (const LinkLoad& load : network.link_loads()) {
      busiest_fs = std::max(busiest_fs, load.response_busy_fs);
      if (load.name == node_name(random.layout, core) + " in") {
        received = load.response_bytes;
      }
    }
    RC_ASSERT(received == 200 * (1000 + random.config.header_bytes));
    RC_ASSERT(last_fs >= busiest_fs);
    // Behind the slack: the way there, and the last message on each of its links.
    const Clock clock(random.config.clock_hz);
    Femtoseconds slack_fs = 0;
    for (const Link& link : network.topology().links()) {
      slack_fs = std::max(slack_fs, link.rate.time_for(1000 + random.config.header_bytes));
    }
    slack_fs = slack_fs * 12 +
               clock.to_fs(12 * random.config.hop_cycles + random.config.partition_link_cycles);
    RC_ASSERT(last_fs <= busiest_fs + busiest_fs / 20 + slack_fs);
  });
  EXPECT_TRUE(ok);
}

TEST(FastNetworkProperty, EveryByteThatEntersLeavesAndNoneTwice) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    FastNetwork network(random.config, random.layout);
    std::uint64_t request_data = 0;
    std::uint64_t request_shares = 0;
    std::uint64_t response_out = 0;
    std::uint64_t response_in = 0;
    std::uint64_t delivered = 0;
    for (const RandomMessage& message : any_messages(random.layout, 40)) {
      for (const Share& share : message.shares) {
        const bool data = message.request == (message.access == Access::kWrite);
        const std::uint64_t bytes = data ? share.bytes : 0;
        if (message.request) {
          request_data += bytes;
          ++request_shares;
          delivered += bytes;
        } else {
          response_out += bytes + random.config.header_bytes;
          response_in += (bytes + random.config.header_bytes) * message.receivers;
          delivered += bytes * message.receivers;
        }
      }
      carry(network, message);
    }
    LinkLoad in;
    LinkLoad out;
    const std::vector<LinkLoad> loads = network.link_loads();
    for (NodeId node = 0; node < random.layout.count(); ++node) {
      in.request_bytes += loads[network.topology().in_port(node)].request_bytes;
      in.response_bytes += loads[network.topology().in_port(node)].response_bytes;
      out.response_bytes += loads[network.topology().out_port(node)].response_bytes;
    }
    RC_ASSERT(in.request_bytes == request_data + request_shares * random.config.header_bytes);
    RC_ASSERT(out.response_bytes == response_out);
    RC_ASSERT(in.response_bytes == response_in);
    RC_ASSERT(network.counters().delivered_bytes.value() == delivered);
  });
  EXPECT_TRUE(ok);
}

TEST(FastNetworkProperty, AMulticastLoadsEachLinkOfItsRoutesOnce) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    const NodeLayout& layout = random.layout;
    FastNetwork network(random.config, layout);
    const std::array<Share, 1> shares{{{any_memory_side(layout), 4096}}};
    const NodeId first = any_core(layout);
    const auto count = *rc::gen::inRange<std::uint32_t>(1, layout.cores - first + 1);
    std::set<LinkId> tree;
    Femtoseconds slowest_fs = 0;
    for (NodeId core = first; core < first + count; ++core) {
      for (const LinkId link : network.topology().route(shares[0].node, core)) {
        tree.insert(link);
      }
      network.reset();
      slowest_fs = std::max(slowest_fs, network.carry_response(shares, Access::kRead, core, 1, 0));
    }
    network.reset();
    RC_ASSERT(network.carry_response(shares, Access::kRead, first, count, 0) == slowest_fs);
    const std::vector<LinkLoad> loads = network.link_loads();
    for (LinkId link = 0; link < loads.size(); ++link) {
      RC_ASSERT(loads[link].response_bytes ==
                (tree.contains(link) ? 4096 + random.config.header_bytes : 0));
    }
  });
  EXPECT_TRUE(ok);
}

// However it is loaded, a message waits for no more than the work that was there before it.
TEST(FastNetworkProperty, NoMessageStarves) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    const NodeLayout& layout = random.layout;
    FastNetwork network(random.config, layout);
    FastNetwork empty(random.config, layout);
    Femtoseconds latencies_fs = 0;
    for (const Link& link : empty.topology().links()) {
      latencies_fs += link.latency_fs;
    }
    for (const RandomMessage& message : any_messages(layout, 40)) {
      Femtoseconds before_fs = 0;
      for (const LinkLoad& load : network.link_loads()) {
        before_fs += message.request ? load.request_busy_fs : load.response_busy_fs;
      }
      // A bound from each side: every share alone, and all of them in an empty network. (With the
      // latter from both sides, the order in which shares meet would show.)
      empty.reset();
      const Femtoseconds alone_fs = carry(empty, message);
      Femtoseconds soonest_fs = message.now_fs;
      for (const Share& share : message.shares) {
        RandomMessage part = message;
        part.shares = {share};
        empty.reset();
        soonest_fs = std::max(soonest_fs, carry(empty, part));
      }
      const Femtoseconds arrival_fs = carry(network, message);
      RC_ASSERT(arrival_fs >= soonest_fs);
      RC_ASSERT(arrival_fs <= alone_fs + before_fs + latencies_fs);
    }
  });
  EXPECT_TRUE(ok);
}

TEST(FastNetworkProperty, WiderIsNeverSlowerForALoneMessage) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    RandomNetwork wider = random;
    wider.config.core_port_bytes_per_cycle += *rc::gen::inRange<std::uint64_t>(0, 100);
    wider.config.memory_port_bytes_per_cycle += *rc::gen::inRange<std::uint64_t>(0, 100);
    wider.config.link_bytes_per_cycle += *rc::gen::inRange<std::uint64_t>(0, 100);
    wider.config.partition_link_bytes_per_cycle += *rc::gen::inRange<std::uint64_t>(0, 100);
    FastNetwork narrow_network(random.config, random.layout);
    FastNetwork wide_network(wider.config, random.layout);
    const RandomMessage message = any_messages(random.layout, 1).front();
    RC_ASSERT(carry(wide_network, message) <= carry(narrow_network, message));
  });
  EXPECT_TRUE(ok);
}

TEST(FastNetworkProperty, TwiceTheWidthIsNeverSlowerUnderLoad) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    RandomNetwork wider = random;
    wider.config.core_port_bytes_per_cycle *= 2;
    wider.config.memory_port_bytes_per_cycle *= 2;
    wider.config.link_bytes_per_cycle *= 2;
    wider.config.partition_link_bytes_per_cycle *= 2;
    FastNetwork narrow_network(random.config, random.layout);
    FastNetwork wide_network(wider.config, random.layout);
    Femtoseconds narrow_fs = 0;
    Femtoseconds wide_fs = 0;
    for (const RandomMessage& message : any_messages(random.layout, 40)) {
      narrow_fs = std::max(narrow_fs, carry(narrow_network, message));
      wide_fs = std::max(wide_fs, carry(wide_network, message));
    }
    RC_ASSERT(wide_fs <= narrow_fs + narrow_fs / 50);
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace orrery
