// SPDX-License-Identifier: Apache-2.0
// From a file or a text to a checked tree: `extends`, then overrides.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "sim/config_node.h"
#include "sim/config_tree.h"
#include "sim/json_parser.h"
#include "sim/source_text.h"
#include "sim/yaml_parser.h"

namespace orrery {
namespace {

constexpr std::size_t kMaxExtends = 16;
constexpr std::string_view kExtends = "extends";

void require_map(const ConfigTree& tree, const std::string& name) {
  if (tree.kind == ConfigKind::kEmpty || tree.kind == ConfigKind::kAbsent) {
    throw InputError(SourceLocation{name}, "is empty, expected a map of keys");
  }
  if (tree.kind != ConfigKind::kMap) {
    throw InputError(tree.location,
                     fmt::format("is {}, expected a map of keys", name_of(tree.kind)));
  }
}

ConfigTreePtr parse_text(std::string text, const std::string& name) {
  const std::string checked = check_text(std::move(text), name);
  if (name.ends_with(".json") && checked.find_first_not_of(" \t\r\n") != std::string::npos) {
    return parse_json(checked, name);
  }
  check_yaml_lines(checked, name);
  return parse_yaml(checked, name);
}

ConfigTreePtr parse_map(std::string text, const std::string& name) {
  ConfigTreePtr tree = parse_text(std::move(text), name);
  require_map(*tree, name);
  return tree;
}

// One file of the kind that is compared to find a cycle, whatever way its path is written.
std::string identity(const std::filesystem::path& path) {
  std::error_code code;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, code);
  return (code ? path : canonical).string();
}

ConfigTreePtr load_extended(const std::string& path,
                            std::string text,
                            std::vector<std::string>& chain) {
  ConfigTreePtr tree = parse_map(std::move(text), path);
  const ConfigTree::Entry* const entry = tree->find(kExtends);
  if (entry == nullptr) {
    return tree;
  }
  const ConfigTree value = *entry->value;
  if (value.kind != ConfigKind::kScalar || value.text.empty()) {
    throw InputError(value.location, "'extends' must name one file");
  }
  const std::string base_path =
      (std::filesystem::path(path).parent_path() / value.text).lexically_normal().string();
  if (std::find(chain.begin(), chain.end(), identity(base_path)) != chain.end()) {
    throw InputError(value.location,
                     fmt::format("'extends' comes back to '{}', which extends this", value.text));
  }
  if (chain.size() >= kMaxExtends) {
    throw InputError(value.location,
                     fmt::format("more than {} files extend each other", kMaxExtends));
  }
  std::string base_text;
  try {
    base_text = read_source(base_path);
  } catch (const InputError& error) {
    throw InputError(value.location, error.what());
  }
  chain.push_back(identity(base_path));
  std::erase_if(tree->entries, [](const ConfigTree::Entry& e) { return e.key == kExtends; });
  return merge_trees(load_extended(base_path, std::move(base_text), chain), tree);
}

void relocate(ConfigTree& tree, const SourceLocation& location) {
  tree.location = location;
  for (const ConfigTree::Entry& entry : tree.entries) {
    relocate(*entry.value, location);
  }
  for (const ConfigTreePtr& item : tree.items) {
    relocate(*item, location);
  }
}

// The parsed right-hand side of an override, located as the override itself.
ConfigTreePtr override_value(const std::string& text, const SourceLocation& location) {
  ConfigTreePtr value;
  if (text.starts_with('[') || text.starts_with('"') || text.starts_with('\'')) {
    try {
      value = parse_yaml(check_text(text, location.file), "");
    } catch (const InputError&) {
      throw InputError(location, "expected a single value or [a list]");
    }
  } else {
    value = std::make_shared<ConfigTree>();
    value->kind = text == "null" || text == "~" ? ConfigKind::kAbsent : ConfigKind::kScalar;
    value->text = text;
  }
  if (text.starts_with('{') || value->kind == ConfigKind::kMap) {
    throw InputError(location, "a map cannot be set, expected a single value or [a list]");
  }
  if (text.empty()) {
    throw InputError(location, "the value is missing, expected key=value");
  }
  relocate(*value, location);
  return value;
}

// The item of `list` that `key` numbers.
ConfigTreePtr& item_of(ConfigTree& list,
                       std::string_view key,
                       const std::string& path,
                       const SourceLocation& location) {
  std::size_t index = 0;
  const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (code != std::errc() || end != key.data() + key.size() || index >= list.items.size()) {
    throw InputError(location, fmt::format("no item '{}' in '{}', which is a list of {}", key, path,
                                           list.items.size()));
  }
  return list.items[index];
}

void apply_override(ConfigTree& root, const std::string& assignment) {
  const SourceLocation location{"--set " + assignment};
  const std::size_t equals = assignment.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw InputError(location, "expected key=value, as in core.count=64");
  }
  const ConfigTreePtr value = override_value(assignment.substr(equals + 1), location);
  std::string_view rest = std::string_view(assignment).substr(0, equals);
  std::string path;
  for (ConfigTree* node = &root;;) {
    const std::size_t dot = rest.find('.');
    const bool last = dot == std::string_view::npos;
    const std::string_view key = rest.substr(0, dot);
    ConfigTreePtr* slot = nullptr;
    if (node->kind == ConfigKind::kList) {
      slot = &item_of(*node, key, path, location);
    } else if (node->kind != ConfigKind::kMap) {
      throw InputError(location,
                       fmt::format("'{}' is {}, it has no keys", path, name_of(node->kind)));
    } else if (ConfigTree::Entry* const entry = node->find(key)) {
      entry->key_location = last ? location : entry->key_location;
      slot = &entry->value;
    } else if (last && !key.empty()) {
      // The reader decides, in finish(), whether it knows this key.
      slot = &node->entries.emplace_back(std::string(key), location, nullptr).value;
    } else {
      const std::string near = suggest(key, node->keys());
      throw InputError(location, fmt::format("no key '{}'{}{}", join_path(path, key),
                                             near.empty() ? "" : ", ", near));
    }
    path = join_path(path, key);
    if (last) {
      *slot = value;
      return;
    }
    node = slot->get();
    rest.remove_prefix(dot + 1);
  }
}

ConfigNode with_overrides(const ConfigTreePtr& tree, const std::vector<std::string>& overrides) {
  for (const std::string& assignment : overrides) {
    apply_override(*tree, assignment);
  }
  return ConfigNode(tree);
}

}  // namespace

ConfigNode load_config(const std::string& path, const std::vector<std::string>& overrides) {
  std::vector<std::string> chain{identity(path)};
  return with_overrides(load_extended(path, read_source(path), chain), overrides);
}

ConfigNode parse_config(const std::string& text,
                        const std::string& name,
                        const std::vector<std::string>& overrides) {
  const ConfigTreePtr tree = parse_map(text, name);
  if (const ConfigTree::Entry* const entry = tree->find(kExtends)) {
    throw InputError(entry->key_location, "'extends' works in files only");
  }
  return with_overrides(tree, overrides);
}

}  // namespace orrery
