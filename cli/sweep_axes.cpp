// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep_axes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "arch/chip_config.h"
#include "cli/table.h"
#include "sim/error.h"
#include "sweep/amount.h"
#include "sweep/point_names.h"

namespace orrery {
namespace {

std::string swept_text(const Plan& plan, const std::string& key) {
  constexpr std::size_t kMostShown = 8;
  for (const AxisGroup& group : plan.groups) {
    for (const Axis& axis : group.axes) {
      if (axis.key == key && axis.values.size() <= kMostShown) {
        return fmt::format("{}", fmt::join(axis.values, ", "));
      }
      if (axis.key == key) {
        return fmt::format("{} values, {} to {}", axis.values.size(), axis.values.front(),
                           axis.values.back());
      }
    }
  }
  return "";
}

SweepableKey key_of(const Plan& plan, const std::string& key, const std::string& text) {
  SweepableKey row{key, text, "", swept_text(plan, key)};
  if (const auto amount = parse_amount(text)) {
    row.unit = amount->unit_text;
    const std::size_t end = text.find_last_not_of(' ', text.size() - row.unit.size() - 1);
    row.value = text.substr(0, end + 1);
  }
  return row;
}

// A memory preset has values that a chip cannot replace.
bool can_be_set(const Plan& plan,
                std::size_t chip,
                const std::string& key,
                const std::string& value) {
  std::vector<std::string> overrides = plan.overrides;
  overrides.push_back(key + "=" + value);
  try {
    load_chip(plan.chips[chip], plan.config_folder, overrides);
  } catch (const InputError&) {
    return false;
  }
  return true;
}

}  // namespace

std::vector<SweepableKey> sweepable_keys(const Plan& plan, std::size_t chip) {
  const PointNames names(plan);
  std::vector<SweepableKey> keys;
  std::set<std::string> seen;
  for (const auto& [key, text] : names.base_leaves(chip)) {
    if (seen.insert(key).second && can_be_set(plan, chip, key, text)) {
      keys.push_back(key_of(plan, key, text));
    }
  }
  for (const PlanWorkload& workload : plan.workloads) {
    for (const auto& [leaf, text] : workload.leaves) {
      const std::string key = "workload." + leaf;
      if (leaf != "name" && seen.insert(key).second) {
        keys.push_back(key_of(plan, key, text));
      }
    }
  }
  for (const AxisGroup& group : plan.groups) {  // optional keys that the base does not have
    for (const Axis& axis : group.axes) {
      if (seen.insert(axis.key).second) {
        keys.push_back({axis.key, "-", "", swept_text(plan, axis.key)});
      }
    }
  }
  return keys;
}

void print_axes(std::ostream& out, const Plan& plan) {
  for (std::size_t chip = 0; chip < plan.chips.size(); ++chip) {
    const std::vector<SweepableKey> keys = sweepable_keys(plan, chip);
    out << (chip > 0 ? "\n" : "") << plan.chips[chip] << "\n\n";
    Table table({{"key", Align::kLeft},
                 {"value"},
                 {"unit", Align::kLeft},
                 {"varied by the plan", Align::kLeft}});
    for (const SweepableKey& key : keys) {
      table.add_row({key.key, key.value, key.unit, key.swept});
    }
    table.print(out, TableStyle::kText);
  }
  out << "\nKeys of lists are numbered from 0, and optional keys that a chip leaves out can be "
         "varied, too.\n";
}

nlohmann::ordered_json axes_json(const Plan& plan) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (std::size_t chip = 0; chip < plan.chips.size(); ++chip) {
    nlohmann::ordered_json keys = nlohmann::ordered_json::array();
    for (const SweepableKey& key : sweepable_keys(plan, chip)) {
      keys.push_back(
          {{"key", key.key}, {"value", key.value}, {"unit", key.unit}, {"swept", key.swept}});
    }
    json.push_back({{"chip", plan.chips[chip]}, {"keys", keys}});
  }
  return json;
}

}  // namespace orrery
