// SPDX-License-Identifier: Apache-2.0
#include "workloads/csv_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <system_error>
#include <utility>

#include "sim/config_node.h"
#include "sim/source_text.h"

namespace orrery {
namespace {

constexpr std::size_t kMaxColumns = 1000;

}  // namespace

CsvReader CsvReader::open(const std::string& path) {
  return CsvReader(read_source(path), path);
}

CsvReader::CsvReader(std::string text, std::string name)
    : text_(check_text(std::move(text), name)), name_(std::move(name)) {
  if (!read_record()) {
    throw InputError(SourceLocation{name_}, "is empty, expected a header row of column names");
  }
  std::set<std::string_view> seen;
  header_.assign(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(field_count_));
  for (const Field& field : header_) {
    const SourceLocation place{name_, field.line, field.column};
    if (field.text.empty()) {
      throw InputError(place, "column without a name");
    }
    if (!seen.insert(field.text).second) {
      throw InputError(place, fmt::format("duplicate column '{}'", field.text));
    }
    columns_.push_back(field.text);
  }
}

bool CsvReader::has_column(std::string_view column) const {
  return index_of(column) != kNoColumn;
}

void CsvReader::check_columns(const std::vector<std::string>& required,
                              const std::vector<std::string>& known) const {
  for (const Field& field : header_) {
    if (std::find(known.begin(), known.end(), field.text) == known.end()) {
      const std::string near = suggest(field.text, known);
      throw InputError(
          {name_, field.line, field.column},
          fmt::format(
              "unknown column '{}', {}", field.text,
              near.empty() ? fmt::format("expected some of: {}", fmt::join(known, ", ")) : near));
    }
  }
  for (const std::string& column : required) {
    if (!has_column(column)) {
      throw InputError({name_, header_.front().line, header_.front().column},
                       fmt::format("missing column '{}'", column));
    }
  }
}

bool CsvReader::next_row() {
  if (!read_record()) {
    return false;
  }
  if (++rows_ > kMaxCsvRows) {
    throw InputError(location(), fmt::format("more than {} rows", kMaxCsvRows));
  }
  if (field_count_ != columns_.size()) {
    throw InputError(location(),
                     fmt::format("row of {} fields, expected {}", field_count_, columns_.size()));
  }
  return true;
}

SourceLocation CsvReader::location() const {
  return field_count_ == 0 ? SourceLocation{name_}
                           : SourceLocation{name_, fields_[0].line, fields_[0].column};
}

SourceLocation CsvReader::location(std::string_view column) const {
  const std::size_t index = index_of(column);
  return index >= field_count_ ? location()
                               : SourceLocation{name_, fields_[index].line, fields_[index].column};
}

bool CsvReader::has(std::string_view column) const {
  const std::size_t index = index_of(column);
  return index < field_count_ && !fields_[index].text.empty();
}

const std::string& CsvReader::text(std::string_view column) const {
  if (!has_column(column)) {
    fail(column, fmt::format("missing column '{}'", column));
  }
  if (!has(column)) {
    fail(column, fmt::format("'{}' has no value", column));
  }
  return fields_[index_of(column)].text;
}

std::uint64_t CsvReader::integer(std::string_view column,
                                 std::uint64_t min,
                                 std::uint64_t max) const {
  const std::string& digits = text(column);
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || value < min || value > max) {
    fail(column,
         fmt::format("'{}' is '{}', expected an integer from {} to {}", column, digits, min, max));
  }
  return value;
}

double CsvReader::number(std::string_view column, double min, double max) const {
  const std::string& digits = text(column);
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value) || value < min ||
      value > max) {
    fail(column,
         fmt::format("'{}' is '{}', expected a number from {} to {}", column, digits, min, max));
  }
  return value;
}

bool CsvReader::flag(std::string_view column) const {
  const std::string& value = text(column);
  if (value != "0" && value != "1" && value != "false" && value != "true") {
    fail(column, fmt::format("'{}' is '{}', expected 0, 1, false or true", column, value));
  }
  return value == "1" || value == "true";
}

void CsvReader::fail(std::string_view column, const std::string& message) const {
  throw InputError(location(column), message);
}

std::size_t CsvReader::index_of(std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  return found == columns_.end() ? kNoColumn : static_cast<std::size_t>(found - columns_.begin());
}

void CsvReader::fail_here(const std::string& message) const {
  throw InputError({name_, line_, static_cast<std::uint32_t>(position_ - line_start_ + 1)},
                   message);
}

bool CsvReader::at_line_break() const {
  return text_[position_] == '\n' || text_.compare(position_, 2, "\r\n") == 0;
}

char CsvReader::take() {
  const char c = text_[position_++];
  if (c == '\n') {
    ++line_;
    line_start_ = position_;
  }
  return c;
}

void CsvReader::skip_line_break() {
  while (take() != '\n') {
  }
}

bool CsvReader::read_record() {
  while (position_ < text_.size() && at_line_break()) {
    skip_line_break();
  }
  field_count_ = 0;
  if (position_ >= text_.size()) {
    return false;
  }
  for (;;) {
    if (field_count_ == kMaxColumns) {
      fail_here(fmt::format("more than {} fields in a row", kMaxColumns));
    }
    if (field_count_ == fields_.size()) {
      fields_.emplace_back();
    }
    read_field(fields_[field_count_++]);
    if (position_ >= text_.size()) {
      return true;
    }
    if (at_line_break()) {
      skip_line_break();
      return true;
    }
    take();  // the comma
  }
}

void CsvReader::read_field(Field& field) {
  field.text.clear();
  field.line = line_;
  field.column = static_cast<std::uint32_t>(position_ - line_start_ + 1);
  if (position_ < text_.size() && text_[position_] == '"') {
    read_quoted(field);
    return;
  }
  while (position_ < text_.size() && text_[position_] != ',' && !at_line_break()) {
    if (text_[position_] == '"') {
      fail_here("quote inside a field that does not start with one, expected \"\" in quotes");
    }
    if (text_[position_] == '\r') {
      fail_here("carriage return without a line feed");
    }
    field.text += take();
  }
}

void CsvReader::read_quoted(Field& field) {
  take();
  for (;;) {
    if (position_ >= text_.size()) {
      throw InputError({name_, field.line, field.column}, "quote that is not closed");
    }
    const char c = take();
    if (c != '"') {
      field.text += c;
    } else if (position_ < text_.size() && text_[position_] == '"') {
      field.text += take();
    } else {
      break;
    }
  }
  if (position_ < text_.size() && text_[position_] != ',' && !at_line_break()) {
    fail_here("text after a closing quote, expected a comma or the end of the line");
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + '"';
}

}  // namespace orrery
