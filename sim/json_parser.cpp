// SPDX-License-Identifier: Apache-2.0
#include "sim/json_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "sim/tree_builder.h"

namespace orrery {
namespace {

class JsonReader {
 public:
  JsonReader(const std::string& text, const std::string& name) : text_(text), name_(name) {}

  ConfigTreePtr read() {
    skip_blanks();
    read_value();
    skip_blanks();
    if (!at_end()) {
      fail("expected the end of the file");
    }
    return builder_.root();
  }

 private:
  bool at_end() const { return offset_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[offset_]; }

  SourceLocation here() const {
    return {name_, line_, static_cast<std::uint32_t>(offset_ - line_start_) + 1};
  }

  [[noreturn]] void fail(std::string_view expected) const {
    throw InputError(here(), at_end() ? fmt::format("the file ends early, {}", expected)
                                      : std::string(expected));
  }

  void skip_blanks() {
    for (; !at_end() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos;
         ++offset_) {
      if (peek() == '\n') {
        ++line_;
        line_start_ = offset_ + 1;
      }
    }
  }

  bool take(char c) {
    if (peek() != c || at_end()) {
      return false;
    }
    ++offset_;
    return true;
  }

  // Recursion is bounded by the builder's limit on nesting.
  void read_value() {
    const SourceLocation location = here();
    if (take('{')) {
      builder_.open_map(location);
      read_members();
      builder_.close();
    } else if (take('[')) {
      builder_.open_list(location);
      read_items();
      builder_.close();
    } else if (peek() == '"') {
      builder_.scalar(location, read_string(), true);
    } else {
      read_word(location);
    }
  }

  void read_members() {
    skip_blanks();
    if (take('}')) {
      return;
    }
    do {
      skip_blanks();
      if (peek() != '"') {
        fail("expected a key in double quotes");
      }
      const SourceLocation location = here();
      builder_.key(location, read_string());
      skip_blanks();
      if (!take(':')) {
        fail("expected ':' behind the key");
      }
      skip_blanks();
      read_value();
      skip_blanks();
    } while (take(','));
    if (!take('}')) {
      fail("expected ',' or '}'");
    }
  }

  void read_items() {
    skip_blanks();
    if (take(']')) {
      return;
    }
    do {
      skip_blanks();
      read_value();
      skip_blanks();
    } while (take(','));
    if (!take(']')) {
      fail("expected ',' or ']'");
    }
  }

  void read_word(const SourceLocation& location) {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,:]}[{\"", offset_), text_.size());
    const std::string word = text_.substr(offset_, end - offset_);
    double number = 0;
    const char* const last = word.data() + word.size();
    const auto result = std::from_chars(word.data(), last, number);
    const bool is_number =
        result.ptr == last && word.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (word == "null") {
      builder_.absent(location);
    } else if (!word.empty() && (is_number || word == "true" || word == "false")) {
      builder_.scalar(location, word, false);
    } else {
      fail("expected a value: a number, \"text\", true, false, null, [ or {");
    }
    offset_ = end;
  }

  std::string read_string() {
    std::string out;
    ++offset_;
    while (!take('"')) {
      if (at_end()) {
        fail("expected '\"'");
      }
      if (static_cast<unsigned char>(peek()) < 0x20) {
        fail("a line break or tab in a text, expected '\"'");
      }
      if (peek() == '\\') {
        append_escape(out);
      } else {
        out += text_[offset_++];
      }
    }
    return out;
  }

  void append_escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = offset_ + 1 < text_.size() ? text_[offset_ + 1] : '\0';
    const std::size_t index = kLetters.find(letter);
    if (index != std::string_view::npos) {
      out += kMeanings[index];
      offset_ += 2;
      return;
    }
    const std::optional<std::uint32_t> high = utf16_escape(offset_);
    if (!high) {
      fail("unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
    std::uint32_t code = *high;
    std::size_t length = 6;
    if (code >= 0xd800 && code < 0xe000) {  // half of a character: the other half must follow
      const std::optional<std::uint32_t> low = utf16_escape(offset_ + 6);
      if (code >= 0xdc00 || !low || *low < 0xdc00 || *low >= 0xe000) {
        fail("half of a UTF-16 surrogate pair");
      }
      code = 0x10000 + ((code & 0x3ff) << 10) + (*low & 0x3ff);
      length = 12;
    }
    append_utf8(code, out);
    offset_ += length;
  }

  std::optional<std::uint32_t> utf16_escape(std::size_t offset) const {
    if (offset + 6 > text_.size() || text_[offset] != '\\' || text_[offset + 1] != 'u') {
      return std::nullopt;
    }
    std::uint32_t value = 0;
    const char* const end = text_.data() + offset + 6;
    const auto result = std::from_chars(text_.data() + offset + 2, end, value, 16);
    return result.ptr == end ? std::optional(value) : std::nullopt;
  }

  static void append_utf8(std::uint32_t code, std::string& out) {
    const auto tail = [&](unsigned shift) {
      out += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
    };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | (code >> 12));
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xf0 | (code >> 18));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  const std::string& text_;
  const std::string& name_;
  TreeBuilder builder_;
  std::size_t offset_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

ConfigTreePtr parse_json(const std::string& text, const std::string& name) {
  return JsonReader(text, name).read();
}

}  // namespace orrery
