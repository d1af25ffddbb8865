// SPDX-License-Identifier: Apache-2.0
#include "sim/source_text.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>

#include "sim/error.h"

namespace orrery {
namespace {

[[noreturn]] void fail_at(const std::string& text,
                          std::size_t offset,
                          const std::string& name,
                          const std::string& message) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  const std::size_t newline = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  const std::size_t line_start = newline == std::string::npos ? 0 : newline + 1;
  throw InputError({name, static_cast<std::uint32_t>(1 + std::count(text.begin(), end, '\n')),
                    static_cast<std::uint32_t>(1 + offset - line_start)},
                   message);
}

// Bytes of the character at `offset`, or 0 when it is not well-formed UTF-8 (Unicode table 3-7).
std::size_t utf8_length(const std::string& text, std::size_t offset) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = at(offset);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : low;
  high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : high;
  if (first < 0xc2 || first > 0xf4 || at(offset + 1) < low || at(offset + 1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if ((at(offset + i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string read_source(const std::string& path) {
  const auto fail = [&](const std::string& why) {
    throw InputError(path + ": cannot read: " + why);
  };
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    fail("is a folder");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail(errno != 0 ? std::strerror(errno) : "cannot open");
  }
  // In pieces: what says it is short (a pipe, a device) may go on for ever.
  std::string text;
  std::string piece(std::size_t{1} << 16, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
    text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxConfigBytes) {
      fail("larger than 64 MiB");
    }
  }
  if (file.bad()) {
    fail("read error");
  }
  return text;
}

std::string check_text(std::string text, const std::string& name) {
  if (text.starts_with("\xef\xbb\xbf")) {
    text.erase(0, 3);
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      fail_at(text, i, name, "not UTF-8 text");
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      fail_at(text, i, name, fmt::format("control character 0x{:02x}, expected text", c));
    }
    i += length;
  }
  return text;
}

void check_yaml_lines(const std::string& text, const std::string& name) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '[' || text[i] == '{' ? 1 : 0;
    depth -= (text[i] == ']' || text[i] == '}') && depth > 0 ? 1 : 0;
    if (depth > kMaxOpenBrackets) {
      fail_at(text, i, name, fmt::format("more than {} open brackets", kMaxOpenBrackets));
    }
  }
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (end - start > kMaxYamlLineBytes) {
      fail_at(text, start + kMaxYamlLineBytes, name,
              fmt::format("a line of more than {} bytes", kMaxYamlLineBytes));
    }
    const std::string_view line = std::string_view(text).substr(start, end - start);
    const std::size_t first = line.find_first_not_of(" \t\r");
    const std::size_t tab = line.find('\t');
    if (first != std::string_view::npos && line[first] != '#' && tab < first) {
      fail_at(text, start + tab, name, "tab in the indentation, expected spaces");
    }
    start = end + 1;
  }
}

}  // namespace orrery
