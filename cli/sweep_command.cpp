// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <limits>

#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/run_provenance.h"
#include "cli/sweep_axes.h"
#include "cli/sweep_progress.h"
#include "cli/sweep_simulation.h"
#include "cli/sweep_slurm.h"
#include "sim/error.h"
#include "sweep/collect.h"
#include "sweep/slurm.h"
#include "sweep/sweep_run.h"

namespace orrery {
namespace {

OptionSet options() {
  OptionSet set =
      OptionSet("orrery sweep", "runs every point of a plan and collects them in one file")
          .words("PLAN.yaml", "chips, workloads, axes, constraints: see docs/sweeps.md", 0, 1)
          .value("output,o", "DIR", "the folder of the sweep; its sweep.h5 has the points")
          .value("jobs", "N", "points at a time, default 1")
          .flag("resume", "goes on with the sweep in DIR; the plan may have grown")
          .value("sample", "N", "N points in place of the whole grid")
          .value("sampler", "sobol|latin", "how they are drawn, default sobol")
          .value("seed", "N", "of the draw, default 1")
          .flag("yes", "runs also a grid of more than 100000 points")
          .value("keep", "CONDITION", "keeps the whole results of such points in DIR/results")
          .flag("check", "checks all points and runs none; with -o says how many are done")
          .flag("list-axes", "prints every key that can be varied, of the plan or of --chip")
          .value("chip,c", "NAME|FILE", "a chip for --list-axes without a plan")
          .value("collect", "DIR", "only collects what DIR holds so far into its sweep.h5")
          .flag("json", "prints one JSON object");
  return add_slurm_options(set)
      .example("orrery sweep configs/sweeps/maia100-main-job.yaml --check", "how many points")
      .example("orrery sweep configs/sweeps/maia100-main-job.yaml -o maia --jobs 2",
               "runs them, two at a time")
      .example("orrery sweep configs/sweeps/maia100-main-job.yaml -o maia --jobs 2 --resume",
               "goes on after it was stopped")
      .example("orrery sweep plan.yaml -o out --sample 500 --keep 'total_time < 10 ms'",
               "500 points, and whole results of the fast ones")
      .example("orrery sweep plan.yaml -o out --slurm --partition cpu --chunks 100 --jobs 4",
               "an array of 100 jobs of 4 CPUs on a cluster, and a job that collects")
      .example("orrery sweep --list-axes --chip maia100", "what a plan can vary");
}

// What the command line says in place of the plan.
void apply_options(Plan& plan, const ParsedOptions& parsed) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (const auto points = parsed.optional_integer("sample", 1, kMostPoints)) {
    SampleRequest sample = plan.sample.value_or(SampleRequest{});
    sample.points = *points;
    plan.sample = sample;
  }
  if ((parsed.has("sampler") || parsed.has("seed")) && !plan.sample) {
    throw InputError("sweep: --sampler and --seed belong to --sample");
  }
  if (parsed.has("sampler")) {
    const std::string& name = parsed.text("sampler");
    if (name != "sobol" && name != "latin") {
      throw InputError(fmt::format("--sampler {}: sobol or latin expected", name));
    }
    plan.sample->method = name == "latin" ? SampleMethod::kLatinHypercube : SampleMethod::kSobol;
  }
  if (const auto seed = parsed.optional_integer("seed", 0, kMost)) {
    plan.sample->seed = *seed;
  }
  if (parsed.has("keep")) {
    plan.keep = Expression(parsed.text("keep"));
  }
}

// --list-axes needs a chip, and takes it from the plan where there is one.
Plan plan_for_axes(const ParsedOptions& parsed) {
  if (parsed.words().empty() == !parsed.has("chip")) {
    throw InputError("sweep: --list-axes needs a plan or --chip");
  }
  if (!parsed.words().empty()) {
    return read_plan(parsed.words().front(), config_folder());
  }
  Plan plan;
  plan.chips = {parsed.text("chip")};
  plan.config_folder = config_folder();
  return plan;
}

int list_axes(const ParsedOptions& parsed, const Streams& streams) {
  const Plan plan = plan_for_axes(parsed);
  if (parsed.has("json")) {
    streams.out << json_text(axes_json(plan));
  } else {
    print_axes(streams.out, plan);
  }
  return kSuccess;
}

nlohmann::ordered_json to_json(const Counts& counts) {
  return {{"points", counts.points()},
          {"complete", counts.complete},
          {"infeasible", counts.infeasible},
          {"failed", counts.failed},
          {"not_run", counts.not_run}};
}

std::string to_text(const Counts& counts) {
  std::string text = fmt::format("{} points: {} complete, {} infeasible", counts.points(),
                                 counts.complete, counts.infeasible);
  if (counts.failed > 0) {
    text += fmt::format(", {} failed", counts.failed);
  }
  return text + (counts.not_run > 0 ? fmt::format(", {} not run", counts.not_run) : "");
}

int report_counts(const SweepFolder& folder,
                  const Counts& counts,
                  const std::string& more,
                  const ParsedOptions& parsed,
                  const Streams& streams) {
  if (parsed.has("json")) {
    nlohmann::ordered_json json = to_json(counts);
    json["file"] = folder.sweep_file().string();
    streams.out << json_text(json);
  } else {
    streams.out << to_text(counts) << more << '\n' << folder.sweep_file().string() << '\n';
  }
  return counts.failed > 0 ? kFailedCheck : kSuccess;
}

int collect(const ParsedOptions& parsed, const Streams& streams) {
  if (!parsed.words().empty() || parsed.has("output")) {
    throw InputError("sweep: --collect DIR stands alone, without a plan and -o");
  }
  const SweepFolder folder(parsed.text("collect"));
  if (!folder.has_points()) {
    throw InputError(fmt::format("{}: holds no sweep", folder.path().string()));
  }
  const FolderLock lock(folder, FolderUse::kCollection);
  return report_counts(folder, collect_sweep(folder), "", parsed, streams);
}

PreparedSweep prepare(const ParsedOptions& parsed, ProgressLine& line) {
  if (parsed.words().empty()) {
    throw InputError("sweep: a plan is missing");
  }
  Plan plan = read_plan(parsed.words().front(), config_folder());
  apply_options(plan, parsed);
  return prepare_sweep(std::move(plan), parsed.has("yes"),
                       [&](std::size_t done, std::size_t count) { line.checking(done, count); });
}

// With what a folder has of them.
SweepRecord known_points(SweepRecord points, const SweepFolder& folder) {
  folder.check(true);
  KnownPoints known;
  if (folder.has_points()) {
    known.read(folder);
  }
  return collected(std::move(points), known);
}

int check(const ParsedOptions& parsed, const Streams& streams) {
  PreparedSweep sweep = [&] {
    ProgressLine line(streams.err);
    return prepare(parsed, line);
  }();
  if (parsed.has("output")) {
    sweep.record = known_points(std::move(sweep.record), SweepFolder(parsed.text("output")));
  }
  const Counts counts = counts_of(sweep.record);
  const int status = counts.failed > 0 ? kFailedCheck : kSuccess;
  if (parsed.has("json")) {
    nlohmann::ordered_json json = to_json(counts);
    json["combinations"] = sweep.selection.combinations;
    streams.out << json_text(json);
    return status;
  }
  streams.out << fmt::format("{} combinations\n", sweep.selection.combinations);
  if (!sweep.plan.constraints.empty()) {
    streams.out << fmt::format("{} excluded by constraints\n", sweep.selection.excluded);
  }
  streams.out << to_text(counts) << '\n';
  for (std::size_t i = 0; i < sweep.record.point_count(); ++i) {
    if (sweep.record.status[i] == PointStatus::kInfeasible) {
      streams.out << fmt::format("the first infeasible one: {}: {}\n",
                                 text_of(sweep.plan, sweep.points.choices[i]),
                                 sweep.record.reasons[i]);
      break;
    }
  }
  return status;
}

int run_plan(const std::vector<std::string>& arguments,
             const ParsedOptions& parsed,
             const Streams& streams) {
  const std::string started = utc_now();
  const SweepFolder folder(parsed.text("output"));
  RunOptions run;
  run.pool.jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  folder.check(parsed.has("resume"));
  if (parsed.has("slurm")) {
    check_slurm();
    slurm_options(parsed);
  }
  ProgressLine checking(streams.err);
  const PreparedSweep sweep = prepare(parsed, checking);
  run.pool.timeout_s = sweep.plan.timeout_s;
  add_provenance(run.provenance, "sweep", arguments, started);
  run.provenance.config_resolved = sweep.plan.text;

  folder.make();
  const FolderLock lock(folder, FolderUse::kSweep);
  if (parsed.has("slurm")) {
    const SubmittedJobs jobs = submit_sweep(sweep, folder, run.provenance, slurm_options(parsed));
    if (jobs.points > 0) {
      print_submission(jobs, folder, parsed, streams);
      return kSuccess;
    }
    return report_counts(folder, collect_sweep(folder), "; none left to submit", parsed, streams);
  }
  std::string more;
  {
    ProgressLine line(streams.err);
    run.progress = [&](const SweepProgress& progress) { line.running(progress); };
    const SweepProgress done = run_sweep(sweep, folder, run, point_simulation(sweep.plan));
    more = fmt::format("; {} run now, in {:.1f} s", done.points, line.seconds());
  }
  return report_counts(folder, collect_sweep(folder), more, parsed, streams);
}

int run_sweep_command(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  check_slurm_options(parsed);
  if (parsed.has("submission")) {
    return run_submitted_chunk(parsed, streams);
  }
  if (parsed.has("collect")) {
    return collect(parsed, streams);
  }
  if (parsed.has("list-axes")) {
    return list_axes(parsed, streams);
  }
  if (parsed.has("chip")) {
    throw InputError("sweep: --chip belongs to --list-axes; a plan names its chips");
  }
  return parsed.has("check") ? check(parsed, streams) : run_plan(arguments, parsed, streams);
}

}  // namespace

Subcommand sweep_command() {
  return {"sweep", "runs every point of a plan", run_sweep_command};
}

}  // namespace orrery
