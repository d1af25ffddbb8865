// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <span>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/forked_work.h"
#include "cli/format.h"
#include "cli/measured_call.h"
#include "cli/measured_rows.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "cli/validation.h"
#include "results/whole_file.h"
#include "sim/error.h"
#include "sim/sim_time.h"
#include "workloads/csv_reader.h"

namespace orrery {
namespace {

constexpr std::size_t kWorstShown = 10;

OptionSet options() {
  OptionSet set("orrery validate", "compares simulated times with measured ones");
  add_fidelity_option(set);
  return set.value("measured", "FILE.csv", "measurements of GEMM or attention, by their header")
      .value("chips", "DIR", "where DEVICE.yaml is found; default: configs/chips")
      .value("device", "NAME", "only rows of this device")
      .value("dtype", "DTYPE", "only rows of this dtype")
      .value("sample", "N", "only N rows of each device, phase and dtype, spread over the file")
      .value("jobs", "N", "rows simulated at a time, default 1")
      .value("points", "OUT.csv", "writes every row with its simulated time there")
      .flag("sampling", "leaves out what repeats inside large kernels (--sample leaves out rows)")
      .flag("json", "prints one JSON object")
      .example("orrery validate --measured gemm.csv --sample 60", "a quick look")
      .example("orrery validate --measured gemm.csv --device h100-sxm --jobs 8 --points all.csv",
               "all rows of a device, each with its error");
}

struct Skipped {
  std::map<std::string, std::size_t> rows;  // reason -> rows
  std::size_t failed = 0;
};

struct Runnable {
  std::vector<MeasuredRow> rows;
  std::map<std::string, ChipConfig> chips;  // by device
};

Runnable runnable_rows(const std::vector<MeasuredRow>& rows,
                       const std::filesystem::path& chips,
                       const std::vector<std::string>& overrides,
                       Skipped& skipped) {
  Runnable runnable;
  std::map<std::string, bool> known;
  for (const MeasuredRow& row : rows) {
    if (!known.contains(row.device)) {
      const std::filesystem::path file = chips / (row.device + ".yaml");
      std::error_code error;
      known[row.device] = std::filesystem::exists(file, error);
      if (known[row.device]) {
        runnable.chips.emplace(row.device, load_chip(file.string(), config_folder(), overrides));
      }
    }
    if (!known[row.device]) {
      ++skipped.rows[fmt::format("{}: no such chip in {}", row.device, chips.string())];
    } else if (!row.compute_dtype ||
               runnable.chips.at(row.device).core.tensor.rate(*row.compute_dtype) == 0) {
      ++skipped.rows[fmt::format("{}: does not compute in {}", row.device, row.dtype)];
    } else {
      runnable.rows.push_back(row);
    }
  }
  return runnable;
}

std::vector<ValidationPoint> simulate_rows(const Runnable& runnable,
                                           std::size_t jobs,
                                           bool sampling,
                                           const Streams& streams,
                                           Skipped& skipped) {
  const bool watched = isatty(STDERR_FILENO) == 1;
  const std::vector<MeasuredRow>& rows = runnable.rows;
  const auto simulate_row = [&](std::size_t i) {
    use_femtosecond_resolution();
    Chip chip("chip", runnable.chips.at(rows[i].device));
    if (sampling) {
      chip.sample();
    }
    return std::to_string(measured_call_fs(chip, rows[i]));
  };
  const auto progress = [&](std::size_t done) {
    if (watched) {
      streams.err << "\r\033[K";
      if (done < rows.size()) {
        streams.err << fmt::format("{}/{} rows", done, rows.size());
      }
      streams.err << std::flush;
    }
  };
  streams.out.flush();
  const std::vector<WorkOutcome> outcomes = run_forked(rows.size(), jobs, simulate_row, progress);
  std::vector<ValidationPoint> points;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (outcomes[i].error.empty()) {
      points.push_back({rows[i], to_microseconds(std::stoull(outcomes[i].answer))});
    } else {
      ++skipped.failed;
      streams.err << fmt::format("line {}: {} {} {}: {}\n", rows[i].line, rows[i].device,
                                 rows[i].dtype, rows[i].text(), outcomes[i].error);
    }
  }
  return points;
}

double cpu_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    sum += static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  }
  return sum;
}

void write_points(const std::string& path, const std::vector<ValidationPoint>& points) {
  std::string text = "line,device,phase,dtype,kv_dtype,shape,measured_us,simulated_us,error\n";
  for (const ValidationPoint& point : points) {
    const MeasuredRow& row = point.row;
    text += fmt::format("{},{},{},{},{},{},{:.4f},{:.4f},{:.4f}\n", row.line, csv_field(row.device),
                        row.phase, csv_field(row.dtype), csv_field(row.kv_dtype),
                        csv_field(row.text()), row.latency_us, point.simulated_us, point.error());
  }
  const auto bytes = std::as_bytes(std::span(text));
  write_whole_file(path, {bytes.begin(), bytes.end()});
}

