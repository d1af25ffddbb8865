// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "results/sweep_record.h"
#include "sweep/sweep_folder.h"

namespace orrery {

inline constexpr const char* kNotRun = "not run yet";

// The points of a sweep as its record without metrics: those that may run have failed with kNotRun,
// the others are infeasible.
SweepRecord points_record(const std::string& name,
                          std::vector<std::string> notes,
                          std::vector<SweepColumn> axes,
                          std::vector<std::string> identities,
                          std::vector<std::string> infeasible);

struct Counts {
  std::uint64_t complete = 0, infeasible = 0, failed = 0, not_run = 0;
  std::uint64_t points() const { return complete + infeasible + failed + not_run; }
};
Counts counts_of(const SweepRecord& record);

// What is known of the points, as one record. Metrics that no point has are left out. Depends on
// the points and their results only: not on who ran which, when, or how often.
SweepRecord collected(SweepRecord points, const KnownPoints& known);

// Collects what the shards of a folder hold into its sweep.h5. Throws InputError.
Counts collect_sweep(const SweepFolder& folder);

}  // namespace orrery
