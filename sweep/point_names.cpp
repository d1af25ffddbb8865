// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_names.h"

#include <algorithm>

#include "arch/chip_config.h"
#include "sim/error.h"
#include "sweep/derived_values.h"

namespace orrery {
namespace {

// What describes a chip without being a part of it.
bool is_description(const std::string& key) {
  return key == "name" || key == "description" || key == "family" || key.starts_with("fitted.") ||
         key.starts_with("assumed.");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> leaves_of_chip(const std::string& text) {
  // Behind chip and memory stands the table of areas, which no plan varies.
  const std::size_t area = text.find("\n---  # area table ");
  const std::string resolved_text = area == std::string::npos ? text : text.substr(0, area + 1);
  const std::size_t preset = resolved_text.find("\n---  # memory preset ");
  const std::size_t end = preset == std::string::npos ? resolved_text.size() : preset + 1;
  auto leaves = parse_config(resolved_text.substr(0, end), "chip").leaves();
  std::erase_if(leaves, [](const auto& leaf) { return is_description(leaf.first); });
  if (preset != std::string::npos) {
    const std::size_t line_end = resolved_text.find('\n', end);
    for (auto& [path, value] :
         parse_config(resolved_text.substr(line_end + 1), "memory preset").leaves()) {
      const std::string key = "memory." + path;
      const bool own = std::any_of(leaves.begin(), leaves.end(),
                                   [&](const auto& leaf) { return leaf.first == key; });
      if (!own && !is_description(path)) {
        leaves.emplace_back(key, std::move(value));
      }
    }
  }
  return leaves;
}

PointNames::PointNames(const Plan& plan) : plan_(plan), resolver_(plan) {
  for (const std::string& chip : plan.chips) {
    const ChipConfig config = load_chip(chip, plan.config_folder, plan.overrides);
    leaves_.push_back(leaves_of_chip(config.resolved_text));
    chip_names_.push_back(config.name);
    auto& values = chip_values_.emplace_back();
    for (const auto& [key, text] : leaves_.back()) {
      values.emplace(key, value_of(text));
    }
  }
  for (const PlanWorkload& workload : plan.workloads) {
    auto& values = workload_values_.emplace_back();
    for (const auto& [key, text] : workload.leaves) {
      values.emplace("workload." + key, value_of(text));
    }
  }
  for (std::size_t group = 0; group < plan.groups.size(); ++group) {
    for (const Axis& axis : plan.groups[group].axes) {
      AxisPlace place{group, {}};
      for (const std::string& text : axis.values) {
        place.values.push_back(value_of(text));
      }
      axes_.emplace(axis.key, std::move(place));
    }
  }
}

std::optional<Value> PointNames::find(const Choice& choice, const std::string& name) const {
  if (name == "chip") {
    return chip_names_[choice.chip];
  }
  if (name == "workload") {
    return plan_.workloads[choice.workload].name;
  }
  if (const auto axis = axes_.find(name); axis != axes_.end()) {
    return axis->second.values[choice.groups[axis->second.group]];
  }
  for (const auto* const values :
       {&chip_values_[choice.chip], &workload_values_[choice.workload]}) {
    if (const auto found = values->find(name); found != values->end()) {
      return found->second;
    }
  }
  if (is_derived(name)) {
    return derived_value(resolver_.chip(choice), name);
  }
  return std::nullopt;
}

bool PointNames::chip_is_refused(const Choice& choice) const {
  try {
    resolver_.chip(choice);
    return false;
  } catch (const InputError&) {
    return true;
  }
}

std::vector<std::string> PointNames::known() const {
  std::vector<std::string> names = derived_names();
  names.insert(names.end(), {"chip", "workload"});
  for (const auto& [name, place] : axes_) {
    names.push_back(name);
  }
  for (const auto* const all : {&chip_values_, &workload_values_}) {
    for (const auto& values : *all) {
      for (const auto& [name, value] : values) {
        names.push_back(name);
      }
    }
  }
  return names;
}

}  // namespace orrery
