// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <utility>

#include "cli/call_explanation.h"
#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/cpu_time.h"
#include "cli/forked_work.h"
#include "cli/measured_call.h"
#include "cli/measured_power.h"
#include "cli/measured_rows.h"
#include "cli/options.h"
#include "cli/power_options.h"
#include "cli/record_json.h"
#include "cli/validation.h"
#include "cli/validation_report.h"
#include "sim/error.h"
#include "sim/sim_time.h"
#include "workloads/csv_reader.h"

namespace orrery {
namespace {

constexpr std::size_t kWorstShown = 10;

OptionSet options() {
  OptionSet set("orrery validate", "compares simulated times with measured ones");
  add_chip_options(set);
  add_power_options(set);
  return set.value("measured", "FILE.csv", "measurements of GEMM or attention, by their header")
      .value("chips", "DIR", "where DEVICE.yaml is found; default: configs/chips")
      .value("device", "NAME", "only rows of this device")
      .value("phase", "PHASE", "only rows of this phase: gemm, prefill or decode")
      .value("dtype", "DTYPE", "only rows of this dtype")
      .value("half", "fit|test|all",
             "only families of shapes that constants may be fitted on, or not")
      .value("sample", "N", "only N rows of each device, phase and dtype, spread over the file")
      .value("split", "N", "parts of every sum over k or over keys; 1: none is split")
      .value("jobs", "N", "rows simulated at a time, default 1")
      .value("points", "OUT.csv", "writes every row with its simulated time there")
      .flag("sampling", "leaves out what repeats inside large kernels (--sample leaves out rows)")
      .value("max-mape", "P", "fails where the MAPE of a device, phase and dtype is over P %")
      .value("worst", "N", "explains the N worst rows of each, default 10")
      .flag("json", "prints one JSON object")
      .example("orrery validate --measured gemm.csv --sample 60", "a quick look")
      .example("orrery validate --measured gemm.csv --device h100-sxm --jobs 8 --points all.csv",
               "all rows of a device, each with its error")
      .example("orrery validate --measured gemm.csv --half test --max-mape 7",
               "fails when rows that nothing was fitted on are too far off")
      .example("orrery validate --measured gemm.csv --set dispatch.max_cluster=1",
               "what a mechanism is worth: the same without multicast");
}

struct Skipped {
  std::map<std::string, std::size_t> rows;  // reason -> rows
  std::size_t failed = 0;
};

struct Runnable {
  std::vector<MeasuredRow> rows;
  std::map<std::string, ChipConfig> chips;  // by device
  TileOverride tile;                        // of every row
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

// Rows that may follow each other on one chip: as many as make its elaboration cheap, few enough to
// be dealt out evenly.
std::vector<std::vector<std::size_t>> batches_of(const std::vector<MeasuredRow>& rows) {
  constexpr std::size_t kMostRows = 16;
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool fits = i > 0 && batches.back().size() < kMostRows &&
                      rows[i].device == rows[i - 1].device &&
                      rows[i].power_limit_w == rows[i - 1].power_limit_w;
    if (!fits) {
      batches.emplace_back();
    }
    batches.back().push_back(i);
  }
  return batches;
}

std::vector<ValidationPoint> simulate_rows(const Runnable& runnable,
                                           const ParsedOptions& parsed,
                                           std::size_t jobs,
                                           const Streams& streams,
                                           Skipped& skipped) {
  const bool watched = isatty(STDERR_FILENO) == 1;
  const std::vector<MeasuredRow>& rows = runnable.rows;
  // Of a worker: made for the first row of a batch.
  std::unique_ptr<Chip> chip;
  double cpu_before_s = 0;
  const auto simulate_row = [&](std::size_t i) {
    if (chip) {
      chip->reset();
    } else {
      use_femtosecond_resolution();
      chip =
          std::make_unique<Chip>("chip", under_limit(runnable.chips.at(rows[i].device), rows[i]));
      if (parsed.has("sampling")) {
        chip->sample();
      }
    }
    chip->set_power_protocol(protocol_of(rows[i], parsed));
    CallPower power;
    const Femtoseconds duration_fs = measured_call_fs(*chip, rows[i], series_of(rows[i], parsed),
                                                      runnable.tile, nullptr, &power);
    const double all_fs = std::max(1.0, static_cast<double>(chip->busy_until_fs()));
    const double before_s = std::exchange(cpu_before_s, own_cpu_seconds());
    return fmt::format("{} {:.0f} {:.6f} {:.6f}", call_answer(duration_fs, power),
                       (cpu_before_s - before_s) * 1e6,
                       static_cast<double>(chip->credited_fs()) / all_fs,
                       static_cast<double>(chip->sampling_error_fs()) / all_fs);
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
  const std::vector<WorkOutcome> outcomes =
      run_batches(batches_of(rows), jobs, simulate_row, progress);
  std::vector<ValidationPoint> points;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (outcomes[i].error.empty()) {
      points.push_back(point_of(rows[i], outcomes[i].answer));
    } else {
      ++skipped.failed;
      streams.err << fmt::format("line {}: {} {} {}: {}\n", rows[i].line, rows[i].device,
                                 rows[i].dtype, rows[i].text(), outcomes[i].error);
    }
  }
  return points;
}

// Simulates the worst rows of each group once more, to say what their time went to.
void explain_worst(ValidationReport& report,
                   const Runnable& runnable,
                   const ParsedOptions& parsed,
                   std::size_t most,
                   std::size_t jobs) {
  std::vector<const ValidationPoint*> chosen;
  for (const ValidationGroup& group : report.groups) {
    for (std::size_t i = 0; i < std::min(group.points.size(), most); ++i) {
      chosen.push_back(&group.points[i]);
    }
  }
  const auto explain_row = [&](std::size_t i) {
    use_femtosecond_resolution();
    const MeasuredRow& row = chosen[i]->row;
    Chip chip("chip", under_limit(runnable.chips.at(row.device), row));
    if (parsed.has("sampling")) {
      chip.sample();
    }
    chip.set_power_protocol(protocol_of(row, parsed));
    CallExplanation explanation;
    measured_call_fs(chip, row, series_of(row, parsed), runnable.tile, &explanation);
    return explanation_json(explanation).dump();
  };
  const auto outcomes = run_forked(chosen.size(), jobs, explain_row, [](std::size_t) {});
  std::size_t next = 0;
  for (const ValidationGroup& group : report.groups) {
    for (std::size_t i = 0; i < std::min(group.points.size(), most); ++i) {
      const std::string& answer = outcomes[next++].answer;
      if (!answer.empty()) {
        report.worst.push_back({group.text(), group.points[i], answer});
      }
    }
  }
}

// False, with a line for each, where groups are farther off than `most_percent`.
bool within_limit(const std::vector<ValidationGroup>& groups,
                  double most_percent,
                  std::ostream& err) {
  bool within = true;
  for (const ValidationGroup& group : groups) {
    if (100 * group.all.mape > most_percent) {
      err << fmt::format("orrery: {}: MAPE {:.2f} % of {} rows is over {} %\n", group.text(),
                         100 * group.all.mape, group.all.points, most_percent);
      within = false;
    }
  }
  return within;
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
  drop_others("phase", &MeasuredRow::phase);
  drop_others("dtype", &MeasuredRow::dtype);
  const std::string half = parsed.text("half", "all");
  if (half != "fit" && half != "test" && half != "all") {
    throw InputError("validate: --half '" + half + "': expected fit, test or all");
  }
  if (half != "all") {
    std::erase_if(rows, [&](const MeasuredRow& row) { return row.tested() != (half == "test"); });
  }
  if (rows.empty()) {
    throw InputError(fmt::format("{}: no row is of that device, phase, dtype and half",
                                 parsed.text("measured")));
  }
  const auto max_mape = parsed.optional_number("max-mape", 0, 1e6);
  const std::size_t worst = parsed.optional_integer("worst", 0, 1000).value_or(kWorstShown);
  Skipped skipped;
  const std::filesystem::path chips = parsed.text("chips", config_folder() + "/chips");
  Runnable runnable = runnable_rows(rows, chips, chip_overrides(parsed), skipped);
  if (const auto sample = parsed.optional_integer("sample", 1, kMaxCsvRows)) {
    runnable.rows = sample_rows(runnable.rows, *sample);
  }
  runnable.tile.split =
      static_cast<std::uint32_t>(parsed.optional_integer("split", 1, 1024).value_or(0));
  const std::size_t jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  const std::vector<ValidationPoint> points =
      simulate_rows(runnable, parsed, jobs, streams, skipped);
  ValidationReport report;
  report.groups = group_points(points);
  report.chips = runnable.chips;
  report.skipped = skipped.rows;
  report.failed = skipped.failed;
  explain_worst(report, runnable, parsed, worst, jobs);
  report.cpu_seconds = own_cpu_seconds() + children_cpu_seconds();
  report.sampled = parsed.has("sampling");
  if (parsed.has("json")) {
    streams.out << json_text(validation_json(report));
  } else {
    print_validation(streams.out, report);
  }
  const bool within = !max_mape || within_limit(report.groups, *max_mape, streams.err);
  if (parsed.has("points")) {
    write_points(parsed.text("points"), points);  // last: if it fails, the rest is not lost
  }
  return within && skipped.failed == 0 ? kSuccess : kFailedCheck;
}

}  // namespace

Subcommand validate_command() {
  return {"validate", "compares simulated times with measured ones", run_validate};
}

}  // namespace orrery
