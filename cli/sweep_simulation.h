// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep/plan.h"
#include "sweep/sweep_run.h"

namespace orrery {

// Simulates a point of the plan as `orrery run` would. Keeps the chip for the next point of the
// same one, which resets it: to the femtosecond what a new one does. A process can have one chip
// only, so a worker must be given points of one chip.
Simulate point_simulation(const Plan& plan);

}  // namespace orrery
