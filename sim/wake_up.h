// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <systemc>

#include "sim/counters.h"
#include "sim/sim_time.h"

namespace orrery {

// How a module's one process is woken: a delta after something arrived, and at the next time at
// which its engine has something to do. Two events, so that an arrival does not take the timer out
// of the kernel's queue, where it would stay behind as a dead entry: that cost a quarter of a run.
// A timer that is already set for an earlier time is left; the process then sets it again.
//
//   SC_METHOD(process); wake_.wakes_on(sensitive); dont_initialize();
//   void process() { wake_.woken(); ... wake_.at(next_fs); }
class WakeUp {
 public:
  // Registers "<owner>.activations".
  WakeUp(const std::string& owner, CounterRegistry& registry) {
    registry.add(owner + ".activations", "1", "times the process ran", activations_);
  }

  void wakes_on(sc_core::sc_sensitive& sensitive) { sensitive << arrival_ << timer_; }
  void woken() { ++activations_; }

  void soon() { arrival_.notify(sc_core::SC_ZERO_TIME); }
  // kNever: nothing to do.
  void at(Femtoseconds at_fs) {
    if (at_fs == kNever) {
      return;
    }
    const Femtoseconds now = now_fs();
    if (at_fs <= now) {
      soon();
    } else if (timer_fs_ <= now || timer_fs_ > at_fs) {
      timer_fs_ = at_fs;
      notify_at(timer_, at_fs);
    }
  }
  void cancel() {
    arrival_.cancel();
    timer_.cancel();
    timer_fs_ = 0;
  }

 private:
  sc_core::sc_event arrival_{"arrival"};
  sc_core::sc_event timer_{"timer"};
  Femtoseconds timer_fs_ = 0;  // pending when it lies ahead
  Counter activations_;
};

}  // namespace orrery
