// SPDX-License-Identifier: Apache-2.0
#include "noc/router_engine.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

#include "noc/check_router_config.h"
#include "noc/input_mask.h"
#include "sim/random.h"
#include "sim/units.h"

namespace orrery {
namespace {

constexpr std::uint32_t lane_of(std::uint32_t packet_lane, std::uint32_t lanes) {
  return lanes == 1 ? 0 : packet_lane % lanes;
}

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

// ---- time ----------------------------------------------------------------------------------

void RouterEngine::wake_source(std::uint32_t index, Tick at) {
  Source& source = sources_[index];
  if (source.woken_for == at) {
    return;
  }
  source.woken_for = at;
  slot(at).sources.push_back(index);
}

Tick RouterEngine::next_tick() const {
  // Both are rings that begin at `now_`: what lies in its own slot is due now.
  Tick best = kNoTick;
  if (wake_slots_ != 0) {
    best = now_ +
           static_cast<Tick>(std::countr_zero(std::rotr(wake_slots_, static_cast<int>(now_ % 64))));
  }
  const std::size_t start = now_ & wheel_mask_;
  const std::size_t words = occupied_.size();
  std::uint64_t word = occupied_[start / 64] & (~std::uint64_t{0} << (start % 64));
  for (std::size_t k = 0; k <= words; ++k) {
    if (word != 0) {
      const std::size_t index =
          ((start / 64 + k) % words) * 64 + static_cast<std::size_t>(std::countr_zero(word));
      return std::min(best, now_ + ((index - start) & wheel_mask_));
    }
    word = occupied_[(start / 64 + k + 1) % words];
  }
  return best;
}

void RouterEngine::advance(Tick until) {
  for (Tick at = next_tick(); at <= until && at != kNoTick; at = next_tick()) {
    run(at);
  }
  if (until != kNoTick) {
    now_ = std::max(now_, until);
  }
}

void RouterEngine::run(Tick now) {
  now_ = now;
  const std::size_t index = now & wheel_mask_;
  Slot& due = wheel_[index];
  for (const std::uint32_t in_vc : due.tails) {
    (in_vc & kBranchBit) != 0 ? finish_branch(in_vc & ~kBranchBit) : finish_tail(in_vc);
  }
  due.tails.clear();
  for (const Arrival& arrival : due.arrivals) {
    arrive(arrival);
  }
  due.arrivals.clear();
  for (const Credit& credit : due.credits) {
    take_credit(credit);
  }
  due.credits.clear();
  for (const std::uint32_t in_vc : due.routed) {
    request_vc(in_vc);
  }
  due.routed.clear();
  for (const std::uint32_t in_vc : due.activated) {
    activate(in_vc, now_);
  }
  due.activated.clear();

  if ((wake_slots_ >> (now % kWakeSlots) & 1) != 0) {
    wake_slots_ &= ~(std::uint64_t{1} << (now % kWakeSlots));
    std::uint64_t* const woken = &wakes_[now % kWakeSlots * router_words_];
    for (std::size_t w = 0; w < router_words_; ++w) {
      std::uint64_t bits = woken[w];
      woken[w] = 0;
      for (; bits != 0; bits &= bits - 1) {
        const auto router =
            static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
        step_router(router);
      }
    }
  }
  for (std::size_t i = 0; i < due.sources.size(); ++i) {
    step_source(due.sources[i]);
  }
  due.sources.clear();
  occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
}

// ---- events --------------------------------------------------------------------------------

// The tail has left the buffer: its virtual channels pass on to the next packets.
void RouterEngine::finish_tail(std::uint32_t in_vc) {
  InVc& in = in_vcs_[in_vc];
  leave_vc(in.output, in.out_vc, in.router);
  if (packets_[in.packet].reduction != kNone) {
    release_merged(in);
  }
  if (outputs_[in.output].port == kNone) {
    free_packet(in.packet);
  }
  leave(in, in_vc);
}

// The virtual channel of an output is free for the next packet.
void RouterEngine::leave_vc(std::uint32_t output_index,
                            std::uint8_t out_vc,
                            std::uint32_t router_index) {
  Output& output = outputs_[output_index];
  out_vcs_[output_index * vcs_ + out_vc].owner = kNone;
  output.free_vcs |= std::uint64_t{1} << out_vc;
  const Router& router = routers_[router_index];
  const std::uint32_t local = output_index - router.first_output;
  if ((request_outputs_[router.output_masks + local / 64] >> (local % 64) & 1) != 0) {
    wake(router_index, now_);
  }
}

// The front packet has left the virtual channel of an input; the next one comes to the front.
void RouterEngine::leave(InVc& in, std::uint32_t in_vc) {
  retire_claim(in);
  in.state = VcState::kIdle;
  in.packet = kNone;
  if (--in.packets == 0) {
    --ports_[in.port].used_vcs;
  }
  if (in.first_waiting != kNone) {
    const std::uint32_t index = in.first_waiting;
    const Waiting next = waiting_[index];
    in.first_waiting = next.next;
    if (next.next == kNone) {
      in.last_waiting = kNone;
    }
    waiting_[index].next = free_waiting_;
    free_waiting_ = index;
    in.packet = next.packet;
    in.flits = next.flits;
    begin(in, in_vc);
  }
}

void RouterEngine::arrive(const Arrival& arrival) {
  InVc& in = in_vcs_[arrival.in_vc];
  const std::uint64_t n = arrival.flits;
  in.occupancy_cycles -= n * now_ + n * (n - 1) / 2;
  if (in.packet == kNone) {
    in.packet = arrival.packet;
    in.flits = arrival.flits;
    begin(in, arrival.in_vc);
    return;
  }
  if (in.packet == arrival.packet) {
    const bool ran_dry = in.flits == 0;
    in.flits += arrival.flits;
    if (in.state > VcState::kLeaving) {
      refresh_tree(in, now_);
    } else if (ran_dry && in.state == VcState::kActive) {
      if (out_vcs_[in.output * vcs_ + in.out_vc].credits > 0) {
        set_ready(in, now_);
      } else {
        in.stalled_since = now_;
      }
    }
    return;
  }
  if (in.last_waiting != kNone && waiting_[in.last_waiting].packet == arrival.packet) {
    waiting_[in.last_waiting].flits += arrival.flits;
    return;
  }
  std::uint32_t index = free_waiting_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(waiting_.size());
    waiting_.emplace_back();
  } else {
    free_waiting_ = waiting_[index].next;
  }
  waiting_[index] = {arrival.packet, arrival.flits, kNone};
  if (in.last_waiting == kNone) {
    in.first_waiting = index;
  } else {
    waiting_[in.last_waiting].next = index;
  }
  in.last_waiting = index;
}

// A head has come to the front of its virtual channel.
void RouterEngine::begin(InVc& in, std::uint32_t in_vc) {
  const PacketState& packet = packets_[in.packet];
  in.left = packet.packet.flits;
  in.head_sent = false;
  in.alone = packet.alone;
  in.contended = packet.contended;
  in.output = packet.output;
  if (in.claimed == kNone) {
    in.claimed = packet.output;
  }
  if (packet.reduction != kNone && !gather(in, in_vc)) {
    return;
  }
  if (config_.routing_cycles > 0) {
    in.state = VcState::kRouting;
    slot(now_ + config_.routing_cycles).routed.push_back(in_vc);
  } else {
    request_vc(in_vc);
  }
}

void RouterEngine::request_vc(std::uint32_t in_vc) {
  InVc& in = in_vcs_[in_vc];
  if (packets_[in.packet].parts) {
    split(in, in_vc);
    return;
  }
  in.state = VcState::kRequesting;
  ask_for_vc(in, in.output);
}

void RouterEngine::ask_for_vc(const InVc& in, std::uint32_t output) {
  const Router& router = routers_[in.router];
  set_bit(&requests_[outputs_[output].masks], in.bit);
  set_bit(&request_outputs_[router.output_masks], output - router.first_output);
  wake(in.router, now_);
}

void RouterEngine::activate(std::uint32_t in_vc, Tick at) {
  if ((in_vc & kBranchBit) != 0) {
    activate_branch(in_vc & ~kBranchBit, at);
    return;
  }
  InVc& in = in_vcs_[in_vc];
  if (packets_[in.packet].reduction != kNone && join_of(in).expected > 1) {
    in.state = VcState::kMerging;
    refresh_tree(in, at);
    return;
  }
  in.state = VcState::kActive;
  if (in.flits == 0) {
    return;
  }
  if (out_vcs_[in.output * vcs_ + in.out_vc].credits > 0) {
    set_ready(in, at);
  } else {
    in.stalled_since = at;
  }
}

void RouterEngine::take_credit(const Credit& credit) {
  OutVc& out_vc = out_vcs_[credit.out_vc];
  const bool was_full = out_vc.credits == 0;
  out_vc.credits += credit.flits;
  if (!was_full) {
    return;  // nobody has waited for it
  }
  if (out_vc.owner == kNone) {
    // A source looks for a virtual channel with credits.
    const std::uint32_t output = credit.out_vc / vcs_;
    if (output >= first_source_) {
      wake_source(output - first_source_, now_);
    }
    return;
  }
  if ((out_vc.owner & kSourceOwner) != 0) {
    wake_source(out_vc.owner & ~kSourceOwner, now_);
    return;
  }
  InVc& in = in_vcs_[out_vc.owner];
  if (in.state > VcState::kLeaving) {
    refresh_tree(in, now_);
    return;
  }
  if (in.state == VcState::kActive && in.flits > 0) {
    if (now_ > in.stalled_since) {
      outputs_[in.output].load.credit_stall_cycles += now_ - in.stalled_since;
      credit_stalls_ += now_ - in.stalled_since;
    }
    set_ready(in, now_);
  }
}

// ---- packets -------------------------------------------------------------------------------

// Where the packet goes on from `router`, to which its head is about to be sent.
void RouterEngine::look_ahead(PacketState& packet, RouterId router) {
  if (packet.destinations != kNone) {
    look_ahead_tree(packet, router);
    if (packet.parts) {
      return;
    }
  }
  const std::uint32_t first = packet.packet.traffic_class * config_.vcs;
  if (router == packet.goal) {
    const std::uint32_t node = packet.packet.destination;
    packet.output = output_of_node_[node] + lane_of(packet.lane, graph_.nodes[node].lanes);
    packet.vc_mask = packet.reduction == kNone
                         ? low_bits(config_.vcs) << first
                         : reduction_vcs(class_vcs_[0], packet.reduction) << first;
    return;
  }
  const Hop hop = routes_.next(packet.set, router, packet.goal);
  packet.route_class = static_cast<std::uint16_t>(
      routes_.class_on(graph_, hop, packet.route_class, packet.direction));
  const GraphLink& link = graph_.links[hop.link];
  packet.direction = link.direction;
  packet.output = output_of_link_[hop.link] + lane_of(packet.lane, link.lanes);
  packet.vc_mask = packet.reduction == kNone
                       ? class_vcs_[packet.route_class] << first
                       : reduction_vcs(class_vcs_[packet.route_class], packet.reduction) << first;
}

// A head is on its way to this virtual channel. Packets that follow each other here never compete;
// so they claim their outputs by *runs* of packets for the same output.
void RouterEngine::announce(std::uint32_t in_vc, const PacketState& packet) {
  InVc& in = in_vcs_[in_vc];
  const std::uint32_t place = in.packets++;
  if (place == 0) {
    ++ports_[in.port].used_vcs;
    in.claimed = packet.output;
  }
  // Beyond 64 packets the last run is taken to go on.
  if (place == 0 || (place < 64 && packet.output != in.last_output)) {
    in.run_starts |= std::uint64_t{1} << place;
    in.last_output = packet.output;
    ++outputs_[packet.output].claims;
  }
}

// The front packet leaves, and with it its run unless the next packet belongs to that too.
void RouterEngine::retire_claim(InVc& in) {
  in.run_starts >>= 1;
  if (in.packets == 1 || (in.run_starts & 1) != 0) {
    --outputs_[in.claimed].claims;
    in.claimed = kNone;  // the next one's is known when it is here
  }
}

// ---- reports -------------------------------------------------------------------------------

WireLoad RouterEngine::load_of(std::uint32_t first_output, std::uint32_t lanes) const {
  WireLoad sum;
  for (std::uint32_t index = first_output; index < first_output + lanes; ++index) {
    sum.flits += outputs_[index].load.flits;
    sum.credit_stall_cycles += outputs_[index].load.credit_stall_cycles;
  }
  return sum;
}

std::vector<WireLoad> RouterEngine::link_loads() const {
  std::vector<WireLoad> loads;
  for (std::size_t l = 0; l < graph_.links.size(); ++l) {
    loads.push_back(load_of(output_of_link_[l], graph_.links[l].lanes));
  }
  return loads;
}

std::vector<WireLoad> RouterEngine::node_in_loads() const {
  std::vector<WireLoad> loads;
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    loads.push_back(load_of(output_of_node_[n], graph_.nodes[n].lanes));
  }
  return loads;
}

