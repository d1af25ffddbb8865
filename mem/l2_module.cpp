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

void L2Module::send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) {
  inbox_.push(at_fs, transfer.source, transfer.sequence,
              {Arrival::Kind::kRequest, {&transfer, &initiator}, {}}, sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void L2Module::complete(Transfer& child, Femtoseconds at_fs) {
  inbox_.push(at_fs, child.source, child.sequence, {Arrival::Kind::kChild, {&child, nullptr}, {}},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void L2Module::drop_copies(const Block& block, NodeId writer, std::uint64_t sequence) {
  // The top bit keeps these apart from the writer's transfers.
  inbox_.push(now_fs(), writer, (std::uint64_t{1} << 63) | sequence,
              {Arrival::Kind::kStale, {}, block}, sc_core::sc_delta_count());
  wake_up_.soon();
}

void L2Module::spread(Transfer& transfer) const {
  transfer.shares.assign(1, {node_, transfer.bytes()});
}

void L2Module::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(now, sc_core::sc_delta_count(), [this, now](const Arrival& arrival, Femtoseconds) {
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
      peer_port->send(*child, *this, now);
    } else {
      memory_port->send(*child, *this, now);
    }
  }
  Request done;
  Femtoseconds done_fs = 0;
  while (engine_.pop_next_completion(done, done_fs)) {
    done.initiator->complete(*done.transfer, done_fs);
  }
  wake_up_.at(inbox_.next_fs());
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

void L2Module::reset() {
  invalidate();
  stale_sequence_ = 0;
  wake_up_.cancel();
}

void L2Module::invalidate() {
  refuse_while_busy("invalidate");
  engine_.invalidate();
}

}  // namespace orrery
