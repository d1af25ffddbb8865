// SPDX-License-Identifier: Apache-2.0
#include "cli/simulation_record.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "arch/chip_area.h"
#include "cli/chip_options.h"
#include "cli/timeline_record.h"

namespace orrery {
namespace {

constexpr double kFemtojoulesPerJoule = 1e15;
static_assert(kEnergyPartNames == kEnergyPartCount);

std::string note_of(const std::vector<MappingCandidate>& candidates) {
  std::string note;
  for (const MappingCandidate& candidate : candidates) {
    note += fmt::format("{}{} (estimate {:.2f} us)", note.empty() ? "" : "; ", candidate.text,
                        to_microseconds(candidate.estimate_fs));
  }
  return note;
}

OpRow op_row(const Operator& op, const OperatorResult& result) {
  const OperatorRun& run = result.run;
  OpRow row;
  row.name = op.name;
  row.kind = op.kind;
  row.start_fs = run.start_fs;
  row.end_fs = run.end_fs;
  row.flop = run.flop;
  row.hbm_read_bytes = run.hbm_read_bytes;
  row.hbm_write_bytes = run.hbm_write_bytes;
  row.shared_bytes = run.shared_bytes;
  row.network_bytes = run.network_bytes;
  row.bound = bound_name(run);
  row.tile = result.tile;
  row.credited_fs = run.credited_fs;
  row.sampling_error_fs = run.sampling_error_fs;
  row.reused = result.reused;
  row.mapping_note = note_of(result.candidates);
  row.stall_fs.assign(run.split.begin(), run.split.end());
  if (run.has_power) {
    row.clock_hz = run.mean_clock_hz;
    for (const std::uint64_t part_fj : run.energy_fj) {
      row.energy_j.push_back(static_cast<double>(part_fj) / kFemtojoulesPerJoule);
    }
  }
  return row;
}

void add_power(RunRecord& record, const Chip& chip, const SimulationResult& result, double tokens) {
  double energy_fj = 0;
  double clock_time = 0;
  for (const OperatorResult& op : result.operators) {
    energy_fj += static_cast<double>(op.run.total_energy_fj());
    clock_time +=
        static_cast<double>(op.run.mean_clock_hz) * static_cast<double>(op.run.duration_fs());
  }
  const double energy_j = energy_fj / kFemtojoulesPerJoule;
  const auto add = [&](const char* name, double value, const char* units, const char* text) {
    record.summary.push_back({name, value, units, text});
  };
  add("energy", energy_j, "J", "energy of the chip and its board");
  add("power", energy_j / to_seconds(result.duration_fs), "W", "mean power");
  add("power_cap", static_cast<double>(chip.config().power->cap_mw) / 1e3, "W",
      "what the governor holds it under");
  add("mean_clock", clock_time / static_cast<double>(result.duration_fs), "Hz",
      "mean clock of the cores");
  if (!record.phase.empty() && tokens > 0) {
    add("energy_per_token", energy_j / tokens, "J", "energy a token of the step");
  }
}

void add_area(RunRecord& record, const ChipConfig& chip) {
  const std::optional<ChipArea> area = chip_area(chip);
  if (!area) {
    return;
  }
  record.summary.push_back({"die_area", area->total_mm2, "mm2", "area of the chip's dies"});
  if (area->cost) {
    record.summary.push_back({"chip_cost", area->cost->total_usd(), "USD",
                              "cost of the chip's dies, memory and package"});
  }
  if (const std::string warning = area_warning(*area); !warning.empty()) {
    record.notes.push_back(warning);
  }
}

// Reused operators count as what they are copied from.
std::string sampling_note(const SimulationResult& result) {
  Femtoseconds credited_fs = 0;
  Femtoseconds error_fs = 0;
  for (const OperatorResult& op : result.operators) {
    credited_fs += op.run.credited_fs;
    error_fs += op.run.sampling_error_fs;
  }
  const auto percent_of_time = [&](Femtoseconds time_fs) {
    return 100 * static_cast<double>(time_fs) /
           static_cast<double>(std::max<Femtoseconds>(1, result.duration_fs));
  };
  return fmt::format("sampled: {:.1f} % of the time simulated, estimated error {:.2f} %",
                     100 - percent_of_time(credited_fs), percent_of_time(error_fs));
}

std::string power_note(const Chip& chip) {
  if (!chip.config().power) {
    return "power not modelled";
  }
  const PowerProtocol& protocol = chip.power_protocol();
  return fmt::format("power {}, {} operands, cap {:g} W",
                     protocol.mode == PowerMode::kBurst ? "burst" : "sustained",
                     protocol.operands == Operands::kZeros ? "zero" : "random",
                     static_cast<double>(chip.config().power->cap_mw) / 1e3);
}

void add_summary(RunRecord& record,
                 const Chip& chip,
                 const Workload& workload,
                 const SimulationResult& result) {
  std::uint64_t flop = 0;
  std::uint64_t hbm_bytes = result.final_writeback_bytes;
  std::uint64_t transfers = 0;
  Dtype dtype = Dtype::kBf16;
  for (std::size_t i = 0; i < result.operators.size(); ++i) {
    const OperatorRun& run = result.operators[i].run;
    flop += run.flop;
    hbm_bytes += run.hbm_read_bytes + run.hbm_write_bytes;
    transfers += run.transfers;
    if (run.flop > 0 && i < workload.operators.size()) {
      dtype = workload.operators[i].dtype;
    }
  }
  const double seconds = to_seconds(result.duration_fs);
  const auto add = [&](const char* name, double value, const char* units, const char* text) {
    record.summary.push_back({name, value, units, text});
  };
  add("total_time", static_cast<double>(result.duration_fs), "fs", "time of all operators");
  const auto tokens = static_cast<double>(workload.new_tokens);  // of all sequences
  if (workload.phase == "prefill") {
    add("time_to_first_token", static_cast<double>(result.duration_fs), "fs",
        "time from the prompt to the first token");
    add("tokens_per_second", tokens / seconds, "1/s", "prompt tokens a second");
  } else if (workload.phase == "decode") {
    add("time_per_output_token", static_cast<double>(result.duration_fs), "fs",
        "time between two tokens of a sequence");
    add("tokens_per_second", tokens / seconds, "1/s", "new tokens a second, all sequences");
  }
  add("flop", static_cast<double>(flop), "1", "floating-point operations of the operators");
  add("achieved_flop_per_s", static_cast<double>(flop) / seconds, "1/s", "operations a second");
  add("hbm_bytes", static_cast<double>(hbm_bytes), "byte",
      "read from and written to memory, the final write-back included");
  add("final_writeback_bytes", static_cast<double>(result.final_writeback_bytes), "byte",
      "results that shared memory held at the end");
  add("achieved_hbm_bytes_per_s", static_cast<double>(hbm_bytes) / seconds, "byte/s",
      "memory traffic a second");
  if (const HbmEngine* memory = chip.memory()) {
    add("hbm_channel_imbalance", static_cast<double>(memory->imbalance_permille()) / 1000, "1",
        "bytes of the busiest memory channel over the mean");
  }
  add("transfers", static_cast<double>(transfers), "1", "transfers between cores and memory");
  add("peak_flop_per_s", chip.config().peak_flop_per_s(dtype), "1/s",
      "peak of the tensor units in the operators' dtype");
  add("peak_hbm_bytes_per_s", chip.config().peak_memory_bytes_per_s(), "byte/s", "peak of memory");
  if (chip.config().power) {
    add_power(record, chip, result, tokens);
  }
}

}  // namespace

StallCategory bound_of(const TimeSplit& split) {
  constexpr std::array kLoads{TimeCategory::kLoadMemory, TimeCategory::kLoadShared,
                              TimeCategory::kLoadNetwork};
  const auto of = [&](TimeCategory category) { return split[static_cast<std::size_t>(category)]; };
  const TimeCategory slowest_load = *std::max_element(
      kLoads.begin(), kLoads.end(), [&](TimeCategory a, TimeCategory b) { return of(a) < of(b); });
  // Waits for loads count together, and go to the stage that took most of them. (Units work while
  // loads are under way, and all of that counts as theirs: one that is busy for less time than its
  // core waits for loads hides behind them.)
  TimeSplit weighed = split;
  Femtoseconds loads_fs = 0;
  for (const TimeCategory load : kLoads) {
    loads_fs += of(load);
    weighed[static_cast<std::size_t>(load)] = 0;
  }
  weighed[static_cast<std::size_t>(slowest_load)] = loads_fs;
  const auto idle = static_cast<std::ptrdiff_t>(TimeCategory::kIdle);
  const auto most = std::max_element(weighed.begin(), weighed.begin() + idle);
  return *most == 0 ? StallCategory::kIdle : static_cast<StallCategory>(most - weighed.begin());
}

std::string bound_name(const OperatorRun& run) {
  const StallCategory bound = bound_of(run.split);
  const bool follows_clock = bound == StallCategory::kTensor || bound == StallCategory::kVector;
  return run.capped && follows_clock ? "power" : resource_name(bound);
}

std::string resource_name(StallCategory category) {
  switch (category) {
    case StallCategory::kTensor:
      return "tensor";
    case StallCategory::kVector:
      return "vector";
    case StallCategory::kLoadMemory:
      return "hbm";
    case StallCategory::kLoadShared:
      return "shared";
    case StallCategory::kLoadNetwork:
      return "network";
    case StallCategory::kStore:
      return "store";
    case StallCategory::kSync:
      return "sync";
    case StallCategory::kLaunch:
      return "launch";
    case StallCategory::kIdle:
      return "idle";
  }
  return "idle";
}

RunRecord make_record(const Chip& chip, const Workload& workload, const SimulationResult& result) {
  RunRecord record;
  record.chip = chip.config().name;
  record.workload = workload.name;
  record.phase = workload.phase;
  record.notes = {power_note(chip), tiers_note(chip.config())};
  if (chip.samples()) {
    record.notes.push_back(sampling_note(result));
  }
  add_summary(record, chip, workload, result);
  add_area(record, chip.config());
  for (std::size_t i = 0; i < result.operators.size(); ++i) {
    record.ops.push_back(op_row(workload.operators[i], result.operators[i]));
  }
  for (const CounterEntry& entry : chip.counters().entries()) {
    record.counters.push_back({entry.path, entry.unit, entry.description, entry.counter->value()});
  }
  add_timeline(record, chip, result);
  for (const LinkLoad& link : result.links) {
    record.links.push_back({link.name, link.from, link.to, link.request_bytes, link.response_bytes,
                            link.request_busy_fs, link.response_busy_fs});
  }
  record.histograms.push_back(
      {"load_latency", "fs", chip.load_latency().edges(), chip.load_latency().counts()});
  if (const HbmEngine* memory = chip.memory()) {
    if (const Histogram latency = memory->read_latency(); latency.count() > 0) {
      record.histograms.push_back({"hbm_read_latency", "fs", latency.edges(), latency.counts()});
    }
  }
  record.provenance.config_resolved = chip.config().resolved_text;
  record.provenance.workload = workload.source_text;
  record.provenance.events = chip.activations();
  return record;
}

}  // namespace orrery
