// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep_slurm.h"

#include <filesystem>
#include <fmt/format.h>

#include "cli/record_json.h"
#include "cli/sweep_progress.h"
#include "cli/sweep_simulation.h"
#include "sim/error.h"
#include "sweep/submission.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

// Relative paths of the plan mean what they meant to the one who submitted it.
void go_to(const std::string& folder) {
  std::error_code code;
  fs::current_path(folder, code);
  if (code) {
    throw InputError(fmt::format("{}: cannot go there, where the sweep was submitted: {}", folder,
                                 code.message()));
  }
}

}  // namespace

OptionSet& add_slurm_options(OptionSet& options) {
  return options.flag("slurm", "submits the points to Slurm, with --jobs CPUs a chunk")
      .value("partition", "NAME", "of Slurm, default the site's")
      .value("chunks", "N", "jobs of the array at most, default one for 32 points")
      .value("submission", "DIR/slurm/N", "what the jobs are called with, and --chunk")
      .value("chunk", "I", "the chunk of --submission to run");
}

void check_slurm_options(const ParsedOptions& parsed) {
  if ((parsed.has("partition") || parsed.has("chunks")) && !parsed.has("slurm")) {
    throw InputError("sweep: --partition and --chunks belong to --slurm");
  }
  if (parsed.has("slurm") &&
      (parsed.has("check") || parsed.has("list-axes") || parsed.has("collect"))) {
    throw InputError("sweep: --slurm runs a plan; --check, --list-axes and --collect do not");
  }
  if (parsed.has("submission") != parsed.has("chunk")) {
    throw InputError("sweep: --submission and --chunk belong together");
  }
  if (parsed.has("submission") &&
      (!parsed.words().empty() || parsed.has_beside({"submission", "chunk"}))) {
    throw InputError(
        "sweep: --submission DIR --chunk I stand alone, without a plan and other options: the "
        "submission holds them");
  }
}

SlurmOptions slurm_options(const ParsedOptions& parsed) {
  SlurmOptions options;
  options.partition = parsed.text("partition", "");
  options.chunks = parsed.optional_integer("chunks", 1, kMostSlurmChunks).value_or(0);
  options.jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  return options;
}

void print_submission(const SubmittedJobs& jobs,
                      const SweepFolder& folder,
                      const ParsedOptions& parsed,
                      const Streams& streams) {
  if (parsed.has("json")) {
    streams.out << json_text({{"submitted", jobs.points},
                              {"chunks", jobs.chunks},
                              {"array_job", jobs.array},
                              {"collect_job", jobs.collection},
                              {"logs", jobs.folder.string()},
                              {"file", folder.sweep_file().string()}});
    return;
  }
  streams.out << fmt::format(
      "{} points submitted in {} chunks: job {}; job {} collects\n"
      "in the queue: squeue --jobs={},{}\n"
      "so far:       orrery sweep --collect {}\n"
      "logs:         {}\n",
      jobs.points, jobs.chunks, jobs.array, jobs.collection, jobs.array, jobs.collection,
      folder.path().string(), jobs.folder.string());
}

int run_submitted_chunk(const ParsedOptions& parsed, const Streams& streams) {
  const fs::path path = fs::absolute(parsed.text("submission"));
  const std::size_t number = parsed.integer("chunk", 0, kMostSlurmChunks - 1);
  const Submission submission = read_submission(submission_file(path));
  const SweepFolder folder = sweep_of(path);
  go_to(submission.work_folder);
  const PreparedSweep chunk = prepare_chunk(submission, number);
  const FolderLock lock(folder, FolderUse::kChunk);
  ProgressLine line(streams.err);
  RunOptions run;
  run.pool.jobs = submission.jobs;
  run.pool.timeout_s = chunk.plan.timeout_s;
  run.progress = [&](const SweepProgress& progress) { line.running(progress); };
  const SweepProgress done = run_points(chunk, folder, run, point_simulation(chunk.plan));
  streams.out << fmt::format(
      "chunk {} of {}: {} points, {} run: {} complete, {} infeasible, {} "
      "failed, in {:.1f} s\n",
      number, submission.chunks.size(), chunk.points.choices.size(), done.points, done.complete,
      done.infeasible, done.failed, line.seconds());
  return done.failed > 0 ? kFailedCheck : kSuccess;
}

}  // namespace orrery
