// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference_router.h"

#include <algorithm>

#include "sim/random.h"

namespace orrery {
namespace {

// Of the n-th packet of a node, modulo the lanes of each wire.
std::uint64_t lane_of(std::uint64_t number) {
  return number + number / 8;
}

// The first of `count` for which `holds`, from `start` on and around; `count`: none.
template <typename Holds>
std::uint32_t round_robin(std::uint32_t start, std::uint32_t count, const Holds& holds) {
  for (std::uint32_t k = 0; k < count; ++k) {
    const std::uint32_t i = (start + k) % count;
    if (holds(i)) {
      return i;
    }
  }
  return count;
}

}  // namespace

ReferenceRouters::ReferenceRouters(const NetworkGraph& graph,
                                   const RouteTables& routes,
                                   const RouterConfig& config)
    : graph_(graph),
      routes_(routes),
      config_(config),
      vcs_(config.traffic_classes * config.vcs),
      routers_(graph.routers.size()),
      sources_(graph.nodes.size()),
      packets_of_node_(graph.nodes.size(), 0),
      link_loads_(graph.links.size()),
      node_in_loads_(graph.nodes.size()),
      node_out_loads_(graph.nodes.size()),
      buffered_flit_cycles_(graph.links.size() * vcs_, 0) {
  const auto buffers = [&](std::uint32_t own_flits) {
    SendingVc fresh;
    fresh.credits = own_flits > 0 ? own_flits : config.buffer_flits;
    return std::vector<SendingVc>(vcs_, fresh);
  };
  const Tick flight = config.switch_alloc_cycles + config.traversal_cycles;
  const auto add_output = [&](std::uint32_t router, std::uint32_t latency, std::uint32_t flits,
                              WireLoad& load) {
    OutputPort& output = routers_[router].outputs.emplace_back();
    output.vcs = buffers(flits);
    output.arrival_cycles = flight + latency;
    output.load = &load;
    return static_cast<std::uint32_t>(routers_[router].outputs.size() - 1);
  };
  const auto add_input = [&](std::uint32_t router, std::uint32_t credit_cycles) {
    InputPort& input = routers_[router].inputs.emplace_back();
    input.vcs.resize(vcs_);
    input.credit_cycles = config.switch_alloc_cycles + credit_cycles;
    return static_cast<std::uint32_t>(routers_[router].inputs.size() - 1);
  };
  std::vector<std::uint32_t> port_of_link;  // of the first lane
  for (std::size_t l = 0; l < graph.links.size(); ++l) {
    const GraphLink& link = graph.links[l];
    const std::uint32_t credit_wire =
        link.credit_cycles > 0 ? link.credit_cycles : config.credit_link_cycles;
    for (std::uint32_t lane = 0; lane < link.lanes; ++lane) {
      const std::uint32_t output =
          add_output(link.from, link.latency_cycles, link.buffer_flits, link_loads_[l]);
      const std::uint32_t input = add_input(link.to, credit_wire + config.credit_cycles);
      if (lane == 0) {
        output_of_link_.push_back(output);
        port_of_link.push_back(input);
      }
    }
  }
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const GraphNode& node = graph.nodes[n];
    output_of_node_.push_back(static_cast<std::uint32_t>(routers_[node.router].outputs.size()));
    for (std::uint32_t lane = 0; lane < node.lanes; ++lane) {
      add_output(node.router, node.receive_cycles, node.receive_buffer_flits, node_in_loads_[n]);
      Source& source = sources_[n].emplace_back();
      source.router = node.router;
      source.port = add_input(node.router, std::max(node.send_cycles, config.credit_link_cycles));
      source.vcs = buffers(node.send_buffer_flits);
      source.queues.resize(config.traffic_classes);
    }
  }
  // No port moves from here on.
  for (std::uint32_t l = 0; l < graph.links.size(); ++l) {
    const GraphLink& link = graph.links[l];
    for (std::uint32_t lane = 0; lane < link.lanes; ++lane) {
      OutputPort& output = routers_[link.from].outputs[output_of_link_[l] + lane];
      output.router = link.to;
      output.port = port_of_link[l] + lane;
      InputPort& input = routers_[link.to].inputs[output.port];
      input.upstream = &output.vcs;
      input.link = l;
    }
  }
  for (std::vector<Source>& lanes : sources_) {
    for (Source& source : lanes) {
      routers_[source.router].inputs[source.port].upstream = &source.vcs;
    }
  }
}

// ---- packets -------------------------------------------------------------------------------

