// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sweep/checked_points.h"
#include "sweep/collect.h"
#include "sweep/plan.h"
#include "sweep/worker_pool.h"

namespace orrery {

// A plan with its points, checked, ready to run.
struct PreparedSweep {
  Plan plan;
  Selection selection;
  CheckedPoints points;
  SweepRecord record;  // see points_record
};

// Selects and checks the points of a plan. `checking` hears (points looked at, of how many).
// Throws InputError.
PreparedSweep prepare_sweep(Plan plan,
                            bool agreed,
                            const std::function<void(std::size_t, std::size_t)>& checking);

// Simulates a point and says what came of it; runs in a worker, where it may keep a chip from one
// point to the next. `same_chip`: the point's chip is configured as the last one's. InputError and
// std::invalid_argument mean that the point cannot work, another exception that it has failed.
using Simulate =
    std::function<RunRecord(const ChipConfig& chip, const Workload& workload, bool same_chip)>;

struct SweepProgress {
  std::uint64_t points = 0;  // that are to be run now
  std::uint64_t complete = 0, infeasible = 0, failed = 0;
  std::uint64_t done() const { return complete + infeasible + failed; }
};

struct RunOptions {
  PoolOptions pool;
  Provenance provenance;
  std::function<void(const SweepProgress&)> progress;
};

// What is to be run: each identity once, none that is finished, unless its whole result is wanted
// and not there.
std::vector<std::size_t> points_to_run(const PreparedSweep& sweep,
                                       const SweepFolder& folder,
                                       const KnownPoints& known);

// Runs the points of `sweep` that the folder, which must be made and locked, does not know yet.
// Returns what came of them. Throws InputError.
SweepProgress run_points(const PreparedSweep& sweep,
                         const SweepFolder& folder,
                         const RunOptions& options,
                         const Simulate& simulate);

// The same, after it has written down which points there are.
SweepProgress run_sweep(const PreparedSweep& sweep,
                        const SweepFolder& folder,
                        const RunOptions& options,
                        const Simulate& simulate);

}  // namespace orrery
