// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

// Private to the config reader: bytes of a file, checked before a parser sees them.
namespace orrery {

inline constexpr std::size_t kMaxConfigBytes = std::size_t{64} << 20;
// yaml-cpp holds a line's tokens in memory until it knows which of them are keys.
inline constexpr std::size_t kMaxYamlLineBytes = std::size_t{1} << 16;
// It also reads to the end of a bracket before it reports the bracket. Brackets are counted
// without regard to quotes and comments, hence far above the limit on nesting.
inline constexpr std::size_t kMaxOpenBrackets = 10'000;

// The whole file. Throws InputError "path: cannot read: why" for what is missing, forbidden, a
// folder or larger than kMaxConfigBytes.
std::string read_source(const std::string& path);

// Returns the text without a byte-order mark. Throws InputError with line and column at what is
// not UTF-8 and at control characters.
std::string check_text(std::string text, const std::string& name);

// Refuses tabs in an indentation, which YAML forbids and parsers report badly, and what is beyond
// the two limits above. Throws InputError with line and column.
void check_yaml_lines(const std::string& text, const std::string& name);

}  // namespace orrery
