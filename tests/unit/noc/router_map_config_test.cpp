// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/noc/network_refusals.h"

// The map `router` of a network and its key `fidelity`.
namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kCrossbar =
    "topology: crossbar\nclock: 1 GHz\ncore_port: 64 B/clk\nmemory_port: 64 B/clk\nhop: 8 clk\n"
    "header: 32 B\n";

DetailedNetworkConfig read_router(const std::string& keys) {
  return read_network(kCrossbar + "router: {flit: 64 B" + keys + "}\n").detailed;
}

// The map's keys stand in line 8 and after.
std::string router_refusal(const std::string& line) {
  return read_refusal(kCrossbar + "router:\n  " + line + "\n");
}

std::string stage_refusal(const std::string& stage) {
  return read_refusal(kCrossbar + "router:\n  flit: 64 B\n  stages: {" + stage + "}\n");
}

TEST(RouterMapConfigTest, OnlyTheFlitMustBeGiven) {
  const DetailedNetworkConfig router = read_router("");
  EXPECT_EQ(router.flit_bytes, 64U);
  EXPECT_EQ(router.packet_bytes, 1'024U);
  EXPECT_EQ(router.vcs, 2U);
  EXPECT_EQ(router.buffer_flits, 8U);
  EXPECT_TRUE(router.separate_networks);
  EXPECT_FALSE(router.multicast);
  EXPECT_EQ(router.allocation_passes, 1U);
  EXPECT_EQ(router.router_cycles(), 3U);
  EXPECT_EQ(router.credit_cycles, 1U);
  EXPECT_THAT(router_refusal("vcs: 2"), HasSubstr("'flit'"));
}

TEST(RouterMapConfigTest, ReadsEveryKey) {
  const DetailedNetworkConfig router = read_router(
      ", packet: 4 KiB, vcs: 4, buffer: 16, separate_networks: false, multicast: true, "
      "allocation_passes: 2, "
      "stages: {routing: 1 clk, vc_alloc: 2 clk, switch_alloc: 3 clk, traversal: 4 clk, "
      "credit: 5 clk}");
  EXPECT_EQ(router.packet_bytes, 4'096U);
  EXPECT_EQ(router.vcs, 4U);
  EXPECT_EQ(router.buffer_flits, 16U);
  EXPECT_FALSE(router.separate_networks);
  EXPECT_TRUE(router.multicast);
  EXPECT_EQ(router.allocation_passes, 2U);
  EXPECT_EQ(router.routing_cycles, 1U);
  EXPECT_EQ(router.vc_alloc_cycles, 2U);
  EXPECT_EQ(router.switch_alloc_cycles, 3U);
  EXPECT_EQ(router.traversal_cycles, 4U);
  EXPECT_EQ(router.router_cycles(), 10U);
  EXPECT_EQ(router.credit_cycles, 5U);
}

TEST(RouterMapConfigTest, StagesThatAreNotGivenKeepTheirCycles) {
  const DetailedNetworkConfig router = read_router(", stages: {traversal: 2 clk, credit: 0 clk}");
  EXPECT_EQ(router.router_cycles(), 4U);
  EXPECT_EQ(router.credit_cycles, 0U);
}

TEST(RouterMapConfigTest, BytesOutOfRangeAreRefused) {
  EXPECT_EQ(router_refusal("flit: 65537 B"), "chip.yaml:8:9: 65537 B, expected at most 65536 B");
  EXPECT_THAT(router_refusal("flit: 0 B"), HasSubstr("chip.yaml:8:9: "));
  EXPECT_THAT(router_refusal("flit: 64"), HasSubstr("the unit is missing"));
  EXPECT_EQ(router_refusal("{flit: 64 B, packet: 1 GiB}"),
            "chip.yaml:8:24: 1073741824 B, expected at most 268435456 B");
  EXPECT_THAT(router_refusal("{flit: 64 B, packet: 0 B}"), HasSubstr("chip.yaml:8:24: "));
}

TEST(RouterMapConfigTest, NumbersOutOfRangeAreRefused) {
  struct Number {
    std::string key;
    std::uint64_t most;
  };
  for (const Number& number :
       {Number{"vcs", 64}, Number{"buffer", 4'096}, Number{"allocation_passes", 16}}) {
    for (const std::uint64_t value : {std::uint64_t{0}, number.most + 1}) {
      const std::string refusal =
          router_refusal("flit: 64 B\n  " + number.key + ": " + std::to_string(value));
      EXPECT_THAT(refusal,
                  HasSubstr("chip.yaml:9:" + std::to_string(number.key.size() + 5) + ": "));
      EXPECT_THAT(refusal,
                  HasSubstr("expected an integer from 1 to " + std::to_string(number.most)));
    }
    EXPECT_EQ(router_refusal("flit: 64 B\n  " + number.key + ": " + std::to_string(number.most)),
              "");
  }
}

TEST(RouterMapConfigTest, StagesOutOfRangeAreRefused) {
  for (const std::string stage : {"vc_alloc", "switch_alloc", "traversal"}) {
    EXPECT_EQ(stage_refusal(stage + ": 0 clk"), "chip.yaml:9:" + std::to_string(stage.size() + 14) +
                                                    ": 0 clk, expected 1 to 1000 clk");
  }
  EXPECT_EQ(stage_refusal("routing: 1001 clk"), "chip.yaml:9:21: 1001 clk, expected 0 to 1000 clk");
  EXPECT_EQ(stage_refusal("credit: 1001 clk"), "chip.yaml:9:20: 1001 clk, expected 0 to 1000 clk");
  EXPECT_EQ(stage_refusal("routing: 0 clk, credit: 0 clk, traversal: 1000 clk"), "");
  EXPECT_THAT(stage_refusal("traversal: 2"), HasSubstr("chip.yaml:9:23: "));
}

TEST(RouterMapConfigTest, UnknownKeysAreRefusedWithTheNearest) {
  EXPECT_THAT(router_refusal("{flit: 64 B, buffers: 8}"), HasSubstr("did you mean 'buffer'?"));
  EXPECT_THAT(stage_refusal("vc_allocation: 1 clk"), HasSubstr("'vc_allocation'"));
  EXPECT_THAT(router_refusal("{flit: 64 B, separate_networks: 2}"), HasSubstr("chip.yaml:8:"));
}

TEST(RouterMapConfigTest, FidelityIsFastUnlessItSaysOtherwise) {
  const std::string router = "router: {flit: 64 B}\n";
  EXPECT_EQ(read_network(kCrossbar + router).fidelity, NetworkFidelity::kFast);
  EXPECT_EQ(read_network(kCrossbar + "fidelity: fast\n").fidelity, NetworkFidelity::kFast);
  EXPECT_EQ(read_network(kCrossbar + router + "fidelity: detailed\n").fidelity,
            NetworkFidelity::kDetailed);
  EXPECT_THAT(read_refusal(kCrossbar + router + "fidelity: exact\n"),
              HasSubstr("chip.yaml:8:11: "));
}

TEST(RouterMapConfigTest, TheDetailedTierNeedsARouter) {
  EXPECT_EQ(read_refusal(kCrossbar + "fidelity: detailed\n"),
            "chip.yaml:7:11: 'fidelity: detailed' needs the map 'router'");
  EXPECT_EQ(read_network("topology: ideal\nfidelity: detailed\n").fidelity,
            NetworkFidelity::kDetailed);
}

}  // namespace
}  // namespace orrery
