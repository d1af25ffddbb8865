// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload_file.h"

#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

#include "sim/config_node.h"
#include "sim/error.h"
#include "workloads/model.h"
#include "workloads/named_file.h"
#include "workloads/trace_csv.h"
#include "workloads/trace_yaml.h"

namespace orrery {
namespace {

std::string indented(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    out += "  " + line + "\n";
  }
  return out;
}

// A workload file that needs no other: the model's config is in it.
std::string run_text(const ModelShape& model, const ModelRun& run, const std::string& name) {
  std::string out = fmt::format("name: \"{}\"\nphase: {}\nbatch: {}\ncontext: {}\ndtype: {}\n",
                                name, name_of(run.phase), run.batch, run.context,
                                name_of(run.dtype.value_or(model.dtype)));
  if (run.kv_dtype) {
    out += fmt::format("kv_dtype: {}\n", name_of(*run.kv_dtype));
  }
  out += fmt::format("caches: {}\n", run.warm_caches ? "warm" : "cold");
  return out + "model_config:\n" + indented(model.source_text);
}

std::optional<Dtype> read_dtype(const ConfigNode& root, const char* key) {
  if (!root.has(key)) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const DtypeInfo& info : kDtypes) {
    names.emplace_back(info.name);
  }
  return dtype_from(root.choice(key, names));
}

ModelRun read_run(const ConfigNode& root) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  ModelRun run;
  run.phase = *phase_from(root.choice("phase", {"prefill", "decode"}));
  run.batch = root.integer("batch", 1, kMost);
  run.context = root.integer("context", 1, kMost);
  run.dtype = read_dtype(root, "dtype");
  run.kv_dtype = read_dtype(root, "kv_dtype");
  run.warm_caches = read_warm_caches(root);
  return run;
}

Workload make_model_workload(const ModelShape& model, const ModelRun& run, std::string name) {
  Workload workload = expand(model, run);
  if (!name.empty()) {
    workload.name = std::move(name);
  }
  workload.source_text = run_text(model, run, workload.name);
  return workload;
}

Workload read_model_workload(const ConfigNode& root,
                             const std::string& name,
                             const std::string& config_folder,
                             const std::string& base_folder) {
  const std::string own_name = root.has("name") ? root.text("name") : name;
  const ModelRun run = read_run(root);
  ModelShape model;
  if (root.has("model_config")) {
    model = read_model(root.map("model_config"), own_name);
    root.finish();
  } else {
    const std::string wanted = root.text("model");
    root.finish();
    std::string path;
    try {
      path = find_model(wanted, config_folder, base_folder);
    } catch (const InputError& error) {
      root.fail("model", error.what());
    }
    model = load_model(path);
  }
  try {
    return make_model_workload(model, run, own_name);
  } catch (const InputError& error) {
    root.fail(error.what());
  }
}

}  // namespace

Workload load_workload(const std::string& name_or_path,
                       const std::string& config_folder,
                       const std::vector<std::string>& overrides) {
  const NamedFiles files{"workload", config_folder + "/workloads", {".yaml", ".yml", ".csv"}};
  const std::string path = find_named_file(files, name_or_path);
  const std::string name = std::filesystem::path(path).stem().string();
  if (path.ends_with(".csv")) {
    if (!overrides.empty()) {
      throw InputError(
          fmt::format("--set {}: {} is CSV, which has no keys to set", overrides.front(), path));
    }
    const Trace trace = read_trace_csv(path);
    Workload workload = build_workload(trace);
    workload.source_text = write_trace_csv(trace);
    return workload;
  }
  return read_workload(load_config(path, overrides), name, config_folder,
                       std::filesystem::path(path).parent_path().string());
}

Workload read_workload(const ConfigNode& root,
                       const std::string& name,
                       const std::string& config_folder,
                       const std::string& base_folder) {
  if (root.has("operators")) {
    Workload workload = build_workload(read_trace_yaml(root, name));
    workload.source_text = root.resolved_text();
    return workload;
  }
  if (!root.has("model") && !root.has("model_config")) {
    root.fail("expected a key 'model' or a list 'operators'");
  }
  return read_model_workload(root, name, config_folder, base_folder);
}

Workload load_model_workload(const std::string& model,
                             const std::string& config_folder,
                             const ModelRun& run) {
  return make_model_workload(load_model(find_model(model, config_folder)), run, "");
}

}  // namespace orrery
