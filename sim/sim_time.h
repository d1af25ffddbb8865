// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "sim/units.h"

// The one place where femtoseconds become sc_time. Needs a resolution of 1 fs, which
// `use_femtosecond_resolution` sets before the first sc_time of a simulation is made.
namespace orrery {

inline void use_femtosecond_resolution() {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  // Starting a simulation that has nothing left to do is how a chip is drained.
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_,
                                          sc_core::SC_DO_NOTHING);
}
inline sc_core::sc_time to_sc_time(Femtoseconds time_fs) {
  return sc_core::sc_time::from_value(time_fs);
}
inline Femtoseconds now_fs() {
  return sc_core::sc_time_stamp().value();
}
// Lets `event` fire at the absolute time `at_fs`, or in the next delta when that is now.
inline void notify_at(sc_core::sc_event& event, Femtoseconds at_fs) {
  const Femtoseconds now = now_fs();
  event.notify(at_fs > now ? to_sc_time(at_fs - now) : sc_core::SC_ZERO_TIME);
}

}  // namespace orrery
