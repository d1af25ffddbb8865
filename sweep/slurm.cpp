// SPDX-License-Identifier: Apache-2.0
#include "sweep/slurm.h"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

#include "sim/error.h"
#include "sweep/program_call.h"

namespace orrery {
namespace {

// "error: Batch job submission failed: Invalid partition name specified", of several lines.
std::string one_line(const std::string& text, const std::string& program) {
  std::string line;
  std::istringstream lines(text);
  for (std::string part; std::getline(lines, part);) {
    const std::string prefix = program + ": ";
    part = part.starts_with(prefix) ? part.substr(prefix.size()) : part;
    if (!part.empty()) {
      line += (line.empty() ? "" : "; ") + part;
    }
  }
  return line.empty() ? "it says nothing" : line;
}

ProgramAnswer call_sbatch(const std::vector<std::string>& words) {
  ProgramAnswer answer;
  try {
    answer = call_program(words);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}; --slurm needs Slurm's commands on the PATH", error.what()));
  }
  if (answer.exit_code != 0) {
    throw InputError(fmt::format("sbatch refuses: {} (exit code {})",
                                 one_line(answer.err, words.front()), answer.exit_code));
  }
  return answer;
}

// Slurm replaces "%a" and the like in the whole path, not in the name of the log only.
std::string log_pattern(const SlurmJob& job) {
  std::string pattern;
  for (const char c : job.folder.string()) {
    pattern += c == '%' ? "%%" : std::string(1, c);
  }
  return pattern + "/" + job.log;
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<std::string> sbatch_words(const SlurmJob& job) {
  std::vector<std::string> words{"sbatch", "--parsable", "--job-name=" + job.name};
  if (job.array > 0) {
    words.push_back(fmt::format("--array=0-{}", job.array - 1));
  }
  if (!job.after.empty()) {
    words.push_back("--dependency=afterany:" + job.after);
  }
  if (!job.partition.empty()) {
    words.push_back("--partition=" + job.partition);
  }
  // A job whose node fails runs again, and says so behind what it had said.
  words.insert(words.end(),
               {"--requeue", "--open-mode=append", "--nodes=1", "--ntasks=1",
                fmt::format("--cpus-per-task={}", job.cpus), "--chdir=" + job.folder.string(),
                "--output=" + log_pattern(job), job.script.string()});
  words.insert(words.end(), job.arguments.begin(), job.arguments.end());
  return words;
}

void check_slurm() {
  call_sbatch({"sbatch", "--version"});
}

std::string submit_job(const SlurmJob& job) {
  const ProgramAnswer answer = call_sbatch(sbatch_words(job));
  // "123" or, of one of several clusters, "123;name".
  const std::string number = answer.out.substr(0, answer.out.find_first_of(";\n"));
  if (!is_number(number)) {
    throw InputError(fmt::format("sbatch answers '{}', expected the number of a job",
                                 one_line(answer.out, "sbatch")));
  }
  return number;
}

bool is_queued(const std::string& number, const std::filesystem::path& folder) {
  if (!is_number(number)) {
    return false;
  }
  const ProgramAnswer answer =
      call_program({"squeue", "--noheader", "--jobs=" + number, "--format=%Z"});
  return ("\n" + answer.out).find("\n" + folder.string() + "\n") != std::string::npos;
}

std::string cancel_job(const std::string& number) {
  try {
    const ProgramAnswer answer = call_program({"scancel", number});
    return answer.exit_code == 0 ? ""
                                 : fmt::format("scancel fails: {} (exit code {})",
                                               one_line(answer.err, "scancel"), answer.exit_code);
  } catch (const InputError& error) {
    return error.what();
  }
}

}  // namespace orrery
