// SPDX-License-Identifier: Apache-2.0
#include "cli/area_tables.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/format.h"
#include "cli/table.h"

namespace orrery {
namespace {

std::string dollars(double usd) {
  return fixed(usd, 0) + " USD";
}

void print_parts(std::ostream& out, const ChipArea& area) {
  Table table({{"die area", Align::kLeft}, {"mm²"}, {"%"}});
  for (std::size_t i = 0; i < kAreaPartCount; ++i) {
    const double part_mm2 = area.parts[i].total();
    if (part_mm2 > 0) {
      table.add_row({std::string(name_of(static_cast<AreaPart>(i))), fixed(part_mm2, 1),
                     percent(part_mm2 / area.total_mm2)});
    }
  }
  table.add_rule();
  table.add_row({"total", fixed(area.total_mm2, 1), percent(1)});
  if (area.dies > 1) {
    table.add_row({fmt::format("each of {} dies", area.dies), fixed(area.die_mm2(), 1),
                   percent(1.0 / area.dies)});
  }
  table.print(out, TableStyle::kText);
}

void print_cost(std::ostream& out, const ChipCost& cost, const ChipConfig& chip) {
  Table table({{"cost", Align::kLeft}, {"value"}});
  table.add_row({"process node", chip.area->node.name});
  table.add_row({"dies on a wafer", std::to_string(cost.gross_dies)});
  table.add_row(
      {"good ones", fmt::format("{} ({} %)", fixed(cost.good_dies(), 1), percent(cost.yield))});
  table.add_row({chip.area->dies == 1 ? "die" : fmt::format("{} dies", chip.area->dies),
                 dollars(cost.dies_usd)});
  table.add_row({"HBM", dollars(cost.memory_usd)});
  table.add_row({"package", dollars(cost.package_usd)});
  table.add_rule();
  table.add_row({"chip", dollars(cost.total_usd())});
  table.print(out, TableStyle::kText);
}

// "control of the cores" -> "control_of_the_cores"
std::string json_key(std::string_view name) {
  std::string key(name);
  std::replace(key.begin(), key.end(), ' ', '_');
  return key;
}

}  // namespace

void print_area(std::ostream& out, const ChipConfig& chip) {
  const std::optional<ChipArea> area = chip_area(chip);
  if (!area) {
    return;
  }
  out << '\n';
  print_parts(out, *area);
  if (area->cost) {
    out << '\n';
    print_cost(out, *area->cost, chip);
  }
  if (const std::string warning = area_warning(*area); !warning.empty()) {
    out << "\nwarning: " << warning << '\n';
  }
}

void add_area_json(nlohmann::ordered_json& json, const ChipConfig& chip) {
  const std::optional<ChipArea> area = chip_area(chip);
  if (!area) {
    return;
  }
  nlohmann::ordered_json details{{"node", chip.area->node.name},
                                 {"dies", area->dies},
                                 {"die_mm2", area->die_mm2()},
                                 {"reticle_mm2", area->reticle_mm2},
                                 {"exceeds_reticle", area->exceeds_reticle()}};
  for (std::size_t i = 0; i < kAreaPartCount; ++i) {
    details["parts_mm2"][json_key(name_of(static_cast<AreaPart>(i)))] = area->parts[i].total();
  }
  if (const std::string warning = area_warning(*area); !warning.empty()) {
    details["warning"] = warning;
  }
  json["area_mm2"] = area->total_mm2;
  json["area"] = std::move(details);
  if (area->cost) {
    const ChipCost& cost = *area->cost;
    json["chip_cost_usd"] = cost.total_usd();
    json["cost"] = {{"gross_dies_per_wafer", cost.gross_dies},
                    {"yield", cost.yield},
                    {"good_dies_per_wafer", cost.good_dies()},
                    {"die_usd", cost.die_usd},
                    {"dies_usd", cost.dies_usd},
                    {"memory_usd", cost.memory_usd},
                    {"package_usd", cost.package_usd}};
  }
}

}  // namespace orrery
