// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

// Private to the config reader: bytes of a file, checked before a parser sees them.
namespace orrery {

inline constexpr std::size_t kMaxConfigBytes = std::size_t{64} << 20;

// The whole file. Throws InputError "path: cannot read: why" for what is missing, forbidden, a
// folder or larger than kMaxConfigBytes.
std::string read_source(const std::string& path);

// True when the first character that is no blank opens a map or a list: JSON, or YAML like it.
bool looks_like_json(const std::string& text);

// Refuses what is not UTF-8, control characters, and (but for JSON) tabs in an indentation, which
// YAML forbids and parsers report badly. Returns the text without a byte-order mark; of JSON with
// blanks for tabs and with "\ud83d\ude00" (two halves of one character, which YAML does not know)
// as one escape. Throws InputError at the line and column.
std::string check_source(std::string text, const std::string& name);

}  // namespace orrery
