// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <numeric>

#include "noc/check_router_config.h"
#include "noc/input_mask.h"
#include "noc/router_engine.h"
#include "sim/units.h"

// Ports and wires: how they are made from a graph, and how long flits take them.
namespace orrery {
namespace {

constexpr std::uint32_t words_for(std::uint32_t bits) {
  return (bits + 63) / 64;
}

}  // namespace

RouterEngine::RouterEngine(const NetworkGraph& graph,
                           const RouteTables& routes,
                           const RouterConfig& config)
    : graph_(graph), routes_(routes), config_(config) {
  check_router_config(config, graph, routes);
  if (config.switch_alloc_cycles > 1) {
    // A packet asks anew for each flit when the last has its grant.
    config_.alone = config_.contended = {1, RouterConfig::Reach::kMostReachFlits};
  }
  vcs_ = config.traffic_classes * config.vcs;
  port_vcs_ = low_bits(vcs_);
  // Classes share the virtual channels evenly, the first ones getting those left over.
  for (std::uint32_t c = 0; c < routes.vc_classes; ++c) {
    const auto begin = [&](std::uint32_t k) {
      return (k * config.vcs + routes.vc_classes - 1) / routes.vc_classes;
    };
    class_vcs_.push_back(low_bits(begin(c + 1)) & ~low_bits(begin(c)));
  }
  build_ports(graph);
  size_wheel();
  plain_ = unit_rates_ && config.switch_alloc_cycles == 1;
  // Of each class of routes a virtual channel for each reduction.
  int slots = 64;
  for (const std::uint64_t class_mask : class_vcs_) {
    slots = std::min(slots, std::popcount(class_mask));
  }
  free_slots_ = low_bits(static_cast<std::uint32_t>(slots));
}

// Ports of a router in this order: links in the order of the graph, then nodes in theirs.
void RouterEngine::build_ports(const NetworkGraph& graph) {
  const auto router_count = static_cast<std::uint32_t>(graph.routers.size());
  routers_.resize(router_count);
  for (const GraphLink& link : graph.links) {
    routers_[link.from].outputs += link.lanes;
    routers_[link.to].ports += link.lanes;
  }
  for (const GraphNode& node : graph.nodes) {
    routers_[node.router].outputs += node.lanes;
    routers_[node.router].ports += node.lanes;
  }
  std::uint32_t masks = 0;
  std::uint32_t most_bits = 0;
  std::uint32_t most_ports = 0;
  for (std::uint32_t r = 0; r < router_count; ++r) {
    Router& router = routers_[r];
    router.first_port = static_cast<std::uint32_t>(ports_.size());
    router.first_output = static_cast<std::uint32_t>(outputs_.size());
    router.input_words = words_for(router.ports * vcs_);
    router.output_words = words_for(router.outputs);
    router.output_masks = static_cast<std::uint32_t>(ready_outputs_.size());
    router.small = router.input_words == 1 && router.output_words == 1;
    ready_outputs_.resize(ready_outputs_.size() + router.output_words);
    ports_.resize(ports_.size() + router.ports);
    outputs_.resize(outputs_.size() + router.outputs);
    for (std::uint32_t o = 0; o < router.outputs; ++o) {
      outputs_[router.first_output + o].masks = masks;
      masks += router.input_words;
    }
    for (std::uint32_t bit = 0; bit < router.ports * vcs_; ++bit) {
      InVc& in = in_vcs_.emplace_back();
      in.bit = static_cast<std::uint16_t>(bit);
      in.vc = static_cast<std::uint8_t>(bit % vcs_);
      in.port = router.first_port + bit / vcs_;
      in.router = r;
    }
    most_bits = std::max(most_bits, router.ports * vcs_);
    most_ports = std::max(most_ports, router.ports);
  }
  request_outputs_.resize(ready_outputs_.size());
  ready_.resize(masks);
  requests_.resize(masks);
  for (std::uint32_t bit = 0; bit < words_for(most_bits) * 64; ++bit) {
    port_of_bit_.push_back(static_cast<std::uint16_t>(bit / vcs_));
  }
  candidate_.assign(most_ports, kNone);
  picked_.resize(most_ports);
  blocked_.assign(words_for(most_bits), 0);
  offered_vcs_.assign(most_bits, 0);

  std::vector<std::uint32_t> next_port(router_count, 0);
  std::vector<std::uint32_t> next_output(router_count, 0);
  const std::uint32_t flight =
      config_.switch_alloc_cycles + config_.traversal_cycles;  // and the link
  const auto connect = [&](std::uint32_t output_index, RouterId to, std::uint32_t credit_cycles) {
    const std::uint32_t port = routers_[to].first_port + next_port[to]++;
    outputs_[output_index].port = port;
    outputs_[output_index].router = to;
    ports_[port].upstream = output_index;
    ports_[port].credit_cycles = config_.switch_alloc_cycles + credit_cycles;
  };
  for (const GraphLink& link : graph.links) {
    const std::uint32_t first = routers_[link.from].first_output + next_output[link.from];
    output_of_link_.push_back(first);
    next_output[link.from] += link.lanes;
    const std::uint32_t credit_wire =
        link.credit_cycles > 0 ? link.credit_cycles : config_.credit_link_cycles;
    for (std::uint32_t index = first; index < first + link.lanes; ++index) {
      outputs_[index].arrival_cycles = flight + link.latency_cycles;
      outputs_[index].buffer_flits = link.buffer_flits;
      set_rate(outputs_[index], link.bytes_per_cycle, link.lanes);
      connect(index, link.to, credit_wire + config_.credit_cycles);
    }
  }
  first_source_ = static_cast<std::uint32_t>(outputs_.size());
  for (const GraphNode& node : graph.nodes) {
    const std::uint32_t first = routers_[node.router].first_output + next_output[node.router];
    output_of_node_.push_back(first);
    next_output[node.router] += node.lanes;
    first_source_of_node_.push_back(static_cast<std::uint32_t>(sources_.size()));
    for (std::uint32_t lane = 0; lane < node.lanes; ++lane) {
      Output& eject = outputs_[first + lane];
      eject.arrival_cycles = flight + node.receive_cycles;
      eject.buffer_flits = node.receive_buffer_flits;
      set_rate(eject, node.bytes_per_cycle, node.lanes);

      const auto index = static_cast<std::uint32_t>(outputs_.size());
      Output& inject = outputs_.emplace_back();
      inject.arrival_cycles = 1 + node.send_cycles;  // a cycle to leave the node
      inject.buffer_flits = node.send_buffer_flits;
      set_rate(inject, node.bytes_per_cycle, node.lanes);
      // A node uses a credit as soon as it comes.
      connect(index, node.router, std::max(node.send_cycles, config_.credit_link_cycles));
      Source& source = sources_.emplace_back();
      source.output = index;
      source.queues.resize(config_.traffic_classes);
    }
  }
  sent_.assign(graph.nodes.size(), 0);
  for (Output& output : outputs_) {
    output.free_vcs = port_vcs_;
  }
  for (Output& output : outputs_) {
    OutVc fresh;
    output.buffer_flits = output.buffer_flits > 0 ? output.buffer_flits : config_.buffer_flits;
    for (std::uint32_t vc = 0; vc < vcs_; ++vc) {
      const std::uint32_t traffic_class = vc / config_.vcs;
      const bool tree =
          traffic_class == config_.multicast_class || traffic_class == config_.reduction_class;
      fresh.credits =
          tree ? std::max(output.buffer_flits, config_.tree_buffer_flits) : output.buffer_flits;
      out_vcs_.push_back(fresh);
    }
  }
  router_words_ = words_for(router_count);
  wakes_.assign(kWakeSlots * router_words_, 0);
}

void RouterEngine::set_rate(Output& output, std::uint64_t bytes_per_cycle, std::uint32_t lanes) {
  const std::uint64_t bytes = config_.flit_bytes * lanes;  // that all lanes take at once
  const std::uint64_t divisor = std::gcd(bytes, bytes_per_cycle);
  output.cycles_numerator = static_cast<std::uint32_t>(bytes / divisor);
  output.cycles_denominator = static_cast<std::uint32_t>(bytes_per_cycle / divisor);
  unit_rates_ = unit_rates_ && bytes == bytes_per_cycle;
}

std::uint32_t RouterEngine::uneven_cycles(const Output& output, std::uint32_t flits) const {
  const std::uint64_t slack = output.busy_until == now_ ? output.slack : 0;
  const std::uint64_t needed = std::uint64_t{flits} * output.cycles_numerator;
  const std::uint64_t left = needed > slack ? needed - slack : 0;
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(1, ceil_div(left, output.cycles_denominator)));
}

