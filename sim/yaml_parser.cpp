// SPDX-License-Identifier: Apache-2.0
#include "sim/yaml_parser.h"

#include <cstddef>
#include <fmt/format.h>
#include <sstream>
#include <string_view>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "sim/tree_builder.h"

namespace orrery {
namespace {

// Takes the parser's events; yaml-cpp's own node tree forgets duplicate keys.
class EventTaker : public YAML::EventHandler {
 public:
  EventTaker(const std::string& text, const std::string& name) : text_(text), name_(name) {}

  ConfigTreePtr root() const { return builder_.root(); }

  SourceLocation place(const YAML::Mark& mark) const {
    return mark.is_null() ? SourceLocation{name_}
                          : SourceLocation{name_, static_cast<std::uint32_t>(mark.line) + 1,
                                           static_cast<std::uint32_t>(mark.column) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) {
      return;
    }
    // The parser takes what it cannot place, say for its indentation, for another document.
    throw InputError(place(mark), rest_at(mark).starts_with("---")
                                      ? "a second document, expected one in a file"
                                      : "expected the end of the file: is the indentation right?");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    // Told of "key: null" and "key:" alike; the text tells them apart.
    const std::string_view rest = rest_at(mark);
    const bool written = rest.starts_with('~') || rest.starts_with("null") ||
                         rest.starts_with("Null") || rest.starts_with("NULL");
    written ? builder_.absent(place(mark)) : builder_.empty(place(mark));
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
    refuse_extras(mark, tag, anchor);
    if (builder_.awaits_key()) {
      builder_.key(place(mark), value);
    } else {
      builder_.scalar(place(mark), value, tag == "!");
    }
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_extras(mark, tag, anchor);
    builder_.open_list(place(mark));
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_extras(mark, tag, anchor);
    builder_.open_map(place(mark));
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  // "?" and "!" are what the parser itself gives plain and quoted scalars.
  void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) {
      throw InputError(place(mark), "anchors (&name) are not supported");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw InputError(place(mark), fmt::format("tag '{}' is not supported", tag));
    }
  }

  std::string_view rest_at(const YAML::Mark& mark) const {
    const auto offset = static_cast<std::size_t>(mark.pos);
    return mark.pos < 0 || offset >= text_.size() ? std::string_view()
                                                  : std::string_view(text_).substr(offset);
  }

  const std::string& text_;
  const std::string& name_;
  TreeBuilder builder_;
  int documents_ = 0;
};

}  // namespace

ConfigTreePtr parse_yaml(const std::string& text, const std::string& name) {
  EventTaker taker(text, name);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(taker)) {
    }
  } catch (const YAML::Exception& error) {
    throw InputError(taker.place(error.mark), error.msg);
  }
  if (taker.root()) {
    return taker.root();
  }
  auto empty = std::make_shared<ConfigTree>();
  empty->location.file = name;
  return empty;
}

}  // namespace orrery
