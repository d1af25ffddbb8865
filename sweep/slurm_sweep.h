// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "sweep/sweep_run.h"

// A sweep on a cluster: an array of jobs, each of which runs a chunk of the points with the workers
// of a sweep on one machine, and a job behind it that collects. All see one file system. A chunk
// whose node is lost runs again, maybe beside its first copy: both leave records of their own, and
// a point is known by its identity, so it counts once.
namespace orrery {

inline constexpr std::size_t kMostSlurmChunks = 1000;  // Slurm's MaxArraySize is 1001 by default

struct SlurmOptions {
  std::string partition;   // empty: the site's default
  std::size_t chunks = 0;  // at most; 0: of some dozens of points
  std::size_t jobs = 1;    // points at a time in each
};

struct SubmittedJobs {
  std::size_t points = 0, chunks = 0;
  std::string array, collection;  // numbers of jobs; empty where nothing is to be run
  std::filesystem::path folder;   // of this submission, with its logs
};

// Submits the points of `sweep` that the folder, which must be made and locked, does not know yet,
// and writes down which points there are. Throws InputError where Slurm refuses, and where jobs of
// an earlier submission are still queued; then nothing of this one is left.
SubmittedJobs submit_sweep(const PreparedSweep& sweep,
                           const SweepFolder& folder,
                           const Provenance& provenance,
                           const SlurmOptions& options);

// The submission that a job was handed as its folder, and the sweep that it belongs to.
std::filesystem::path submission_file(const std::filesystem::path& submission);
SweepFolder sweep_of(const std::filesystem::path& submission);

}  // namespace orrery
