// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"
#include "cli/options.h"
#include "sweep/slurm_sweep.h"

namespace orrery {

// --slurm and what belongs to it, and what the jobs are called with.
OptionSet& add_slurm_options(OptionSet& options);
// Throws InputError for options that do not go together.
void check_slurm_options(const ParsedOptions& parsed);
SlurmOptions slurm_options(const ParsedOptions& parsed);

// Says which jobs there are, and how to follow them.
void print_submission(const SubmittedJobs& jobs,
                      const SweepFolder& folder,
                      const ParsedOptions& parsed,
                      const Streams& streams);

// What a job of the array does: --submission and --chunk.
int run_submitted_chunk(const ParsedOptions& parsed, const Streams& streams);

}  // namespace orrery
