// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "sim/units.h"

// The one place where femtoseconds become sc_time. Needs a resolution of 1 fs, which
// `use_femtosecond_resolution` sets before the first sc_time of a simulation is made.
//
// SystemC's time cannot be set back, ours can: `restart_time` calls now 0. So a chip that has been
// reset does exactly what a new one does, whatever counts from time 0 (clocks, refreshes).
namespace orrery {

// SystemC's time at our 0. As global as SystemC's own: one simulation a process at a time.
inline Femtoseconds& time_origin() {
  static Femtoseconds origin = 0;
  return origin;
}
inline void restart_time() {
  time_origin() = sc_core::sc_time_stamp().value();
}
inline void use_femtosecond_resolution() {
  time_origin() = 0;
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  // Starting a simulation that has nothing left to do is how a chip is drained.
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_,
                                          sc_core::SC_DO_NOTHING);
}
inline sc_core::sc_time to_sc_time(Femtoseconds time_fs) {
  return sc_core::sc_time::from_value(time_fs);
}
inline Femtoseconds now_fs() {
  return sc_core::sc_time_stamp().value() - time_origin();
}
// Lets `event` fire at the absolute time `at_fs`, or in the next delta when that is now.
inline void notify_at(sc_core::sc_event& event, Femtoseconds at_fs) {
  const Femtoseconds now = now_fs();
  event.notify(at_fs > now ? to_sc_time(at_fs - now) : sc_core::SC_ZERO_TIME);
}

}  // namespace orrery
