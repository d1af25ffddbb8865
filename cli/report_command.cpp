// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <string>

#include "cli/command.h"
#include "cli/format.h"
#include "cli/options.h"
#include "report/run_report.h"
#include "report/run_trace.h"
#include "report/sweep_report.h"
#include "results/file_format.h"
#include "results/result_file.h"
#include "results/sweep_file.h"
#include "results/whole_file.h"
#include "sim/error.h"

namespace orrery {

namespace {

OptionSet options() {
  return OptionSet("orrery report", "makes a page or a trace of a result or a sweep")
      .words("FILE", "a result of `orrery run -o`, or the sweep.h5 of `orrery sweep`", 1, 1)
      .value("output,o", "FILE", "writes one HTML page, which needs nothing else")
      .value("perfetto", "FILE", "writes a trace of a result for ui.perfetto.dev")
      .example("orrery report h100.h5 -o h100.html",
               "roofline, time and stalls, utilisation over time, loads of links")
      .example("orrery report sweep.h5 -o sweep.html",
               "Pareto fronts, parallel coordinates, how much each axis matters")
      .example(
          "orrery report h100.h5 --perfetto h100.pftrace",
          "its timeline; with `orrery run --timeline` each unit, channel and link has a track");
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;  // what is not there is nobody's
  return a == b || std::filesystem::equivalent(a, b, ignored);
}

void write(const std::string& text, const std::string& path, const Streams& streams) {
  const auto bytes = std::as_bytes(std::span(text));
  write_whole_file(path, {bytes.begin(), bytes.end()});
  streams.out << fmt::format("{}: {}\n", path, engineering(static_cast<double>(text.size()), "B"));
}

int run_report_command(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  if (!parsed.has("output") && !parsed.has("perfetto")) {
    throw InputError("report: say what to make: --output PAGE.html or --perfetto TRACE.pftrace");
  }
  const std::string& file = parsed.words()[0];
  for (const char* option : {"output", "perfetto"}) {
    if (parsed.has(option) && is_same_file(parsed.text(option), file)) {
      throw InputError(fmt::format("report: --{} would overwrite {}", option, file));
    }
  }
  if (parsed.has("output") && parsed.has("perfetto") &&
      is_same_file(parsed.text("output"), parsed.text("perfetto"))) {
    throw InputError("report: --output and --perfetto name the same file");
  }
  if (file_format(file) == "orrery-sweep") {
    if (parsed.has("perfetto")) {
      throw InputError(
          fmt::format("{}: a sweep has no timeline; --perfetto needs the result of one run", file));
    }
    write(sweep_report(read_sweep(file)), parsed.text("output"), streams);
    return kSuccess;
  }
  const RunRecord record = read_result(file);
  if (parsed.has("output")) {
    write(run_report(record), parsed.text("output"), streams);
  }
  if (parsed.has("perfetto")) {
    write(run_trace(record), parsed.text("perfetto"), streams);
  }
  return kSuccess;
}

}  // namespace

Subcommand report_command() {
  return {"report", "makes a page or a trace of a result or a sweep", run_report_command};
}

}  // namespace orrery
