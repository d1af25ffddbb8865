// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "sim/sim_time.h"

namespace orrery {

// A SystemC kernel of its own, at a resolution of 1 fs, for as long as it lives. The first kernel
// of the process is never deleted: the library's own static events live in it. Modules must die
// before this does.
class FreshKernel {
 public:
  FreshKernel() {
    [[maybe_unused]] static auto* const first_kernel = sc_core::sc_get_curr_simcontext();
    install(new sc_core::sc_simcontext);
    use_femtosecond_resolution();
  }
  ~FreshKernel() {
    delete sc_core::sc_curr_simcontext;
    install(nullptr);
    sc_core::sc_report_handler::initialize();  // its counts are process-wide
  }
  FreshKernel(const FreshKernel&) = delete;
  FreshKernel& operator=(const FreshKernel&) = delete;

 private:
  static void install(sc_core::sc_simcontext* kernel) {
    sc_core::sc_curr_simcontext = kernel;
    sc_core::sc_default_global_context = kernel;
  }
};

}  // namespace orrery