std::vector<WireLoad> RouterEngine::node_out_loads() const {
  std::vector<WireLoad> loads;
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    loads.push_back(load_of(first_source_ + first_source_of_node_[n], graph_.nodes[n].lanes));
  }
  return loads;
}

std::vector<double> RouterEngine::mean_occupancy() const {
  std::vector<double> means;
  for (std::size_t l = 0; l < graph_.links.size(); ++l) {
    for (std::uint32_t vc = 0; vc < vcs_; ++vc) {
      std::uint64_t flit_cycles = 0;
      for (std::uint32_t lane = 0; lane < graph_.links[l].lanes; ++lane) {
        const Output& output = outputs_[output_of_link_[l] + lane];
        const InVc& in = in_vcs_[std::size_t{output.port} * vcs_ + vc];
        std::uint64_t here = in.packet == kNone ? 0 : in.flits;
        for (std::uint32_t w = in.first_waiting; w != kNone; w = waiting_[w].next) {
          here += waiting_[w].flits;
        }
        flit_cycles += in.occupancy_cycles + here * now_;
      }
      // Segments on wires of several flits a cycle are booked as if they took more; that can make
      // an empty buffer's sum come out below nothing.
      const double sum = std::max(0.0, static_cast<double>(static_cast<std::int64_t>(flit_cycles)));
      means.push_back(now_ == 0 ? 0 : sum / static_cast<double>(now_));
    }
  }
  return means;
}

}  // namespace orrery
