// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_module.h"

#include <stdexcept>

#include "sim/sim_time.h"

namespace orrery {

L2Module::L2Module(const sc_core::sc_module_name& name,
                   const SharedMemoryConfig& config,
                   std::uint32_t partition,
                   NodeId node,
                   CounterRegistry& registry)
    : sc_module(name),
      node_(node),
      engine_(config, partition, node),
      wake_up_(this->name(), registry) {
  engine_.register_counters(registry, this->name());
  SC_HAS_PROCESS(L2Module);
  SC_METHOD(process);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

void L2Module::send(Transfer& transfer, TransferInitiator& initiator) {
  inbox_.push(transfer.source, transfer.sequence,
              {Arrival::Kind::kRequest, {&transfer, &initiator}, {}}, sc_core::sc_delta_count());
  wake_up_.soon();
}

void L2Module::complete(Transfer& child) {
  inbox_.push(child.source, child.sequence, {Arrival::Kind::kChild, {&child, nullptr}, {}},
              sc_core::sc_delta_count());
  wake_up_.soon();
}

void L2Module::drop_copies(const Block& block, NodeId writer, std::uint64_t sequence) {
  // The top bit keeps these apart from the writer's transfers.
  inbox_.push(writer, (std::uint64_t{1} << 63) | sequence, {Arrival::Kind::kStale, {}, block},
              sc_core::sc_delta_count());
  wake_up_.soon();
}

void L2Module::spread(Transfer& transfer) const {
  transfer.shares.assign(1, {node_, transfer.bytes()});
}

void L2Module::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(sc_core::sc_delta_count(), [this, now](const Arrival& arrival) {
    switch (arrival.kind) {
      case Arrival::Kind::kRequest:
        engine_.accept(arrival.request, now);
        break;
      case Arrival::Kind::kChild:
        engine_.child_done(*arrival.request.transfer, now);
        break;
      case Arrival::Kind::kStale:
        engine_.drop_copies(arrival.stale);
        break;
    }
  });
  for (const Block& block : engine_.take_stale_copies()) {
    if (peer_copies.size() > 0) {
      peer_copies->drop_copies(block, node_, stale_sequence_++);
    }
  }
  std::uint32_t lane = 0;
  while (Transfer* child = engine_.take_child(now, lane)) {
    if (lane == L2Cache::kToPeer) {
      peer_port->send(*child, *this);
    } else {
      memory_port->send(*child, *this);
    }
  }
  Request done;
  while (engine_.pop_completion(now, done)) {
    done.initiator->complete(*done.transfer);
  }
  if (!inbox_.empty()) {
    wake_up_.soon();
  } else if (engine_.next_event() != kNever) {
    wake_up_.at(engine_.next_event());
  }
}

void L2Module::report_waits(std::vector<std::string>& lines) const {
  engine_.report_waits(name(), lines);
}

void L2Module::refuse_while_busy(const char* what) const {
  if (!inbox_.empty() || engine_.outstanding() > 0) {
    throw std::logic_error(std::string(name()) + ": " + what + " with transfers outstanding");
  }
}

void L2Module::reset_timing() {
  refuse_while_busy("reset_timing");
  engine_.reset_timing();
}

void L2Module::invalidate() {
  refuse_while_busy("invalidate");
  engine_.invalidate();
}

}  // namespace orrery
