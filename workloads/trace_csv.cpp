// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace_csv.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "workloads/csv_reader.h"
#include "workloads/trace_fields.h"

namespace orrery {
namespace {

class CsvFields : public TraceFields {
 public:
  explicit CsvFields(const CsvReader& csv) : csv_(csv) {}
  bool has(std::string_view column) const override { return csv_.has(column); }
  std::string text(std::string_view column) const override { return csv_.text(column); }
  std::vector<std::string> names(std::string_view column) const override {
    const std::string& joined = csv_.text(column);
    std::vector<std::string> out;
    for (std::size_t start = 0; start <= joined.size();) {
      const std::size_t end = std::min(joined.find(';', start), joined.size());
      if (end == start) {
        csv_.fail(column, "empty name in 'depends_on', expected names with ';' between them");
      }
      out.push_back(joined.substr(start, end - start));
      start = end + 1;
    }
    return out;
  }
  std::uint64_t integer(std::string_view column,
                        std::uint64_t min,
                        std::uint64_t max) const override {
    return csv_.integer(column, min, max);
  }
  bool flag(std::string_view column) const override { return csv_.flag(column); }
  SourceLocation location() const override { return csv_.location(); }
  [[noreturn]] void fail(std::string_view column, const std::string& message) const override {
    csv_.fail(column, message);
  }

 private:
  const CsvReader& csv_;
};

Trace read_rows(CsvReader csv, const std::string& file_name) {
  csv.check_columns({"name", "kind"}, trace_columns());
  Trace trace;
  trace.name = std::filesystem::path(file_name).stem().string();
  const CsvFields fields(csv);
  while (csv.next_row()) {
    trace.rows.push_back(read_trace_row(fields));
  }
  if (trace.rows.empty()) {
    throw InputError(SourceLocation{file_name}, "has no rows, expected an operator a row");
  }
  return trace;
}

}  // namespace

Trace read_trace_csv(const std::string& path) {
  return read_rows(CsvReader::open(path), path);
}

Trace parse_trace_csv(const std::string& text, const std::string& file_name) {
  return read_rows(CsvReader(text, file_name), file_name);
}

std::string write_trace_csv(const Trace& trace) {
  std::string out = fmt::format("{}\n", fmt::join(trace_columns(), ","));
  for (const TraceRow& row : trace.rows) {
    const std::vector<TraceCell> cells = trace_cells(row);
    auto cell = cells.begin();
    for (std::size_t i = 0; i < trace_columns().size(); ++i) {
      out += i == 0 ? "" : ",";
      if (cell != cells.end() && cell->column == trace_columns()[i]) {
        out += csv_field(fmt::format("{}", fmt::join(cell->values, ";")));
        ++cell;
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace orrery
