// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>

#include "noc/router_engine.h"
#include "sim/random.h"

// Multicast down a tree, and reductions up one.
namespace orrery {
namespace {

// A node of `nodes` that stands there twice, if there is one.
std::optional<std::uint32_t> find_twice(std::span<const std::uint32_t> nodes) {
  std::vector<std::uint32_t> sorted(nodes.begin(), nodes.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  return twice == sorted.end() ? std::nullopt : std::optional(*twice);
}

}  // namespace

// ---- multicast -----------------------------------------------------------------------------

void RouterEngine::send_multicast(const Packet& packet,
                                  std::span<const std::uint32_t> destinations,
                                  Tick now) {
  Packet first = packet;
  first.destination = destinations.empty() ? packet.source : destinations.front();
  check(first, now);
  if (destinations.empty() || packet.traffic_class != config_.multicast_class) {
    throw std::invalid_argument(
        fmt::format("a multicast to {} nodes in class {}, which is not that of multicast",
                    destinations.size(), packet.traffic_class));
  }
  if (packet.flits > config_.tree_buffer_flits) {
    throw std::invalid_argument(
        fmt::format("a multicast packet of {} flits, but buffers of trees hold {}", packet.flits,
                    config_.tree_buffer_flits));
  }
  for (const std::uint32_t node : destinations) {
    first.destination = node;
    check(first, now);
  }
  if (const auto twice = find_twice(destinations)) {
    throw std::invalid_argument(fmt::format("a multicast to node {} twice", *twice));
  }
  const std::uint32_t index = new_packet(first, now);
  if (destinations.size() > 1) {
    packets_[index].destinations = keep_destinations(destinations);
  }
  in_flight_ += destinations.size();
  enqueue(index, packet.source, now);
}

std::uint32_t RouterEngine::keep_destinations(std::span<const std::uint32_t> nodes) {
  if (free_destinations_.empty()) {
    free_destinations_.push_back(static_cast<std::uint32_t>(destinations_.size()));
    destinations_.emplace_back();
  }
  const std::uint32_t list = free_destinations_.back();
  free_destinations_.pop_back();
  destinations_[list].assign(nodes.begin(), nodes.end());
  return list;
}

std::uint32_t RouterEngine::output_towards(const PacketState& packet,
                                           RouterId router,
                                           std::uint32_t node) const {
  const RouterId goal = graph_.nodes[node].router;
  if (router == goal) {
    return output_of_node_[node] + packet.lane % graph_.nodes[node].lanes;
  }
  const GraphLinkId link = routes_.next(packet.set, router, goal).link;
  return output_of_link_[link] + packet.lane % graph_.links[link].lanes;
}

// Whether the destinations part at this router; if not, any of them shows the way. If they do, the
// fastest output counts: that must not send what is not yet there.
void RouterEngine::look_ahead_tree(PacketState& packet, RouterId router) {
  const std::vector<std::uint32_t>& nodes = destinations_[packet.destinations];
  const auto faster = [&](const Output& a, const Output& b) {
    return std::uint64_t{a.cycles_numerator} * b.cycles_denominator <
           std::uint64_t{b.cycles_numerator} * a.cycles_denominator;
  };
  const std::uint32_t first = output_towards(packet, router, nodes.front());
  packet.output = first;
  packet.parts = false;
  for (const std::uint32_t node : nodes) {
    const std::uint32_t output = output_towards(packet, router, node);
    packet.parts = packet.parts || output != first;
    packet.output = faster(outputs_[output], outputs_[packet.output]) ? output : packet.output;
  }
  packet.packet.destination = nodes.front();
  packet.goal = graph_.nodes[nodes.front()].router;
}

// A packet of its own for each output, all fed from this virtual channel.
void RouterEngine::split(InVc& in, std::uint32_t in_vc) {
  in.state = VcState::kBranching;
  ++routers_[in.router].branching;
  std::vector<std::uint32_t> nodes = destinations_[packets_[in.packet].destinations];
  while (!nodes.empty()) {
    const std::uint32_t output = output_towards(packets_[in.packet], in.router, nodes.front());
    const auto others = std::stable_partition(nodes.begin(), nodes.end(), [&](std::uint32_t node) {
      return output_towards(packets_[in.packet], in.router, node) == output;
    });
    const std::uint32_t copy = new_packet(packets_[in.packet].packet, 0);
    const std::uint32_t spare = packets_[copy].next;
    packets_[copy] = packets_[in.packet];
    PacketState& child = packets_[copy];
    child.next = spare;
    child.parts = false;
    child.destinations = kNone;
    child.packet.destination = nodes.front();
    child.goal = graph_.nodes[nodes.front()].router;
    if (others - nodes.begin() > 1) {
      child.destinations = keep_destinations({nodes.begin(), others});
    }
    nodes.erase(nodes.begin(), others);
    look_ahead(child, in.router);

    std::uint32_t index = free_branch_;
    if (index == kNone) {
      index = static_cast<std::uint32_t>(branches_.size());
      branches_.emplace_back();
    } else {
      free_branch_ = branches_[index].next;
    }
    branches_[index] = {.in_vc = in_vc, .packet = copy, .output = output, .next = in.first_branch};
    in.first_branch = index;
    ++outputs_[output].claims;
    ask_for_vc(in, output);
  }
}

RouterEngine::Branch& RouterEngine::branch_to(const InVc& in, std::uint32_t output) {
  std::uint32_t index = in.first_branch;
  while (branches_[index].output != output) {
    index = branches_[index].next;
  }
  return branches_[index];
}

// Flits that are here and that this branch has not sent.
std::uint32_t RouterEngine::flits_ready(const InVc& in, const Branch& branch) const {
  const std::uint32_t passed = packets_[in.packet].packet.flits - in.left;  // by all branches
  return in.flits - (branch.sent - passed);
}

void RouterEngine::activate_branch(std::uint32_t index, Tick at) {
  Branch& branch = branches_[index];
  branch.active = true;
  refresh_tree(in_vcs_[branch.in_vc], at);
}

// Brings the bits of a tree's virtual channel in line with its flits and credits.
void RouterEngine::refresh_tree(InVc& in, Tick at) {
  if (in.state == VcState::kMerged) {
    InVc& speaker = in_vcs_[join_of(in).members.front()];
    if (speaker.state == VcState::kMerging) {
      refresh_tree(speaker, at);
    }
    return;
  }
  if (in.state == VcState::kMerging) {
    const bool ready = flits_merged(in) > 0 && out_vcs_[in.output * vcs_ + in.out_vc].credits > 0;
    ready ? set_ready(in, at) : clear_ready(in);
    return;
  }
  for (std::uint32_t b = in.first_branch; b != kNone; b = branches_[b].next) {
    const Branch& branch = branches_[b];
    if (!branch.active) {
      continue;
    }
    const bool ready =
        flits_ready(in, branch) > 0 && out_vcs_[branch.output * vcs_ + branch.out_vc].credits > 0;
    ready ? set_ready(in, branch.output, at) : clear_ready(in, branch.output);
  }
}

void RouterEngine::transmit_branch(Output& output, InVc& in) {
  const auto output_index = static_cast<std::uint32_t>(&output - outputs_.data());
  Branch& branch = branch_to(in, output_index);
  OutVc& out_vc = out_vcs_[output_index * vcs_ + branch.out_vc];
  const bool alone = output.claims == 1 && ports_[in.port].used_vcs == 1;
  const std::uint32_t reach = reach_on(output, alone ? in.alone : in.contended);
  const std::uint32_t flits = std::min({flits_ready(in, branch), out_vc.credits, reach});
  const std::uint32_t held = cycles(output, flits);
  take_wire(output, flits, held);
  hold_output(routers_[in.router], output, output_index);
  out_vc.credits -= flits;
  flit_hops_ += flits;
  const bool is_head = branch.sent == 0;
  const std::uint32_t total = packets_[branch.packet].packet.flits;
  branch.sent += flits;
  if (output.port == kNone) {
    slot(now_ + output.arrival_cycles + config_.credit_link_cycles + 1 + config_.credit_cycles)
        .credits.push_back({output_index * vcs_ + branch.out_vc, flits});
    if (branch.sent == total) {
      const PacketState& packet = packets_[branch.packet];
      --in_flight_;
      deliveries_.push_back({packet.packet, packet.created, now_ + held - 1 + output.arrival_cycles,
                             packet.hops + 1, branch.out_vc % config_.vcs});
    }
  } else {
    const std::uint32_t there = output.port * vcs_ + branch.out_vc;
    if (is_head) {
      PacketState& packet = packets_[branch.packet];
      ++packet.hops;
      look_ahead(packet, output.router);
      announce(there, packet);
    }
    std::uint32_t pause = 0;
    if (!unit_rates_) {
      const std::uint32_t onward = whole_cycles(outputs_[packets_[branch.packet].output], flits);
      pause = held > onward ? held - onward : 0;
    }
    slot(now_ + output.arrival_cycles + pause).arrivals.push_back({there, branch.packet, flits});
  }
  if (branch.sent == total) {
    branch.active = false;
    clear_ready(in, output_index);
    const auto index = static_cast<std::uint32_t>(&branch - branches_.data());
    slot(now_ + held + config_.switch_alloc_cycles - 1).tails.push_back(kBranchBit | index);
  } else if (config_.switch_alloc_cycles > 1) {
    // The next flit asks when this one has its grant.
    branch.active = false;
    clear_ready(in, output_index);
    const auto index = static_cast<std::uint32_t>(&branch - branches_.data());
    slot(now_ + config_.switch_alloc_cycles).activated.push_back(kBranchBit | index);
  }
  release_slowest(in);
  refresh_tree(in, now_ + 1);
}

// A place in the buffer is free when the last branch has sent its flit.
void RouterEngine::release_slowest(InVc& in) {
  const std::uint32_t total = packets_[in.packet].packet.flits;
  std::uint32_t least = total;
  for (std::uint32_t b = in.first_branch; b != kNone; b = branches_[b].next) {
    least = std::min(least, branches_[b].sent);
  }
  const std::uint32_t flits = least - (total - in.left);
  if (flits == 0) {
    return;
  }
  in.flits -= flits;
  in.left -= flits;
  const std::uint64_t n = flits;
  in.occupancy_cycles += n * now_ + n * (n - 1) / 2;
  const InPort& port = ports_[in.port];
  slot(now_ + port.credit_cycles).credits.push_back({port.upstream * vcs_ + in.vc, flits});
}

void RouterEngine::finish_branch(std::uint32_t index) {
  const Branch branch = branches_[index];
  InVc& in = in_vcs_[branch.in_vc];
  leave_vc(branch.output, branch.out_vc, in.router);
  --outputs_[branch.output].claims;
  if (outputs_[branch.output].port == kNone) {
    free_packet(branch.packet);
  }
  std::uint32_t* link = &in.first_branch;
  while (*link != index) {
    link = &branches_[*link].next;
  }
  *link = branch.next;
  branches_[index].next = free_branch_;
  free_branch_ = index;
  if (in.first_branch == kNone) {
    --routers_[in.router].branching;
    free_packet(in.packet);
    leave(in, branch.in_vc);
  }
}

// ---- reductions ----------------------------------------------------------------------------

void RouterEngine::send_reduction(const Packet& packet,
                                  std::span<const std::uint32_t> sources,
                                  Tick now) {
  if (sources.empty() || packet.traffic_class != config_.reduction_class) {
    throw std::invalid_argument(
        fmt::format("a reduction of {} nodes in class {}, which is not that of reductions",
                    sources.size(), packet.traffic_class));
  }
  for (const std::uint32_t node : sources) {
    Packet part = packet;
    part.source = node;
    check(part, now);
  }
  if (const auto twice = find_twice(sources)) {
    throw std::invalid_argument(fmt::format("a reduction of node {} twice", *twice));
  }
  std::uint32_t index = static_cast<std::uint32_t>(reductions_.size());
  if (free_reductions_.empty()) {
    reductions_.emplace_back();
  } else {
    index = free_reductions_.back();
    free_reductions_.pop_back();
  }
  reductions_[index] = Reduction();
  reductions_[index].packet = packet;
  reductions_[index].created = now;
  reductions_[index].sources.assign(sources.begin(), sources.end());
  ++in_flight_;
  waiting_reductions_.push_back(index);
  start_reductions(now);
}

// Starts those that wait, as far as there are virtual channels.
void RouterEngine::start_reductions(Tick at) {
  std::size_t started = 0;
  for (; started < waiting_reductions_.size() && free_slots_ != 0; ++started) {
    const std::uint32_t index = waiting_reductions_[started];
    Reduction& reduction = reductions_[index];
    reduction.slot = static_cast<std::uint32_t>(std::countr_zero(free_slots_));
    free_slots_ &= free_slots_ - 1;
    const std::uint32_t destination = reduction.packet.destination;
    const std::uint64_t number = sent_[destination]++;
    const std::size_t sets = routes_.sets.size();
    const auto set =
        static_cast<std::uint16_t>(sets == 1 ? 0 : random_below(destination, number, sets));
    const RouterId goal = graph_.nodes[destination].router;

    // Parts that come into each router: from nodes on it, and by links of the tree.
    std::vector<bool> passed(graph_.links.size(), false);
    const auto expect = [&](RouterId router) {
      const auto found = std::find_if(reduction.joins.begin(), reduction.joins.end(),
                                      [&](const Join& join) { return join.router == router; });
      Join& join = found != reduction.joins.end() ? *found : reduction.joins.emplace_back();
      join.router = router;
      ++join.expected;
    };
    for (const std::uint32_t node : reduction.sources) {
      RouterId at_router = graph_.nodes[node].router;
      expect(at_router);
      while (at_router != goal) {
        const GraphLinkId link = routes_.next(set, at_router, goal).link;
        if (passed[link]) {
          break;
        }
        passed[link] = true;
        at_router = graph_.links[link].to;
        expect(at_router);
      }
      Packet part = reduction.packet;
      part.source = node;
      const std::uint32_t packet = new_packet(part, reduction.created);
      packets_[packet].reduction = index;
      packets_[packet].set = set;
      packets_[packet].lane = static_cast<std::uint32_t>(number + number / 8);
      enqueue(packet, node, at);
    }
  }
  waiting_reductions_.erase(waiting_reductions_.begin(),
                            waiting_reductions_.begin() + static_cast<std::ptrdiff_t>(started));
}

// The virtual channel of a reduction among those of a class of routes.
std::uint64_t RouterEngine::reduction_vcs(std::uint64_t class_mask, std::uint32_t reduction) const {
  std::uint64_t left = class_mask;
  for (std::uint32_t skip = reductions_[reduction].slot; skip > 0; --skip) {
    left &= left - 1;
  }
  return left & (~left + 1);
}

RouterEngine::Join& RouterEngine::join_of(const InVc& in) {
  std::vector<Join>& joins = reductions_[packets_[in.packet].reduction].joins;
  return *std::find_if(joins.begin(), joins.end(),
                       [&](const Join& join) { return join.router == in.router; });
}

// A part has come to the front; true: the reduction goes on from here, with `in` to speak for it.
bool RouterEngine::gather(InVc& in, std::uint32_t in_vc) {
  Join& join = join_of(in);
  if (join.expected == 1) {
    return true;
  }
  // The last to come speaks, because it asks now. All take the highest class any of them is in.
  in.state = VcState::kMerged;
  join.members.insert(join.members.begin(), in_vc);
  if (join.members.size() < join.expected) {
    return false;
  }
  std::uint32_t best = in.packet;
  for (const std::uint32_t member : join.members) {
    const std::uint32_t packet = in_vcs_[member].packet;
    if (packets_[packet].route_class > packets_[best].route_class) {
      best = packet;
    }
  }
  packets_[in.packet].route_class = packets_[best].route_class;
  packets_[in.packet].vc_mask = packets_[best].vc_mask;
  return true;
}

// Flits of which all parts are here.
std::uint32_t RouterEngine::flits_merged(const InVc& in) {
  std::uint32_t flits = in.flits;
  for (const std::uint32_t member : join_of(in).members) {
    flits = std::min(flits, in_vcs_[member].flits);
  }
  return flits;
}

// The parts that do not speak have sent flits too.
void RouterEngine::transmit_merged(InVc& in, std::uint32_t flits) {
  const std::vector<std::uint32_t>& members = join_of(in).members;
  for (std::size_t i = 1; i < members.size(); ++i) {
    InVc& part = in_vcs_[members[i]];
    part.flits -= flits;
    part.left -= flits;
    const std::uint64_t n = flits;
    part.occupancy_cycles += n * now_ + n * (n - 1) / 2;
    const InPort& port = ports_[part.port];
    slot(now_ + port.credit_cycles).credits.push_back({port.upstream * vcs_ + part.vc, flits});
  }
}

// The sum's tail has left; so have the parts.
void RouterEngine::release_merged(const InVc& in) {
  const std::uint32_t index = packets_[in.packet].reduction;
  const std::vector<std::uint32_t> members = join_of(in).members;
  for (std::size_t i = 1; i < members.size(); ++i) {
    InVc& part = in_vcs_[members[i]];
    free_packet(part.packet);
    leave(part, members[i]);
  }
  if (outputs_[in.output].port == kNone) {
    free_slots_ |= std::uint64_t{1} << reductions_[index].slot;
    free_reductions_.push_back(index);
    start_reductions(now_ + 1);
  }
}

}  // namespace orrery
