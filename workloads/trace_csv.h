// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/trace.h"

// Traces as CSV, one operator a row; docs/traces.md describes the columns. CSV has no place for
// the state of the caches: they are cold.
namespace orrery {

Trace read_trace_csv(const std::string& path);  // named after the file
Trace parse_trace_csv(const std::string& text, const std::string& file_name);

// All columns, empty fields where the kind has none; reads back as the same trace.
std::string write_trace_csv(const Trace& trace);

}  // namespace orrery
