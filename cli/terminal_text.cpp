// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_text.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

namespace orrery {

namespace {

// The code point at the start of `text`, which loses its bytes. A wrong byte counts as itself.
std::uint32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 1 || length > text.size()) {
    text.remove_prefix(1);
    return lead;
  }
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6U | (byte(i) & 0x3FU);
  }
  text.remove_prefix(length);
  return code;
}

struct Range {
  std::uint32_t first, last;
};

bool lies_in(std::uint32_t code, std::initializer_list<Range> ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return r.first <= code && code <= r.last; });
}

// Marks above and below letters, joiners, variation selectors.
bool is_combining(std::uint32_t code) {
  return lies_in(code, {{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}});
}

// East Asian scripts and emoji.
bool is_wide(std::uint32_t code) {
  return lies_in(code, {{0x1100, 0x115F},
                        {0x2E80, 0xA4CF},
                        {0xAC00, 0xD7A3},
                        {0xF900, 0xFAFF},
                        {0xFF00, 0xFF60},
                        {0x1F300, 0x1FAFF},
                        {0x20000, 0x3FFFD}});
}

// C0, DEL, C1, and the marks that reverse the direction of writing.
bool is_control(std::uint32_t code) {
  return lies_in(code, {{0, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x2069}});
}

}  // namespace

std::string printable(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::uint32_t code = take_code_point(text);
    if (is_control(code)) {
      line += '?';
    } else {
      line += before.substr(0, before.size() - text.size());
    }
  }
  return line;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::uint32_t code = take_code_point(text);
    width += is_combining(code) ? 0 : is_wide(code) ? 2 : 1;
  }
  return width;
}

}  // namespace orrery
