// SPDX-License-Identifier: Apache-2.0
#include "noc/fast_network.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/noc/networks.h"

namespace orrery {
namespace {

constexpr NodeLayout kSmall{.cores = 4, .shared_nodes = 2, .memory_nodes = 0};

LinkLoad load_of(const FastNetwork& network, const std::string& name) {
  for (const LinkLoad& load : network.link_loads()) {
    if (load.name == name) {
      return load;
    }
  }
  ADD_FAILURE() << "no link " << name;
  return {};
}

TEST(FastNetworkTest, AnIdealNetworkTakesNoTimeAndCountsBytes) {
  NetworkConfig config;
  config.topology = TopologyKind::kIdeal;
  FastNetwork network(config, kSmall);
  const std::array<Share, 1> shares{{{4, 4096}}};
  EXPECT_EQ(network.carry_request(0, shares, Access::kRead, 7), 7U);
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 2}, 9), 9U);
  EXPECT_EQ(network.counters().delivered_bytes.value(), 8192U);
  EXPECT_EQ(network.counters().queueing_fs.value(), 0U);
}

TEST(FastNetworkTest, LinksNameTheirEnds) {
  const FastNetwork network(crossbar_config(), kSmall);
  const LinkLoad out = load_of(network, "core 3 out");
  EXPECT_EQ(out.from, "core 3");
  EXPECT_EQ(out.to, "crossbar");
  const LinkLoad in = load_of(network, "shared node 1 in");
  EXPECT_EQ(in.from, "crossbar");
  EXPECT_EQ(in.to, "shared node 1");
}

// 64 B/clk at the core's side: a header of 32 B takes half a cycle.
TEST(FastNetworkTest, ACrossbarTakesAHopAndTheNarrowerPort) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 1> shares{{{4, 4096 - 32}}};
  EXPECT_EQ(network.carry_request(0, shares, Access::kRead, 0), 20 * kCycle + kCycle / 2);
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0),
            20 * kCycle + 64 * kCycle);
  network.reset();
  EXPECT_EQ(network.carry_request(0, shares, Access::kWrite, 0), 20 * kCycle + 64 * kCycle);
  EXPECT_EQ(network.carry_response(shares, Access::kWrite, Receivers{0, 1}, 0),
            20 * kCycle + kCycle / 2);
  EXPECT_EQ(network.counters().queueing_fs.value(), 0U);
}

TEST(FastNetworkTest, TheOtherHalfCostsThePartitionLink) {
  FastNetwork network(partitioned_config(), kSmall);
  const std::array<Share, 1> near{{{4, 4096 - 32}}};
  const std::array<Share, 1> far{{{5, 4096 - 32}}};
  EXPECT_EQ(network.carry_response(near, Access::kRead, Receivers{0, 1}, 0), (20 + 64) * kCycle);
  network.reset();
  EXPECT_EQ(network.carry_response(far, Access::kRead, Receivers{0, 1}, 0),
            (20 + 50 + 128) * kCycle);
}

TEST(FastNetworkTest, AMeshCostsAHopForEachRouter) {
  FastNetwork network(mesh_config(), kMeshLayout);
  const std::array<Share, 1> shares{{{11, 320 - 32}}};
  EXPECT_EQ(network.carry_request(0, shares, Access::kWrite, 0), (6 * 3 + 10) * kCycle);
}

TEST(FastNetworkTest, AClusterCostsAHopAndItsPorts) {
  FastNetwork network(cluster_config(), kClusterLayout);
  const std::array<Share, 1> own{{{48, 320 - 32}}};
  const std::array<Share, 1> next{{{49, 320 - 32}}};
  EXPECT_EQ(network.carry_request(0, own, Access::kWrite, 0), (3 + 5) * kCycle);
  EXPECT_EQ(network.carry_request(4, next, Access::kWrite, 0), (3 + 5) * kCycle);
  network.reset();
  EXPECT_EQ(network.carry_request(0, next, Access::kWrite, 0), (2 * 3 + 10) * kCycle);
}

TEST(FastNetworkTest, TheSharesOfAWritePassTheSourcesPortOnce) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 2> shares{{{4, 1008}, {5, 1008}}};
  EXPECT_EQ(network.carry_request(0, shares, Access::kWrite, 0), 20 * kCycle + 32 * kCycle);
  EXPECT_EQ(load_of(network, "core 0 out").request_bytes, 2048U);
  EXPECT_EQ(load_of(network, "shared node 1 in").request_bytes, 1040U);
  EXPECT_EQ(network.counters().byte_hops.value(), 2048U);
}

