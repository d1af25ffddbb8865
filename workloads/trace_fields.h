// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workloads/trace.h"

// The columns of a trace, which CSV and YAML share: what each kind of operator takes, and defaults.
// docs/traces.md describes them to users.
namespace orrery {

// One row as its file gives it; what fails names the place in the file.
class TraceFields {
 public:
  virtual ~TraceFields() = default;
  virtual bool has(std::string_view column) const = 0;  // there and not empty
  virtual std::string text(std::string_view column) const = 0;
  virtual std::vector<std::string> names(std::string_view column) const = 0;
  virtual std::uint64_t integer(std::string_view column,
                                std::uint64_t min,
                                std::uint64_t max) const = 0;
  virtual bool flag(std::string_view column) const = 0;
  virtual SourceLocation location() const = 0;
  [[noreturn]] virtual void fail(std::string_view column, const std::string& message) const = 0;
};

// name, kind, batch, m, n, k, heads, ... in the order in which they are written.
const std::vector<std::string>& trace_columns();

// Throws InputError: an unknown kind or dtype, a column that the kind lacks or needs.
TraceRow read_trace_row(const TraceFields& fields);

struct TraceCell {
  std::string column;
  std::vector<std::string> values;  // one, but for depends_on
};

// What of the row has to be written, in the order of the columns.
std::vector<TraceCell> trace_cells(const TraceRow& row);

}  // namespace orrery
