// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/report_tables.h"
#include "results/result_file.h"
#include "sim/error.h"

namespace orrery {

namespace {

constexpr std::size_t kMostFiles = 64;

OptionSet options() {
  return OptionSet("orrery show result", "prints what a run found, or several side by side")
      .words("FILE", "a result of `orrery run`; several of one phase are compared", 1, kMostFiles)
      .flag("json", "prints one JSON object; an array of them for several files")
      .flag("markdown", "prints tables in Markdown")
      .example("orrery show result h100.h5", "operators by kind, figures, where the time went")
      .example("orrery show result h100.h5 maia100.h5", "the two side by side, with ratios")
      .example("orrery show result --json h100.h5", "the same for a program");
}

void print_json(const std::vector<LabelledRecord>& runs, const Streams& streams) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const LabelledRecord& run : runs) {
    all.push_back(record_json(run.record));
  }
  streams.out << json_text(all.size() == 1 ? all[0] : all);
}

int run_show_result(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  if (parsed.has("json") && parsed.has("markdown")) {
    throw InputError("show result: --json and --markdown exclude each other");
  }
  std::vector<LabelledRecord> runs;
  std::vector<std::string> names;
  for (const std::string& file : parsed.words()) {
    runs.push_back({"", read_result(file)});
    names.push_back(std::filesystem::path(file).stem().string());
  }
  set_labels(runs, names);
  if (parsed.has("json")) {
    print_json(runs, streams);
  } else {
    print_side_by_side(streams.out, runs,
                       parsed.has("markdown") ? TableStyle::kMarkdown : TableStyle::kText);
  }
  return kSuccess;
}

}  // namespace

Subcommand show_result() {
  return {"result", "what a run found, or several side by side", run_show_result};
}

}  // namespace orrery
