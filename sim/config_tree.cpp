// SPDX-License-Identifier: Apache-2.0
#include "sim/config_tree.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace orrery {
namespace {

// Plain scalars that need no quotes wherever they stand: in a block, in a flow list, after a dash.
bool is_plain(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kNulls{"", "~", "null", "Null", "NULL"};
  if (std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end() || text.back() == ' ') {
    return false;
  }
  const auto alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const auto inside = [&](char c) {
    return alnum(c) || std::string_view("_./+-() ").find(c) != std::string_view::npos;
  };
  return (alnum(text.front()) || text.front() == '_' || text.front() == '/') &&
         std::all_of(text.begin(), text.end(), inside);
}

std::string scalar_yaml(std::string_view text, bool quoted) {
  if (!quoted && is_plain(text)) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

constexpr std::size_t kLongestInlineList = 32;

bool is_nested(const ConfigTree& tree) {
  return (tree.kind == ConfigKind::kMap && !tree.entries.empty()) ||
         tree.items.size() > kLongestInlineList ||
         std::any_of(tree.items.begin(), tree.items.end(), [](const ConfigTreePtr& item) {
           return item->kind == ConfigKind::kMap || item->kind == ConfigKind::kList;
         });
}

// What fits behind "key: ".
std::string inline_yaml(const ConfigTree& tree) {
  switch (tree.kind) {
    case ConfigKind::kEmpty:
      return "";
    case ConfigKind::kAbsent:
      return "null";
    case ConfigKind::kScalar:
      return scalar_yaml(tree.text, tree.quoted);
    case ConfigKind::kMap:
      return "{}";
    case ConfigKind::kList:
      break;
  }
  std::string out = "[";
  for (const ConfigTreePtr& item : tree.items) {
    // Nothing at all between two commas is no item: an empty one is written as null.
    const bool empty = item->kind == ConfigKind::kEmpty;
    out += (out.size() > 1 ? ", " : "") + (empty ? "null" : inline_yaml(*item));
  }
  return out + "]";
}

void append_yaml(const ConfigTree& tree, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  const auto append_value = [&](const std::string& head, const ConfigTree& value) {
    if (is_nested(value)) {
      out += margin + head + '\n';
      append_yaml(value, indent + 2, out);
    } else {
      const std::string text = inline_yaml(value);
      out += margin + head + (text.empty() ? "" : " ") + text + '\n';
    }
  };
  for (const ConfigTree::Entry& entry : tree.entries) {
    append_value(scalar_yaml(entry.key, false) + ':', *entry.value);
  }
  for (const ConfigTreePtr& item : tree.items) {
    const std::size_t start = out.size();
    if (is_nested(*item)) {
      append_yaml(*item, indent + 2, out);
      out[start + indent] = '-';  // in the margin of the item's first line
    } else {
      append_value("-", *item);
    }
  }
}

}  // namespace

ConfigTree::Entry* ConfigTree::find(std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::vector<std::string> ConfigTree::keys() const {
  std::vector<std::string> out;
  out.reserve(entries.size());
  for (const Entry& entry : entries) {
    out.push_back(entry.key);
  }
  return out;
}

std::string_view name_of(ConfigKind kind) {
  switch (kind) {
    case ConfigKind::kEmpty:
      return "empty";
    case ConfigKind::kAbsent:
      return "null";
    case ConfigKind::kScalar:
      return "a single value";
    case ConfigKind::kList:
      return "a list";
    case ConfigKind::kMap:
      return "a map";
  }
  return "";
}

std::string join_path(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

ConfigTreePtr merge_trees(const ConfigTreePtr& base, const ConfigTreePtr& over) {
  if (base->kind != ConfigKind::kMap || over->kind != ConfigKind::kMap) {
    return over;
  }
  auto merged = std::make_shared<ConfigTree>(*base);
  merged->location = over->location;
  for (const ConfigTree::Entry& entry : over->entries) {
    if (ConfigTree::Entry* const below = merged->find(entry.key)) {
      below->value = merge_trees(below->value, entry.value);
      below->key_location = entry.key_location;
    } else {
      merged->entries.push_back(entry);
    }
  }
  return merged;
}

std::string to_yaml(const ConfigTree& tree) {
  if (!is_nested(tree)) {
    return inline_yaml(tree) + '\n';
  }
  std::string out;
  append_yaml(tree, 0, out);
  return out;
}

void collect_leaves(const ConfigTree& tree,
                    const std::string& path,
                    std::vector<std::pair<std::string, std::string>>& leaves) {
  if (tree.kind == ConfigKind::kScalar) {
    leaves.emplace_back(path, tree.text);
  }
  for (const ConfigTree::Entry& entry : tree.entries) {
    collect_leaves(*entry.value, join_path(path, entry.key), leaves);
  }
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    collect_leaves(*tree.items[i], join_path(path, std::to_string(i)), leaves);
  }
}

}  // namespace orrery
