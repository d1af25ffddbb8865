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

struct Way {
  std::uint32_t stations = 1;
  std::uint64_t cycles = 0;  // of the head
  std::uint64_t narrowest = 0;

  void pass(std::uint64_t bytes_per_cycle, std::uint64_t hop_cycles, std::uint32_t times = 1) {
    if (times > 0) {
      stations += times;
      cycles += times * hop_cycles;
      narrowest = std::min(narrowest, bytes_per_cycle);
    }
  }
};

std::uint32_t distance(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b : b - a;
}

// The shorter way round; sides of one or two routers have no link from edge to edge.
std::uint32_t ring_distance(std::uint32_t a, std::uint32_t b, std::uint32_t size) {
  return size < 3 ? distance(a, b) : std::min(distance(a, b), size - distance(a, b));
}

// All three by the definition of each topology, not by its tables.
void pass_grid(const NetworkConfig& config, std::uint32_t core, GridPosition to, Way& way) {
  const std::uint32_t router = core / config.cores_per_cluster;
  const std::uint32_t die_routers = config.columns * config.rows;
  GridPosition from{router % config.columns, router % die_routers / config.columns};
  from.column += router / die_routers * config.columns;
  std::uint32_t along_columns = distance(from.column, to.column);
  std::uint32_t along_rows = distance(from.row, to.row);
  if (config.topology == TopologyKind::kTorus || config.topology == TopologyKind::kRing) {
    along_columns = ring_distance(from.column, to.column, config.columns);
    along_rows = ring_distance(from.row, to.row, config.rows);
  } else if (from.column / config.columns != to.column / config.columns) {
    way.pass(config.die_link_bytes_per_cycle, config.die_link_cycles);
    --along_columns;
    along_rows = 2 * config.rows;
    for (std::uint32_t row = 0; row < config.rows; ++row) {
      const bool joined = config.die_link_rows.empty() ||
                          std::count(config.die_link_rows.begin(), config.die_link_rows.end(), row);
      if (joined) {
        along_rows = std::min(along_rows, distance(from.row, row) + distance(row, to.row));
      }
    }
  }
  way.pass(config.link_bytes_per_cycle, config.hop_cycles, along_columns + along_rows);
}

// Of equally short ways the one along the link that was named first.
void pass_custom(const CustomNetwork& custom, std::uint32_t from, std::uint32_t to, Way& way) {
  std::vector<std::uint64_t> cost(custom.routers.size(), 1'000'000);
  cost[to] = 0;
  for (std::size_t round = 0; round < cost.size(); ++round) {
    for (const CustomNetwork::Wire& wire : custom.wires) {
      cost[wire.from] = std::min(cost[wire.from], cost[wire.to] + wire.hop_cycles + 1);
    }
  }
  while (from != to) {
    for (const CustomNetwork::Wire& wire : custom.wires) {
      if (wire.from == from && cost[from] == cost[wire.to] + wire.hop_cycles + 1) {
        way.pass(wire.bytes_per_cycle, wire.hop_cycles);
        from = wire.to;
        break;
      }
    }
  }
}

// From core to memory side, or back: pairs of nodes have one way each.
Way way_between(const RandomNetwork& network, NodeId core, NodeId memory_side, bool back) {
  const NetworkConfig& config = network.config;
  const NodeLayout& layout = network.layout;
  Way way;
  way.cycles = config.hop_cycles;
  way.narrowest = std::min(config.core_port_bytes_per_cycle, config.memory_port_bytes_per_cycle);
  const bool shared = memory_side < layout.first_memory();
  const std::uint32_t index =
      shared ? memory_side - layout.first_shared() : memory_side - layout.first_memory();
  if (config.topology == TopologyKind::kPartitionedCrossbar) {
    const std::uint32_t of_kind = shared ? layout.shared_nodes : layout.memory_nodes;
    if ((core / config.cores_per_cluster % 2 == 1) != (index >= (of_kind + 1) / 2)) {
      way.pass(config.partition_link_bytes_per_cycle, config.partition_link_cycles);
    }
  } else if (is_grid(config.topology)) {
    const std::uint32_t die_routers = config.columns * config.rows;
    const std::uint32_t die = index / die_routers;
    pass_grid(config, core,
              shared ? GridPosition{die * config.columns + index % config.columns,
                                    index % die_routers / config.columns}
                     : config.memory_positions[index],
              way);
  } else if (config.topology == TopologyKind::kCustom) {
    const std::uint32_t near = config.custom.core_routers[core];
    const std::uint32_t far =
        shared ? config.custom.shared_routers[index] : config.custom.memory_routers[index];
    pass_custom(config.custom, back ? far : near, back ? near : far, way);
  }
  return way;
}

Femtoseconds zero_load(const RandomNetwork& network, const Way& way, std::uint64_t bytes) {
  const Clock clock(network.config.clock_hz);
  return clock.to_fs(way.cycles) + scale_up(bytes, clock.period_fs(), way.narrowest);
}

TEST(FastNetworkProperty, ALoneMessageTakesItsHopsAndItsNarrowestLink) {
  const bool ok = rc::check([] {
    const RandomNetwork random = any_network();
    const NodeId core = any_core(random.layout);
    const std::array<Share, 1> shares{
        {{any_memory_side(random.layout), *rc::gen::inRange<std::uint64_t>(1, 100'000)}}};
    const Way there = way_between(random, core, shares[0].node, false);
    const Way back = way_between(random, core, shares[0].node, true);
    const std::uint64_t bare = random.config.header_bytes;
    const std::uint64_t full = bare + shares[0].bytes;
    FastNetwork network(random.config, random.layout);
    RC_ASSERT(network.carry_request(core, shares, Access::kRead, 5) ==
              5 + zero_load(random, there, bare));
    RC_ASSERT(network.carry_response(shares, Access::kRead, Receivers{core, 1}, 5) ==
              5 + zero_load(random, back, full));
    network.reset();
    RC_ASSERT(network.carry_request(core, shares, Access::kWrite, 5) ==
              5 + zero_load(random, there, full));
    RC_ASSERT(network.carry_response(shares, Access::kWrite, Receivers{core, 1}, 5) ==
              5 + zero_load(random, back, bare));
    RC_ASSERT(network.counters().queueing_fs.value() == 0U);
    RC_ASSERT(network.topology().hops(core, shares[0].node) == there.stations);
    RC_ASSERT(network.topology().hops(shares[0].node, core) == back.stations);
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
      last_fs =
          std::max(last_fs, network.carry_response(shares, Access::kRead, Receivers{core, 1}, 0));
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
    Femtoseconds link_fs = 0;
    for (const Link& link : network.topology().links()) {
      link_fs = std::max(link_fs,
                         link.rate.time_for(1000 + random.config.header_bytes) + link.latency_fs);
    }
    const Femtoseconds slack_fs = 12 * link_fs;
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
      slowest_fs = std::max(slowest_fs,
                            network.carry_response(shares, Access::kRead, Receivers{core, 1}, 0));
    }
    network.reset();
    RC_ASSERT(network.carry_response(shares, Access::kRead, Receivers{first, count}, 0) ==
              slowest_fs);
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
    widen(wider.config,
          [](std::uint64_t& width) { width += *rc::gen::inRange<std::uint64_t>(0, 100); });
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
    widen(wider.config, [](std::uint64_t& width) { width *= 2; });
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
