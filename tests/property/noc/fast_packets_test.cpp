// SPDX-License-Identifier: Apache-2.0
// The packets of a probe in the fast tier, against the routers of the detailed one.
#include "noc/fast_packets.h"

#include <rapidcheck.h>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "noc/noc_experiment.h"
#include "noc/noc_probe.h"
#include "noc/traffic_pattern.h"

namespace orrery {
namespace {

NocShape random_shape() {
  NocShape shape;
  shape.topology = *rc::gen::elementOf(topology_names());
  const bool grid = is_grid(shape.topology);
  shape.columns = *rc::gen::inRange<std::uint32_t>(grid ? 1 : 2, grid ? 6 : 12);
  if (shape.topology == "partitioned_crossbar") {
    shape.columns += shape.columns % 2;
  }
  shape.rows = *rc::gen::inRange<std::uint32_t>(1, 6);
  shape.nodes_per_router =
      shape.topology == "cluster_mesh" ? *rc::gen::inRange<std::uint32_t>(1, 4) : 1;
  shape.link_cycles = *rc::gen::inRange<std::uint32_t>(1, 6);
  shape.die_link_cycles = *rc::gen::inRange<std::uint32_t>(1, 6);
  return shape;
}

// Buffers of more than any round trip, so that a lone packet is never held up. One cycle of switch
// allocation: with more a virtual channel of the detailed tier sends a flit only every so many.
RouterConfig random_router() {
  RouterConfig router;
  router.buffer_flits = 64;
  router.routing_cycles = *rc::gen::inRange<std::uint32_t>(0, 3);
  router.vc_alloc_cycles = *rc::gen::inRange<std::uint32_t>(1, 3);
  router.traversal_cycles = *rc::gen::inRange<std::uint32_t>(1, 3);
  return router;
}

template <typename Network>
Delivery lone_delivery(Network& network, const Packet& packet) {
  network.send(packet, 0);
  network.advance(100'000);
  RC_ASSERT(network.deliveries().size() == 1U);
  return network.deliveries().front();
}

TEST(FastPacketsProperty, ALonePacketTakesAsLongAsThroughTheRouters) {
  EXPECT_TRUE(rc::check([] {
    const NocShape shape = random_shape();
    RouterConfig router = random_router();
    router.traffic_classes = 2;
    const NocNetwork network = build_network(shape, router.flit_bytes);
    const auto nodes = static_cast<std::uint32_t>(network.graph.nodes.size());
    Packet packet;
    packet.source = *rc::gen::inRange<std::uint32_t>(0, nodes);
    packet.destination = *rc::gen::inRange<std::uint32_t>(0, nodes);  // itself, too
    packet.flits = *rc::gen::inRange<std::uint32_t>(1, 40);
    packet.traffic_class = *rc::gen::inRange<std::uint32_t>(0, 2);
    FastPackets fast(fast_experiment(shape, router), router.flit_bytes);
    RouterEngine detailed(network.graph, network.routes, router);
    const Delivery quick = lone_delivery(fast, packet);
    const Delivery slow = lone_delivery(detailed, packet);
    RC_ASSERT(quick.delivered == slow.delivered);
    RC_ASSERT(quick.hops == slow.hops);
    RC_ASSERT(fast.flit_hops() == detailed.flit_hops());
    // Stages of every router, links between them, a cycle for each port's wire, and the flits.
    if (shape.topology != "dual_die" && shape.topology != "partitioned_crossbar") {
      const std::uint32_t stages = router.routing_cycles + router.vc_alloc_cycles +
                                   router.switch_alloc_cycles + router.traversal_cycles;
      RC_ASSERT(quick.delivered ==
                quick.hops * stages + (quick.hops - 1) * shape.link_cycles + 2 + packet.flits);
    }
    const std::vector<WireLoad> quick_in = fast.node_in_loads();
    const std::vector<WireLoad> slow_out = detailed.node_out_loads();
    for (std::uint32_t node = 0; node < nodes; ++node) {
      RC_ASSERT(quick_in[node].flits == detailed.node_in_loads()[node].flits);
      RC_ASSERT(fast.node_out_loads()[node].flits == slow_out[node].flits);
    }
    RC_ASSERT(fast.link_loads().size() == network.graph.links.size());
  }));
}

NocProbeResult overloaded(const NocShape& shape, const std::string& traffic) {
  RouterConfig router;
  const NocNetwork network = build_network(shape, router.flit_bytes);
  const TrafficPattern pattern(traffic, network.grid);
  const FastExperiment fast = fast_experiment(shape, router);
  NocProbe probe;
  probe.graph = &network.graph;
  probe.routes = &network.routes;
  probe.fast = &fast;
  probe.pattern = &pattern;
  probe.load = 1;
  probe.warm_up_cycles = 2'000;
  probe.measured_cycles = 8'000;
  probe.drain_cycles = 0;
  return run_noc_probe(probe);
}

class FastPacketsOverload
    : public ::testing::TestWithParam<std::tuple<std::string, std::string, double>> {};

// The wire that all have to pass is hardly ever idle: only where LinkSchedule has forgotten a span,
// which takes packets that have come different ways.
TEST_P(FastPacketsOverload, TheHottestWireReachesItsRate) {
  const auto& [topology, traffic, flits_a_node] = GetParam();
  NocShape shape;
  shape.topology = topology;
  const NocProbeResult result = overloaded(shape, traffic);
  EXPECT_TRUE(result.saturated);
  EXPECT_LE(result.accepted, 1.001 * flits_a_node);
  EXPECT_GE(result.accepted, 0.96 * flits_a_node);
}

INSTANTIATE_TEST_SUITE_P(
    Traffic,
    FastPacketsOverload,
    ::testing::Values(std::tuple("mesh", "hotspot:27", 1.0 / 64),  // the port of a node
                      std::tuple("crossbar", "hotspot:0,1", 2.0 / 8),
                      std::tuple("ring", "tornado", 1.0 / 3)));  // each link has three flows

TEST(FastExperimentTest, WhatTheFastTierLacksIsRefused) {
  NocShape shape;
  shape.routing = "xy";
  EXPECT_NO_THROW(fast_experiment(shape, {}));
  shape.routing = "xy_yx";
  EXPECT_THROW(fast_experiment(shape, {}), std::invalid_argument);
  NocShape ring;
  ring.topology = "ring";
  ring.columns = 65;
  EXPECT_THROW(fast_experiment(ring, {}), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
