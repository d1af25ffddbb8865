// SPDX-License-Identifier: Apache-2.0
#include "sweep/checked_points.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/error.h"
#include "workloads/tensor_allocator.h"
#include "workloads/workload_file.h"

namespace orrery {
namespace {

// For each value of each part of the plan: how many points have it, and how many of these were
// refused, and why first.
class Refusals {
 public:
  void count(const Choice& choice, const std::string& refusal) {
    note({0, choice.chip}, refusal);
    for (std::size_t i = 0; i < choice.groups.size(); ++i) {
      note({i + 1, choice.groups[i]}, refusal);
    }
    note({choice.groups.size() + 1, choice.workload}, refusal);
    note(kAll, refusal);
  }

  // Throws for a value that nothing goes with.
  void judge(const Plan& plan) const {
    for (const auto& [value, tally] : tallies_) {
      const auto [part, index] = value;
      if (tally.refused < tally.points || value == kAll) {
        continue;
      }
      if (part >= 1 && part <= plan.groups.size()) {
        judge_group(plan, plan.groups[part - 1], index, tally.first);
      }
    }
    if (const Tally& all = tallies_.at(kAll); all.refused == all.points) {
      throw InputError(
          fmt::format("{}: every point is refused, the first one by: {}", plan.file, all.first));
    }
  }

 private:
  using Place = std::pair<std::size_t, std::uint32_t>;  // 0 chip, then groups, then workload
  struct Tally {
    std::uint64_t points = 0, refused = 0;
    std::string first;
  };
  static constexpr Place kAll{~std::size_t{0}, 0};

  void note(const Place& place, const std::string& refusal) {
    Tally& tally = tallies_[place];
    ++tally.points;
    if (!refusal.empty()) {
      ++tally.refused;
      tally.first = tally.first.empty() ? refusal : tally.first;
    }
  }

  // A value may need another axis to go with it, which a small sample need not have drawn. So it is
  // wrong only if it is wrong by itself, too.
  static void judge_group(const Plan& plan,
                          const AxisGroup& group,
                          std::uint32_t index,
                          const std::string& first) {
    Choice alone;
    Plan part = plan;
    part.groups = {group};
    alone.groups = {index};
    try {
      for (alone.chip = 0; alone.chip < plan.chips.size(); ++alone.chip) {
        load_chip(plan.chips[alone.chip], plan.config_folder, chip_overrides_at(part, alone));
      }
      if (!group.of_workload()) {
        return;
      }
    } catch (const InputError&) {
    }
    const Axis& axis = group.axes.front();
    throw InputError(axis.location,
                     fmt::format("axis '{}' = {} is refused in every combination: {}", axis.key,
                                 axis.values[index], first));
  }

