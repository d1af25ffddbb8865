// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_sampler.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace orrery {
namespace {

constexpr std::uint64_t kManyWaves = 6;    // fewer leave nothing to skip
constexpr std::uint64_t kStepsApart = 2;   // that contexts may lie apart at the same pace
constexpr std::uint64_t kLittlePart = 64;  // of an SRAM, whose growth by that is no growth
constexpr std::uint64_t kTailWaves = 1;    // not in flight yet when waves are left out

bool is_scaled(const CounterEntry& entry) {
  const auto ends = [&](const char* suffix) { return entry.path.ends_with(suffix); };
  return !ends(".activations") && !ends(".useful_flop") && !ends(".tasks");
}

}  // namespace

ChipSampler::ChipSampler(const CounterRegistry& counters,
                         const std::vector<std::unique_ptr<CoreModule>>& cores,
                         DispatcherModule& dispatcher,
                         Surroundings surroundings)
    : cores_(cores), dispatcher_(dispatcher), chip_(std::move(surroundings)) {
  for (const CounterEntry& entry : counters.entries()) {
    if (is_scaled(entry)) {
      scaled_.push_back(entry.counter);
    }
  }
  for (const auto& core : cores) {  // what power is counted by, beyond that
    CoreCounters& count = core->engine().counters();
    for (Counter& flop : count.tensor_flop) {
      scaled_.push_back(&flop);
    }
    scaled_.push_back(&count.vector_ops);
  }
}

void ChipSampler::Watch::restart(Snapshot snapshot) {
  log.restart(snapshot.mark);
  snapshots.clear();
  snapshots.push_back(std::move(snapshot));
}

void ChipSampler::Watch::add(Snapshot snapshot) {
  log.add(snapshot.mark);
  snapshots.push_back(std::move(snapshot));
  if (snapshots.size() > PeriodLog::kMostPeriods + 1) {
    snapshots.pop_front();
  }
}

ChipSampler::Snapshot ChipSampler::snapshot(Femtoseconds now_fs, std::uint64_t work) const {
  Snapshot snapshot;
  const Traffic traffic = chip_.traffic();
  snapshot.allocated = {traffic.allocated.kept + credited_allocated_.kept,
                        traffic.allocated.passing + credited_allocated_.passing};
  snapshot.used_bytes = chip_.used_bytes ? chip_.used_bytes() : 0;
  snapshot.mark = {now_fs + credited_fs_, work, traffic.memory_bytes, traffic.requested_bytes};
  snapshot.counters.reserve(scaled_.size());
  for (const Counter* counter : scaled_) {
    snapshot.counters.push_back(counter->value());
  }
  for (const auto& core : cores_) {
    snapshot.splits.push_back(core->engine().accounting().split());
  }
  return snapshot;
}

void ChipSampler::begin(const Kernel& kernel, Femtoseconds start_fs) {
  kernel_ = &kernel;
  period_ = kernel.period();
  progress_ = KernelProgress{};
  progress_.of_vector_unit = period_.of_vector_unit;
  skipped_commands_ = 0;
  allocated_before_ = chip_.traffic().allocated.sum() + credited_allocated_.sum();
  const std::uint64_t slots = dispatcher_.engine().slots();
  wave_tasks_ = period_.tasks == 0 ? 0 : round_up(slots, period_.tasks);
  if (wave_tasks_ % std::max<std::uint64_t>(slots, 1) != 0 && dispatcher_.engine().is_static()) {
    wave_tasks_ = 0;  // rounds of the plan are not whole periods
  }
  if (wave_tasks_ > 0 && kernel.task_count() / wave_tasks_ >= kManyWaves) {
    waves_.restart(snapshot(start_fs, 0));
    progress_.pause_at_tasks = wave_tasks_;
  }
  first_positions_.clear();
  if (period_.steps > 0) {
    progress_.pause_at_commands =
        std::min(slots, kernel.task_count()) * period_.steps * period_.commands_per_step;
  }
}

void ChipSampler::look(Femtoseconds now_fs) {
  if (progress_.tasks >= progress_.pause_at_tasks) {
    look_at_waves(now_fs);
  }
  if (progress_.commands >= progress_.pause_at_commands) {
    look_at_steps(now_fs);
  }
}

void ChipSampler::restart() {
  first_positions_.clear();
  waves_.log.restart({});
}

std::uint64_t ChipSampler::wave_work() const {
  return period_.commands > 0 ? progress_.commands + skipped_commands_ : progress_.tasks;
}

std::uint64_t ChipSampler::work_of(std::uint64_t tasks) const {
  return period_.commands > 0 ? tasks / period_.tasks * period_.commands : tasks;
}

