// SPDX-License-Identifier: Apache-2.0
#include "sim/config_node.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>

#include "sim/config_tree.h"
#include "sim/quantity.h"

namespace orrery {
namespace {

std::string with_suggestion(const std::string& message,
                            std::string_view word,
                            const std::vector<std::string>& known) {
  const std::string near = suggest(word, known);
  return near.empty() ? message : message + ", " + near;
}

std::string of_path(const std::string& path) {
  return path.empty() ? "" : " in '" + path + "'";
}

// The text of a scalar, or an error that says what stands there instead.
const std::string& scalar_text(const ConfigTree& tree, const std::string& path) {
  if (tree.kind == ConfigKind::kEmpty || tree.kind == ConfigKind::kAbsent) {
    throw InputError(tree.location, fmt::format("'{}' has no value", path));
  }
  if (tree.kind != ConfigKind::kScalar) {
    throw InputError(tree.location,
                     fmt::format("'{}' is {}, expected a single value", path, name_of(tree.kind)));
  }
  return tree.text;
}

// Plain decimal digits. Leading zeros are refused: YAML 1.1 read them as octal.
std::uint64_t parse_integer(const ConfigTree& tree,
                            const std::string& path,
                            std::uint64_t min,
                            std::uint64_t max) {
  const std::string& text = scalar_text(tree, path);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  const bool octal = text.size() > 1 && text.front() == '0';
  if (octal || result.ec != std::errc() || result.ptr != end || value < min || value > max) {
    throw InputError(tree.location, fmt::format("'{}' is '{}', expected an integer from {} to {}",
                                                path, text, min, max));
  }
  return value;
}

// Finds the value of a key that must be there, and remembers the key as known.
const ConfigTree& require(ConfigTree& tree, std::string_view key, const std::string& path) {
  tree.known.emplace(key);
  if (tree.kind == ConfigKind::kMap) {
    const ConfigTree::Entry* const entry = tree.find(key);
    if (entry != nullptr && entry->value->kind != ConfigKind::kAbsent) {
      return *entry->value;
    }
  }
  // Somebody who mistyped the key is helped by seeing the key that they wrote.
  for (const ConfigTree::Entry& entry : tree.entries) {
    if (!tree.known.contains(entry.key) && !suggest(entry.key, {std::string(key)}).empty()) {
      throw InputError(entry.key_location,
                       fmt::format("missing key '{0}'{1}; of '{2}', did you mean '{0}'?", key,
                                   of_path(path), entry.key));
    }
  }
  throw InputError(tree.location, fmt::format("missing key '{}'{}", key, of_path(path)));
}

std::uint64_t require_quantity(ConfigTree& tree,
                               std::string_view key,
                               const std::string& path,
                               std::span<const UnitScale> units,
                               std::uint64_t min) {
  const ConfigTree& value = require(tree, key, path);
  const std::string value_path = join_path(path, key);
  const std::string& text = scalar_text(value, value_path);
  const auto fail = [&](const std::string& message) {
    throw InputError(value.location, fmt::format("'{}' is '{}': {}", value_path, text, message));
  };
  std::uint64_t result = 0;
  try {
    result = parse_quantity(text, units);
  } catch (const std::invalid_argument& error) {
    fail(error.what());
  }
  if (result < min) {
    fail(min == 1 ? "must be more than zero"
                  : fmt::format("must be at least {} {}", min, units.front().name));
  }
  return result;
}

// A quantity for one `unit`: "0.7 pJ/FLOP".
std::uint64_t require_per(ConfigTree& tree,
                          std::string_view key,
                          const std::string& path,
                          std::span<const UnitScale> scales,
                          std::string_view unit) {
  std::vector<std::string> names;
  for (const UnitScale& scale : scales) {
    names.push_back(fmt::format("{}/{}", scale.name, unit));
  }
  std::vector<UnitScale> units;
  for (std::size_t i = 0; i < names.size(); ++i) {
    units.push_back({names[i], scales[i].factor});
  }
  return require_quantity(tree, key, path, units, 0);
}

}  // namespace

ConfigNode::ConfigNode(std::shared_ptr<ConfigTree> tree, std::string path)
    : tree_(std::move(tree)), path_(std::move(path)) {}

bool ConfigNode::has(std::string_view key) const {
  tree_->known.emplace(key);
  const ConfigTree::Entry* const entry = tree_->find(key);
  return entry != nullptr && entry->value->kind != ConfigKind::kAbsent;
}

std::vector<std::string> ConfigNode::keys() const {
  return tree_->keys();
}

ConfigNode ConfigNode::map(std::string_view key) const {
  const ConfigTree& value = require(*tree_, key, path_);
  const std::string path = join_path(path_, key);
  if (value.kind != ConfigKind::kMap) {
    throw InputError(value.location,
                     fmt::format("'{}' is {}, expected a map", path, name_of(value.kind)));
  }
  return ConfigNode(tree_->find(key)->value, path);
}

ConfigNode ConfigNode::node(std::string_view key) const {
  require(*tree_, key, path_);
  return ConfigNode(tree_->find(key)->value, join_path(path_, key));
}

std::vector<ConfigNode> ConfigNode::list(std::string_view key) const {
  return node(key).items();
}

std::vector<ConfigNode> ConfigNode::items() const {
  if (tree_->kind != ConfigKind::kList) {
    fail(fmt::format("'{}' is {}, expected a list", path_, name_of(tree_->kind)));
  }
  std::vector<ConfigNode> out;
  out.reserve(tree_->items.size());
  for (const ConfigTreePtr& item : tree_->items) {
    out.emplace_back(item, join_path(path_, std::to_string(out.size())));
  }
  return out;
}

std::vector<std::string> ConfigNode::text_list(std::string_view key) const {
  std::vector<std::string> out;
  for (const ConfigNode& item : list(key)) {
    out.push_back(item.scalar());
  }
  return out;
}

std::vector<std::uint64_t> ConfigNode::integer_list(std::string_view key,
                                                    std::uint64_t min,
                                                    std::uint64_t max) const {
  std::vector<std::uint64_t> out;
  for (const ConfigNode& item : list(key)) {
    out.push_back(parse_integer(*item.tree_, item.path_, min, max));
  }
  return out;
}

std::string ConfigNode::text(std::string_view key) const {
  return scalar_text(require(*tree_, key, path_), join_path(path_, key));
}

std::string ConfigNode::choice(std::string_view key,
                               const std::vector<std::string>& choices) const {
  std::string value = text(key);
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    const std::string message = fmt::format("'{}' is '{}', expected one of: {}",
                                            join_path(path_, key), value, fmt::join(choices, ", "));
    const std::string near = suggest(value, choices);
    fail(key, near.empty() ? message : message + "; " + near);
  }
  return value;
}

