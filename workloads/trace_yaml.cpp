// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace_yaml.h"

#include <fmt/format.h>

#include "workloads/trace_fields.h"

namespace orrery {
namespace {

class YamlFields : public TraceFields {
 public:
  explicit YamlFields(const ConfigNode& node) : node_(node) {}
  bool has(std::string_view column) const override { return node_.has(column); }
  std::string text(std::string_view column) const override {
    std::string value = node_.text(column);
    if (value.empty()) {
      node_.fail(column, fmt::format("'{}' has no value", column));
    }
    return value;
  }
  std::vector<std::string> names(std::string_view column) const override {
    return node_.text_list(column);
  }
  std::uint64_t integer(std::string_view column,
                        std::uint64_t min,
                        std::uint64_t max) const override {
    return node_.integer(column, min, max);
  }
  bool flag(std::string_view column) const override { return node_.flag(column); }
  SourceLocation location() const override { return node_.location(); }
  [[noreturn]] void fail(std::string_view column, const std::string& message) const override {
    node_.fail(column, message);
  }

 private:
  const ConfigNode& node_;
};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + '"';
}

// One key of an operator. Lists are written over lines: a long line is refused when it is read.
std::string yaml_lines(const TraceCell& cell) {
  if (cell.column == "depends_on") {
    std::string out = "depends_on:\n";
    for (const std::string& name : cell.values) {
      out += fmt::format("      - {}\n", quoted(name));
    }
    return out;
  }
  const std::string& value = cell.values.front();
  return fmt::format("{}: {}\n", cell.column, cell.column == "name" ? quoted(value) : value);
}

}  // namespace

bool read_warm_caches(const ConfigNode& root) {
  return root.has("caches") && root.choice("caches", {"cold", "warm"}) == "warm";
}

Trace read_trace_yaml(const ConfigNode& root, const std::string& name) {
  Trace trace;
  trace.name = root.has("name") ? root.text("name") : name;
  trace.warm_caches = read_warm_caches(root);
  for (const ConfigNode& node : root.list("operators")) {
    if (!node.is_map()) {
      node.fail("expected an operator: a map with name, kind and shape");
    }
    if (trace.rows.size() == kMaxTraceOperators) {
      node.fail(fmt::format("more than {} operators", kMaxTraceOperators));
    }
    for (const std::string& column : trace_columns()) {
      static_cast<void>(node.has(column));  // known, so that others are refused first
    }
    node.finish();
    trace.rows.push_back(read_trace_row(YamlFields(node)));
  }
  if (trace.rows.empty()) {
    root.fail("operators", "no operators, expected at least one");
  }
  root.finish();
  return trace;
}

std::string write_trace_yaml(const Trace& trace) {
  std::string out = fmt::format("name: {}\ncaches: {}\noperators:\n", quoted(trace.name),
                                trace.warm_caches ? "warm" : "cold");
  for (const TraceRow& row : trace.rows) {
    const char* indent = "  - ";
    for (const TraceCell& cell : trace_cells(row)) {
      out += indent + yaml_lines(cell);
      indent = "    ";
    }
  }
  return out;
}

}  // namespace orrery
