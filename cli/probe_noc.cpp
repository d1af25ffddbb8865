// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unistd.h>

#include "cli/booksim_rows.h"
#include "cli/command.h"
#include "cli/forked_work.h"
#include "cli/format.h"
#include "cli/noc_json.h"
#include "cli/noc_options.h"
#include "cli/noc_run.h"
#include "cli/noc_sweep.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "sim/error.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

// One line on standard error that is written over, where somebody watches.
class Progress {
 public:
  explicit Progress(std::ostream& err) : err_(err), watched_(isatty(STDERR_FILENO) == 1) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { say(""); }

  void say(const std::string& text) const {
    if (watched_) {
      err_ << "\r\033[K" << text << std::flush;
    }
  }

 private:
  std::ostream& err_;
  bool watched_;
};

// Runs `count` loads or rows of what is ready, at most `jobs` at a time.
std::vector<Json> run_all(std::size_t count,
                          std::size_t jobs,
                          const std::string& what,
                          const Streams& streams,
                          const std::function<Json(std::size_t)>& run) {
  const Progress progress(streams.err);
  streams.out.flush();
  const auto outcomes = run_forked(
      count, jobs, [&](std::size_t i) { return run(i).dump(); },
      [&](std::size_t done) { progress.say(fmt::format("{}/{} {}", done, count, what)); });
  std::vector<Json> answers;
  for (const WorkOutcome& outcome : outcomes) {
    if (!outcome.error.empty()) {
      throw std::runtime_error(outcome.error);
    }
    answers.push_back(Json::parse(outcome.answer));
  }
  return answers;
}

std::string cell(const Json& json, const char* key, int decimals, double factor = 1) {
  return json[key].is_null() ? "-" : fixed(json[key].get<double>() * factor, decimals);
}

std::string plural(std::uint64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string heading(const Json& run, const NocSetup& setup) {
  const auto text = [&](const char* key) { return run[key].get<std::string>(); };
  std::string packets;
  if (run.contains("sizes")) {
    const Json& sizes = run["sizes"];
    packets = fmt::format(
        "reads of {} + {} flits, writes of {} + {}, {} % writes",
        sizes["read_request"].get<std::uint64_t>(), sizes["read_reply"].get<std::uint64_t>(),
        sizes["write_request"].get<std::uint64_t>(), sizes["write_reply"].get<std::uint64_t>(),
        significant(100 * run["write_share"].get<double>()));
  } else {
    packets = "packets of " + plural(run["packet"].get<std::uint64_t>(), "flit");
  }
  const std::string buffers =
      text("fidelity") == "fast"
          ? "fast tier"
          : fmt::format("{} of {}", plural(run["vcs"].get<std::uint64_t>(), "virtual channel"),
                        plural(run["buffer"].get<std::uint64_t>(), "flit"));
  return fmt::format("{} {}, {} routes, {}; {}, {}; {}\n\n", text("topology"), text("size"),
                     text("routing"), plural(setup.graph().nodes.size(), "node"), text("traffic"),
                     packets, buffers);
}

void print_loads(std::ostream& out, const std::vector<Json>& rows) {
  Table table({{"load"},
               {"offered flit/node/clk"},
               {"accepted"},
               {"latency clk"},
               {"p50 clk"},
               {"p99 clk"},
               {"max clk"},
               {"hops"},
               {"packets"},
               {"M flit-hops/CPU s"},
               {"", Align::kLeft}});
  for (const Json& row : rows) {
    table.add_row({significant(row["load"].get<double>(), 4), cell(row, "offered_flit_rate", 4),
                   cell(row, "accepted_flit_rate", 4), cell(row, "avg_packet_latency", 2),
                   cell(row, "p50_latency", 0), cell(row, "p99_latency", 0),
                   cell(row, "max_latency", 0), cell(row, "avg_hops", 3),
                   std::to_string(row["packets"].get<std::uint64_t>()),
                   cell(row, "flit_hops_per_cpu_s", 2, 1e-6),
                   row["saturated"].get<bool>() ? "saturated" : ""});
  }
  table.print(out, TableStyle::kText);
}

void probe_load(const ParsedOptions& parsed, const Streams& streams) {
  NocRun run = noc_run_from(parsed);
  run.load = load_from(parsed);
  if (parsed.has("links") && !parsed.has("json")) {
    throw InputError("probe noc: --links adds to the JSON: it needs --json");
  }
  const NocSetup setup(run);
  Json json = noc_run_json(run);
  const NocProbeResult result = run_noc_probe(setup.probe(run.load));
  json.update(noc_result_json(run.load, result));
  if (!parsed.has("json")) {
    streams.out << heading(json, setup);
    print_loads(streams.out, {json});
    return;
  }
  if (parsed.has("links")) {
    add_noc_details(json, setup, result);
  }
  streams.out << json_text(json);
}

void sweep_loads(const ParsedOptions& parsed, std::size_t jobs, const Streams& streams) {
  if (parsed.has("links")) {
    throw InputError("probe noc: --links is for one load, not for --load sweep");
  }
  const NocSetup setup(noc_run_from(parsed));
  const NocKnee knee = [&] {
    const Progress progress(streams.err);
    return find_knee(setup, [&](double load) {
      progress.say(fmt::format("looking for the knee: load {}", significant(load, 4)));
    });
  }();
  const std::vector<double> loads = curve_loads(knee.knee);
  const std::vector<Json> curve = run_all(loads.size(), jobs, "loads", streams, [&](std::size_t i) {
    return noc_result_json(loads[i], run_noc_probe(setup.probe(loads[i])));
  });
  Json json = noc_run_json(setup.run());
  json["zero_load"] = knee.zero_load;
  json["zero_load_latency"] = knee.zero_load_latency;
  json["knee"] = knee.knee;
  json["curve"] = curve;
  if (parsed.has("json")) {
    streams.out << json_text(json);
    return;
  }
  streams.out << heading(json, setup);
  print_loads(streams.out, curve);
  streams.out << fmt::format(
      "\nzero-load latency {} clk (at {} flit/node/clk); knee, where it is three times that: {} "
      "flit/node/clk\n",
      fixed(knee.zero_load_latency, 2), significant(knee.zero_load), fixed(knee.knee, 4));
}

void print_rows(std::ostream& out,
                const std::vector<BooksimRow>& rows,
                const std::vector<Json>& answers) {
  Table table({{"line"},
               {"curve", Align::kLeft},
               {"point", Align::kLeft},
               {"load"},
               {"accepted flit/node/clk"},
               {"hops"},
               {"latency clk"},
               {"BookSim clk"},
               {"error %"},
               {"", Align::kLeft}});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const BooksimRow& row = rows[i];
    const Json& answer = answers[i];
    // Beyond saturation latency only says how long the run was.
    const bool both = row.avg_packet_latency && *row.avg_packet_latency > 0 &&
                      !answer["avg_packet_latency"].is_null() && !answer["saturated"].get<bool>();
    table.add_row(
        {std::to_string(row.location.line), row.curve, row.point, significant(row.run.load, 5),
         cell(answer, "accepted_flit_rate", 4), cell(answer, "avg_hops", 3),
         cell(answer, "avg_packet_latency", 2),
         row.avg_packet_latency ? fixed(*row.avg_packet_latency, 2) : "-",
         both ? fixed(100 * (answer["avg_packet_latency"].get<double>() / *row.avg_packet_latency -
                             1),
                      2)
              : "-",
         answer["saturated"].get<bool>() ? "saturated" : ""});
  }
  table.print(out, TableStyle::kText);
}