  std::map<Place, Tally> tallies_;
};

void check_power(const Plan& plan, const ChipConfig& chip) {
  if (plan.says_power && !chip.power) {
    throw InputError(
        fmt::format("{}: power of {} is not modelled, so 'power_mode' and 'operands' "
                    "would do nothing",
                    plan.file, chip.name));
  }
}

bool says_unknown(const std::string& message) {
  return message.find("unknown key") != std::string::npos ||
         message.find("no key '") != std::string::npos ||
         message.find("has no keys") != std::string::npos ||
         message.find("no item '") != std::string::npos;
}

// The message without the override that it is about, which the plan's place stands for.
std::string without_override(const std::string& message) {
  const std::size_t end = message.find(": ");
  return message.starts_with("--set ") && end != std::string::npos ? message.substr(end + 2)
                                                                   : message;
}

void check_chip_key(const Plan& plan, const Axis& axis, const PointNames& names) {
  for (std::size_t chip = 0; chip < plan.chips.size(); ++chip) {
    const auto& leaves = names.base_leaves(chip);
    if (std::any_of(leaves.begin(), leaves.end(),
                    [&](const auto& leaf) { return leaf.first == axis.key; })) {
      continue;
    }
    std::vector<std::string> overrides = plan.overrides;
    overrides.push_back(axis.key + "=" + axis.values.front());
    try {
      load_chip(plan.chips[chip], plan.config_folder, overrides);
    } catch (const InputError& error) {
      if (says_unknown(error.what())) {
        throw InputError(axis.location,
                         fmt::format("axis '{}': {}; --list-axes shows the keys of {}", axis.key,
                                     without_override(error.what()), plan.chips[chip]));
      }
    }
  }
}

void check_workload_key(const Plan& plan, const Axis& axis) {
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    const PlanWorkload& workload = plan.workloads[i];
    if (workload.text.empty() && workload.file.ends_with(".csv")) {
      throw InputError(axis.location, fmt::format("axis '{}': {} is CSV, which has no keys to set",
                                                  axis.key, workload.file));
    }
    Plan part = plan;
    part.groups = {{{axis}}};
    Choice first;
    first.groups = {0};
    first.workload = static_cast<std::uint32_t>(i);
    try {
      Resolver(part).workload(first);
    } catch (const InputError& error) {
      if (says_unknown(error.what())) {
        throw InputError(axis.location,
                         fmt::format("axis '{}': {}", axis.key, without_override(error.what())));
      }
    }
  }
}

// Names that tell the plan's chips apart: their own, or what the plan calls them.
std::vector<std::string> chip_words(const Plan& plan, const PointNames& names) {
  std::vector<std::string> words;
  Choice choice;
  for (choice.chip = 0; choice.chip < plan.chips.size(); ++choice.chip) {
    words.push_back(std::get<std::string>(*names.find(choice, "chip")));
  }
  std::vector<std::string> sorted = words;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ? words : plan.chips;
}

SweepColumn axis_column(const Axis& axis, std::size_t group, const std::vector<Choice>& choices) {
  SweepColumn column;
  column.name = axis.key;
  column.long_name = axis.key + (axis.of_workload() ? "" : " of the chip");
  std::vector<double> numbers;
  for (const std::string& value : axis.values) {
    if (const auto amount = parse_amount(value)) {
      numbers.push_back(amount->in_column());
      column.unit = amount->unit.column;
    }
  }
  const bool is_number = numbers.size() == axis.values.size();
  if (!is_number) {
    column.unit = "";
    for (const std::string& value : axis.values) {  // a zipped axis may repeat values
      if (std::find(column.words.begin(), column.words.end(), value) == column.words.end()) {
        column.words.push_back(value);
      }
    }
  }
  for (const Choice& choice : choices) {
    const std::uint32_t index = choice.groups[group];
    if (is_number) {
      column.values.push_back(numbers[index]);
    } else {
      const auto word = std::find(column.words.begin(), column.words.end(), axis.values[index]);
      column.values.push_back(static_cast<double>(word - column.words.begin()));
    }
  }
  return column;
}

}  // namespace

CheckedPoints check_points(const Plan& plan,
                           const Grid& grid,
                           const std::vector<std::uint64_t>& points,
                           Resolver& resolver,
                           const std::function<void(std::size_t)>& progress) {
  CheckedPoints checked;
  Refusals refusals;
  for (const std::uint64_t index : points) {
    const Choice choice = grid.at(index);
    std::string refusal;
    std::string reason;
    const ChipConfig* chip = nullptr;
    const Workload* workload = nullptr;
    try {
      chip = &resolver.chip(choice);
      workload = &resolver.workload(choice);
    } catch (const InputError& error) {
      refusal = error.what();
    }
    refusals.count(choice, refusal);
    if (refusal.empty()) {
      check_power(plan, *chip);
      try {
        check_fits(*workload, chip->memory.capacity_bytes);
      } catch (const InputError& error) {
        reason = error.what();
      }
    }
    checked.identities.push_back(resolver.identity(choice));
    checked.infeasible.push_back(refusal.empty() ? reason : refusal);
    checked.choices.push_back(choice);
    progress(checked.choices.size());
  }
  refusals.judge(plan);
  return checked;
}

void check_axis_keys(const Plan& plan, const PointNames& names) {
  for (const AxisGroup& group : plan.groups) {
    for (const Axis& axis : group.axes) {
      if (axis.of_workload()) {
        check_workload_key(plan, axis);
      } else {
        check_chip_key(plan, axis, names);
      }
    }
  }
}

std::vector<SweepColumn> axis_columns(const Plan& plan,
                                      const PointNames& names,
                                      const std::vector<Choice>& choices) {
  std::vector<SweepColumn> columns(2);
  columns[0].name = "chip";
  columns[0].long_name = "the chip that the point's is made from";
  columns[0].words = chip_words(plan, names);
  columns[1].name = "workload";
  columns[1].long_name = "what the chip runs";
  for (const PlanWorkload& workload : plan.workloads) {
    columns[1].words.push_back(workload.name);
  }
  for (const Choice& choice : choices) {
    columns[0].values.push_back(choice.chip);
    columns[1].values.push_back(choice.workload);
  }
  for (std::size_t group = 0; group < plan.groups.size(); ++group) {
    for (const Axis& axis : plan.groups[group].axes) {
      columns.push_back(axis_column(axis, group, choices));
    }
  }
  return columns;
}

}  // namespace orrery