std::vector<ReferenceRouters::Step> ReferenceRouters::route_of(const Packet& packet,
                                                               std::uint64_t number) const {
  const std::uint64_t set = random_below(packet.source, number, routes_.sets.size());
  const RouterId goal = graph_.nodes[packet.destination].router;
  const std::uint32_t first_vc = packet.traffic_class * config_.vcs;
  std::vector<Step> route;
  std::uint32_t vc_class = routes_.sets[set].first_class;
  std::uint32_t direction = RouteTables::kInjected;
  for (RouterId at = graph_.nodes[packet.source].router; at != goal;) {
    const Hop hop = routes_.next(set, at, goal);
    const GraphLink& link = graph_.links[hop.link];
    if (routes_.rule == ClassRule::kByDateline) {
      vc_class += link.dateline ? 1 : 0;
    } else if (link.direction != direction) {
      vc_class = hop.vc_class;
    }
    direction = link.direction;
    Step step{output_of_link_[hop.link] + static_cast<std::uint32_t>(lane_of(number) % link.lanes),
              std::vector<bool>(vcs_, false)};
    // Virtual channel v is of class c where c is the last with ceil(c V / C) <= v, which is
    // floor(v C / V).
    for (std::uint32_t v = 0; v < config_.vcs; ++v) {
      step.vcs[first_vc + v] = v * routes_.vc_classes / config_.vcs == vc_class;
    }
    route.push_back(step);
    at = link.to;
  }
  const std::uint64_t last_lane = lane_of(number) % graph_.nodes[packet.destination].lanes;
  Step last{output_of_node_[packet.destination] + static_cast<std::uint32_t>(last_lane),
            std::vector<bool>(vcs_, false)};
  for (std::uint32_t v = 0; v < config_.vcs; ++v) {
    last.vcs[first_vc + v] = true;
  }
  route.push_back(last);
  return route;
}

void ReferenceRouters::send(const Packet& packet) {
  const std::uint64_t number = packets_of_node_[packet.source]++;
  packets_.push_back({packet, now_, route_of(packet, number)});
  std::vector<Source>& lanes = sources_[packet.source];
  lanes[lane_of(number) % lanes.size()].queues[packet.traffic_class].packets.push_back(
      packets_.size() - 1);
  ++undelivered_;
}

const ReferenceRouters::Step& ReferenceRouters::step_of(const InputVc& in) const {
  const Flit& front = in.flits.front();
  return packets_[front.packet].route[front.step];
}

bool ReferenceRouters::is_tail(const Flit& flit) const {
  return flit.index + 1 == packets_[flit.packet].packet.flits;
}

// ---- a cycle -------------------------------------------------------------------------------

void ReferenceRouters::tick() {
  take_in();
  for (Router& router : routers_) {
    if (!has_flits(router)) {
      continue;
    }
    look_at_heads(router);
    count_waiting(router);
    allocate_vcs(router);
    allocate_switch(router);
  }
  for (std::uint32_t node = 0; node < sources_.size(); ++node) {
    for (Source& source : sources_[node]) {
      open_packets(source);
      const auto queues = static_cast<std::uint32_t>(source.queues.size());
      const std::uint32_t sent = round_robin(source.next_queue, queues, [&](std::uint32_t q) {
        return source.queues[q].open && send_flit(source, node, source.queues[q]);
      });
      if (sent < queues) {
        source.next_queue = (sent + 1) % queues;
      }
    }
  }
  ++now_;
}

void ReferenceRouters::take_in() {
  for (; !arrivals_.empty() && arrivals_.begin()->first == now_;
       arrivals_.erase(arrivals_.begin())) {
    const Arrival& arrival = arrivals_.begin()->second;
    routers_[arrival.router].inputs[arrival.port].vcs[arrival.vc].flits.push_back(arrival.flit);
  }
  for (; !credits_.empty() && credits_.begin()->first == now_; credits_.erase(credits_.begin())) {
    ++credits_.begin()->second->credits;
  }
}

bool ReferenceRouters::has_flits(const Router& router) {
  for (const InputPort& port : router.inputs) {
    for (const InputVc& in : port.vcs) {
      if (!in.flits.empty()) {
        return true;
      }
    }
  }
  return false;
}

void ReferenceRouters::look_at_heads(Router& router) {
  for (InputPort& port : router.inputs) {
    for (InputVc& in : port.vcs) {
      if (in.stage == InputVc::Stage::kEmpty && in.empty_from <= now_ && !in.flits.empty()) {
        in.stage = InputVc::Stage::kWaitsForVc;
        in.asks_from = now_ + config_.routing_cycles;
      }
    }
  }
}