void ChipSampler::look_at_waves(Femtoseconds now_fs) {
  waves_.add(snapshot(now_fs, wave_work()));
  const std::uint64_t left = dispatcher_.engine().waiting_tasks() / wave_tasks_;
  if (left <= kTailWaves) {
    progress_.pause_at_tasks = KernelProgress::kNowhere;
    return;
  }
  progress_.pause_at_tasks = progress_.tasks + wave_tasks_;
  const std::size_t steady = waves_.log.steady_periods();
  const std::uint64_t tasks = (left - kTailWaves) * wave_tasks_;
  if (steady > 0 && caches_are_steady(waves_, steady, work_of(tasks))) {
    skip_waves(steady, tasks);
    progress_.pause_at_tasks = KernelProgress::kNowhere;
    first_positions_.clear();
  }
}

void ChipSampler::skip_waves(std::size_t steady, std::uint64_t tasks) {
  std::uint64_t flop = 0;
  for (const DispatcherEngine::TaskRange& range : dispatcher_.engine().skip_tasks(tasks)) {
    flop += kernel_->useful_flop(range.first, range.count);
  }
  credit(waves_, steady, work_of(tasks));
  // Who would have done them: as evenly as they are dealt out.
  const std::vector<std::uint64_t> even(dispatcher_.engine().busy_cores(), 1);
  const std::vector<std::uint64_t> flops = share_out(flop, even);
  const std::vector<std::uint64_t> counts = share_out(tasks, even);
  for (std::size_t i = 0; i < even.size(); ++i) {
    cores_[i]->engine().counters().useful_flop += flops[i];
    cores_[i]->engine().counters().tasks += counts[i];
  }
}

bool ChipSampler::find_positions(std::vector<Position>& positions) const {
  for (std::uint32_t core = 0; core < cores_.size(); ++core) {
    const CoreEngine& engine = cores_[core]->engine();
    for (std::uint32_t context = 0; context < engine.contexts(); ++context) {
      if (engine.is_idle(context)) {
        continue;
      }
      const std::optional<CoreProgram::Loop> loop = engine.loop(context);
      if (!loop) {
        return false;
      }
      positions.push_back({core, context, *loop});
    }
  }
  return !positions.empty();
}

std::uint64_t ChipSampler::tail_steps(std::size_t steady) const {
  const Snapshot& end = steps_.snapshots.back();
  const Snapshot& start = steps_.snapshots[steps_.snapshots.size() - 1 - steady];
  const std::uint64_t allocated_bytes = end.allocated.sum() - start.allocated.sum();
  if (!period_.leaves_data || allocated_bytes == 0) {
    return period_.steps;
  }
  const std::uint64_t work =
      scale_up(chip_.cache_bytes, end.mark.work - start.mark.work, allocated_bytes);
  return std::max(period_.steps, ceil_div(work, first_positions_.size()));
}

std::vector<std::uint64_t> ChipSampler::steps_to_skip(const std::vector<Position>& positions,
                                                      std::uint64_t tail_steps) const {
  const std::uint32_t cluster = kernel_->cluster_size();
  // Steps that each cluster's context has moved, summed over its cores.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> moved;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const Position& at = positions[i];
    moved[{at.core / cluster, at.context}] += at.loop.done - first_positions_[i].loop.done;
  }
  std::uint64_t sum = 0;
  for (const auto& [who, steps] : moved) {
    sum += steps;
  }
  const std::uint64_t mean = sum / moved.size();
  for (auto& [who, steps] : moved) {
    // Where a core stands in its step says nothing of its pace.
    if (steps == 0) {
      return {};
    }
    const std::uint64_t noise = kStepsApart * kernel_->cluster_size();
    steps = std::clamp(mean, steps - std::min(noise, steps), steps + noise);
  }
  // Each skips `part` of what it has moved so far, in parts of 2^20.
  constexpr std::uint64_t kOne = 1 << 20;
  std::uint64_t part = ~std::uint64_t{0};
  for (const Position& at : positions) {
    const std::uint64_t most_steps = at.loop.left - std::min(at.loop.left, tail_steps);
    part = std::min(part, scale(most_steps, kOne, moved[{at.core / cluster, at.context}]));
  }
  std::vector<std::uint64_t> steps;
  for (const Position& at : positions) {
    steps.push_back(moved[{at.core / cluster, at.context}] * part / kOne);
    if (steps.back() < period_.steps || steps.back() + tail_steps > at.loop.left) {
      return {};
    }
  }
  return steps;
}

