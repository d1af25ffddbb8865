// SPDX-License-Identifier: Apache-2.0
#include "noc/check_router_config.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "noc/graph_builders.h"
#include "noc/route_builders.h"

namespace orrery {
namespace {

NetworkGraph two_routers() {
  NetworkGraph graph = make_partitioned_crossbar({});
  attach_one_node_per_router(graph, 64);
  return graph;
}

std::string refusal(const RouterConfig& config,
                    const NetworkGraph& graph,
                    const RouteTables& routes) {
  try {
    check_router_config(config, graph, routes);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const RouterConfig& config) {
  const NetworkGraph graph = two_routers();
  return refusal(config, graph, shortest_path_routes(graph));
}

// A number of the configuration, its limits, and what else must change with it to stay legal.
struct Number {
  std::string name;
  std::uint64_t least, most;
  std::function<void(RouterConfig&, std::uint64_t)> set;
};

std::vector<Number> numbers() {
  const auto number = [](const char* name, std::uint64_t least, std::uint64_t most, auto member) {
    return Number{name, least, most, [member](RouterConfig& config, std::uint64_t value) {
                    auto& field = member(config);
                    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
                  }};
  };
  std::vector<Number> all{
      number(
          "flit", 1, 65'536, [](RouterConfig & c) -> auto& { return c.flit_bytes; }),
      number(
          "buffer", 1, 4'096, [](RouterConfig & c) -> auto& { return c.buffer_flits; }),
      number(
          "routing", 0, 1'000, [](RouterConfig & c) -> auto& { return c.routing_cycles; }),
      number(
          "vc_alloc", 1, 1'000, [](RouterConfig & c) -> auto& { return c.vc_alloc_cycles; }),
      number(
          "switch_alloc", 1, 1'000,
          [](RouterConfig & c) -> auto& { return c.switch_alloc_cycles; }),
      number(
          "traversal", 1, 1'000, [](RouterConfig & c) -> auto& { return c.traversal_cycles; }),
      number(
          "credit", 0, 1'000, [](RouterConfig & c) -> auto& { return c.credit_cycles; }),
      number(
          "credit_link", 0, 65'536, [](RouterConfig & c) -> auto& { return c.credit_link_cycles; }),
      number(
          "allocation_passes", 1, 16,
          [](RouterConfig & c) -> auto& { return c.allocation_passes; }),
      number(
          "reach of a lone grant", 1, 4'096,
          [](RouterConfig & c) -> auto& { return c.alone.least; }),
      number(
          "share of a lone grant", 1, 1'000'000,
          [](RouterConfig & c) -> auto& { return c.alone.share; }),
      number(
          "reach of a contended grant", 1, 4'096,
          [](RouterConfig & c) -> auto& { return c.contended.least; }),
      number(
          "share of a contended grant", 1, 1'000'000,
          [](RouterConfig & c) -> auto& { return c.contended.share; }),
      number(
          "buffer of trees", 0, 4'096,
          [](RouterConfig & c) -> auto& { return c.tree_buffer_flits; }),
  };
  all.push_back({"traffic classes", 1, 64, [](RouterConfig& config, std::uint64_t value) {
                   config.traffic_classes = static_cast<std::uint32_t>(value);
                   config.vcs = 1;
                 }});
  all.push_back({"vcs", 1, 64, [](RouterConfig& config, std::uint64_t value) {
                   config.vcs = static_cast<std::uint32_t>(value);
                 }});
  return all;
}

TEST(CheckRouterConfigTest, AcceptsTheDefaults) {
  EXPECT_EQ(refusal(RouterConfig()), "");
}

TEST(CheckRouterConfigTest, EveryNumberHasALeastAndAMost) {
  for (const Number& number : numbers()) {
    const auto with = [&](std::uint64_t value) {
      RouterConfig config;
      number.set(config, value);
      return refusal(config);
    };
    const std::string expected =
        ", expected " + std::to_string(number.least) + " to " + std::to_string(number.most);
    EXPECT_EQ(with(number.least), "");
    EXPECT_EQ(with(number.most), "");
    EXPECT_EQ(with(number.most + 1),
              "network: " + number.name + " is " + std::to_string(number.most + 1) + expected);
    if (number.least > 0) {
      EXPECT_EQ(with(number.least - 1),
                "network: " + number.name + " is " + std::to_string(number.least - 1) + expected);
    }
  }
}

TEST(CheckRouterConfigTest, RefusesMoreVirtualChannelsOfAllTrafficClassesThanAMaskHolds) {
  RouterConfig config;
  config.traffic_classes = 3;
  config.vcs = 21;
  EXPECT_EQ(refusal(config), "");
  config.vcs = 22;
  EXPECT_EQ(refusal(config), "network: virtual channels of a port is 66, expected 1 to 64");
}

TEST(CheckRouterConfigTest, RefusesFewerVirtualChannelsThanTheRoutesHaveClasses) {
  NetworkGraph graph = make_ring(4, {});
  attach_one_node_per_router(graph, 64);
  const RouteTables routes = ring_routes(4, graph);
  RouterConfig config;
  EXPECT_EQ(refusal(config, graph, routes), "");
  config.vcs = 1;
  config.traffic_classes = 2;  // they share none
  EXPECT_EQ(refusal(config, graph, routes),
            "network: vcs is 1, but the routes need 2 classes of virtual channels");
}

TEST(CheckRouterConfigTest, RefusesClassesOfTreesThatAreNotThere) {
  for (const auto tree_class : {&RouterConfig::multicast_class, &RouterConfig::reduction_class}) {
    RouterConfig config;
    config.traffic_classes = 3;
    config.*tree_class = 2;
    EXPECT_EQ(refusal(config), "");
    config.*tree_class = 3;
    EXPECT_EQ(refusal(config), "network: class 3 of trees, but there are 3 traffic classes");
  }
}

TEST(CheckRouterConfigTest, RefusesMulticastAndReductionsInOneClass) {
  RouterConfig config;
  config.traffic_classes = 3;
  config.multicast_class = 1;
  config.reduction_class = 2;
  EXPECT_EQ(refusal(config), "");
  config.reduction_class = 1;
  EXPECT_EQ(refusal(config),
            "network: multicast and reductions in one traffic class can wait for each other");
}

TEST(CheckRouterConfigTest, RefusesALinkThatIsTooLong) {
  NetworkGraph graph = two_routers();
  const RouteTables routes = shortest_path_routes(graph);
  graph.links[1].latency_cycles = 65'536;
  EXPECT_EQ(refusal(RouterConfig(), graph, routes), "");
  graph.links[1].latency_cycles = 65'537;
  EXPECT_EQ(refusal(RouterConfig(), graph, routes),
            "network: half 1 to 0: latency of 65537 clk, expected at most 65536 clk");
}

TEST(CheckRouterConfigTest, RefusesWiresThatAreTooLongAndBuffersThatAreTooLarge) {
  const NetworkGraph graph = two_routers();
  const RouteTables routes = shortest_path_routes(graph);
  const auto with = [&](const auto& change) {
    NetworkGraph changed = graph;
    change(changed);
    return refusal(RouterConfig(), changed, routes);
  };
  const auto link = [&](std::uint32_t GraphLink::*member, std::uint32_t value) {
    return with([&](NetworkGraph& changed) { changed.links[1].*member = value; });
  };
  const auto node = [&](std::uint32_t GraphNode::*member, std::uint32_t value) {
    return with([&](NetworkGraph& changed) { changed.nodes[1].*member = value; });
  };
  EXPECT_EQ(link(&GraphLink::credit_cycles, 65'536), "");
  EXPECT_EQ(link(&GraphLink::credit_cycles, 65'537),
            "network: half 1 to 0: credit latency of 65537, expected at most 65536");
  EXPECT_EQ(link(&GraphLink::buffer_flits, 262'144), "");
  EXPECT_EQ(link(&GraphLink::buffer_flits, 262'145),
            "network: half 1 to 0: buffer of 262145, expected at most 262144");
  EXPECT_EQ(link(&GraphLink::lanes, 0), "network: half 1 to 0: 0 lanes, expected 1 to 1024");
  EXPECT_EQ(link(&GraphLink::lanes, 1'025), "network: half 1 to 0: 1025 lanes, expected 1 to 1024");
  for (const auto member : {&GraphNode::send_cycles, &GraphNode::receive_cycles}) {
    EXPECT_EQ(node(member, 65'536), "");
    EXPECT_EQ(node(member, 65'537), "network: node 1: wire of 65537, expected at most 65536");
  }
  for (const auto member : {&GraphNode::send_buffer_flits, &GraphNode::receive_buffer_flits}) {
    EXPECT_EQ(node(member, 262'144), "");
    EXPECT_EQ(node(member, 262'145), "network: node 1: buffer of 262145, expected at most 262144");
  }
  EXPECT_EQ(node(&GraphNode::lanes, 0), "network: node 1: 0 lanes, expected 1 to 1024");
}

TEST(CheckRouterConfigTest, RefusesARouterOfTooManyPorts) {
  NetworkGraph graph = two_routers();  // each with a link and a node
  const RouteTables routes = shortest_path_routes(graph);
  for (std::uint32_t node = 0; node < 1'022; ++node) {
    graph.nodes.push_back({"more", 1, 64});
  }
  EXPECT_EQ(refusal(RouterConfig(), graph, routes), "");
  graph.nodes.push_back({"too many", 1, 64});
  EXPECT_EQ(refusal(RouterConfig(), graph, routes),
            "network: half 1 has 1025 ports, expected at most 1024");
}

}  // namespace
}  // namespace orrery
