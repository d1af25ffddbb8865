// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/error.h"

// Private to the config reader: what a file looks like once it is read. Others use ConfigNode.
namespace orrery {

enum class ConfigKind : std::uint8_t {
  kEmpty,   // "key:" with nothing behind it, most likely forgotten: an error for every getter
  kAbsent,  // an explicit "null" or "~": as if the key were not there
  kScalar,
  kList,
  kMap,
};

struct ConfigTree {
  struct Entry {
    std::string key;
    SourceLocation key_location;
    std::shared_ptr<ConfigTree> value;
  };

  ConfigKind kind = ConfigKind::kEmpty;
  std::string text;     // of a scalar
  bool quoted = false;  // "64" is text, not a null or a number, when written again
  SourceLocation location;
  std::vector<Entry> entries;                      // of a map, in file order
  std::vector<std::shared_ptr<ConfigTree>> items;  // of a list
  std::set<std::string, std::less<>> known;        // keys that a reader has asked for

  Entry* find(std::string_view key);
  std::vector<std::string> keys() const;
};

using ConfigTreePtr = std::shared_ptr<ConfigTree>;

// "a scalar", "a map", ... as messages say it.
std::string_view name_of(ConfigKind kind);

// "core" and "clock" make "core.clock".
std::string join_path(std::string_view path, std::string_view key);

// Lays `over` on `base`: maps are merged key by key, everything else is replaced.
ConfigTreePtr merge_trees(const ConfigTreePtr& base, const ConfigTreePtr& over);

// The tree as YAML that reads back as the same tree.
std::string to_yaml(const ConfigTree& tree);

// Every scalar below `tree`, as "a.b.0" and its text.
void collect_leaves(const ConfigTree& tree,
                    const std::string& path,
                    std::vector<std::pair<std::string, std::string>>& leaves);

}  // namespace orrery
