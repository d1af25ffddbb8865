// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace orrery {

// How far all cores together have come with a kernel, and where the simulation shall pause to be
// looked at. Who counts pauses it, which ends the delta cycle: what is then seen does not depend on
// the order of its processes.
struct KernelProgress {
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  std::uint64_t matmuls = 0;
  std::uint64_t tasks = 0;
  std::uint64_t pause_at_matmuls = kNowhere;
  std::uint64_t pause_at_tasks = kNowhere;

  bool pauses() const { return matmuls >= pause_at_matmuls || tasks >= pause_at_tasks; }
};

}  // namespace orrery