void run_rows(const ParsedOptions& parsed, std::size_t jobs, const Streams& streams) {
  for (const std::string& name : single_run_options()) {
    if (parsed.has(name)) {
      throw InputError(fmt::format(
          "probe noc: --{} and --csv do not go together: the rows say what runs", name));
    }
  }
  const NetworkFidelity fidelity = fidelity_from(parsed);
  std::vector<BooksimRow> rows = read_booksim_rows(CsvReader::open(parsed.text("csv")));
  for (BooksimRow& row : rows) {
    row.run.fidelity = fidelity;
    set_length(row.run, parsed);
    const std::uint64_t nodes = std::uint64_t{row.run.shape.columns} * row.run.shape.rows;
    try {
      check_fidelity(row.run);
      check_length(row.run, nodes);
    } catch (const std::invalid_argument& error) {
      throw InputError(row.location, error.what());
    }
  }
  const std::vector<Json> answers = run_all(rows.size(), jobs, "rows", streams, [&](std::size_t i) {
    const NocRun& run = rows[i].run;
    const NocSetup setup(run);
    Json json;
    json["curve"] = rows[i].curve;
    json["point"] = rows[i].point;
    json.update(noc_run_json(run));
    json.update(noc_result_json(run.load, run_noc_probe(setup.probe(run.load))));
    return json;
  });
  if (!parsed.has("json")) {
    print_rows(streams.out, rows, answers);
    return;
  }
  for (const Json& answer : answers) {
    streams.out << answer.dump() << '\n';
  }
}

int run_probe_noc(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = noc_options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const std::size_t jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  try {
    if (parsed.has("csv")) {
      run_rows(parsed, jobs, streams);
    } else if (parsed.text("load") == "sweep") {
      sweep_loads(parsed, jobs, streams);
    } else {
      probe_load(parsed, streams);
    }
  } catch (const std::invalid_argument& error) {
    throw InputError(fmt::format("probe noc: {}", error.what()));
  }
  return kSuccess;
}

}  // namespace

Subcommand probe_noc() {
  return {"noc", "random traffic through a network of routers: latency over load", run_probe_noc};
}

}  // namespace orrery
