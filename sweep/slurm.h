// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

// Slurm's commands as a sweep uses them: sbatch, squeue, scancel on the PATH. What else a site asks
// for (account, time, memory) Slurm takes from SBATCH_* of the environment.
namespace orrery {

// A job, or an array of them. The script gets `arguments` as $1, $2, ...: no path or name is ever
// part of a script's text.
struct SlurmJob {
  std::string name;
  std::filesystem::path script;
  std::vector<std::string> arguments;
  std::filesystem::path folder;  // where it starts
  std::string log;               // in `folder`; "%a" is the number in the array
  std::size_t array = 0;         // tasks, numbered from 0; 0: not an array
  std::size_t cpus = 1;          // of a task
  std::string after;             // a job that must have ended, well or not; empty: none
  std::string partition;         // empty: the site's default
};

// What sbatch is called with.
std::vector<std::string> sbatch_words(const SlurmJob& job);

// Throws InputError where sbatch is not there or has no cluster.
void check_slurm();
// The number of the job. Throws InputError with what sbatch said, in one line, when it refuses.
std::string submit_job(const SlurmJob& job);
// Whether a job with that number which started in `folder` waits or runs. Numbers begin anew with a
// new controller. False where Slurm does not say.
bool is_queued(const std::string& number, const std::filesystem::path& folder);
// Empty, or what went wrong: "scancel fails: ... (exit code 1)".
std::string cancel_job(const std::string& number);

}  // namespace orrery
