// SPDX-License-Identifier: Apache-2.0
#include "sweep/grid.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/error.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostCombinations = std::uint64_t{1} << 62;

std::vector<std::string> overrides_at(const Plan& plan, const Choice& choice, bool of_workload) {
  constexpr std::string_view kPrefix = "workload.";
  std::vector<std::string> overrides;
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    for (const Axis& axis : plan.groups[i].axes) {
      if (axis.of_workload() == of_workload) {
        const std::string key = of_workload ? axis.key.substr(kPrefix.size()) : axis.key;
        overrides.push_back(key + "=" + axis.values[choice.groups[i]]);
      }
    }
  }
  return overrides;
}

}  // namespace

bool Choice::same_chip(const Choice& other, std::size_t chip_groups) const {
  const auto end = static_cast<std::ptrdiff_t>(chip_groups);
  return chip == other.chip &&
         std::equal(groups.begin(), groups.begin() + end, other.groups.begin());
}

Grid::Grid(const Plan& plan) {
  chip_sizes_.push_back(plan.chips.size());
  for (std::size_t i = 0; i < plan.chip_group_count(); ++i) {
    chip_sizes_.push_back(plan.groups[i].size());
  }
  sizes_ = chip_sizes_;
  for (std::size_t i = plan.chip_group_count(); i < plan.groups.size(); ++i) {
    sizes_.push_back(plan.groups[i].size());
    per_chip_ *= plan.groups[i].size();
  }
  sizes_.push_back(plan.workloads.size());
  per_chip_ *= plan.workloads.size();
  for (const std::uint64_t size : sizes_) {
    if (size_ > kMostCombinations / size) {
      throw InputError(fmt::format("{}: more than {} combinations", plan.file, kMostCombinations));
    }
    size_ *= size;
  }
}

Choice Grid::at(std::uint64_t index) const {
  std::vector<std::uint32_t> digits(sizes_.size());
  for (std::size_t i = sizes_.size(); i-- > 0;) {
    digits[i] = static_cast<std::uint32_t>(index % sizes_[i]);
    index /= sizes_[i];
  }
  Choice choice;
  choice.chip = digits.front();
  choice.workload = digits.back();
  choice.groups.assign(digits.begin() + 1, digits.end() - 1);
  return choice;
}

std::uint64_t Grid::index_of(const std::vector<std::uint64_t>& chip_parts) const {
  std::uint64_t index = 0;
  for (std::size_t i = 0; i < chip_sizes_.size(); ++i) {
    index = index * chip_sizes_[i] + chip_parts[i];
  }
  return index * per_chip_;
}

std::vector<std::string> chip_overrides_at(const Plan& plan, const Choice& choice) {
  std::vector<std::string> overrides = plan.overrides;
  const std::vector<std::string> of_axes = overrides_at(plan, choice, false);
  overrides.insert(overrides.end(), of_axes.begin(), of_axes.end());
  return overrides;
}

std::vector<std::string> workload_overrides_at(const Plan& plan, const Choice& choice) {
  return overrides_at(plan, choice, true);
}

std::string text_of(const Plan& plan, const Choice& choice) {
  std::vector<std::string> parts{plan.chips[choice.chip]};
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    for (const Axis& axis : plan.groups[i].axes) {
      parts.push_back(axis.key + "=" + axis.values[choice.groups[i]]);
    }
  }
  parts.push_back(plan.workloads[choice.workload].name);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace orrery