bool ConfigNode::flag(std::string_view key) const {
  const std::string value = text(key);
  if (value != "true" && value != "false") {
    fail(key, fmt::format("'{}' is '{}', expected true or false", join_path(path_, key), value));
  }
  return value == "true";
}

std::uint64_t ConfigNode::integer(std::string_view key,
                                  std::uint64_t min,
                                  std::uint64_t max) const {
  return parse_integer(require(*tree_, key, path_), join_path(path_, key), min, max);
}

double ConfigNode::number(std::string_view key, double min, double max) const {
  const std::string text_of_key = text(key);
  double value = 0;
  const char* const end = text_of_key.data() + text_of_key.size();
  const auto result = std::from_chars(text_of_key.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value) || value < min ||
      value > max) {
    fail(key, fmt::format("'{}' is '{}', expected a number from {} to {}", join_path(path_, key),
                          text_of_key, min, max));
  }
  return value;
}

std::uint64_t ConfigNode::bytes(std::string_view key, std::uint64_t min) const {
  return require_quantity(*tree_, key, path_, byte_units(), min);
}
Femtoseconds ConfigNode::time_fs(std::string_view key) const {
  return require_quantity(*tree_, key, path_, time_units(), 0);
}
std::uint64_t ConfigNode::frequency_hz(std::string_view key) const {
  return require_quantity(*tree_, key, path_, frequency_units(), 1);
}
std::uint64_t ConfigNode::bandwidth(std::string_view key) const {
  return require_quantity(*tree_, key, path_, bandwidth_units(), 1);
}
std::uint64_t ConfigNode::cycles(std::string_view key) const {
  const std::array<UnitScale, 1> units{{{"clk", 1}}};
  return require_quantity(*tree_, key, path_, units, 0);
}
std::uint64_t ConfigNode::per_cycle(std::string_view key, std::string_view unit) const {
  const std::string name = fmt::format("{}/clk", unit);
  const std::array<UnitScale, 1> units{{{name, 1}}};
  return require_quantity(*tree_, key, path_, units, 1);
}
std::uint64_t ConfigNode::power_mw(std::string_view key) const {
  return require_quantity(*tree_, key, path_, power_units(), 0);
}
std::uint64_t ConfigNode::voltage_mv(std::string_view key) const {
  return require_quantity(*tree_, key, path_, voltage_units(), 1);
}
std::uint64_t ConfigNode::energy_per(std::string_view key, std::string_view unit) const {
  return require_per(*tree_, key, path_, energy_units(), unit);
}
std::uint64_t ConfigNode::area_nm2(std::string_view key) const {
  return require_quantity(*tree_, key, path_, area_units(), 0);
}
std::uint64_t ConfigNode::area_per(std::string_view key, std::string_view unit) const {
  return require_per(*tree_, key, path_, area_units(), unit);
}
std::uint64_t ConfigNode::micro_usd(std::string_view key) const {
  return require_quantity(*tree_, key, path_, money_units(), 0);
}
std::uint64_t ConfigNode::micro_usd_per(std::string_view key, std::string_view unit) const {
  return require_per(*tree_, key, path_, money_units(), unit);
}
std::uint64_t ConfigNode::permille(std::string_view key) const {
  const std::array<UnitScale, 1> units{{{"%", 10}}};
  const std::uint64_t value = require_quantity(*tree_, key, path_, units, 0);
  if (value > 1000) {
    fail(key,
         fmt::format("'{}' is '{}', expected at most 100 %", join_path(path_, key), text(key)));
  }
  return value;
}

