// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "sim/config_tree.h"

// Private to the config reader: text becomes a ConfigTree. The only file that knows yaml-cpp.
namespace orrery {

inline constexpr std::size_t kMaxConfigDepth = 64;
inline constexpr std::size_t kMaxConfigValues = 4'000'000;
inline constexpr std::size_t kMaxKeysInMap = 10'000;

// Parses one YAML document. Refuses what the strict reader does not want: duplicate keys, keys
// that are not text, anchors, aliases, tags, a second document, and more nesting or values than
// the limits above. `name` stands for the file; throws InputError with line and column.
ConfigTreePtr parse_yaml(const std::string& text, const std::string& name);

}  // namespace orrery
