// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

#include "cli/command.h"
#include "cli/compare_json.h"
#include "cli/compare_tables.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/terminal_text.h"
#include "sim/error.h"

namespace orrery {

namespace {

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kMostMoved = 20;
constexpr std::size_t kMostDifferences = 20;
constexpr double kMostPercent = 1000;

OptionSet options() {
  return OptionSet("orrery compare", "explains why one result takes another time than another")
      .words("FILE", "two results, A and B; with --baseline the results to hold against it", 1,
             kMostFiles)
      .value("tolerance", "P%", "fails when a value of B is further than P % from A's; lists those")
      .flag("exact", "fails when the contents are not equal to the last bit; lists what differs")
      .value("baseline", "DIR", "compares each FILE with the file of its name in DIR, which is A")
      .flag("all", "every operator by itself, and equal counters too")
      .flag("json", "prints one JSON object; an array of them with --baseline")
      .flag("markdown", "prints tables in Markdown")
      .example("orrery compare maia100.h5 h100.h5",
               "where the difference comes from: tensor unit, memory, power, launch, ...")
      .example("orrery compare before.h5 after.h5 --tolerance 1%",
               "exit code 1 when anything moved by more than 1 %")
      .example("orrery compare a.h5 b.h5 --exact", "whether two runs gave the same")
      .example("orrery compare out/*.h5 --baseline golden --tolerance 0.5%",
               "each result against the one of its name in a folder");
}

// "1%" as 0.01.
std::optional<double> tolerance_from(const ParsedOptions& parsed) {
  if (!parsed.has("tolerance")) {
    return std::nullopt;
  }
  const std::string& text = parsed.text("tolerance");
  double percent = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, percent);
  std::string unit(rest, end);
  unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? 0 : unit.find_first_not_of(' '));
  if (error != std::errc() || unit != "%" || !std::isfinite(percent) || percent < 0 ||
      percent > kMostPercent) {
    throw InputError(fmt::format(
        "compare: --tolerance is '{}', expected a percentage from 0% to {:g}%, such as 1%", text,
        kMostPercent));
  }
  return percent / 100;
}

// What the words ask for, A and B of each comparison.
std::vector<std::pair<std::string, std::string>> pairs_of(const ParsedOptions& parsed) {
  const std::vector<std::string>& words = parsed.words();
  if (!parsed.has("baseline")) {
    if (words.size() != 2) {
      throw InputError(fmt::format(
          "compare: expected two results, got {}; --baseline DIR compares several with a folder",
          words.size()));
    }
    return {{words[0], words[1]}};
  }
  const std::filesystem::path folder = parsed.text("baseline");
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw InputError(fmt::format("compare: --baseline: {} is not a folder", folder.string()));
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& word : words) {
    const std::filesystem::path file = folder / std::filesystem::path(word).filename();
    if (!std::filesystem::exists(file, error)) {
      throw InputError(fmt::format("compare: {} has no baseline: no {}", word, file.string()));
    }
    pairs.emplace_back(file.string(), word);
  }
  return pairs;
}

struct Request {
  std::optional<double> tolerance;
  bool exact = false, all = false, json = false;
  TableStyle style = TableStyle::kText;
};

// Of one pair.
struct Outcome {
  bool passed = true;
  nlohmann::ordered_json json;
};

Outcome compare_exactly(const ComparedFiles& files, const Request& request, std::ostream& out) {
  const bool equal = files.a.content_hash == files.b.content_hash;
  const ContentDifferences found =
      equal ? ContentDifferences{}
            : content_differences(files.a.record, files.b.record, kMostDifferences);
  if (request.json) {
    return {equal, exact_json(files, found)};
  }
  out << printable(fmt::format("A  {}  {}", files.a_path, files.a.content_hash)) << '\n'
      << printable(fmt::format("B  {}  {}", files.b_path, files.b.content_hash)) << '\n';
  if (equal) {
    out << "equal content\n\n";
    return {};
  }
  if (found.count == 0) {  // of a section that content_differences() does not know
    out << "contents differ, in nothing that can be listed\n\n";
    return {false, {}};
  }
  out << fmt::format("{} {}:\n\n", found.count,
                     found.count == 1 ? "difference" : "differences, the first of them");
  Table table({{"where", Align::kLeft}, {"A", Align::kLeft}, {"B", Align::kLeft}});
  for (const ContentDifference& difference : found.first) {
    table.add_row({difference.where, difference.a, difference.b});
  }
  table.print(out, request.style);
  out << '\n';
  return {false, {}};
}

