// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "noc/input_mask.h"
#include "noc/router_engine.h"
#include "sim/random.h"

// The sending side of nodes.
namespace orrery {

void RouterEngine::check(const Packet& packet, Tick now) const {
  const std::size_t nodes = graph_.nodes.size();
  if (packet.flits == 0 || packet.source >= nodes || packet.destination >= nodes ||
      packet.traffic_class >= config_.traffic_classes) {
    throw std::invalid_argument(fmt::format(
        "a packet of {} flits from node {} to node {} in class {}, on {} nodes with {} classes",
        packet.flits, packet.source, packet.destination, packet.traffic_class, nodes,
        config_.traffic_classes));
  }
  if (now != now_ && now != now_ + 1) {
    throw std::logic_error(
        fmt::format("a packet sent in cycle {}, but the network stands in cycle {}", now, now_));
  }
}

void RouterEngine::send(const Packet& packet, Tick now) {
  check(packet, now);
  if (packet.traffic_class == config_.multicast_class ||
      packet.traffic_class == config_.reduction_class) {
    throw std::invalid_argument(fmt::format("class {} is for trees", packet.traffic_class));
  }
  const std::uint32_t index = new_packet(packet, now);
  ++in_flight_;
  enqueue(index, packet.source, now);
}

std::uint32_t RouterEngine::new_packet(Packet packet, Tick created) {
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
  state.created = created;
  state.goal = graph_.nodes[packet.destination].router;
  state.direction = RouteTables::kInjected;
  state.alone = static_cast<std::uint16_t>(config_.alone.flits(packet.flits));
  // Others wait for at most half a buffer.
  const std::uint32_t half = std::max(config_.buffer_flits / 2, config_.contended.least);
  state.contended =
      static_cast<std::uint16_t>(std::min(config_.contended.flits(packet.flits), half));
  return index;
}

void RouterEngine::free_packet(std::uint32_t index) {
  PacketState& packet = packets_[index];
  if (packet.destinations != kNone) {
    free_destinations_.push_back(packet.destinations);
  }
  packet.next = free_packet_;
  free_packet_ = index;
}

// Queues a packet at a node, with a route set and a lane unless it has them.
void RouterEngine::enqueue(std::uint32_t index, std::uint32_t node, Tick at) {
  PacketState& state = packets_[index];
  if (state.reduction == kNone) {
    const std::uint64_t number = sent_[node]++;
    const std::size_t sets = routes_.sets.size();
    state.set = static_cast<std::uint16_t>(sets == 1 ? 0 : random_below(node, number, sets));
    // Not in step with sources that take their destinations in turn.
    state.lane = static_cast<std::uint32_t>(number + number / 8);
  }
  state.route_class = static_cast<std::uint16_t>(routes_.sets[state.set].first_class);
  const std::uint32_t source = first_source_of_node_[node] + state.lane % graph_.nodes[node].lanes;
  Source::Queue& queue = sources_[source].queues[state.packet.traffic_class];
  if (queue.last == kNone) {
    queue.first = index;
  } else {
    packets_[queue.last].next = index;
  }
  queue.last = index;
  wake_source(source, at);
}

// Takes the next packets from the queues; returns how many are being sent.
std::uint32_t RouterEngine::open_packets(Source& source) {
  std::uint32_t open = 0;
  for (const Source::Queue& queue : source.queues) {
    open += queue.packet != kNone ? 1 : 0;
  }
  // One at a time: responses, of a higher class, pass the requests that wait.
  for (auto queue = source.queues.rbegin(); queue != source.queues.rend(); ++queue) {
    if (queue->packet != kNone || queue->first == kNone ||
        (config_.one_packet_at_a_time && open > 0)) {
      continue;
    }
    queue->packet = queue->first;
    queue->first = packets_[queue->packet].next;
    queue->last = queue->first == kNone ? kNone : queue->last;
    queue->left = packets_[queue->packet].packet.flits;
    queue->out_vc = kNone;
    ++open;
  }
  return open;
}

void RouterEngine::step_source(std::uint32_t index) {
  Source& source = sources_[index];
  if (source.woken_for == now_) {
    source.woken_for = kNoTick;
  }
  Output& output = outputs_[source.output];
  if (output.busy_until > now_) {
    wake_source(index, output.busy_until);
    return;
  }
  const auto queues = static_cast<std::uint32_t>(source.queues.size());
  const std::uint32_t waiting = open_packets(source);
  for (std::uint32_t k = 0; k < queues; ++k) {
    const std::uint32_t queue = (source.next_queue + k) % queues;
    if (source.queues[queue].packet != kNone && send_from(index, queue, waiting == 1)) {
      source.next_queue = (queue + 1) % queues;
      break;
    }
  }
  const bool more = std::any_of(
      source.queues.begin(), source.queues.end(),
      [](const Source::Queue& queue) { return queue.packet != kNone || queue.first != kNone; });
  if (more && output.busy_until > now_) {
    wake_source(index, output.busy_until);
  }
}

// Sends a segment of the queue's packet; false: it has no virtual channel or no credit.
bool RouterEngine::send_from(std::uint32_t index, std::uint32_t queue_index, bool alone) {
  Source& source = sources_[index];
  Source::Queue& queue = source.queues[queue_index];
  Output& output = outputs_[source.output];
  PacketState& packet = packets_[queue.packet];
  const std::uint32_t first_out_vc = source.output * vcs_;
  const bool is_head = queue.out_vc == kNone;
  if (is_head) {
    const std::uint32_t first = packet.packet.traffic_class * config_.vcs;
    const std::uint64_t mask =
        packet.reduction == kNone
            ? output.free_vcs
            : output.free_vcs & reduction_vcs(low_bits(config_.vcs), packet.reduction) << first;
    for (std::uint32_t i = 1; i <= config_.vcs; ++i) {
      const std::uint32_t vc = first + (queue.last_vc + i) % config_.vcs;
      if ((mask >> vc & 1) != 0 && out_vcs_[first_out_vc + vc].credits > 0) {
        queue.out_vc = first_out_vc + vc;
        queue.last_vc = vc - first;
        output.free_vcs &= ~(std::uint64_t{1} << vc);
        out_vcs_[queue.out_vc].owner = kSourceOwner | index;
        break;
      }
    }
    if (queue.out_vc == kNone) {
      return false;
    }
  }
  OutVc& out_vc = out_vcs_[queue.out_vc];
  if (out_vc.credits == 0) {
    queue.stalled_since = std::min(queue.stalled_since, now_);
    return false;
  }
  if (queue.stalled_since != kNoTick) {
    output.load.credit_stall_cycles += now_ - queue.stalled_since;
    credit_stalls_ += now_ - queue.stalled_since;
    queue.stalled_since = kNoTick;
  }
  const std::uint32_t flits = std::min(
      {queue.left, out_vc.credits, std::uint32_t{alone ? packet.alone : packet.contended}});
  const std::uint32_t there = output.port * vcs_ + queue.out_vc % vcs_;
  const std::uint32_t held = cycles(output, flits);
  take_wire(output, flits, held);
  out_vc.credits -= flits;
  queue.left -= flits;
  if (is_head) {
    look_ahead(packet, output.router);
    announce(there, packet);
  }
  std::uint32_t pause = 0;
  if (!unit_rates_) {
    const std::uint32_t onward = whole_cycles(outputs_[packet.output], flits);
    pause = held > onward ? held - onward : 0;
  }
  slot(now_ + output.arrival_cycles + pause).arrivals.push_back({there, queue.packet, flits});
  if (queue.left == 0) {
    // Nobody else sends on this wire while the segment lasts.
    out_vc.owner = kNone;
    output.free_vcs |= std::uint64_t{1} << (queue.out_vc % vcs_);
    queue.packet = kNone;
  }
  return true;
}

}  // namespace orrery
