// SPDX-License-Identifier: Apache-2.0
#include "power/area_config.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <vector>

namespace orrery {
namespace {

constexpr std::uint64_t kMostDies = 2;  // networks cross at most one border
constexpr std::uint64_t kMostSpareCores = 1024;
constexpr std::uint64_t kMostSpareStacks = 64;
constexpr std::uint64_t kMostSpareSlices = 4096;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostLanes = 65536;
constexpr std::uint64_t kMostBytesPerSecond = 1'000'000'000'000'000;
constexpr double kNm2PerMm2 = 1e12;

ConfigNode load_table(const ConfigNode& node, const std::string& name, const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
    if (!fs::is_regular_file(name, code)) {
      node.fail("table", fmt::format("no area table '{}'", name));
    }
    return load_config(name);
  }
  const fs::path path = fs::path(folder) / (name + ".yaml");
  if (!fs::is_regular_file(path, code)) {
    std::vector<std::string> known;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
      if (entry.path().extension() == ".yaml") {
        known.push_back(entry.path().stem().string());
      }
    }
    const std::string hint = suggest(name, known);
    node.fail("table", fmt::format("no area table '{}' in {}{}{}", name, folder,
                                   hint.empty() ? "" : "; ", hint));
  }
  return load_config(path.string());
}

ProcessNode find_node(const ConfigNode& node, const AreaTable& table) {
  std::vector<std::string> names;
  for (const ProcessNode& process : table.nodes) {
    names.push_back(process.name);
  }
  const std::string name = node.choice("node", names);
  return *std::find_if(table.nodes.begin(), table.nodes.end(),
                       [&](const ProcessNode& process) { return process.name == name; });
}

std::uint64_t bytes_up_to(const ConfigNode& node, std::string_view key) {
  const std::uint64_t bytes = node.bytes(key, 0);
  if (bytes > kMostBytes) {
    node.fail(key, "at most 1 TiB expected");
  }
  return bytes;
}

void read_links(const ConfigNode& node, AreaConfig& config) {
  config.serdes_lanes = static_cast<std::uint32_t>(node.integer("lanes", 0, kMostLanes));
  config.link_bytes_per_s = node.bandwidth("bandwidth");
  if (config.link_bytes_per_s > kMostBytesPerSecond) {
    node.fail("bandwidth", "at most 1000 TB/s expected");
  }
  node.finish();
}

}  // namespace

AreaConfig read_area_config(const ConfigNode& node, const std::string& table_folder) {
  AreaConfig config;
  config.table_name = node.text("table");
  const ConfigNode table = load_table(node, config.table_name, table_folder);
  config.table = read_area_table(table);
  config.table_text = table.resolved_text();
  config.node = find_node(node, config.table);
  const auto integer = [&](std::string_view key, std::uint64_t most) {
    return static_cast<std::uint32_t>(node.has(key) ? node.integer(key, 0, most) : 0);
  };
  config.dies =
      node.has("dies") ? static_cast<std::uint32_t>(node.integer("dies", 1, kMostDies)) : 1;
  config.spare_cores = integer("spare_cores", kMostSpareCores);
  config.spare_stacks = integer("spare_stacks", kMostSpareStacks);
  config.spare_slices = integer("spare_slices", kMostSpareSlices);
  if (node.has("spare_shared")) {
    config.spare_shared_bytes = bytes_up_to(node, "spare_shared");
  }
  if (node.has("core_registers")) {
    config.register_bytes = bytes_up_to(node, "core_registers");
  }
  if (node.has("core_fp64")) {
    config.fp64_lanes = node.per_cycle("core_fp64", "op");
    if (config.fp64_lanes > kMostLanes) {
      node.fail("core_fp64", fmt::format("at most {} op/clk expected", kMostLanes));
    }
  }
  if (node.has("core_control")) {
    config.control_mm2 = static_cast<double>(node.area_nm2("core_control")) / kNm2PerMm2;
    if (config.control_mm2 <= 0 || config.control_mm2 > 1000) {
      node.fail("core_control", "more than 0 and at most 1000 mm2 expected");
    }
  }
  if (node.has("links")) {
    read_links(node.map("links"), config);
  }
  node.finish();
  return config;
}

}  // namespace orrery