void print_check(std::ostream& out,
                 const Comparison& comparison,
                 const std::vector<MovedValue>& moved,
                 const Request& request) {
  const std::string limit = fmt::format("{:g} %", 100 * *request.tolerance);
  out << totals_line(comparison.waterfall) << '\n';
  if (moved.empty()) {
    out << fmt::format("everything is within {}\n\n", limit);
    return;
  }
  const std::vector<MovedValue> together = layers_together(moved);
  out << fmt::format("{} {} moved by more than {}{}\n\n", moved.size(),
                     moved.size() == 1 ? "value" : "values", limit,
                     together.size() > kMostMoved ? ", the first of them:" : ":");
  moved_table(together, kMostMoved).print(out, request.style);
  out << '\n';
  if (moved.front().name == "total_time") {
    waterfall_table(comparison.waterfall, request.style).print(out, request.style);
    out << '\n';
  }
}

Outcome compare_pair(const ComparedFiles& files, const Request& request, std::ostream& out) {
  if (request.exact) {
    return compare_exactly(files, request, out);
  }
  const Comparison comparison = compare_results(files.a, files.b);
  Outcome outcome;
  std::vector<MovedValue> moved;
  if (request.tolerance) {
    moved = moved_values(files.a.record, files.b.record, comparison.pairs, *request.tolerance);
    outcome.passed = moved.empty() && !comparison.of_another_kind();
  }
  if (request.json) {
    outcome.json = comparison_json(files, comparison);
    if (request.tolerance) {
      outcome.json["tolerance"] = *request.tolerance;
      outcome.json["passed"] = outcome.passed;
      outcome.json["moved"] = moved_json(moved);
    }
    return outcome;
  }
  print_aspects(out, files, comparison);
  if (request.tolerance) {
    print_check(out, comparison, moved, request);
  } else {
    print_compared(out, files, comparison, request.style, request.all);
  }
  return outcome;
}

Request request_from(const ParsedOptions& parsed) {
  const auto exclude = [&](const char* one, const char* other) {
    if (parsed.has(one) && parsed.has(other)) {
      throw InputError(fmt::format("compare: --{} and --{} exclude each other", one, other));
    }
  };
  exclude("json", "markdown");
  exclude("exact", "tolerance");
  exclude("exact", "all");
  exclude("tolerance", "all");
  Request request;
  request.tolerance = tolerance_from(parsed);
  request.exact = parsed.has("exact");
  request.all = parsed.has("all");
  request.json = parsed.has("json");
  request.style = parsed.has("markdown") ? TableStyle::kMarkdown : TableStyle::kText;
  return request;
}

int run_compare(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const Request request = request_from(parsed);
  std::vector<ComparedFiles> all;  // read before anything is printed: one may be no result
  for (const auto& [a, b] : pairs_of(parsed)) {
    all.push_back({a, b, read_stored_result(a), read_stored_result(b)});
  }
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  std::vector<std::string> failed;
  for (const ComparedFiles& files : all) {
    Outcome outcome = compare_pair(files, request, streams.out);
    if (!outcome.passed) {
      failed.push_back(files.b_path);
    }
    array.push_back(std::move(outcome.json));
  }
  if (request.json) {
    streams.out << json_text(parsed.has("baseline") ? array : array[0]);
  } else if (request.exact || request.tolerance) {
    if (all.size() > 1) {
      streams.out << fmt::format("{} of {} results passed\n", all.size() - failed.size(),
                                 all.size());
    }
    for (const std::string& path : failed) {
      streams.out << printable("failed: " + path) << '\n';
    }
  }
  return failed.empty() ? kSuccess : kFailedCheck;
}

}  // namespace

Subcommand compare_command() {
  return {"compare", "why one result takes another time than another; CI's gate", run_compare};
}

}  // namespace orrery
