// SPDX-License-Identifier: Apache-2.0
#include "arch/uncertain_constants.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/quantity_order.h"

namespace orrery {
namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;

// A constant of memory also changes with the preset that it may come from.
bool is_overridden(const std::string& path, const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& assignment) {
    return assignment.starts_with(path + "=") ||
           (path.starts_with("memory.") && assignment.starts_with("memory.preset="));
  });
}

// "power=null" takes away all that is said of constants of power.
bool is_taken_away(const std::string& path, const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& assignment) {
    constexpr std::string_view kNothing = "=null";
    return assignment.ends_with(kNothing) &&
           path.starts_with(assignment.substr(0, assignment.size() - kNothing.size()) + ".");
  });
}

std::string value_at(const ConfigNode& item, const std::string& path, const Leaves& leaves) {
  for (const auto& [known, value] : leaves) {
    if (known == path) {
      return value;
    }
  }
  std::vector<std::string> paths;
  for (const auto& [known, value] : leaves) {
    paths.push_back(known);
  }
  const std::string near = suggest(path, paths);
  item.fail("constant",
            fmt::format("the chip has no constant '{}'{}{}", path, near.empty() ? "" : ", ", near));
}

void check_range(const ConfigNode& item, const UncertainConstant& constant, bool overridden) {
  const std::string range = fmt::format("{} to {}", constant.least, constant.most);
  const auto inside = lies_within(constant.value, constant.least, constant.most);
  if (!inside || !lies_within(constant.least, constant.least, constant.most).value_or(false)) {
    item.fail("range", fmt::format("'{}' is {}, expected a range of that kind that rises, not {}",
                                   constant.path, constant.value, range));
  }
  if (!*inside && !overridden) {
    item.fail("range", fmt::format("'{}' is {}, outside of its range, {}", constant.path,
                                   constant.value, range));
  }
}

}  // namespace

std::vector<UncertainConstant> read_uncertain(const ConfigNode& root,
                                              std::string_view section,
                                              const Leaves& leaves,
                                              const std::vector<std::string>& overrides) {
  std::vector<UncertainConstant> constants;
  if (!root.has(section)) {
    return constants;
  }
  for (const ConfigNode& item : root.list(section)) {
    if (!item.is_map()) {
      item.fail("expected {constant: PATH, range: [LEAST, MOST], ...}");
    }
    UncertainConstant constant;
    constant.path = item.text("constant");
    const std::vector<std::string> range = item.text_list("range");
    if (range.size() != 2) {
      item.fail("range", "expected two values, [LEAST, MOST]");
    }
    constant.least = range[0];
    constant.most = range[1];
    if (section == "fitted") {
      constant.on = item.text("on");
    }
    item.finish();
    if (is_taken_away(constant.path, overrides)) {
      continue;
    }
    constant.value = value_at(item, constant.path, leaves);
    if (std::any_of(constants.begin(), constants.end(),
                    [&](const UncertainConstant& other) { return other.path == constant.path; })) {
      item.fail("constant", fmt::format("'{}' is listed twice", constant.path));
    }
    check_range(item, constant, is_overridden(constant.path, overrides));
    constants.push_back(std::move(constant));
  }
  return constants;
}

}  // namespace orrery