bool ConfigNode::is_map() const {
  return tree_->kind == ConfigKind::kMap;
}
bool ConfigNode::is_list() const {
  return tree_->kind == ConfigKind::kList;
}
std::string ConfigNode::scalar() const {
  return scalar_text(*tree_, path_);
}
const SourceLocation& ConfigNode::location() const {
  return tree_->location;
}

void ConfigNode::fail(const std::string& message) const {
  throw InputError(tree_->location, message);
}
void ConfigNode::fail(std::string_view key, const std::string& message) const {
  const ConfigTree::Entry* const entry = tree_->find(key);
  throw InputError(entry == nullptr ? tree_->location : entry->value->location, message);
}

void ConfigNode::finish() const {
  for (const ConfigTree::Entry& entry : tree_->entries) {
    if (!tree_->known.contains(entry.key)) {
      const std::vector<std::string> known(tree_->known.begin(), tree_->known.end());
      throw InputError(entry.key_location,
                       with_suggestion(fmt::format("unknown key '{}'{}", entry.key, of_path(path_)),
                                       entry.key, known));
    }
  }
}

std::string ConfigNode::resolved_text() const {
  return to_yaml(*tree_);
}

std::vector<std::pair<std::string, std::string>> ConfigNode::leaves() const {
  std::vector<std::pair<std::string, std::string>> out;
  collect_leaves(*tree_, path_, out);
  return out;
}

}  // namespace orrery
