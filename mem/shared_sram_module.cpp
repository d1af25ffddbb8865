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

void SharedSramModule::send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) {
  inbox_.push(at_fs, transfer.source, transfer.sequence, {&transfer, &initiator},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void SharedSramModule::complete(Transfer& child, Femtoseconds at_fs) {
  inbox_.push(at_fs, child.source, child.sequence, {&child, nullptr}, sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void SharedSramModule::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(now, sc_core::sc_delta_count(), [this, now](const Request& arrival, Femtoseconds) {
    if (arrival.initiator == nullptr) {
      engine_.child_done(*arrival.transfer, now);
    } else {
      engine_.accept(arrival, now);
    }
  });
  while (Transfer* child = engine_.take_child(now)) {
    memory_port->send(*child, *this, now);
  }
  Request done;
  Femtoseconds done_fs = 0;
  while (engine_.pop_next_completion(done, done_fs)) {
    done.initiator->complete(*done.transfer, done_fs);
  }
  wake_up_.at(inbox_.next_fs());
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

void SharedSramModule::reset() {
  invalidate();
  wake_up_.cancel();
}

void SharedSramModule::invalidate() {
  refuse_while_busy("invalidate");
  engine_.invalidate();
}

}  // namespace orrery
