// SPDX-License-Identifier: Apache-2.0
#include "sim/config_parser.h"

#include <fmt/format.h>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "sim/source_text.h"

namespace orrery {
namespace {

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& text, const std::string& name) : text_(text), name_(name) {}

  ConfigTreePtr root() const { return root_; }

  SourceLocation place(const YAML::Mark& mark) const {
    return mark.is_null() ? SourceLocation{name_}
                          : SourceLocation{name_, static_cast<std::uint32_t>(mark.line) + 1,
                                           static_cast<std::uint32_t>(mark.column) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw InputError(place(mark), "a second document, expected one in a file");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const ConfigTreePtr node = make(mark, "", anchor);
    node->kind = is_written_null(mark) ? ConfigKind::kAbsent : ConfigKind::kEmpty;
    if (awaits_key()) {
      throw InputError(node->location, "a key is missing or null, expected text");
    }
    place_value(node);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw InputError(place(mark), "aliases (*name) are not supported");
  }
  void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
    throw InputError(place(mark), "anchors (&name) are not supported");
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    if (awaits_key()) {
      take_key(place(mark), value);
      return;
    }
    const ConfigTreePtr node = make(mark, tag, anchor);
    node->kind = ConfigKind::kScalar;
    node->text = value;
    node->quoted = tag == "!";
    place_value(node);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(mark, tag, anchor), ConfigKind::kList);
  }
  void OnSequenceEnd() override { frames_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(mark, tag, anchor), ConfigKind::kMap);
  }
  void OnMapEnd() override { frames_.pop_back(); }

 private:
  struct Frame {
    ConfigTreePtr node;
    bool has_key = false;                       // of a map: the next node is its value
    std::map<std::string, std::uint32_t> seen;  // key -> line
  };

  bool awaits_key() const {
    return !frames_.empty() && frames_.back().node->kind == ConfigKind::kMap &&
           !frames_.back().has_key;
  }

  ConfigTreePtr make(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    auto node = std::make_shared<ConfigTree>();
    node->location = place(mark);
    if (anchor != 0) {
      throw InputError(node->location, "anchors (&name) are not supported");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw InputError(node->location, fmt::format("tag '{}' is not supported", tag));
    }
    if (++values_ > kMaxConfigValues) {
      throw InputError(node->location, fmt::format("more than {} values", kMaxConfigValues));
    }
    return node;
  }

  void take_key(const SourceLocation& location, const std::string& key) {
    Frame& frame = frames_.back();
    const auto [first, is_new] = frame.seen.emplace(key, location.line);
    if (!is_new) {
      throw InputError(location,
                       fmt::format("duplicate key '{}', first in line {}", key, first->second));
    }
    if (frame.seen.size() > kMaxKeysInMap) {
      throw InputError(location, fmt::format("more than {} keys in one map", kMaxKeysInMap));
    }
    frame.node->entries.push_back({key, location, nullptr});
    frame.has_key = true;
  }

  void place_value(const ConfigTreePtr& node) {
    if (frames_.empty()) {
      root_ = node;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node->kind == ConfigKind::kList) {
      frame.node->items.push_back(node);
    } else {
      frame.node->entries.back().value = node;
      frame.has_key = false;
    }
  }

  void open(const ConfigTreePtr& node, ConfigKind kind) {
    if (awaits_key()) {
      throw InputError(node->location, "a key is a map or a list, expected text");
    }
    if (frames_.size() >= kMaxConfigDepth) {
      throw InputError(node->location, fmt::format("more than {} levels deep", kMaxConfigDepth));
    }
    node->kind = kind;
    place_value(node);
    frames_.push_back({node, false, {}});
  }

  // yaml-cpp reports "key: null" and "key:" alike; the text tells them apart.
  bool is_written_null(const YAML::Mark& mark) const {
    if (mark.pos < 0 || static_cast<std::size_t>(mark.pos) >= text_.size()) {
      return false;
    }
    const auto rest = std::string_view(text_).substr(static_cast<std::size_t>(mark.pos));
    return rest.starts_with('~') || rest.starts_with("null") || rest.starts_with("Null") ||
           rest.starts_with("NULL");
  }

  const std::string& text_;
  const std::string& name_;
  ConfigTreePtr root_;
  std::vector<Frame> frames_;
  std::size_t values_ = 0;
  int documents_ = 0;
};

}  // namespace

ConfigTreePtr parse_yaml(const std::string& text, const std::string& name) {
  const std::string checked = check_source(text, name);
  TreeBuilder builder(checked, name);
  try {
    std::istringstream stream(checked);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw InputError(builder.place(error.mark), error.msg);
  }
  if (!builder.root()) {
    auto empty = std::make_shared<ConfigTree>();
    empty->location.file = name;
    return empty;
  }
  return builder.root();
}

}  // namespace orrery
