// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <stdexcept>

#include "results/result_file.h"
#include "results/sweep_file.h"
#include "sim/error.h"
#include "sweep/metrics.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

// Points of one chip, so many that its elaboration is cheap, few enough to be dealt out evenly.
constexpr std::size_t kMostPointsOfChunk = 16;

std::vector<std::string> notes_of(const Plan& plan) {
  std::vector<std::string> notes;
  notes.push_back(plan.sampling ? "long kernels are sampled" : "no kernel is sampled");
  if (!plan.reuse) {
    notes.push_back("operators equal to earlier ones are simulated again");
  }
  notes.push_back(fmt::format("power {}, {} operands, where it is modelled",
                              plan.power.mode == PowerMode::kBurst ? "burst" : "sustained",
                              plan.power.operands == Operands::kZeros ? "zero" : "random"));
  if (plan.sample) {
    notes.push_back(
        fmt::format("a {} sample, seed {}",
                    plan.sample->method == SampleMethod::kSobol ? "Sobol" : "Latin hypercube",
                    plan.sample->seed));
  }
  return notes;
}

bool is_kept(const Plan& plan,
             const PointNames& names,
             const Choice& choice,
             const std::vector<double>& values) {
  return plan.keep && plan.keep->holds([&](const std::string& name) {
    const std::optional<Value> metric = metric_value(values, name);
    return metric ? metric : names.find(choice, name);
  });
}

std::vector<Chunk> chunks_of(const PreparedSweep& sweep,
                             const std::vector<std::size_t>& todo,
                             std::size_t jobs) {
  const std::size_t chip_groups = sweep.plan.chip_group_count();
  // At the end of a sweep nobody should wait long for the last one.
  const std::size_t most = std::clamp<std::size_t>(todo.size() / (jobs * 8), 1, kMostPointsOfChunk);
  std::vector<Chunk> chunks;
  for (const std::size_t point : todo) {
    const bool fits = !chunks.empty() && chunks.back().size() < most &&
                      sweep.points.choices[point].same_chip(
                          sweep.points.choices[chunks.back().back()], chip_groups);
    if (!fits) {
      chunks.emplace_back();
    }
    chunks.back().push_back(point);
  }
  return chunks;
}

// A worker's way from a point to its record.
class Worker {
 public:
  Worker(const PreparedSweep& sweep,
         const PointNames& names,
         const SweepFolder& folder,
         const Simulate& simulate)
      : sweep_(sweep), names_(names), folder_(folder), simulate_(simulate), resolver_(sweep.plan) {}

  PointRecord run(std::size_t point) {
    PointRecord record{sweep_.points.identities[point], PointStatus::kComplete, "", {}};
    const auto give_up = [&](PointStatus status, const std::exception& error) {
      record.status = status;
      record.reason = error.what();
    };
    RunRecord run;
    const Choice& choice = sweep_.points.choices[point];
    try {
      const bool same_chip =
          last_ != nullptr && choice.same_chip(*last_, sweep_.plan.chip_group_count());
      last_ = &choice;
      const Workload& workload = resolver_.workload(choice);
      run = simulate_(resolver_.chip(choice), workload, same_chip);
      record.values = metrics_of(run);
    } catch (const InputError& error) {
      give_up(PointStatus::kInfeasible, error);
    } catch (const std::invalid_argument& error) {
      give_up(PointStatus::kInfeasible, error);
    } catch (const std::exception& error) {
      give_up(PointStatus::kFailed, error);
    }
    if (record.status == PointStatus::kComplete &&
        is_kept(sweep_.plan, names_, choice, record.values)) {
      write_result(run, folder_.result_file(record.identity).string());
    }
    return record;
  }

 private:
  const PreparedSweep& sweep_;
  const PointNames& names_;
  const SweepFolder& folder_;
  const Simulate& simulate_;
  Resolver resolver_;
  const Choice* last_ = nullptr;
};

}  // namespace

PreparedSweep prepare_sweep(Plan plan,
                            bool agreed,
                            const std::function<void(std::size_t, std::size_t)>& checking) {
  PreparedSweep sweep;
  sweep.plan = std::move(plan);
  const PointNames names(sweep.plan);
  check_axis_keys(sweep.plan, names);
  if (sweep.plan.keep) {
    std::vector<std::string> metrics;
    for (const Metric& metric : sweep_metrics()) {
      metrics.push_back(metric.name);
    }
    check_names(*sweep.plan.keep, names, metrics, SourceLocation{"keep"});
  }
  const Grid grid(sweep.plan);
  sweep.selection = select_points(sweep.plan, grid, names, agreed);
  Resolver resolver(sweep.plan);
  sweep.points =
      check_points(sweep.plan, grid, sweep.selection.points, resolver,
                   [&](std::size_t done) { checking(done, sweep.selection.points.size()); });
  sweep.record = points_record(sweep.plan.name, notes_of(sweep.plan),
                               axis_columns(sweep.plan, names, sweep.points.choices),
                               sweep.points.identities, sweep.points.infeasible);
  return sweep;
}

std::vector<std::size_t> points_to_run(const PreparedSweep& sweep,
                                       const SweepFolder& folder,
                                       const KnownPoints& known) {
  const PointNames names(sweep.plan);
  std::vector<std::size_t> todo;
  std::set<std::string> seen;
  std::error_code code;
  for (std::size_t i = 0; i < sweep.points.choices.size(); ++i) {
    const std::string& identity = sweep.points.identities[i];
    if (!sweep.points.infeasible[i].empty() || !seen.insert(identity).second) {
      continue;
    }
    const PointRecord* const record = known.find(identity);
    const bool lacks_result = record != nullptr && record->status == PointStatus::kComplete &&
                              is_kept(sweep.plan, names, sweep.points.choices[i], record->values) &&
                              !fs::exists(folder.result_file(identity), code);
    if (!known.is_finished(identity) || lacks_result) {
      todo.push_back(i);
    }
  }
  return todo;
}

SweepProgress run_points(const PreparedSweep& sweep,
                         const SweepFolder& folder,
                         const RunOptions& options,
                         const Simulate& simulate) {
  const PointNames names(sweep.plan);
  KnownPoints known;
  known.read(folder);
  const std::vector<std::size_t> todo = points_to_run(sweep, folder, known);
  SweepProgress progress;
  progress.points = todo.size();
  Worker worker(sweep, names, folder, simulate);
  const PointWork work = [&](std::size_t point) { return worker.run(point); };
  const std::function<std::string(std::size_t)> identity = [&](std::size_t point) {
    return sweep.points.identities[point];
  };
  const std::function<void(PointStatus)> ended = [&](PointStatus status) {
    ++(status == PointStatus::kComplete     ? progress.complete
       : status == PointStatus::kInfeasible ? progress.infeasible
                                            : progress.failed);
    options.progress(progress);
  };
  run_pool(chunks_of(sweep, todo, options.pool.jobs), options.pool, folder.shards(), work, identity,
           ended);
  return progress;
}

SweepProgress run_sweep(const PreparedSweep& sweep,
                        const SweepFolder& folder,
                        const RunOptions& options,
                        const Simulate& simulate) {
  SweepRecord record = sweep.record;
  record.provenance = options.provenance;
  write_sweep(record, folder.points_file());
  return run_points(sweep, folder, options, simulate);
}

}  // namespace orrery
