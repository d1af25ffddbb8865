// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace orrery {

// Reads CSV strictly, as RFC 4180 has it: a header row, then rows with as many fields; fields in
// double quotes may hold commas, line breaks and doubled quotes; lines end in LF or CRLF. A
// byte-order mark and empty lines are passed over. Anything else is an InputError
// "file:line:column: ...": text that is not UTF-8, stray quotes, too few or too many fields,
// duplicate columns, files over 64 MiB, rows over kMaxCsvRows.
//
//   CsvReader csv = CsvReader::open("gemm.csv");
//   csv.check_columns({"m", "n", "k"}, {"m", "n", "k", "dtype"});
//   while (csv.next_row()) { use(csv.integer("m", 1, most)); }
inline constexpr std::uint64_t kMaxCsvRows = 1'000'000;

class CsvReader {
 public:
  static CsvReader open(const std::string& path);
  CsvReader(std::string text, std::string name);

  const std::vector<std::string>& columns() const { return columns_; }
  bool has_column(std::string_view column) const;
  // Every column of `required` is there and every column is one of `known`, else an error that
  // suggests the near one.
  void check_columns(const std::vector<std::string>& required,
                     const std::vector<std::string>& known) const;

  bool next_row();  // false at the end; getters are about the row it moved to
  SourceLocation location() const;
  SourceLocation location(std::string_view column) const;

  bool has(std::string_view column) const;  // there is such a column and the field is not empty
  // An empty field or a missing column is an error.
  const std::string& text(std::string_view column) const;
  std::uint64_t integer(std::string_view column, std::uint64_t min, std::uint64_t max) const;
  double number(std::string_view column, double min, double max) const;  // finite
  bool flag(std::string_view column) const;                              // 0 1 true false

  [[noreturn]] void fail(std::string_view column, const std::string& message) const;

 private:
  struct Field {
    std::string text;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };
  static constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

  bool read_record();
  void read_field(Field& field);
  void read_quoted(Field& field);
  void skip_line_break();
  bool at_line_break() const;
  char take();
  std::size_t index_of(std::string_view column) const;
  [[noreturn]] void fail_here(const std::string& message) const;

  std::string text_;
  std::string name_;
  std::size_t position_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  std::vector<std::string> columns_;
  std::vector<Field> fields_;  // of the current record; slots are kept from row to row
  std::size_t field_count_ = 0;
  std::vector<Field> header_;
  std::uint64_t rows_ = 0;
};

// One field as it stands in a file: quoted where that is needed.
std::string csv_field(std::string_view text);

}  // namespace orrery
