// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_config.h"

#include <filesystem>
#include <fmt/format.h>

#include "arch/chip_area.h"
#include "noc/topology.h"

namespace orrery {
namespace {

std::vector<std::string> chips_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string find_chip(const std::string& name, const std::string& config_folder) {
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
    return name;
  }
  const std::filesystem::path folder = std::filesystem::path(config_folder) / "chips";
  const std::filesystem::path path = folder / (name + ".yaml");
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    const std::vector<std::string> known = chips_in(folder);
    std::string hint = suggest(name, known);
    throw InputError(fmt::format("no chip '{}' in {}{}{}; known: {}", name, folder.string(),
                                 hint.empty() ? "" : ", ", hint, fmt::join(known, ", ")));
  }
  return path.string();
}

// An energy that is left out would be one of 0.
void check_tensor_energy(const ConfigNode& power, const ChipConfig& config) {
  const ConfigNode tensor = power.map("energy").map("tensor");
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    const std::string name(kDtypes[i].name);
    const bool computes = config.core.tensor.flop_per_cycle[i] > 0;
    if (computes != tensor.has(name)) {
      power.map("energy").fail(
          "tensor", computes ? fmt::format("the tensor unit computes in {0}, so '{0}' is expected, "
                                           "e.g. {0}: 0.7 pJ/FLOP",
                                           name)
                             : fmt::format("'{}' has no rate in core.tensor.rates", name));
    }
  }
}

}  // namespace

NodeLayout ChipConfig::layout() const {
  return {core.count, shared.node_count(), memory.node_count()};
}

double ChipConfig::peak_flop_per_s(Dtype dtype) const {
  return static_cast<double>(core.tensor.rate(dtype)) * static_cast<double>(core.count) *
         static_cast<double>(core.rated_clock_hz);
}

double ChipConfig::highest_flop_per_s(Dtype dtype) const {
  return static_cast<double>(core.tensor.rate(dtype)) * static_cast<double>(core.count) *
         static_cast<double>(core.clock_hz);
}

double ChipConfig::peak_memory_bytes_per_s() const {
  return static_cast<double>(memory.bandwidth_bytes_per_s);
}

ChipConfig load_chip(const std::string& name,
                     const std::string& config_folder,
                     const std::vector<std::string>& overrides) {
  const ConfigNode root = load_config(find_chip(name, config_folder), overrides);
  ChipConfig config;
  config.name = root.text("name");
  config.description = root.text("description");
  config.family = root.has("family") ? root.text("family") : config.name;
  config.core = read_core_config(root.map("core"));
  config.dispatch = read_dispatch_config(root.map("dispatch"));
  config.network = read_network_config(root.map("network"));
  config.shared = read_shared_memory_config(root.map("shared_memory"));
  config.memory = read_hbm_config(root.map("memory"),
                                  (std::filesystem::path(config_folder) / "memories").string());
  if (root.has("power")) {
    const ConfigNode power = root.map("power");
    config.power = read_power_config(power, config.core.clock_hz);
    check_tensor_energy(power, config);
  }
  if (root.has("software")) {
    config.software = read_software_config(root.map("software"));
  }
  if (root.has("area")) {
    config.area = read_area_config(root.map("area"),
                                   (std::filesystem::path(config_folder) / "area").string());
    check_area(root.map("area"), config);
  }
  config.resolved_text = root.resolved_text();
  auto leaves = root.leaves();
  if (const ConfigNode memory = root.map("memory"); memory.has("preset")) {
    const std::string name_of_preset = memory.text("preset");
    const ConfigNode preset =
        load_config(fmt::format("{}/memories/{}.yaml", config_folder, name_of_preset));
    config.resolved_text +=
        fmt::format("---  # memory preset {}\n{}", name_of_preset, preset.resolved_text());
    for (auto& [path, value] : preset.leaves()) {  // behind the chip's own, which replace them
      leaves.emplace_back("memory." + path, std::move(value));
    }
  }
  if (config.area) {
    config.resolved_text +=
        fmt::format("---  # area table {}\n{}", config.area->table_name, config.area->table_text);
  }
  config.fitted = read_uncertain(root, "fitted", leaves, overrides);
  config.assumed = read_uncertain(root, "assumed", leaves, overrides);
  root.finish();

  if (config.dispatch.max_cluster > config.core.count) {
    root.fail("dispatch", fmt::format("max_cluster {} exceeds the {} cores",
                                      config.dispatch.max_cluster, config.core.count));
  }
  try {
    const Topology topology(config.network, config.layout());
    static_cast<void>(topology);
  } catch (const std::invalid_argument& error) {
    root.fail("network", error.what());
  }
  return config;
}

}  // namespace orrery
