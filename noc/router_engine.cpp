// SPDX-License-Identifier: Apache-2.0
#include "noc/router_engine.h"

#include <algorithm>
#include <bit>

#include "noc/input_mask.h"

namespace orrery {
namespace {

constexpr std::uint32_t lane_of(std::uint32_t packet_lane, std::uint32_t lanes) {
  return lanes == 1 ? 0 : packet_lane % lanes;
}

}  // namespace

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
