// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/format.h"
#include "cli/operator_groups.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "cli/workload_options.h"
#include "sim/error.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

OptionSet options() {
  OptionSet set("orrery show workload",
                "prints the operators of a workload and the memory it needs");
  set.words("NAME|FILE", "a workload, as --workload takes it", 0, 1);
  add_workload_source_options(set);
  return set.flag("json", "prints one JSON object")
      .example("orrery show workload llama-3.1-8b-decode", "operators, grouped by equal shape")
      .example("orrery show workload --model llama-3.1-8b --phase prefill --context 1024",
               "of a model without a workload file");
}

nlohmann::ordered_json to_json(const Workload& workload, const std::vector<OperatorGroup>& groups) {
  nlohmann::ordered_json json;
  json["workload"] = workload.name;
  json["phase"] = workload.phase;
  json["batch"] = workload.batch;
  json["new_tokens"] = workload.new_tokens;
  json["context"] = workload.context;
  json["operators"] = workload.operators.size();
  json["groups"] = nlohmann::ordered_json::array();
  for (const OperatorGroup& group : groups) {
    json["groups"].push_back({{"first", workload.operators[group.first].name},
                              {"kind", workload.operators[group.first].kind},
                              {"shape", group.shape},
                              {"dtype", group.dtype},
                              {"count", group.count},
                              {"flop", group.flop},
                              {"input_bytes", group.input_bytes},
                              {"output_bytes", group.output_bytes}});
  }
  const MemoryNeed need = memory_need(workload);
  json["memory_bytes"] = {{"weights", need.weight_bytes},
                          {"kv_cache", need.kv_cache_bytes},
                          {"activations", need.activation_bytes},
                          {"total", need.total_bytes()}};
  return json;
}

void print(std::ostream& out, const Workload& workload, const std::vector<OperatorGroup>& groups) {
  out << workload.name;
  if (!workload.phase.empty()) {
    out << fmt::format(", {}: batch {}, {} new tokens, context {}", workload.phase, workload.batch,
                       workload.new_tokens, workload.context);
  }
  out << "\n\n";
  Table table({{"first", Align::kLeft},
               {"operator", Align::kLeft},
               {"dtype", Align::kLeft},
               {"count"},
               {"GFLOP each"},
               {"MB in each"},
               {"MB out each"},
               {"GFLOP all"}});
  const auto scaled = [](std::uint64_t value, double unit) {
    return significant(static_cast<double>(value) / unit);
  };
  double flop = 0;
  std::size_t count = 0;
  for (const OperatorGroup& group : groups) {
    const double all = static_cast<double>(group.flop) * static_cast<double>(group.count);
    table.add_row({workload.operators[group.first].name, group.shape, group.dtype,
                   std::to_string(group.count), scaled(group.flop, 1e9),
                   scaled(group.input_bytes, 1e6), scaled(group.output_bytes, 1e6),
                   significant(all / 1e9)});
    flop += all;
    count += group.count;
  }
  table.add_rule();
  table.add_row({"total", "", "", std::to_string(count), "", "", "", significant(flop / 1e9)});
  table.print(out, TableStyle::kText);

  const MemoryNeed need = memory_need(workload);
  Table memory({{"memory", Align::kLeft}, {"needs"}});
  const auto size = [](std::uint64_t bytes) {
    return engineering(static_cast<double>(bytes), "B");
  };
  memory.add_row({"weights", size(need.weight_bytes)});
  memory.add_row({"KV cache", size(need.kv_cache_bytes)});
  memory.add_row({"activations", size(need.activation_bytes)});
  memory.add_rule();
  memory.add_row({"total", size(need.total_bytes())});
  out << '\n';
  memory.print(out, TableStyle::kText);
}

int run_show_workload(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const std::string named = parsed.words().empty() ? "" : parsed.words().front();
  const Workload workload = workload_from(parsed, config_folder(), named);
  const std::vector<OperatorGroup> groups = operator_groups(workload);
  if (parsed.has("json")) {
    streams.out << json_text(to_json(workload, groups));
  } else {
    print(streams.out, workload, groups);
  }
  return kSuccess;
}

}  // namespace

Subcommand show_workload() {
  return {"workload", "operators of a workload, and the memory it needs", run_show_workload};
}

}  // namespace orrery
