// SPDX-License-Identifier: Apache-2.0
#include "cli/timeline_record.h"

#include <algorithm>
#include <fmt/format.h>

namespace orrery {
namespace {

bool repeats(const std::vector<OperatorResult>& operators) {
  return std::any_of(operators.begin(), operators.end(),
                     [](const OperatorResult& op) { return op.reused; });
}

TimelineRow timeline_row(const Timeline& timeline,
                         const std::vector<OperatorResult>& operators,
                         std::string component,
                         std::string counter,
                         std::string unit) {
  const Timeline shown = in_workload_time(timeline, operators);
  return {std::move(component),
          std::move(counter),
          std::move(unit),
          shown.bin_fs(),
          {shown.bins().begin(),
           shown.bins().begin() + static_cast<std::ptrdiff_t>(shown.used_bins())}};
}

std::string component_of(const EventLog::Event& event) {
  return event.kind == EventLog::Kind::kKernel ? "chip" : fmt::format("core_{}", event.component);
}

const char* kind_of(const EventLog::Event& event) {
  switch (event.kind) {
    case EventLog::Kind::kKernel:
      return "kernel";
    case EventLog::Kind::kTask:
      return "tile task";
    case EventLog::Kind::kTensor:
      return "tensor";
    case EventLog::Kind::kVector:
      return "vector";
  }
  return "";
}

void add_events(RunRecord& record,
                const EventLog& log,
                const std::vector<OperatorResult>& operators) {
  for (const EventLog::Event& event : log.events()) {
    Femtoseconds later_fs = 0;  // operators in between repeat others
    if (event.op < operators.size()) {
      const OperatorResult& op = operators[event.op];
      later_fs = op.run.start_fs - op.simulated_start_fs;
    }
    record.events.push_back({event.start_fs + later_fs, event.end_fs + later_fs,
                             component_of(event), kind_of(event), event.op});
  }
  record.events_capacity += log.capacity();
  record.events_dropped += log.dropped();
}

}  // namespace

Timeline in_workload_time(const Timeline& timeline, const std::vector<OperatorResult>& operators) {
  if (!repeats(operators)) {
    return timeline;
  }
  const std::vector<std::uint64_t>& bins = timeline.bins();
  const Femtoseconds bin_fs = timeline.bin_fs();
  std::vector<std::uint64_t> before(bins.size() + 1);  // the sum of the bins before each
  for (std::size_t i = 0; i < bins.size(); ++i) {
    before[i + 1] = before[i] + bins[i];
  }
  const auto until = [&](Femtoseconds time_fs) {
    const std::size_t bin = time_fs / bin_fs;
    if (bin >= bins.size()) {
      return before.back();
    }
    const double share = static_cast<double>(time_fs % bin_fs) / static_cast<double>(bin_fs);
    return before[bin] + static_cast<std::uint64_t>(share * static_cast<double>(bins[bin]));
  };
  Timeline shown(bins.size());
  const auto move = [&](Femtoseconds from_fs, Femtoseconds to_fs, Femtoseconds at_fs) {
    while (from_fs < to_fs) {
      const Femtoseconds end_fs = std::min(to_fs, (from_fs / bin_fs + 1) * bin_fs);
      shown.add(at_fs, at_fs + (end_fs - from_fs), until(end_fs) - until(from_fs));
      at_fs += end_fs - from_fs;
      from_fs = end_fs;
    }
  };
  Femtoseconds simulated_fs = 0;
  Femtoseconds end_fs = 0;
  for (const OperatorResult& op : operators) {
    const Femtoseconds to_fs = op.simulated_start_fs + op.run.duration_fs();
    move(op.simulated_start_fs, to_fs, op.run.start_fs);
    simulated_fs = std::max(simulated_fs, to_fs);
    end_fs = std::max(end_fs, op.run.end_fs);
  }
  // What memory still did after the last operator.
  move(simulated_fs, std::max(simulated_fs, bin_fs * timeline.used_bins()), end_fs);
  return shown;
}

void add_timeline(RunRecord& record, const Chip& chip, const SimulationResult& result) {
  const auto add = [&](const Timeline& timeline, std::string component, std::string counter,
                       std::string unit) {
    record.timeline.push_back(timeline_row(timeline, result.operators, std::move(component),
                                           std::move(counter), std::move(unit)));
  };
  add(chip.tensor_timeline(), "tensor", "busy", "fs");
  add(chip.vector_timeline(), "vector", "busy", "fs");
  add(chip.hbm_timeline(), "hbm", "bytes", "byte");
  add(chip.network_timeline(), "network", "bytes", "byte");
  if (chip.config().power) {
    add(chip.energy_timeline(), "chip", "energy", "pJ");
  }
  add_events(record, chip.events(), result.operators);
  if (const ComponentTimelines* watched = chip.component_timelines()) {
    for (const ComponentTimelines::Track& track : watched->tracks()) {
      add(track.timeline, track.component, track.counter, track.unit);
    }
    add_events(record, chip.unit_events(), result.operators);
  }
}

}  // namespace orrery
