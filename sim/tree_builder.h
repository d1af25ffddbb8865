// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/config_tree.h"

// Private to the config reader: the rules that hold in YAML and in JSON, applied while a parser
// hands over what it reads.
namespace orrery {

inline constexpr std::size_t kMaxConfigDepth = 64;
inline constexpr std::size_t kMaxConfigValues = 1'000'000;
inline constexpr std::size_t kMaxKeysInMap = 10'000;

// Grows one tree. Refuses duplicate keys, keys that are not text, and more nesting, values or keys
// than the limits above, with InputErrors at the place.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::size_t max_values = kMaxConfigValues) : max_values_(max_values) {}

  // True when the innermost open map waits for a key, which then comes by `key`.
  bool awaits_key() const;
  void key(const SourceLocation& location, const std::string& text);
  void scalar(const SourceLocation& location, std::string text, bool quoted);
  void absent(const SourceLocation& location);  // an explicit null
  void empty(const SourceLocation& location);   // nothing at all
  void open_map(const SourceLocation& location) { open(location, ConfigKind::kMap); }
  void open_list(const SourceLocation& location) { open(location, ConfigKind::kList); }
  void close() { frames_.pop_back(); }

  ConfigTreePtr root() const { return root_; }  // null before the first value

 private:
  struct Frame {
    ConfigTreePtr node;
    bool has_key = false;                       // of a map: the next node is its value
    std::map<std::string, std::uint32_t> seen;  // key -> line
  };

  void open(const SourceLocation& location, ConfigKind kind);
  ConfigTreePtr place(const SourceLocation& location, ConfigKind kind);

  ConfigTreePtr root_;
  std::vector<Frame> frames_;
  std::size_t max_values_;
  std::size_t values_ = 0;
};

}  // namespace orrery