bool ChipSampler::sram_has_room(const Snapshot& start,
                                const Snapshot& end,
                                std::uint64_t work) const {
  if (!chip_.used_bytes || end.used_bytes <= start.used_bytes) {
    return true;
  }
  const std::uint64_t to_come =
      scale(end.used_bytes - start.used_bytes, work, end.mark.work - start.mark.work);
  return to_come <= chip_.room_bytes / kLittlePart || end.used_bytes + to_come <= chip_.room_bytes;
}

bool ChipSampler::caches_are_steady(const Watch& watch,
                                    std::size_t steady,
                                    std::uint64_t work) const {
  const Snapshot& end = watch.snapshots.back();
  const Snapshot& start = watch.snapshots[watch.snapshots.size() - 1 - steady];
  const std::uint64_t to_come =
      scale(end.allocated.sum() - start.allocated.sum(), work, end.mark.work - start.mark.work);
  if (!sram_has_room(start, end, work)) {
    return false;
  }
  return start.allocated.sum() >= allocated_before_ + chip_.cache_bytes ||
         end.allocated.sum() + to_come <= allocated_before_ + chip_.cache_bytes;
}

void ChipSampler::look_at_steps(Femtoseconds now_fs) {
  std::vector<Position> positions;
  const bool in_loops = find_positions(positions);
  const std::uint64_t contexts =
      in_loops ? positions.size()
               : std::min(dispatcher_.engine().slots(), dispatcher_.engine().tasks());
  progress_.pause_at_commands =
      progress_.commands + contexts * period_.steps * period_.commands_per_step;
  if (!in_loops) {
    first_positions_.clear();
    return;
  }
  std::uint64_t done = 0;
  for (const Position& position : positions) {
    done += position.loop.done;
  }
  const bool same_loops =
      std::equal(positions.begin(), positions.end(), first_positions_.begin(),
                 first_positions_.end(), [](const Position& a, const Position& b) {
                   return a.core == b.core && a.context == b.context && a.loop.task == b.loop.task;
                 });
  if (!same_loops) {
    first_positions_ = std::move(positions);
    steps_.restart(snapshot(now_fs, done));
    return;
  }
  steps_.add(snapshot(now_fs, done));
  const std::size_t steady = steps_.log.steady_periods();
  if (steady == 0) {
    return;
  }
  const std::vector<std::uint64_t> steps = steps_to_skip(positions, tail_steps(steady));
  const std::uint64_t work = std::accumulate(steps.begin(), steps.end(), std::uint64_t{0});
  if (work > 0 && (steps_.log.is_flat(steady) || caches_are_steady(steps_, steady, work))) {
    credit(steps_, steady, work);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      cores_[positions[i].core]->engine().skip_steps(positions[i].context, steps[i]);
    }
    skipped_commands_ += work * period_.commands_per_step;
    first_positions_.clear();
  }
}

void ChipSampler::credit(const Watch& watch, std::size_t steady, std::uint64_t work) {
  chip_.before_credit();
  const Snapshot& end = watch.snapshots.back();
  const Snapshot& start = watch.snapshots[watch.snapshots.size() - 1 - steady];
  const std::uint64_t measured = end.mark.work - start.mark.work;
  const Femtoseconds time_fs = scale(end.mark.at_fs - start.mark.at_fs, work, measured);
  for (std::size_t i = 0; i < scaled_.size(); ++i) {
    *scaled_[i] += scale(end.counters[i] - start.counters[i], work, measured);
  }
  for (std::size_t core = 0; core < cores_.size(); ++core) {
    TimeSplit spent{};
    for (std::size_t i = 0; i < kTimeCategoryCount; ++i) {
      spent[i] = end.splits[core][i] - start.splits[core][i];
    }
    if (std::all_of(spent.begin(), spent.end(), [](Femtoseconds fs) { return fs == 0; })) {
      spent[static_cast<std::size_t>(TimeCategory::kIdle)] = 1;
    }
    const std::vector<std::uint64_t> shares = share_out(time_fs, spent);
    std::copy(shares.begin(), shares.end(), spent.begin());
    cores_[core]->engine().accounting().credit(spent);
  }
  const Allocated last{end.allocated.kept - start.allocated.kept,
                       end.allocated.passing - start.allocated.passing};
  const Allocated more{scale(last.kept, work, measured), scale(last.passing, work, measured)};
  chip_.age_cache(more, last);
  credited_allocated_.kept += more.kept;
  credited_allocated_.passing += more.passing;
  credited_fs_ += time_fs;
  error_fs_ += scale(time_fs, watch.log.error_ppm(steady), PeriodLog::kPpm);
}

}  // namespace orrery
