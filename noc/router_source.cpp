// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "noc/input_mask.h"
#include "noc/router_engine.h"
#include "sim/random.h"

// The sending side of nodes.
namespace orrery {

void RouterEngine::send(const Packet& packet, Tick now) {
  Source& source = sources_[packet.source];
  std::uint32_t index = free_packet_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(packets_.size());
    packets_.emplace_back();
  } else {
    free_packet_ = packets_[index].next;
  }
  PacketState& state = packets_[index];
  state = PacketState();
  state.packet = packet;
  state.created = now;
  state.goal = graph_.nodes[packet.destination].router;
  state.direction = RouteTables::kInjected;
  const std::size_t sets = routes_.sets.size();
  state.set =
      static_cast<std::uint16_t>(sets == 1 ? 0 : random_below(packet.source, source.sent, sets));
  state.route_class = static_cast<std::uint16_t>(routes_.sets[state.set].first_class);
  state.alone = static_cast<std::uint16_t>(config_.alone.flits(packet.flits));
  state.contended = static_cast<std::uint16_t>(config_.contended.flits(packet.flits));
  ++source.sent;
  ++in_flight_;

  Source::Lane& lane = source.lanes[packet.traffic_class];
  if (lane.last == kNone) {
    lane.first = index;
  } else {
    packets_[lane.last].next = index;
  }
  lane.last = index;
  wake_source(packet.source, now);
}

// Takes the next packets from the queues; returns how many are being sent.
std::uint32_t RouterEngine::open_packets(Source& source) {
  std::uint32_t open = 0;
  for (const Source::Lane& lane : source.lanes) {
    open += lane.packet != kNone ? 1 : 0;
  }
  // One at a time: responses, of a higher class, pass the requests that wait.
  for (auto lane = source.lanes.rbegin(); lane != source.lanes.rend(); ++lane) {
    if (lane->packet != kNone || lane->first == kNone ||
        (config_.one_packet_at_a_time && open > 0)) {
      continue;
    }
    lane->packet = lane->first;
    lane->first = packets_[lane->packet].next;
    lane->last = lane->first == kNone ? kNone : lane->last;
    lane->left = packets_[lane->packet].packet.flits;
    lane->out_vc = kNone;
    ++open;
  }
  return open;
}

void RouterEngine::step_source(std::uint32_t node) {
  Source& source = sources_[node];
  if (source.woken_for == now_) {
    source.woken_for = kNoTick;
  }
  Output& output = outputs_[source.output];
  if (output.busy_until > now_) {
    wake_source(node, output.busy_until);
    return;
  }
  const auto lanes = static_cast<std::uint32_t>(source.lanes.size());
  const std::uint32_t waiting = open_packets(source);
  for (std::uint32_t k = 0; k < lanes; ++k) {
    const std::uint32_t index = (source.next_lane + k) % lanes;
    if (source.lanes[index].packet != kNone && send_from(node, index, waiting == 1)) {
      source.next_lane = (index + 1) % lanes;
      break;
    }
  }
  const bool more = std::any_of(
      source.lanes.begin(), source.lanes.end(),
      [](const Source::Lane& lane) { return lane.packet != kNone || lane.first != kNone; });
  if (more && output.busy_until > now_) {
    wake_source(node, output.busy_until);
  }
}

// A segment of the lane's packet; false: it has no virtual channel or no credit.
bool RouterEngine::send_from(std::uint32_t node, std::uint32_t lane_index, bool alone) {
  Source& source = sources_[node];
  Source::Lane& lane = source.lanes[lane_index];
  Output& output = outputs_[source.output];
  PacketState& packet = packets_[lane.packet];
  const std::uint32_t first_out_vc = source.output * vcs_;
  const bool is_head = lane.out_vc == kNone;
  if (is_head) {
    const std::uint32_t first = packet.packet.traffic_class * config_.vcs;
    for (std::uint32_t i = 1; i <= config_.vcs; ++i) {
      const std::uint32_t vc = first + (lane.last_vc + i) % config_.vcs;
      if ((output.free_vcs >> vc & 1) != 0 && out_vcs_[first_out_vc + vc].credits > 0) {
        lane.out_vc = first_out_vc + vc;
        lane.last_vc = vc - first;
        output.free_vcs &= ~(std::uint64_t{1} << vc);
        out_vcs_[lane.out_vc].owner = kSourceOwner | node;
        break;
      }
    }
    if (lane.out_vc == kNone) {
      return false;
    }
  }
  OutVc& out_vc = out_vcs_[lane.out_vc];
  if (out_vc.credits == 0) {
    return false;
  }
  const std::uint32_t flits =
      std::min({lane.left, out_vc.credits, std::uint32_t{alone ? packet.alone : packet.contended}});
  const std::uint32_t there = output.port * vcs_ + lane.out_vc % vcs_;
  const std::uint32_t held = cycles(output, flits);
  output.busy_until = now_ + held;
  output.load.flits += flits;
  out_vc.credits -= flits;
  lane.left -= flits;
  if (is_head) {
    look_ahead(packet, output.router);
    announce(there, packet);
  }
  std::uint32_t pause = 0;
  if (!unit_rates_) {
    const std::uint32_t onward = cycles(outputs_[packet.output], flits);
    pause = held > onward ? held - onward : 0;
  }
  slot(now_ + output.arrival_cycles + pause).arrivals.push_back({there, lane.packet, flits});
  if (lane.left == 0) {
    // Nobody else sends on this wire while the segment lasts.
    out_vc.owner = kNone;
    output.free_vcs |= std::uint64_t{1} << (lane.out_vc % vcs_);
    lane.packet = kNone;
  }
  return true;
}

}  // namespace orrery
