// SPDX-License-Identifier: Apache-2.0
#include "power/area_table.h"

#include <algorithm>
#include <fmt/format.h>

namespace orrery {
namespace {

constexpr double kNm2PerMm2 = 1e12;
constexpr double kMostPartMm2 = 1000;
constexpr double kMicroUsdPerUsd = 1e6;
constexpr double kMostUsd = 1e6;
constexpr double kMostScale = 100;
constexpr std::size_t kMostNodes = 64;

double part(const ConfigNode& node, std::string_view key, std::string_view unit) {
  const double area_mm2 = static_cast<double>(node.area_per(key, unit)) / kNm2PerMm2;
  if (area_mm2 > kMostPartMm2) {
    node.fail(key, fmt::format("at most 1000 mm2/{} expected", unit));
  }
  return area_mm2;
}

double area(const ConfigNode& node, std::string_view key) {
  const double area_mm2 = static_cast<double>(node.area_nm2(key)) / kNm2PerMm2;
  if (area_mm2 < 1 || area_mm2 > 1e6) {
    node.fail(key, "from 1 mm2 to 1000000 mm2 expected");
  }
  return area_mm2;
}

double money(const ConfigNode& node, std::string_view key, std::uint64_t micro_usd) {
  const double usd = static_cast<double>(micro_usd) / kMicroUsdPerUsd;
  if (usd > kMostUsd) {
    node.fail(key, "at most 1000000 USD expected");
  }
  return usd;
}

double money_per(const ConfigNode& node, std::string_view key, std::string_view unit) {
  return money(node, key, node.micro_usd_per(key, unit));
}

void read_tensor(const ConfigNode& node, PartAreas& parts) {
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    parts.tensor_flop_per_cycle[i] = part(node, kDtypes[i].name, "(FLOP/clk)");
  }
  parts.further_formats = static_cast<double>(node.permille("further_formats")) / 1000;
  node.finish();
}

PartAreas read_parts(const ConfigNode& node) {
  PartAreas parts;
  read_tensor(node.map("tensor"), parts);
  const ConfigNode vector = node.map("vector");
  parts.vector_lane = part(vector, "lane", "lane");
  parts.bf16_lane = part(vector, "bf16", "lane");
  parts.fp64_lane = part(vector, "fp64", "lane");
  parts.special_lane = part(vector, "special", "lane");
  vector.finish();
  // A lane's 2 FLOP/clk of fp32 are taken off the tensor unit, and its two bf16 operations off the
  // bf16 lanes (die_area.cpp): if it were smaller than those, more lanes would make a smaller die.
  const double fp32 = parts.tensor_flop_per_cycle[static_cast<std::size_t>(Dtype::kFp32)];
  if (parts.vector_lane < 2 * (fp32 + parts.bf16_lane)) {
    vector.fail("lane", "at least twice tensor.fp32 and vector.bf16 together expected");
  }
  parts.sram_mib = part(node, "sram", "MiB");
  parts.register_mib = part(node, "registers", "MiB");
  parts.sram_port = part(node, "sram_port", "(B/clk)");
  parts.core_control = part(node, "core_control", "core");
  parts.crossbar_port = part(node, "crossbar_port", "(B/clk)");
  parts.router_port = part(node, "router_port", "(B/clk)");
  parts.cache_slice = part(node, "cache_slice", "slice");
  parts.cache_port = part(node, "cache_port", "(B/clk)");
  parts.hbm_phy = part(node, "hbm_phy", "stack");
  parts.hbm_controller = part(node, "hbm_controller", "stack");
  parts.serdes_lane = part(node, "serdes_lane", "lane");
  parts.link_control_gb_per_s = part(node, "link_control", "(GB/s)");
  parts.die_to_die_tb_per_s = part(node, "die_to_die", "(TB/s)");
  node.finish();
  return parts;
}

ProcessNode read_process_node(const ConfigNode& node) {
  if (!node.is_map()) {
    node.fail("expected a node, e.g. {name: n5, logic: 0.66, sram: 0.78, phy: 1, ...}");
  }
  ProcessNode process;
  process.name = node.text("name");
  const auto relative = [&](std::string_view key) {
    return node.number(key, 1 / kMostScale, kMostScale);
  };
  process.logic = relative("logic");
  process.sram = relative("sram");
  process.phy = relative("phy");
  process.wafer_usd = money(node, "wafer", node.micro_usd("wafer"));
  process.defects_per_cm2 = node.number("defects_per_cm2", 0, 100);
  node.finish();
  return process;
}

std::vector<ProcessNode> read_nodes(const ConfigNode& root) {
  std::vector<ProcessNode> nodes;
  for (const ConfigNode& item : root.list("nodes")) {
    nodes.push_back(read_process_node(item));
    const auto same = [&](const ProcessNode& known) { return known.name == nodes.back().name; };
    if (std::any_of(nodes.begin(), nodes.end() - 1, same)) {
      item.fail("name", fmt::format("the node '{}' is there already", nodes.back().name));
    }
  }
  if (nodes.empty() || nodes.size() > kMostNodes) {
    root.fail("nodes", fmt::format("from 1 to {} nodes expected", kMostNodes));
  }
  // The areas of `components` are those of a node of the list, which must not scale them.
  const std::string reference = root.text("reference");
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const ProcessNode& process) {
    return process.name == reference;
  });
  if (found == nodes.end() || found->logic != 1 || found->sram != 1 || found->phy != 1) {
    root.fail("reference",
              fmt::format("'{}' is no node whose logic, sram and phy are 1", reference));
  }
  return nodes;
}

}  // namespace

AreaTable read_area_table(const ConfigNode& root) {
  AreaTable table;
  table.parts = read_parts(root.map("components"));
  table.overhead = static_cast<double>(root.permille("overhead")) / 1000;
  if (table.overhead > 0.9) {
    root.fail("overhead", "at most 90 % expected");
  }
  table.reticle_mm2 = area(root, "reticle");
  table.nodes = read_nodes(root);
  const ConfigNode yield = root.map("yield");
  table.wafer_diameter_mm = yield.number("wafer_diameter_mm", 10, 1000);
  table.clustering = yield.number("clustering", 0.1, 1000);
  yield.finish();
  const ConfigNode memory = root.map("memory");
  for (const std::string& product : memory.keys()) {
    table.memory_price[product] = money_per(memory, product, "GB");
  }
  memory.finish();
  const ConfigNode package = root.map("package");
  table.package_usd_per_mm2 = money_per(package, "area", "mm2");
  table.stack_mm2 = area(package, "stack");
  package.finish();
  root.finish();
  return table;
}

}  // namespace orrery