nlohmann::ordered_json to_json(const std::vector<ValidationGroup>& groups, const Skipped& skipped) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json json;
  json["groups"] = nlohmann::ordered_json::array();
  for (const ValidationGroup& group : groups) {
    json["groups"].push_back({{"device", group.device},
                              {"phase", group.phase},
                              {"dtype", group.dtype},
                              {"kv_dtype", group.kv_dtype},
                              {"points", group.points.size()},
                              {"mape", group.mape},
                              {"median_ape", group.median_ape},
                              {"p90_ape", group.p90_ape},
                              {"bias", group.bias},
                              {"mape_over_10us", optional(group.mape_over_10us)},
                              {"mape_over_100us", optional(group.mape_over_100us)}});
  }
  json["skipped"] = nlohmann::ordered_json::object();
  for (const auto& [reason, count] : skipped.rows) {
    json["skipped"][reason] = count;
  }
  json["failed"] = skipped.failed;
  json["cpu_seconds"] = cpu_seconds();
  return json;
}

std::string percent_or_none(const std::optional<double>& ratio) {
  return ratio ? percent(*ratio) : "-";
}

void print(std::ostream& out, const std::vector<ValidationGroup>& groups, const Skipped& skipped) {
  Table table({{"device", Align::kLeft},
               {"phase", Align::kLeft},
               {"dtype", Align::kLeft},
               {"kv", Align::kLeft},
               {"points"},
               {"MAPE %"},
               {"median %"},
               {"p90 %"},
               {"bias %"},
               {"MAPE >10 µs %"},
               {">100 µs %"}});
  for (const ValidationGroup& g : groups) {
    table.add_row({g.device, g.phase, g.dtype, g.kv_dtype, std::to_string(g.points.size()),
                   percent(g.mape), percent(g.median_ape), percent(g.p90_ape), percent(g.bias),
                   percent_or_none(g.mape_over_10us), percent_or_none(g.mape_over_100us)});
  }
  table.print(out, TableStyle::kText);
  for (const ValidationGroup& g : groups) {
    out << fmt::format("\nfarthest off: {} {} {} {}\n", g.device, g.phase, g.dtype, g.kv_dtype);
    Table worst(
        {{"line"}, {"shape", Align::kLeft}, {"measured µs"}, {"simulated µs"}, {"error %"}});
    for (std::size_t i = 0; i < std::min(g.points.size(), kWorstShown); ++i) {
      const ValidationPoint& point = g.points[i];
      worst.add_row({std::to_string(point.row.line), point.row.text(),
                     fixed(point.row.latency_us, 2), fixed(point.simulated_us, 2),
                     percent(point.error())});
    }
    worst.print(out, TableStyle::kText);
  }
  out << '\n';
  for (const auto& [reason, count] : skipped.rows) {
    out << fmt::format("skipped {} rows: {}\n", count, reason);
  }
  if (skipped.failed > 0) {
    out << fmt::format("failed: {} rows\n", skipped.failed);
  }
}

int run_validate(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  std::vector<MeasuredRow> rows = read_measured(parsed.text("measured"));
  const auto drop_others = [&](const char* option, std::string MeasuredRow::*field) {
    if (parsed.has(option)) {
      std::erase_if(rows,
                    [&](const MeasuredRow& row) { return row.*field != parsed.text(option); });
    }
  };
  drop_others("device", &MeasuredRow::device);
  drop_others("dtype", &MeasuredRow::dtype);
  if (rows.empty()) {
    throw InputError(
        fmt::format("{}: no row is of that device and dtype", parsed.text("measured")));
  }
  Skipped skipped;
  const std::filesystem::path chips = parsed.text("chips", config_folder() + "/chips");
  Runnable runnable = runnable_rows(rows, chips, chip_overrides(parsed), skipped);
  if (const auto sample = parsed.optional_integer("sample", 1, kMaxCsvRows)) {
    runnable.rows = sample_rows(runnable.rows, *sample);
  }
  const std::size_t jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  const std::vector<ValidationPoint> points = simulate_rows(runnable, jobs, parsed.has("sampling"), streams, skipped);
  const std::vector<ValidationGroup> groups = group_points(points);
  if (parsed.has("json")) {
    streams.out << json_text(to_json(groups, skipped));
  } else {
    print(streams.out, groups, skipped);
  }
  if (parsed.has("points")) {
    write_points(parsed.text("points"), points);  // last: if it fails, the rest is not lost
  }
  return skipped.failed == 0 ? kSuccess : kFailedCheck;
}

}  // namespace

Subcommand validate_command() {
  return {"validate", "compares simulated times with measured ones", run_validate};
}

}  // namespace orrery
