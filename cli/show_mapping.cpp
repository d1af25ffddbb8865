// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/format.h"
#include "cli/operator_groups.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "cli/workload_options.h"
#include "sim/error.h"

namespace orrery {
namespace {

// One distinct operator and what the mapping made of it.
struct MappedGroup {
  OperatorGroup group;
  LoweredOperator lowered;
  std::uint64_t tasks = 0;     // of the first kernel
  std::uint64_t contexts = 0;  // that can work on them at once: cores x programs a core
  double waves() const { return static_cast<double>(tasks) / static_cast<double>(contexts); }
};

OptionSet options() {
  OptionSet set("orrery show mapping",
                "prints how operators are cut into tile tasks, and what else was weighed");
  set.value("chip,c", "NAME|FILE", "the chip: a name of configs/chips or a file");
  add_chip_options(set);
  add_workload_options(set);
  return set.flag("json", "prints one JSON object")
      .example("orrery show mapping -c h100-sxm -w gemm-4096", "the tile that was chosen and why")
      .example("orrery show mapping -c maia100 -w llama-3.1-8b-decode", "each distinct operator");
}

std::vector<MappedGroup> map_groups(const Workload& workload,
                                    const ChipConfig& chip,
                                    const TileOverride& tile) {
  std::vector<MappedGroup> mapped;
  for (OperatorGroup& group : operator_groups(workload)) {
    MappedGroup row;
    row.lowered = lower(workload, workload.operators[group.first], chip, tile);
    const Kernel& kernel = *row.lowered.kernels.front();
    row.tasks = kernel.task_count();
    row.contexts = std::uint64_t{chip.core.count} * kernel.contexts_per_core();
    row.group = std::move(group);
    mapped.push_back(std::move(row));
  }
  return mapped;
}

nlohmann::ordered_json to_json(const Workload& workload,
                               const ChipConfig& chip,
                               const std::vector<MappedGroup>& mapped) {
  nlohmann::ordered_json json;
  json["chip"] = chip.name;
  json["workload"] = workload.name;
  json["operators"] = nlohmann::ordered_json::array();
  for (const MappedGroup& row : mapped) {
    nlohmann::ordered_json candidates = nlohmann::ordered_json::array();
    for (const MappingCandidate& candidate : row.lowered.candidates) {
      candidates.push_back(
          {{"tile", candidate.text}, {"estimate_us", to_microseconds(candidate.estimate_fs)}});
    }
    nlohmann::ordered_json kernels = nlohmann::ordered_json::array();
    for (const auto& kernel : row.lowered.kernels) {
      kernels.push_back({{"name", kernel->name()},
                         {"tasks", kernel->task_count()},
                         {"cluster", kernel->cluster_size()},
                         {"contexts_per_core", kernel->contexts_per_core()},
                         {"scratchpad_bytes", kernel->scratchpad_bytes()},
                         {"accumulator_bytes", kernel->accumulator_bytes()}});
    }
    json["operators"].push_back({{"first", workload.operators[row.group.first].name},
                                 {"shape", row.group.shape},
                                 {"dtype", row.group.dtype},
                                 {"count", row.group.count},
                                 {"tile", row.lowered.tile},
                                 {"tasks", row.tasks},
                                 {"waves", row.waves()},
                                 {"kernels", std::move(kernels)},
                                 {"candidates", std::move(candidates)}});
  }
  return json;
}

void print(std::ostream& out,
           const Workload& workload,
           const ChipConfig& chip,
           const std::vector<MappedGroup>& mapped) {
  out << fmt::format("{} on {}, {} cores\n\n", workload.name, chip.name, chip.core.count);
  Table table({{"operator", Align::kLeft},
               {"count"},
               {"tile", Align::kLeft},
               {"tasks"},
               {"waves"},
               {"kernels"},
               {"estimate µs"}});
  for (const MappedGroup& row : mapped) {
    std::string shape = row.group.shape;
    std::string count = std::to_string(row.group.count);
    bool chosen = true;
    for (const MappingCandidate& candidate : row.lowered.candidates) {
      const std::string estimate = fixed(to_microseconds(candidate.estimate_fs), 2);
      if (chosen) {
        table.add_row({shape, count, candidate.text, std::to_string(row.tasks),
                       fixed(row.waves(), 2), std::to_string(row.lowered.kernels.size()),
                       estimate});
      } else {
        table.add_row({"", "", "  or " + candidate.text, "", "", "", estimate});
      }
      chosen = false;
    }
  }
  table.print(out, TableStyle::kText);
  out << "\nWaves: tasks of the first kernel over the programs that cores hold at once. Estimates "
         "are closed\nforms that rank tiles; simulated times differ.\n";
}

int run_show_mapping(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const ChipConfig chip = load_chip(parsed.text("chip"), config_folder(), chip_overrides(parsed));
  const Workload workload = workload_from(parsed, config_folder());
  const std::vector<MappedGroup> mapped = map_groups(workload, chip, tile_from(parsed));
  if (parsed.has("json")) {
    streams.out << json_text(to_json(workload, chip, mapped));
  } else {
    print(streams.out, workload, chip, mapped);
  }
  return kSuccess;
}

}  // namespace

Subcommand show_mapping() {
  return {"mapping", "how operators are cut into tile tasks on a chip", run_show_mapping};
}

}  // namespace orrery
