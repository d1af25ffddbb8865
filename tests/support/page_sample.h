// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "results/run_record.h"
#include "results/sweep_record.h"
#include "tests/support/sample_record.h"

// Runs and sweeps from closed formulas, with something for each part of a page.
namespace orrery {

// What must not be taken for HTML, nor end a script, wherever it comes in.
inline const std::string& hostile_text() {
  static const std::string text =
      "</script><img src=x onerror=\"window.harmed=1\"><script>window.harmed=1</script>'{{a}}";
  return text;
}

// The sample with power, a network of two routers, and a component's own track.
inline RunRecord page_run() {
  RunRecord record = sample_record_with_power();
  const std::uint64_t ms = kFsPerMicrosecond * 1000;
  record.links = {{"core 0 out", "core 0", "router (0,0)", 1000, 0, ms / 10, 0},
                  {"core 0 in", "router (0,0)", "core 0", 0, 64'000, 0, ms / 2},
                  {"memory node 0 out", "memory node 0", "router (1,0)", 0, 64'000, 0, ms / 4},
                  {"memory node 0 in", "router (1,0)", "memory node 0", 1000, 0, ms / 20, 0},
                  {"router (0,0) to (1,0)", "router (0,0)", "router (1,0)", 1000, 0, ms / 10, 0},
                  {"router (1,0) to (0,0)", "router (1,0)", "router (0,0)", 0, 64'000, 0, ms / 3}};
  record.timeline.push_back({"chip", "energy", "pJ", kFsPerMicrosecond, {6, 5, 6, 5}});
  record.timeline.push_back({"core_1.tensor", "busy", "fs", kFsPerMicrosecond, {1, 0, 1, 0}});
  record.events = {{5, 9'000'000, "chip", "kernel", 0},
                   {6, 8'000'000, "core_0", "tile task", 0},
                   {7, 8'000'000, "core_0", "tile task", 0},
                   {6, 7'000'000, "core_1", "tensor", 0}};
  return record;
}

inline RunRecord hostile_run() {
  RunRecord record = page_run();
  const std::string& bad = hostile_text();
  record.chip = record.workload = record.phase = bad;
  record.notes = {bad};
  for (SummaryValue& value : record.summary) {
    value.units = value.long_name = bad;
  }
  for (OpRow& op : record.ops) {
    op.name += bad;
    op.kind = op.bound = op.tile = op.mapping_note = bad;
  }
  for (LinkRow& link : record.links) {
    link.name += bad;
    link.from += bad;
    link.to += bad;
  }
  record.provenance.command_line = record.provenance.config_resolved = bad;
  record.provenance.git_revision = record.provenance.workload = bad;
  return record;
}

// Operators of rising length.
inline RunRecord long_run(std::size_t count) {
  RunRecord record = page_run();
  const OpRow model = record.ops[0];
  record.ops.clear();
  Femtoseconds start_fs = 0;
  for (std::size_t i = 0; i < count; ++i) {
    OpRow op = model;
    op.name = "layer" + std::to_string(i) + ".op" + std::to_string(i % 7);
    op.start_fs = start_fs;
    op.end_fs = start_fs += (1 + i) * kFsPerNanosecond;
    record.ops.push_back(op);
  }
  return record;
}

// Every point of a grid: time falls with cores and clock, area grows with cores, power with both;
// bandwidth matters for decode only. Points of too many cores on small SRAM are infeasible.
inline SweepRecord grid_sweep(std::size_t cores, std::size_t clocks, std::size_t widths) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  SweepRecord record;
  record.name = "grid";
  record.notes = {"a formula in place of a simulation"};
  record.axes = {{"phase", "", "phase of the model", {}, {"prefill", "decode"}},
                 {"core.count", "1", "cores of the chip", {}, {}},
                 {"core.clock", "Hz", "clock of the cores", {}, {}},
                 {"memory.bandwidth", "byte/s", "bandwidth of memory", {}, {}}};
  record.metrics = {{"total_time", "fs", "time of all operators", {}, {}},
                    {"tokens_per_second", "1/s", "tokens a second", {}, {}},
                    {"average_power", "W", "mean power", {}, {}},
                    {"energy_per_token", "J", "energy of a token", {}, {}},
                    {"die_area", "mm2", "area of the die", {}, {}},
                    {"flop", "1", "operations", {}, {}}};
  const auto add = [&](double phase, double n, double clock_hz, double bytes_per_s) {
    const bool feasible = n < 120 || clock_hz < 1.9e9;
    const double compute_s = 1e13 / (n * clock_hz * 8192);
    const double memory_s = (phase == 1 ? 160e9 : 2e9) / bytes_per_s;
    const double time_s = std::max(compute_s, memory_s) + 0.1 * std::min(compute_s, memory_s);
    const double power_w = 80 + n * 2 * clock_hz / 1e9 + bytes_per_s / 2e10;
    const std::vector<double> axes{phase, n, clock_hz, bytes_per_s};
    const std::vector<double> metrics{time_s * 1e15,    1 / time_s,  power_w,
                                      power_w * time_s, 200 + 5 * n, 1e13};
    for (std::size_t i = 0; i < axes.size(); ++i) {
      record.axes[i].values.push_back(axes[i]);
    }
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      record.metrics[i].values.push_back(feasible ? metrics[i] : kNone);
    }
    record.status.push_back(feasible ? PointStatus::kComplete : PointStatus::kInfeasible);
    record.reasons.push_back(feasible ? "" : "the clock is beyond what so many cores are fed");
    const std::string number = std::to_string(record.status.size());
    record.identities.push_back(std::string(32 - number.size(), '0') + number);
  };
  const auto share = [](std::size_t i, std::size_t count) {
    return static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(1, count - 1));
  };
  for (std::size_t phase = 0; phase < 2; ++phase) {
    for (std::size_t n = 0; n < cores; ++n) {
      for (std::size_t clock = 0; clock < clocks; ++clock) {
        for (std::size_t width = 0; width < widths; ++width) {
          add(static_cast<double>(phase), std::round(32 + 96 * share(n, cores)),
              1e9 + 1e9 * share(clock, clocks), 1e12 + 3e12 * share(width, widths));
        }
      }
    }
  }
  record.provenance.command_line = "orrery sweep grid.yaml -o out";
  record.provenance.config_resolved = "name: grid\n";
  return record;
}

inline SweepRecord hostile_sweep() {
  SweepRecord record = grid_sweep(6, 3, 2);
  const std::string& bad = hostile_text();
  record.name = bad;
  record.notes = {bad};
  record.axes[0].words = {bad + "1", bad + "2"};
  record.axes[1].name += bad;
  for (SweepColumn* column : {&record.axes[1], &record.axes[2], &record.metrics[4]}) {
    column->unit = column->long_name = bad;
  }
  for (std::string& reason : record.reasons) {
    reason = reason.empty() ? "" : bad;
  }
  record.provenance.command_line = record.provenance.config_resolved = bad;
  return record;
}

}  // namespace orrery