std::uint32_t RouterEngine::whole_cycles(const Output& output, std::uint32_t flits) const {
  return static_cast<std::uint32_t>(
      ceil_div(std::uint64_t{flits} * output.cycles_numerator, output.cycles_denominator));
}

void RouterEngine::take_wire(Output& output, std::uint32_t flits, std::uint32_t held) {
  if (!unit_rates_) {
    const std::uint64_t slack = output.busy_until == now_ ? output.slack : 0;
    const std::uint64_t paid = slack + std::uint64_t{held} * output.cycles_denominator;
    const std::uint64_t needed = std::uint64_t{flits} * output.cycles_numerator;
    output.slack = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(paid - needed, output.cycles_denominator - 1));
  }
  output.busy_until = now_ + held;
  output.load.flits += flits;
}

// A wire that passes several flits a cycle loses nothing by taking them at once; one that needs
// several cycles for a flit gains nothing.
std::uint32_t RouterEngine::reach_on(const Output& output, std::uint32_t reach) const {
  if (unit_rates_) {
    return reach;
  }
  return output.cycles_numerator > output.cycles_denominator
             ? 1
             : std::max(reach, output.cycles_denominator / output.cycles_numerator);
}

// Every event lies less than a turn of the wheel ahead.
void RouterEngine::size_wheel() {
  std::uint64_t longest_flight = 0;
  std::uint64_t longest_segment = 0;
  std::uint64_t longest_credit = 0;
  for (const InPort& port : ports_) {
    longest_credit = std::max<std::uint64_t>(longest_credit, port.credit_cycles);
  }
  for (const Output& output : outputs_) {
    longest_flight = std::max<std::uint64_t>(longest_flight, output.arrival_cycles);
    longest_segment = std::max<std::uint64_t>(
        longest_segment, cycles(output, std::max(output.buffer_flits, config_.tree_buffer_flits)));
  }
  longest_credit += config_.credit_link_cycles + 1 + config_.credit_cycles;
  const std::uint64_t most = longest_flight + 2 * longest_segment + longest_credit +
                             config_.vc_alloc_cycles + config_.routing_cycles + 8;
  wheel_.resize(std::bit_ceil(std::max<std::uint64_t>(most, 64)));
  wheel_mask_ = wheel_.size() - 1;
  occupied_.assign(wheel_.size() / 64, 0);
}

}  // namespace orrery
