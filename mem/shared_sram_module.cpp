// SPDX-License-Identifier: Apache-2.0
#include "mem/shared_sram_module.h"

#include <stdexcept>

#include "sim/sim_time.h"

namespace orrery {

SharedSramModule::SharedSramModule(const sc_core::sc_module_name& name,
                                   const SharedMemoryConfig& config,
                                   NodeId first_node,
                                   CounterRegistry& registry)
    : sc_module(name), engine_(config, first_node), wake_up_(this->name(), registry) {
  engine_.register_counters(registry, this->name());
  SC_HAS_PROCESS(SharedSramModule);
  SC_METHOD(process);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

void SharedSramModule::send(Transfer& transfer, TransferInitiator& initiator) {
  inbox_.push(transfer.source, transfer.sequence, {&transfer, &initiator},
              sc_core::sc_delta_count());
  wake_up_.soon();
}

void SharedSramModule::complete(Transfer& child) {
  inbox_.push(child.source, child.sequence, {&child, nullptr}, sc_core::sc_delta_count());
  wake_up_.soon();
}

void SharedSramModule::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(sc_core::sc_delta_count(), [this, now](const Request& arrival) {
    if (arrival.initiator == nullptr) {
      engine_.child_done(*arrival.transfer, now);
    } else {
      engine_.accept(arrival, now);
    }
  });
  while (Transfer* child = engine_.take_child(now)) {
    memory_port->send(*child, *this);
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

void SharedSramModule::report_waits(std::vector<std::string>& lines) const {
  engine_.report_waits(name(), lines);
}

void SharedSramModule::refuse_while_busy(const char* what) const {
  if (!inbox_.empty() || engine_.outstanding() > 0) {
    throw std::logic_error(std::string(name()) + ": " + what + " with transfers outstanding");
  }
}

void SharedSramModule::reset_timing() {
  refuse_while_busy("reset_timing");
  engine_.reset_timing();
}

void SharedSramModule::invalidate() {
  refuse_while_busy("invalidate");
  engine_.invalidate();
}

}  // namespace orrery
