// SPDX-License-Identifier: Apache-2.0
#include "report/run_trace.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "report/trace_writer.h"

namespace orrery {
namespace {

// "core_12" -> "core 12"; nothing for what is no core.
std::optional<std::string> core_name(const std::string& component) {
  if (!component.starts_with("core_")) {
    return std::nullopt;
  }
  return "core " + component.substr(5);
}

class RunTrace {
 public:
  explicit RunTrace(const RunRecord& record) : record_(record) {
    chip_ = writer_.track(record.chip.empty() ? "chip" : record.chip);
  }

  std::string bytes() {
    add_operators();
    add_events();
    for (const TimelineRow& row : record_.timeline) {
      add_counter(row);
    }
    return writer_.bytes();
  }

 private:
  void add_operators() {
    const TraceWriter::Track track = writer_.track("operators", chip_);
    for (const OpRow& op : record_.ops) {
      writer_.slice(track, op.name, op.start_fs, op.end_fs);
    }
  }

  void add_events() {
    for (const EventRow& event : record_.events) {
      const auto core = core_name(event.component);
      const std::string kind = spaced(event.kind);
      const TraceWriter::Track parent = core ? writer_.track(*core) : chip_;
      const bool is_unit = kind == "tensor" || kind == "vector";
      const TraceWriter::Track track = writer_.track(is_unit ? kind + " unit" : kind + "s", parent);
      const std::string& op =
          event.op < record_.ops.size() ? record_.ops[event.op].name : event.kind;
      writer_.slice(track, op, event.start_fs, event.end_fs);
    }
  }

  // Words of files have '_' for blanks.
  static std::string spaced(std::string word) {
    std::replace(word.begin(), word.end(), '_', ' ');
    return word;
  }

  // A whole chip's unit counts for all cores.
  double units_of(const TimelineRow& row) const {
    if (row.component != "tensor" && row.component != "vector") {
      return 1;
    }
    for (const OpRow& op : record_.ops) {
      if (op.end_fs > op.start_fs) {
        const double all = std::accumulate(op.stall_fs.begin(), op.stall_fs.end(), 0.0);
        return std::max(1.0, std::round(all / static_cast<double>(op.end_fs - op.start_fs)));
      }
    }
    return 1;
  }

  TraceWriter::Track counter_of(const TimelineRow& row, const std::string& what) {
    const std::size_t dot = row.component.find('.');
    if (dot == std::string::npos) {
      return writer_.counter(row.component + " " + what, chip_);
    }
    const std::string owner = row.component.substr(0, dot);
    const TraceWriter::Track parent = writer_.track(core_name(owner).value_or(owner));
    return writer_.counter(row.component.substr(dot + 1) + " " + what, parent);
  }

  void add_counter(const TimelineRow& row) {
    const double bin_s = to_seconds(row.bin_fs);
    double scale = 1;
    std::string what = row.counter;
    if (row.unit == "byte") {
      scale = 1e-6 / bin_s;
      what = "MB/s";
    } else if (row.unit == "fs") {
      scale = 100 / (static_cast<double>(row.bin_fs) * units_of(row));
      what = "busy %";
    } else if (row.unit == "pJ") {
      scale = 1e-12 / bin_s;
      what = "W";
    }
    const TraceWriter::Track track = counter_of(row, what);
    std::int64_t last = -1;
    for (std::size_t i = 0; i < row.bins.size(); ++i) {
      const auto value =
          static_cast<std::int64_t>(std::llround(static_cast<double>(row.bins[i]) * scale));
      if (value != last) {
        writer_.value(track, i * row.bin_fs, value);
        last = value;
      }
    }
    if (last > 0) {
      writer_.value(track, row.bins.size() * row.bin_fs, 0);
    }
  }

  const RunRecord& record_;
  TraceWriter writer_;
  TraceWriter::Track chip_ = TraceWriter::kNone;
};

}  // namespace

std::string run_trace(const RunRecord& record) {
  return RunTrace(record).bytes();
}

}  // namespace orrery
