// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sweep/sweep_run.h"

// What a sweep leaves for the nodes of a cluster that run it, in DIR/slurm/<number>/:
//
//   submission.json   the plan as it was, and which points are whose
//   chunk.sh, collect.sh, jobs.json   see sweep/slurm_sweep.h
//   chunk-<i>.log, collect.log        what they said
namespace orrery {

inline constexpr std::uint64_t kSubmissionSchemaVersion = 1;

struct SubmittedPoint {
  std::uint64_t index = 0;  // in the grid of the plan
  std::string identity;     // so that nothing else is run in its place
  bool operator==(const SubmittedPoint&) const = default;
};

struct Submission {
  std::string program;      // program_version()
  std::string work_folder;  // where the sweep was called, to which paths are relative
  std::string config_folder;
  std::string plan_file;
  std::string plan_text;
  std::string keep;  // a condition; empty: none
  std::size_t jobs = 1;
  std::vector<std::vector<SubmittedPoint>> chunks;
};

// `todo`, points of `sweep`, in `chunks` parts as equal as can be, in order: points of one chip
// stay together. None is empty, so there may be fewer.
Submission make_submission(const PreparedSweep& sweep,
                           const std::vector<std::size_t>& todo,
                           std::size_t chunks,
                           std::size_t jobs);

// Throw InputError "path: ...".
void write_submission(const Submission& submission, const std::filesystem::path& path);
Submission read_submission(const std::filesystem::path& path);

// The points of a chunk, ready to run. Throws InputError for a number that is not there, and where
// the program, a chip or a workload is not what it was when the sweep was submitted. Relative paths
// of the plan are looked for from the folder of this process, which should be `work_folder`.
PreparedSweep prepare_chunk(const Submission& submission, std::size_t number);

}  // namespace orrery
