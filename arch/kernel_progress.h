// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace orrery {

// How far all cores together have come with a kernel, and where the simulation shall pause to be
// looked at. Who counts pauses it, which ends the delta cycle: what is then seen does not depend on
// the order of its processes.
struct KernelProgress {
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  bool of_vector_unit = false;  // whose commands are counted
  std::uint64_t commands = 0;
  std::uint64_t tasks = 0;
  std::uint64_t pause_at_commands = kNowhere;
  std::uint64_t pause_at_tasks = kNowhere;

  bool pauses() const { return commands >= pause_at_commands || tasks >= pause_at_tasks; }
};

}  // namespace orrery