// What the cycle finds: buffered flits are counted before they leave, and those that do are taken
// off in `transmit`.
void ReferenceRouters::count_waiting(Router& router) {
  for (const InputPort& port : router.inputs) {
    for (std::uint32_t v = 0; v < vcs_; ++v) {
      const InputVc& in = port.vcs[v];
      if (port.link != kNone) {
        buffered_flit_cycles_[port.link * vcs_ + v] += in.flits.size();
      }
      if (in.stage == InputVc::Stage::kHasVc && in.asks_from <= now_ && !in.flits.empty()) {
        OutputPort& output = router.outputs[step_of(in).output];
        output.load->credit_stall_cycles += output.vcs[in.out_vc].credits == 0 ? 1 : 0;
      }
    }
  }
}

// In each pass every free virtual channel of an output picks one of the heads that ask for it, and
// every head takes one of the virtual channels that picked it.
void ReferenceRouters::allocate_vcs(Router& router) {
  const auto inputs = static_cast<std::uint32_t>(router.inputs.size()) * vcs_;
  const auto outputs = static_cast<std::uint32_t>(router.outputs.size()) * vcs_;
  const auto input = [&](std::uint32_t i) -> InputVc& {
    return router.inputs[i / vcs_].vcs[i % vcs_];
  };
  const auto output = [&](std::uint32_t o) -> SendingVc& {
    return router.outputs[o / vcs_].vcs[o % vcs_];
  };
  std::vector<std::uint32_t> wanted(inputs, kNone);  // the output whose channels a head asks for
  std::vector<bool> is_wanted(router.outputs.size(), false);
  for (std::uint32_t i = 0; i < inputs; ++i) {
    const InputVc& in = input(i);
    if (in.stage == InputVc::Stage::kWaitsForVc && in.asks_from <= now_) {
      wanted[i] = step_of(in).output;
      is_wanted[wanted[i]] = true;
    }
  }
  for (std::uint32_t pass = 0; pass < config_.allocation_passes; ++pass) {
    std::vector<std::uint32_t> picked_by(outputs, inputs);  // which head, by output channel
    for (std::uint32_t o = 0; o < outputs; ++o) {
      if (!is_wanted[o / vcs_] || !is_free(output(o))) {
        continue;
      }
      picked_by[o] = round_robin(output(o).request_pointer, inputs, [&](std::uint32_t i) {
        return wanted[i] == o / vcs_ && step_of(input(i)).vcs[o % vcs_];
      });
    }
    for (std::uint32_t i = 0; i < inputs; ++i) {
      InputVc& in = input(i);
      if (wanted[i] == kNone) {
        continue;
      }
      const std::uint32_t o = round_robin(
          in.accept_pointer, outputs, [&](std::uint32_t offer) { return picked_by[offer] == i; });
      if (o == outputs) {
        continue;
      }
      wanted[i] = kNone;
      in.stage = InputVc::Stage::kHasVc;
      in.asks_from = now_ + config_.vc_alloc_cycles;
      in.out_vc = o % vcs_;
      output(o).taken = true;
      if (pass == 0) {
        output(o).request_pointer = (i + 1) % inputs;
        in.accept_pointer = (o + 1) % outputs;
      }
    }
  }
}

// In each pass every output that is not matched picks one of the input ports that ask for it and
// are not matched, and every input port takes one of the outputs that picked it.
void ReferenceRouters::allocate_switch(Router& router) {
  const auto inputs = static_cast<std::uint32_t>(router.inputs.size());
  const auto outputs = static_cast<std::uint32_t>(router.outputs.size());
  std::vector<bool> input_matched(inputs, false);
  std::vector<bool> output_matched(outputs, false);
  std::vector<std::uint32_t> wanted(inputs * vcs_, kNone);  // output, by input virtual channel
  std::vector<bool> is_wanted(outputs, false);
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    const InputVc& in = router.inputs[i / vcs_].vcs[i % vcs_];
    if (in.stage == InputVc::Stage::kHasVc && in.asks_from <= now_ && !in.flits.empty() &&
        router.outputs[step_of(in).output].vcs[in.out_vc].credits > 0) {
      wanted[i] = step_of(in).output;
      is_wanted[wanted[i]] = true;
    }
  }
  const auto asks = [&](std::uint32_t i, std::uint32_t vc, std::uint32_t o) {
    return wanted[i * vcs_ + vc] == o;
  };
  for (std::uint32_t pass = 0; pass < config_.allocation_passes; ++pass) {
    std::vector<std::uint32_t> picked_by(outputs, inputs);  // which input port, by output
    for (std::uint32_t o = 0; o < outputs; ++o) {
      if (output_matched[o] || !is_wanted[o]) {
        continue;
      }
      picked_by[o] = round_robin(router.outputs[o].grant_pointer, inputs, [&](std::uint32_t i) {
        return !input_matched[i] &&
               round_robin(0, vcs_, [&](std::uint32_t vc) { return asks(i, vc, o); }) < vcs_;
      });
    }
    for (std::uint32_t i = 0; i < inputs; ++i) {
      InputPort& port = router.inputs[i];
      const std::uint32_t o = round_robin(
          port.accept_pointer, outputs, [&](std::uint32_t offer) { return picked_by[offer] == i; });
      if (o == outputs) {
        continue;
      }
      const std::uint32_t vc =
          round_robin(port.vc_pointer, vcs_, [&](std::uint32_t v) { return asks(i, v, o); });
      input_matched[i] = true;
      output_matched[o] = true;
      port.vc_pointer = (vc + 1) % vcs_;
      if (pass == 0) {
        router.outputs[o].grant_pointer = (i + 1) % inputs;
        port.accept_pointer = (o + 1) % outputs;
      }
      transmit(port, vc, router.outputs[o]);
    }
  }
}

