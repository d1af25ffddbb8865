// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "cli/noc_run.h"

namespace orrery {

// Where latency leaves the ground.
struct NocKnee {
  double zero_load = 0;          // flits per node and cycle, at most about a tenth of the knee
  double zero_load_latency = 0;  // mean, at that load
  // The highest load, to 0.5 %, that the network keeps up with at a mean latency below three times
  // the zero-load one. 1 at most.
  double knee = 0;
};

// `tried` is told every load before it runs. Throws std::invalid_argument when no packet comes out.
NocKnee find_knee(const NocSetup& setup, const std::function<void(double)>& tried);

// The loads of the curve: from a tenth of the knee to a little beyond.
std::vector<double> curve_loads(double knee);

}  // namespace orrery
