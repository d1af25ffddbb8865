// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "noc/input_mask.h"
#include "noc/router_engine.h"

// A router's cycle: virtual channels for heads, then the switch for flits. Both decide on the state
// at the beginning of the cycle: a head that gets a virtual channel asks for the switch in a later
// cycle, and what a tail gives free is seen in the next (RouterEngine::finish_tail).
namespace orrery {

void RouterEngine::step_router(std::uint32_t index) {
  Router& router = routers_[index];
  activated_.clear();
  if (router.small) {
    if (request_outputs_[router.output_masks] != 0) {
      allocate_vcs<true>(router, index);
    }
    if (ready_outputs_[router.output_masks] != 0) {
      if (router.branching == 0 && config_.allocation_passes == 1) {
        allocate_small_switch(router, index);
      } else {
        allocate_switch<true>(router, index);
      }
    }
  } else {
    if (any_bit(&request_outputs_[router.output_masks], router.output_words)) {
      allocate_vcs<false>(router, index);
    }
    if (any_bit(&ready_outputs_[router.output_masks], router.output_words)) {
      allocate_switch<false>(router, index);
    }
  }
  for (const std::uint32_t in_vc : activated_) {
    activate(in_vc, now_ + 1);
  }
}

// ---- virtual channels ----------------------------------------------------------------------

void RouterEngine::assign_vc(std::uint32_t in_vc,
                             std::uint32_t output_index,
                             std::uint32_t vc,
                             bool first_pass) {
  InVc& in = in_vcs_[in_vc];
  Output& output = outputs_[output_index];
  const Router& router = routers_[in.router];
  std::uint32_t whose = in_vc;
  if (in.state == VcState::kBranching) {
    Branch& branch = branch_to(in, output_index);
    branch.out_vc = static_cast<std::uint8_t>(vc);
    whose = kBranchBit | static_cast<std::uint32_t>(&branch - branches_.data());
  } else {
    in.out_vc = static_cast<std::uint8_t>(vc);
  }
  output.free_vcs &= ~(std::uint64_t{1} << vc);
  OutVc& out_vc = out_vcs_[output_index * vcs_ + vc];
  out_vc.owner = in_vc;
  if (first_pass) {
    out_vc.request_from = in.bit + 1U;
    in.accept_from = (output_index - router.first_output) * vcs_ + vc + 1;
  }
  std::uint64_t* const requests = &requests_[output.masks];
  clear_bit(requests, in.bit);
  if (!any_bit(requests, router.input_words)) {
    clear_bit(&request_outputs_[router.output_masks], output_index - router.first_output);
  }
  if (config_.vc_alloc_cycles == 1) {
    activated_.push_back(whose);
  } else {
    if (whose == in_vc) {
      in.state = VcState::kRouting;  // decided, not yet told
    }
    slot(now_ + config_.vc_alloc_cycles).activated.push_back(whose);
  }
}

template <bool kOneWord>
void RouterEngine::allocate_vcs(const Router& router, std::uint32_t index) {
  const std::uint32_t first_in_vc = router.first_port * vcs_;
  const std::uint32_t input_words = kOneWord ? 1 : router.input_words;
  bool again = false;
  for (std::uint32_t ow = 0; ow < (kOneWord ? 1 : router.output_words); ++ow) {
    for (std::uint64_t bits = request_outputs_[router.output_masks + ow]; bits != 0;
         bits &= bits - 1) {
      const std::uint32_t local = ow * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
      const std::uint32_t output_index = router.first_output + local;
      Output& output = outputs_[output_index];
      const std::uint64_t* const requests = &requests_[output.masks];
      // Where the round-robin of an input over all virtual channels stands within this output.
      const auto pick = [&](const InVc& in, std::uint64_t offered) {
        const std::uint32_t from = in.accept_from - local * vcs_;  // huge when it stands before
        return first_from(offered, from < vcs_ ? from : 0);
      };
      for (std::uint32_t pass = 0; pass < config_.allocation_passes; ++pass) {
        if (output.free_vcs == 0) {
          break;
        }
        if (kOneWord && std::has_single_bit(requests[0])) {
          const std::uint32_t in_vc =
              first_in_vc + static_cast<std::uint32_t>(std::countr_zero(requests[0]));
          const InVc& in = in_vcs_[in_vc];
          const std::uint64_t offered = output.free_vcs & vc_mask_to(in, output_index);
          if (offered != 0) {
            assign_vc(in_vc, output_index, pick(in, offered), pass == 0);
          }
          break;
        }
        // Each free virtual channel offers itself to one of the heads that may take it.
        offered_bits_.clear();
        for (std::uint64_t free = output.free_vcs; free != 0; free &= free - 1) {
          const auto vc = static_cast<std::uint32_t>(std::countr_zero(free));
          const std::uint32_t from = out_vcs_[output_index * vcs_ + vc].request_from;
          std::uint32_t chosen = kNoBit;
          std::uint32_t best = 0;
          for (std::uint32_t w = 0; w < input_words; ++w) {
            for (std::uint64_t asking = requests[w]; asking != 0; asking &= asking - 1) {
              const std::uint32_t bit =
                  w * 64 + static_cast<std::uint32_t>(std::countr_zero(asking));
              const InVc& in = in_vcs_[first_in_vc + bit];
              if ((vc_mask_to(in, output_index) >> vc & 1) == 0) {
                continue;
              }
              const std::uint32_t distance =
                  bit >= from ? bit - from : bit + router.ports * vcs_ - from;
              if (chosen == kNoBit || distance < best) {
                chosen = bit;
                best = distance;
              }
            }
          }
          if (chosen != kNoBit) {
            if (offered_vcs_[chosen] == 0) {
              offered_bits_.push_back(chosen);
            }
            offered_vcs_[chosen] |= std::uint64_t{1} << vc;
          }
        }
        if (offered_bits_.empty()) {
          break;
        }
        for (const std::uint32_t bit : offered_bits_) {
          const std::uint64_t offered = offered_vcs_[bit];
          offered_vcs_[bit] = 0;
          assign_vc(first_in_vc + bit, output_index, pick(in_vcs_[first_in_vc + bit], offered),
                    pass == 0);
        }
        if (!any_bit(requests, input_words)) {
          break;
        }
      }
      for (std::uint32_t w = 0; w < input_words && output.free_vcs != 0 && !again; ++w) {
        for (std::uint64_t asking = requests[w]; asking != 0; asking &= asking - 1) {
          const std::uint32_t bit = w * 64 + static_cast<std::uint32_t>(std::countr_zero(asking));
          again = again ||
                  (vc_mask_to(in_vcs_[first_in_vc + bit], output_index) & output.free_vcs) != 0;
        }
      }
    }
  }
  if (again) {
    wake(index, now_ + 1);
  }
}

// ---- the switch ----------------------------------------------------------------------------

// Drops what has become free by now.
void RouterEngine::release_held(Router& router) {
  const Tick first = std::max(router.looked + 1, now_ + 1 - std::min(now_ + 1, kHoldSlots));
  router.looked = now_;
  if (router.due == 0) {
    return;
  }
  for (Tick at = first; at <= now_; ++at) {
    const std::size_t slot_index = at % kHoldSlots;
    if ((router.due >> slot_index & 1) == 0) {
      continue;
    }
    router.due &= ~(1U << slot_index);
    std::uint64_t outputs = router.outputs_due[slot_index];
    std::uint64_t ports = router.ports_due[slot_index];
    router.outputs_due[slot_index] = router.ports_due[slot_index] = 0;
    for (; outputs != 0; outputs &= outputs - 1) {
      const auto local = static_cast<std::uint32_t>(std::countr_zero(outputs));
      const Tick until = outputs_[router.first_output + local].busy_until;
      if (until <= now_) {
        router.held_outputs &= ~(std::uint64_t{1} << local);
      } else {
        hold_until(router, until, router.outputs_due, local);
      }
    }
    for (; ports != 0; ports &= ports - 1) {
      const auto local = static_cast<std::uint32_t>(std::countr_zero(ports));
      const Tick until = ports_[router.first_port + local].busy_until;
      if (until <= now_) {
        router.held_inputs &= ~(port_vcs_ << (local * vcs_));
      } else {
        hold_until(router, until, router.ports_due, local);
      }
    }
  }
}

void RouterEngine::hold_until(Router& router,
                              Tick until,
                              std::array<std::uint64_t, kHoldSlots>& ring,
                              std::uint32_t bit) {
  const Tick look = std::min(until, now_ + kHoldSlots - 1);
  ring[look % kHoldSlots] |= std::uint64_t{1} << bit;
  router.due |= 1U << (look % kHoldSlots);
}

// When an output or an input port that is held may be free.
Tick RouterEngine::next_release(const Router& router) const {
  if (router.due == 0) {
    return kNoTick;
  }
  const std::uint32_t twice = router.due | router.due << kHoldSlots;
  return now_ + 1 + static_cast<Tick>(std::countr_zero(twice >> ((now_ + 1) % kHoldSlots)));
}

// `allocate_switch` for the usual case: one word, one pass, no branches.
void RouterEngine::allocate_small_switch(Router& router, std::uint32_t index) {
  release_held(router);
  Output* const outputs = &outputs_[router.first_output];
  InPort* const ports = &ports_[router.first_port];
  const std::uint32_t vcs = vcs_;
  const std::uint64_t free_inputs = ~router.held_inputs;
  std::uint64_t picked = 0;   // local ports with a candidate
  std::uint64_t starved = 0;  // outputs whose every requester has a busy port
  std::uint32_t* const candidate = candidate_.data();
  for (std::uint64_t bits = ready_outputs_[router.output_masks] & ~router.held_outputs; bits != 0;
       bits &= bits - 1) {
    const auto local = static_cast<std::uint32_t>(std::countr_zero(bits));
    const Output& output = outputs[local];
    const std::uint64_t word = ready_[output.masks] & free_inputs;
    if (word == 0) {
      starved |= std::uint64_t{1} << local;
      continue;
    }
    const std::uint32_t port = port_of_bit_[first_from(word, output.grant_from * vcs)];
    if ((picked >> port & 1) == 0) {
      picked |= std::uint64_t{1} << port;
      candidate[port] = local;
      continue;
    }
    const std::uint32_t from = ports[port].accept_from;
    const auto distance = [&](std::uint32_t o) {
      return o >= from ? o - from : o + router.outputs - from;
    };
    if (distance(local) < distance(candidate[port])) {
      candidate[port] = local;
    }
  }
  for (; picked != 0; picked &= picked - 1) {
    const auto local_port = static_cast<std::uint32_t>(std::countr_zero(picked));
    InPort& port = ports[local_port];
    const std::uint32_t local = candidate[local_port];
    candidate[local_port] = kNone;
    Output& output = outputs[local];
    const std::uint32_t first_bit = local_port * vcs;
    const std::uint32_t vc =
        first_from(ready_[output.masks] >> first_bit & port_vcs_, port.vc_from);
    output.grant_from = local_port + 1 == router.ports ? 0 : local_port + 1;
    port.accept_from = local + 1 == router.outputs ? 0 : local + 1;
    port.vc_from = vc + 1 == vcs ? 0 : vc + 1;
    const std::uint32_t in_vc = router.first_port * vcs + first_bit + vc;
    if (plain_) {
      transmit<true>(output, port, in_vcs_[in_vc], in_vc);
    } else {
      transmit<false>(output, port, in_vcs_[in_vc], in_vc);
    }
  }
  // Whoever is still ready waits for an output, for an input port, or only for the next cycle.
  const std::uint64_t ready = ready_outputs_[router.output_masks];
  if (ready == 0) {
    return;
  }
  const bool at_once = (ready & ~router.held_outputs & ~starved) != 0;
  wake(index, at_once ? now_ + 1 : std::min(next_release(router), now_ + kWakeSlots - 1));
}

template <bool kOneWord>
void RouterEngine::allocate_switch(const Router& router, std::uint32_t index) {
  const std::uint32_t input_words = kOneWord ? 1 : router.input_words;
  const std::uint32_t output_words = kOneWord ? 1 : router.output_words;
  Output* const outputs = &outputs_[router.first_output];
  InPort* const ports = &ports_[router.first_port];
  const std::uint64_t* const ready_outputs = &ready_outputs_[router.output_masks];
  std::uint64_t one_blocked = 0;
  std::uint64_t* const blocked = kOneWord ? &one_blocked : blocked_.data();
  if (!kOneWord) {
    std::fill_n(blocked, input_words, 0);
  }
  const auto block = [&](std::uint32_t port) {
    if (kOneWord) {
      one_blocked |= low_bits(vcs_) << (port * vcs_);
      return;
    }
    for (std::uint32_t bit = port * vcs_; bit < (port + 1) * vcs_; ++bit) {
      set_bit(blocked, bit);
    }
  };
  Tick next = kNoTick;  // when something that is ready may be tried again
  if (kOneWord) {
    release_held(routers_[index]);
    one_blocked = router.held_inputs;
    next = next_release(router);
  }
  std::vector<std::uint32_t>& busy = routers_[index].busy_ports;
  for (std::size_t i = 0; i < busy.size();) {
    const Tick until = ports[busy[i]].busy_until;
    if (until <= now_) {
      busy[i] = busy.back();
      busy.pop_back();
      continue;
    }
    next = std::min(next, until);
    block(busy[i]);
    ++i;
  }
  const std::uint32_t passes = config_.allocation_passes;
  for (std::uint32_t pass = 0; pass < passes; ++pass) {
    // Outputs pick input ports; of the outputs that picked one port, one stays its candidate.
    std::uint32_t* const candidate = candidate_.data();
    std::uint32_t* const picked = picked_.data();
    std::uint32_t picked_count = 0;
    for (std::uint32_t ow = 0; ow < output_words; ++ow) {
      for (std::uint64_t bits = ready_outputs[ow]; bits != 0; bits &= bits - 1) {
        const std::uint32_t local = ow * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
        const Output& output = outputs[local];
        if (output.busy_until > now_) {
          next = std::min(next, output.busy_until);
          continue;
        }
        std::uint32_t bit = kNoBit;
        if (kOneWord) {
          const std::uint64_t word = ready_[output.masks] & ~one_blocked;
          bit = word == 0 ? kNoBit : first_from(word, output.grant_from * vcs_);
        } else {
          bit = first_from(&ready_[output.masks], blocked, input_words, output.grant_from * vcs_);
        }
        if (bit == kNoBit) {
          continue;  // until an input port is free
        }
        const std::uint32_t port = port_of_bit_[bit];
        InVc& in = in_vcs_[router.first_port * vcs_ + bit];
        if (in.state == VcState::kBranching) {
          // Its buffer is read for all outputs at once, each at its own place.
          outputs[local].grant_from = port + 1 == router.ports ? 0 : port + 1;
          transmit_branch(outputs[local], in);
          next = std::min(next, output.busy_until);
          continue;
        }
        if (candidate[port] == kNone) {
          candidate[port] = local;
          picked[picked_count++] = port;
          continue;
        }
        next = now_ + 1;
        const std::uint32_t from = ports[port].accept_from;
        const auto distance = [&](std::uint32_t o) {
          return o >= from ? o - from : o + router.outputs - from;
        };
        if (distance(local) < distance(candidate[port])) {
          candidate[port] = local;
        }
      }
    }
    for (std::uint32_t i = 0; i < picked_count; ++i) {
      const std::uint32_t local_port = picked[i];
      InPort& port = ports[local_port];
      const std::uint32_t local = candidate[local_port];
      candidate[local_port] = kNone;
      Output& output = outputs[local];
      const std::uint32_t first_bit = local_port * vcs_;
      std::uint64_t ready_vcs = 0;
      if (kOneWord) {
        ready_vcs = ready_[output.masks] >> first_bit & low_bits(vcs_);
      } else {
        for (std::uint32_t v = 0; v < vcs_; ++v) {
          const std::uint32_t bit = first_bit + v;
          ready_vcs |= (ready_[output.masks + bit / 64] >> (bit % 64) & 1) << v;
        }
      }
      const std::uint32_t vc = first_from(ready_vcs, port.vc_from);
      if (pass == 0) {
        output.grant_from = local_port + 1 == router.ports ? 0 : local_port + 1;
        port.accept_from = local + 1 == router.outputs ? 0 : local + 1;
      }
      port.vc_from = vc + 1 == vcs_ ? 0 : vc + 1;
      const std::uint32_t in_vc = (router.first_port + local_port) * vcs_ + vc;
      InVc& in = in_vcs_[in_vc];
      if (in.state == VcState::kBranching) {
        transmit_branch(output, in);  // and leaves the port to others
        next = std::min(next, output.busy_until);
      } else {
        transmit<false>(output, port, in, in_vc);
        next = std::min({next, output.busy_until, port.busy_until});
      }
      if (pass + 1 < passes) {
        block(local_port);
      }
    }
    if (picked_count == 0) {
      break;
    }
  }
  // Whoever is still ready waits for an output or for an input port; the first to be free decides.
  if (any_bit(ready_outputs, output_words)) {
    wake(index, std::min(next, now_ + kWakeSlots - 1));
  }
}

// A segment keeps its output and its input port for more than this cycle.
void RouterEngine::hold(Router& router, const Output& output, const InPort& port, const InVc& in) {
  const std::uint32_t local_port = in.port - router.first_port;
  if (port.busy_until > now_ + 1) {
    if (router.small) {
      router.held_inputs |= port_vcs_ << (local_port * vcs_);
      hold_until(router, port.busy_until, router.ports_due, local_port);
    } else {
      router.busy_ports.push_back(local_port);
    }
  }
  hold_output(router, output, in.output);
}

void RouterEngine::hold_output(Router& router, const Output& output, std::uint32_t output_index) {
  if (router.small && output.busy_until > now_ + 1) {
    const std::uint32_t local = output_index - router.first_output;
    router.held_outputs |= std::uint64_t{1} << local;
    hold_until(router, output.busy_until, router.outputs_due, local);
  }
}

// Sends a segment of the front packet of `in`. Plain: see `plain_`.
template <bool kPlain>
void RouterEngine::transmit(Output& output, InPort& port, InVc& in, std::uint32_t in_vc) {
  const std::uint32_t out_vc_index = in.output * vcs_ + in.out_vc;
  OutVc& out_vc = out_vcs_[out_vc_index];
  const bool alone = output.claims == 1 && port.used_vcs == 1;
  const std::uint32_t most = alone ? in.alone : in.contended;
  const std::uint32_t reach = kPlain ? most : reach_on(output, most);
  const bool merging = in.state == VcState::kMerging;
  const std::uint32_t here = merging ? flits_merged(in) : in.flits;
  const std::uint32_t flits = std::min({here, out_vc.credits, reach});
  std::uint32_t held = flits;
  std::uint32_t read = flits;
  if (kPlain) {
    output.busy_until = now_ + flits;
    output.load.flits += flits;
  } else {
    held = cycles(output, flits);
    read = whole_cycles(outputs_[port.upstream], flits);
    take_wire(output, flits, held);
  }
  port.busy_until = now_ + read;
  if ((read | held) > 1) {
    hold(routers_[in.router], output, port, in);
  }
  in.flits -= flits;
  in.left -= flits;
  out_vc.credits -= flits;
  const std::uint64_t n = flits;
  in.occupancy_cycles += n * now_ + n * (n - 1) / 2;
  flit_hops_ += n;

  // The place it leaves, for the one who sends here: not before that one could use it in a row.
  const std::uint32_t lag = held > read ? held - read : 0;
  slot(now_ + port.credit_cycles + lag).credits.push_back({port.upstream * vcs_ + in.vc, flits});
  if (output.port == kNone) {
    // The node takes every flit at once; its credit starts back when the flit has come.
    slot(now_ + output.arrival_cycles + config_.credit_link_cycles + 1 + config_.credit_cycles)
        .credits.push_back({out_vc_index, flits});
  } else {
    const std::uint32_t there = output.port * vcs_ + in.out_vc;
    if (!in.head_sent) {
      send_head(output, in, there);
    }
    std::uint32_t pause = 0;
    if (!kPlain) {
      const std::uint32_t onward = whole_cycles(outputs_[packets_[in.packet].output], flits);
      pause = held > onward ? held - onward : 0;
    }
    slot(now_ + output.arrival_cycles + pause).arrivals.push_back({there, in.packet, flits});
  }
  if (merging) {
    transmit_merged(in, flits);
  }
  if (in.left == 0) {
    in.state = VcState::kLeaving;
    clear_ready(in);
    if (output.port == kNone) {
      const PacketState& packet = packets_[in.packet];
      --in_flight_;
      deliveries_.push_back({packet.packet, packet.created, now_ + held - 1 + output.arrival_cycles,
                             packet.hops + 1, in.out_vc % config_.vcs});
    }
    slot(now_ + held + config_.switch_alloc_cycles - 1).tails.push_back(in_vc);
    return;
  }
  if (!kPlain && config_.switch_alloc_cycles > 1) {
    // The next flit asks when this one has its grant.
    in.state = merging ? VcState::kMerged : VcState::kRouting;
    clear_ready(in);
    slot(now_ + config_.switch_alloc_cycles).activated.push_back(in_vc);
  } else if (merging) {
    refresh_tree(in, now_ + 1);
  } else if (in.flits == 0 || out_vc.credits == 0) {
    clear_ready(in);
    if (in.flits > 0) {
      in.stalled_since = now_ + held;
    }
  }
}

void RouterEngine::send_head(Output& output, InVc& in, std::uint32_t there) {
  in.head_sent = true;
  PacketState& packet = packets_[in.packet];
  ++packet.hops;
  look_ahead(packet, output.router);
  announce(there, packet);
}

}  // namespace orrery