void ReferenceRouters::transmit(InputPort& port, std::uint32_t vc, OutputPort& output) {
  InputVc& in = port.vcs[vc];
  const Flit flit = in.flits.front();
  in.flits.pop_front();
  in.asks_from = now_ + config_.switch_alloc_cycles;
  if (port.link != kNone) {
    --buffered_flit_cycles_[port.link * vcs_ + vc];
  }
  credits_.emplace(now_ + port.credit_cycles, &(*port.upstream)[vc]);

  SendingVc& out = output.vcs[in.out_vc];
  --out.credits;
  ++output.load->flits;
  const Tick arrival = now_ + output.arrival_cycles;
  if (output.router != kNone) {
    arrivals_.emplace(
        arrival,
        Arrival{output.router, output.port, in.out_vc, {flit.packet, flit.index, flit.step + 1}});
  } else {
    credits_.emplace(arrival + 1 + config_.credit_link_cycles + config_.credit_cycles, &out);
  }
  if (!is_tail(flit)) {
    return;
  }
  in.stage = InputVc::Stage::kEmpty;
  in.empty_from = now_ + config_.switch_alloc_cycles;
  out.taken = false;
  out.free_from = in.empty_from;
  if (output.router == kNone) {
    const PacketState& state = packets_[flit.packet];
    deliveries_.push_back({state.packet, state.created, arrival,
                           static_cast<std::uint32_t>(state.route.size()),
                           in.out_vc % config_.vcs});
    --undelivered_;
  }
}

// ---- sources -------------------------------------------------------------------------------

// Which packets are being sent: the first of every traffic class, or only one of them all, of the
// highest class that has any.
void ReferenceRouters::open_packets(Source& source) const {
  bool any_open = false;
  for (const Queue& queue : source.queues) {
    any_open = any_open || queue.open;
  }
  for (std::size_t q = source.queues.size(); q-- > 0;) {
    Queue& queue = source.queues[q];
    if (!queue.open && !queue.packets.empty() && !(config_.one_packet_at_a_time && any_open)) {
      queue.open = true;
      queue.has_vc = false;
      queue.sent = 0;
      any_open = true;
    }
  }
}

bool ReferenceRouters::send_flit(Source& source, std::uint32_t node, Queue& queue) {
  const Packet& packet = packets_[queue.packets.front()].packet;
  if (!queue.has_vc) {
    const std::uint32_t first_vc = packet.traffic_class * config_.vcs;
    const std::uint32_t vc = round_robin(queue.last_vc + 1, config_.vcs, [&](std::uint32_t v) {
      return is_free(source.vcs[first_vc + v]) && source.vcs[first_vc + v].credits > 0;
    });
    if (vc == config_.vcs) {
      return false;
    }
    queue.has_vc = true;
    queue.last_vc = vc;
    queue.vc = first_vc + vc;
    source.vcs[queue.vc].taken = true;
  }
  SendingVc& out = source.vcs[queue.vc];
  if (out.credits == 0) {
    return false;
  }
  --out.credits;
  ++node_out_loads_[node].flits;
  arrivals_.emplace(
      now_ + 1 + graph_.nodes[node].send_cycles,
      Arrival{source.router, source.port, queue.vc, {queue.packets.front(), queue.sent, 0}});
  if (++queue.sent == packet.flits) {
    out.taken = false;
    out.free_from = now_ + 1;
    queue.open = false;
    queue.packets.pop_front();
  }
  return true;
}

}  // namespace orrery
