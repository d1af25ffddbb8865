// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "results/sweep_record.h"
#include "sweep/resolver.h"
#include "sweep/selection.h"

namespace orrery {

// The points of a plan, each looked at before any runs.
struct CheckedPoints {
  std::vector<Choice> choices;
  std::vector<std::string> identities;
  std::vector<std::string> infeasible;  // why it cannot work; empty: it may run
};

// Resolves every point. One whose parts do not go together, or whose workload the memory does not
// hold, is infeasible. Throws InputError where a value of the plan is refused by itself and in
// every point that has it, or when the plan says something of power and a chip has none. `progress`
// hears how many points have been looked at.
CheckedPoints check_points(const Plan& plan,
                           const Grid& grid,
                           const std::vector<std::uint64_t>& points,
                           Resolver& resolver,
                           const std::function<void(std::size_t)>& progress);

// Refuses axes whose key no chip or workload knows. Throws InputError at the axis.
void check_axis_keys(const Plan& plan, const PointNames& names);

// The axes of a sweep's record: "chip" and "workload" and those of the plan.
std::vector<SweepColumn> axis_columns(const Plan& plan,
                                      const PointNames& names,
                                      const std::vector<Choice>& choices);

}  // namespace orrery
