// SPDX-License-Identifier: Apache-2.0
#include "sweep/plan.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "sim/error.h"
#include "sim/units.h"
#include "workloads/named_file.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 22;
constexpr Femtoseconds kLongestTimeout = 17'000 * kFsPerSecond;  // what 64 bits hold

std::string folder_of(const std::string& file) {
  return fs::path(file).parent_path().string();
}

// A chip by name, or a file relative to the plan.
std::string chip_path(const std::string& chip, const std::string& plan_folder) {
  const bool is_file = chip.find('/') != std::string::npos || chip.ends_with(".yaml");
  return is_file ? (fs::path(plan_folder) / chip).lexically_normal().string() : chip;
}

std::vector<std::string> read_chips(const ConfigNode& root, const std::string& folder) {
  std::vector<std::string> chips;
  for (const std::string& chip : root.text_list("chips")) {
    chips.push_back(chip_path(chip, folder));
    // A word with a slash is a file; one that ends in .yaml is one in this folder.
    if (chips.back() != chip && chips.back().find('/') == std::string::npos) {
      chips.back() = "./" + chips.back();
    }
    if (std::count(chips.begin(), chips.end(), chips.back()) > 1) {
      root.fail("chips", fmt::format("chip '{}' comes twice", chip));
    }
  }
  if (chips.empty()) {
    root.fail("chips", "an empty list, expected chips");
  }
  return chips;
}

std::vector<std::string> read_overrides(const ConfigNode& root) {
  std::vector<std::string> overrides;
  if (root.has("set")) {
    const ConfigNode set = root.map("set");
    for (const std::string& key : set.keys()) {
      // `null` takes a key away, as with --set.
      overrides.push_back(key + "=" + (set.has(key) ? inline_text(set.node(key)) : "null"));
    }
  }
  if (root.has("fidelity")) {
    const ConfigNode node = root.node("fidelity");
    for (const char* const part : {"memory", "network"}) {
      if (!node.is_map()) {
        overrides.push_back(
            fmt::format("{}.fidelity={}", part, root.choice("fidelity", {"fast", "detailed"})));
      } else if (node.has(part)) {
        overrides.push_back(
            fmt::format("{}.fidelity={}", part, node.choice(part, {"fast", "detailed"})));
      }
    }
    if (node.is_map()) {
      node.finish();
    }
  }
  return overrides;
}

std::vector<std::pair<std::string, std::string>> workload_leaves(const ConfigNode& root) {
  std::vector<std::pair<std::string, std::string>> leaves = root.leaves();
  std::erase_if(leaves, [](const auto& leaf) {
    return leaf.first.starts_with("operators.") || leaf.first.starts_with("model_config.");
  });
  return leaves;
}

// "llama-3.1-8b-decode".
std::string default_name(const std::vector<std::pair<std::string, std::string>>& leaves) {
  std::string model = "workload";
  std::string phase;
  for (const auto& [key, value] : leaves) {
    if (key == "model") {
      model = fs::path(value).filename().string();
      model.resize(model.size() - (model.ends_with(".json") ? 5 : 0));
    }
    if (key == "phase") {
      phase = "-" + value;
    }
  }
  return model + phase;
}

PlanWorkload read_workload_entry(const ConfigNode& item, const Plan& plan, std::size_t number) {
  PlanWorkload workload;
  workload.base_folder = folder_of(plan.file);
  if (!item.is_map()) {
    const NamedFiles files{
        "workload", plan.config_folder + "/workloads", {".yaml", ".yml", ".csv"}};
    try {
      workload.file = find_named_file(files, item.scalar(), workload.base_folder);
    } catch (const InputError& error) {
      item.fail(error.what());
    }
    workload.name = fs::path(workload.file).stem().string();
    if (!workload.file.ends_with(".csv")) {
      workload.leaves = workload_leaves(load_config(workload.file));
    }
    return workload;
  }
  workload.text = item.resolved_text();
  workload.text_name = fmt::format("{}: workload {}", plan.file, number);
  workload.leaves = workload_leaves(parse_config(workload.text, workload.text_name));
  for (const auto& [key, value] : workload.leaves) {
    if (key == "name") {
      workload.name = value;
    }
  }
  if (workload.name.empty()) {
    workload.name = default_name(workload.leaves);
  }
  return workload;
}

