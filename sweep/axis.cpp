// SPDX-License-Identifier: Apache-2.0
#include "sweep/axis.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <set>

#include "sweep/amount.h"

namespace orrery {
namespace {

ParsedAmount range_end(const ConfigNode& range, const char* key) {
  const std::string text = range.text(key);
  std::optional<ParsedAmount> parsed = parse_amount(text);
  if (!parsed) {
    range.fail(key, fmt::format("'{}' is not a number with a known unit", text));
  }
  return *parsed;
}

std::string number_text(double number) {
  return std::abs(number) < 1e15 && number == std::round(number) ? fmt::format("{:.0f}", number)
                                                                 : fmt::format("{:.6g}", number);
}

// Units without parts: a count, bytes, clocks and what there is of them a clock.
bool is_whole(const ParsedAmount& from, const ParsedAmount& to) {
  const bool no_parts = from.unit_text.empty() || from.unit_text == "B" ||
                        from.unit_text == "clk" || from.unit_text.ends_with("/clk");
  return no_parts && from.number == std::round(from.number) && to.number == std::round(to.number);
}

std::vector<std::string> range_values(const ConfigNode& range) {
  const ParsedAmount from = range_end(range, "from");
  const ParsedAmount to = range_end(range, "to");
  const std::size_t steps = range.integer("steps", 2, kMostAxisValues);
  const bool log = range.has("scale") && range.choice("scale", {"linear", "log"}) == "log";
  if (from.unit.dimension != to.unit.dimension || from.unit.column != to.unit.column) {
    range.fail(
        "to", fmt::format("'{}' is not of the kind of '{}'", range.text("to"), range.text("from")));
  }
  const double first = from.number;
  const double last = to.number * to.unit.factor / from.unit.factor;  // in the unit of `from`
  if (!(first < last)) {
    range.fail("to",
               fmt::format("'{}' is not more than '{}'", range.text("to"), range.text("from")));
  }
  if (log && first <= 0) {
    range.fail("from", "a logarithmic range begins above zero");
  }
  double multiple = is_whole(from, to) ? 1 : 0;
  if (range.has("multiple")) {
    const ParsedAmount given = range_end(range, "multiple");
    multiple = given.number * given.unit.factor / from.unit.factor;
    if (given.unit.dimension != from.unit.dimension || multiple <= 0) {
      range.fail("multiple", fmt::format("'{}' is not of the kind of '{}' and above zero",
                                         range.text("multiple"), range.text("from")));
    }
  }
  range.finish();
  std::vector<std::string> values;
  for (std::size_t i = 0; i < steps; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(steps - 1);
    double number = log ? first * std::pow(last / first, part) : first + (last - first) * part;
    if (multiple > 0) {
      number = std::round(number / multiple) * multiple;
    }
    const std::string text =
        number_text(number) + (from.unit_text.empty() ? "" : " ") + from.unit_text;
    if (values.empty() || values.back() != text) {
      values.push_back(text);
    }
  }
  return values;
}

// A number among words, or watts among hertz, is a mistake of typing.
void check_kinds(const ConfigNode& node, const Axis& axis) {
  std::optional<ParsedAmount> first;
  std::string first_text;
  for (const std::string& value : axis.values) {
    const std::optional<ParsedAmount> amount = parse_amount(value);
    if (!amount) {
      continue;
    }
    if (first && (first->unit.dimension != amount->unit.dimension ||
                  first->unit.column != amount->unit.column)) {
      node.fail(axis.key, fmt::format("the values of axis '{}' are of two kinds, '{}' and '{}'",
                                      axis.key, first_text, value));
    }
    if (!first) {
      first = amount;
      first_text = value;
    }
  }
}

std::vector<std::string> listed_values(const ConfigNode& parent, const std::string& key) {
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const ConfigNode& item : parent.list(key)) {
    values.push_back(inline_text(item));
    if (values.back().empty()) {
      item.fail(fmt::format("a value of axis '{}' is empty", key));
    }
  }
  if (values.empty()) {
    parent.fail(key, fmt::format("axis '{}' has an empty list, expected values", key));
  }
  if (values.size() > kMostAxisValues) {
    parent.fail(key, fmt::format("axis '{}' has {} values, expected at most {}", key, values.size(),
                                 kMostAxisValues));
  }
  return values;
}

void refuse_repeats(const ConfigNode& node, const AxisGroup& group) {
  std::set<std::vector<std::string>> seen;
  for (std::size_t i = 0; i < group.size(); ++i) {
    std::vector<std::string> row;
    for (const Axis& axis : group.axes) {
      row.push_back(axis.values[i]);
    }
    if (!seen.insert(row).second) {
      node.fail(group.axes.front().key,
                group.axes.size() == 1
                    ? fmt::format("axis '{}' has '{}' twice", group.axes.front().key, row.front())
                    : fmt::format("the zipped axes repeat a row, the one with '{}' = '{}'",
                                  group.axes.front().key, row.front()));
    }
  }
}

AxisGroup read_zip(const ConfigNode& node) {
  if (!node.is_map() || node.keys().size() < 2) {
    node.fail("expected a map of at least two axes that move together");
  }
  AxisGroup group;
  for (const std::string& key : node.keys()) {
    group.axes.push_back(read_axis(node, key));
    const Axis& axis = group.axes.back();
    if (axis.values.size() != group.size()) {
      node.fail(key, fmt::format("zipped axes differ in length: '{}' has {} values, '{}' has {}",
                                 group.axes.front().key, group.size(), key, axis.values.size()));
    }
  }
  refuse_repeats(node, group);
  return group;
}

}  // namespace

std::string inline_text(const ConfigNode& node) {
  if (!node.is_list()) {
    return node.scalar();
  }
  std::string text = "[";
  for (const ConfigNode& item : node.items()) {
    text += (text.size() > 1 ? ", " : "") + inline_text(item);
  }
  return text + "]";
}

bool AxisGroup::of_workload() const {
  return std::all_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.of_workload(); });
}

Axis read_axis(const ConfigNode& parent, const std::string& key) {
  Axis axis;
  axis.key = key;
  const ConfigNode node = parent.node(key);
  axis.location = node.location();
  axis.values = node.is_map() ? range_values(node) : listed_values(parent, key);
  check_kinds(parent, axis);
  return axis;
}

std::vector<AxisGroup> read_axes(const ConfigNode& plan) {
  std::vector<AxisGroup> groups;
  if (plan.has("axes")) {
    const ConfigNode axes = plan.map("axes");
    for (const std::string& key : axes.keys()) {
      groups.push_back({{read_axis(axes, key)}});
      refuse_repeats(axes, groups.back());
    }
  }
  if (plan.has("zip")) {
    for (const ConfigNode& item : plan.list("zip")) {
      groups.push_back(read_zip(item));
    }
  }
  std::set<std::string> keys;
  for (const AxisGroup& group : groups) {
    for (const Axis& axis : group.axes) {
      if (!keys.insert(axis.key).second) {
        throw InputError(axis.location, fmt::format("axis '{}' comes twice", axis.key));
      }
    }
  }
  return groups;
}

}  // namespace orrery