TEST(FastNetworkTest, TheSharesOfAReadMeetAtTheReceiversPort) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 2> shares{{{4, 2048 - 32}, {5, 2048 - 32}}};
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0),
            20 * kCycle + 64 * kCycle);
  EXPECT_EQ(network.counters().queueing_fs.value(), 0U);
  EXPECT_EQ(network.counters().delivered_bytes.value(), 2 * (2048U - 32U));
}

TEST(FastNetworkTest, WaitingForABusyPortIsQueueing) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 1> shares{{{4, 4096 - 32}}};
  network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0);
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0),
            20 * kCycle + 128 * kCycle);
  EXPECT_EQ(network.counters().queueing_fs.value(), 64 * kCycle);
  EXPECT_EQ(load_of(network, "core 0 in").response_busy_fs, 128 * kCycle);
}

TEST(FastNetworkTest, ResponsesDoNotWaitForRequests) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 1> large{{{4, 1 << 20}}};
  const std::array<Share, 1> small{{{4, 4096 - 32}}};
  network.carry_request(0, large, Access::kWrite, 0);
  EXPECT_EQ(network.carry_response(small, Access::kRead, Receivers{0, 1}, 0),
            20 * kCycle + 64 * kCycle);
}

TEST(FastNetworkTest, AMessageHeldUpElsewhereDoesNotKeepAPortFromOthers) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 1> large{{{4, 1 << 20}}};
  const std::array<Share, 1> behind{{{4, 4096 - 32}}};
  const std::array<Share, 1> other{{{5, 4096 - 32}}};
  network.carry_response(large, Access::kRead, Receivers{1, 1}, 0);
  network.carry_response(behind, Access::kRead, Receivers{0, 1},
                         0);  // waits for the port of node 4
  EXPECT_EQ(network.carry_response(other, Access::kRead, Receivers{0, 1}, 0),
            20 * kCycle + 64 * kCycle);
}

TEST(FastNetworkTest, MulticastPassesEachLinkOfItsTreeOnce) {
  FastNetwork network(mesh_config(), kMeshLayout);
  const std::array<Share, 1> shares{{{kMeshLayout.first_memory(), 320 - 32}}};  // at (0,0)
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 12}, 0),
            (6 * 3 + 10) * kCycle);
  // 11 links span 12 routers; the three of row 0 and two down each of four columns.
  std::uint64_t links = 0;
  for (const LinkLoad& load : network.link_loads()) {
    EXPECT_TRUE(load.response_bytes == 0 || load.response_bytes == 320) << load.name;
    links += load.response_bytes / 320;
  }
  EXPECT_EQ(links, 1 + 11 + 12);
  EXPECT_EQ(load_of(network, "router (2,0) to (3,0)").response_bytes, 320U);
  EXPECT_EQ(load_of(network, "router (3,1) to (3,2)").response_bytes, 320U);
  EXPECT_EQ(load_of(network, "router (0,1) to (1,1)").response_bytes, 0U);
  EXPECT_EQ(network.counters().delivered_bytes.value(), 12U * 288U);
  EXPECT_EQ(network.counters().byte_hops.value(), 12U * 320U);
}

TEST(FastNetworkTest, AMulticastPassesThePortsOfItsReceiversAlone) {
  FastNetwork network(mesh_config(), kMeshLayout);
  const std::array<Share, 1> shares{{{kMeshLayout.first_memory(), 320 - 32}}};
  network.carry_response(shares, Access::kRead, Receivers{1, 3, 4}, 0);  // one of each row
  EXPECT_EQ(network.counters().delivered_bytes.value(), 3U * 288U);
  std::uint64_t links = 0;
  for (const LinkLoad& load : network.link_loads()) {
    links += load.response_bytes / 320;
  }
  EXPECT_EQ(links, 1U + 3 + 3);  // the port out, one along the row and two down, three ports in
}

TEST(FastNetworkTest, TwoMulticastsPassTheTreeTwice) {
  FastNetwork network(mesh_config(), kMeshLayout);
  const std::array<Share, 1> shares{{{kMeshLayout.first_memory(), 320 - 32}}};
  network.carry_response(shares, Access::kRead, Receivers{4, 3}, 0);
  network.carry_response(shares, Access::kRead, Receivers{4, 3}, 0);
  EXPECT_EQ(load_of(network, "router (0,0) to (0,1)").response_bytes, 320U * 2);
  EXPECT_EQ(load_of(network, "core 5 in").response_bytes, 320U * 2);
}

TEST(FastNetworkTest, ResetFreesTheLinks) {
  FastNetwork network(crossbar_config(), kSmall);
  const std::array<Share, 1> shares{{{4, 1 << 20}}};
  const Femtoseconds first = network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0);
  network.reset();
  EXPECT_EQ(load_of(network, "core 0 in").response_bytes, 0U);
  EXPECT_EQ(network.carry_response(shares, Access::kRead, Receivers{0, 1}, 0), first);
}

}  // namespace
}  // namespace orrery