std::vector<PlanWorkload> read_workloads(const ConfigNode& root, const Plan& plan) {
  std::vector<PlanWorkload> workloads;
  std::set<std::string> names;
  for (const ConfigNode& item : root.list("workloads")) {
    workloads.push_back(read_workload_entry(item, plan, workloads.size() + 1));
    if (!names.insert(workloads.back().name).second) {
      item.fail(fmt::format("a second workload '{}', expected a 'name' of its own",
                            workloads.back().name));
    }
  }
  if (workloads.empty()) {
    root.fail("workloads", "an empty list, expected workloads");
  }
  return workloads;
}

std::vector<Constraint> read_constraints(const ConfigNode& root) {
  std::vector<Constraint> constraints;
  if (root.has("constraints")) {
    for (const ConfigNode& item : root.list("constraints")) {
      try {
        constraints.push_back({Expression(item.scalar()), item.location()});
      } catch (const InputError& error) {
        item.fail(error.what());
      }
    }
  }
  return constraints;
}

void read_power(const ConfigNode& root, Plan& plan) {
  if (root.has("power_mode")) {
    plan.says_power = true;
    plan.power.mode = root.choice("power_mode", {"burst", "sustained"}) == "burst"
                          ? PowerMode::kBurst
                          : PowerMode::kSustained;
  }
  if (root.has("operands")) {
    plan.says_power = true;
    plan.power.operands = root.choice("operands", {"random", "zeros"}) == "zeros"
                              ? Operands::kZeros
                              : Operands::kRandom;
  }
}

std::optional<SampleRequest> read_sample(const ConfigNode& root) {
  if (!root.has("sample")) {
    return std::nullopt;
  }
  const ConfigNode node = root.map("sample");
  SampleRequest sample;
  sample.points = node.integer("points", 1, kMostSamples);
  if (node.has("method") && node.choice("method", {"sobol", "latin"}) == "latin") {
    sample.method = SampleMethod::kLatinHypercube;
  }
  if (node.has("seed")) {
    sample.seed = node.integer("seed", 0, std::numeric_limits<std::uint64_t>::max());
  }
  node.finish();
  return sample;
}

Plan plan_of(const ConfigNode& root, const std::string& path, const std::string& config_folder) {
  Plan plan;
  plan.file = path;
  plan.config_folder = config_folder;
  plan.name = root.has("name") ? root.text("name") : fs::path(path).stem().string();
  plan.text = root.resolved_text();
  plan.chips = read_chips(root, folder_of(path));
  plan.overrides = read_overrides(root);
  plan.workloads = read_workloads(root, plan);
  plan.groups = read_axes(root);
  std::stable_partition(plan.groups.begin(), plan.groups.end(),
                        [](const AxisGroup& group) { return !group.of_workload(); });
  plan.constraints = read_constraints(root);
  if (root.has("keep")) {
    try {
      plan.keep = Expression(root.text("keep"));
    } catch (const InputError& error) {
      root.fail("keep", error.what());
    }
  }
  plan.sampling = root.has("sampling") && root.flag("sampling");
  plan.reuse = !root.has("reuse") || root.flag("reuse");
  read_power(root, plan);
  if (root.has("timeout")) {
    const Femtoseconds timeout_fs = root.time_fs("timeout");
    if (timeout_fs < kFsPerSecond / 1000 || timeout_fs > kLongestTimeout) {
      root.fail("timeout", "expected 1 ms to 17000 s");
    }
    plan.timeout_s = to_seconds(timeout_fs);
  }
  plan.sample = read_sample(root);
  root.finish();
  return plan;
}

}  // namespace

std::size_t Plan::chip_group_count() const {
  return static_cast<std::size_t>(std::count_if(
      groups.begin(), groups.end(), [](const AxisGroup& group) { return !group.of_workload(); }));
}

Plan read_plan(const std::string& path, const std::string& config_folder) {
  return plan_of(load_config(path), path, config_folder);
}

Plan parse_plan(const std::string& text,
                const std::string& path,
                const std::string& config_folder) {
  return plan_of(parse_config(text, path), path, config_folder);
}

}  // namespace orrery
