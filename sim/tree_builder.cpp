// SPDX-License-Identifier: Apache-2.0
#include "sim/tree_builder.h"

#include <fmt/format.h>
#include <utility>

namespace orrery {

bool TreeBuilder::awaits_key() const {
  return !frames_.empty() && frames_.back().node->kind == ConfigKind::kMap &&
         !frames_.back().has_key;
}

void TreeBuilder::key(const SourceLocation& location, const std::string& text) {
  Frame& frame = frames_.back();
  const auto [first, is_new] = frame.seen.emplace(text, location.line);
  if (!is_new) {
    throw InputError(location,
                     fmt::format("duplicate key '{}', first in line {}", text, first->second));
  }
  if (frame.seen.size() > kMaxKeysInMap) {
    throw InputError(location, fmt::format("more than {} keys in one map", kMaxKeysInMap));
  }
  frame.node->entries.push_back({text, location, nullptr});
  frame.has_key = true;
}

void TreeBuilder::scalar(const SourceLocation& location, std::string text, bool quoted) {
  const ConfigTreePtr node = place(location, ConfigKind::kScalar);
  node->text = std::move(text);
  node->quoted = quoted;
}

void TreeBuilder::absent(const SourceLocation& location) {
  place(location, ConfigKind::kAbsent);
}

void TreeBuilder::empty(const SourceLocation& location) {
  place(location, ConfigKind::kEmpty);
}

void TreeBuilder::open(const SourceLocation& location, ConfigKind kind) {
  if (frames_.size() >= kMaxConfigDepth) {
    throw InputError(location, fmt::format("more than {} levels deep", kMaxConfigDepth));
  }
  frames_.push_back({place(location, kind), false, {}});
}

ConfigTreePtr TreeBuilder::place(const SourceLocation& location, ConfigKind kind) {
  if (awaits_key()) {
    throw InputError(location,
                     kind == ConfigKind::kMap || kind == ConfigKind::kList
                         ? "expected a key, found a map or a list: is a bracket left open?"
                         : "expected a key, found none");
  }
  if (++values_ > max_values_) {
    throw InputError(location, fmt::format("more than {} values", max_values_));
  }
  auto node = std::make_shared<ConfigTree>();
  node->kind = kind;
  node->location = location;
  if (frames_.empty()) {
    root_ = node;
    return node;
  }
  Frame& frame = frames_.back();
  if (frame.node->kind == ConfigKind::kList) {
    frame.node->items.push_back(node);
  } else {
    frame.node->entries.back().value = node;
    frame.has_key = false;
  }
  return node;
}

}  // namespace orrery
