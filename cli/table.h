// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace orrery {

enum class Align : std::uint8_t { kLeft, kRight };
enum class TableStyle : std::uint8_t { kText, kMarkdown };

struct TableColumn {
  std::string heading;  // with the unit: "time µs"
  Align align = Align::kRight;
};

// A table for people: names to the left, numbers to the right, units in the heading.
//
//   Table table({{"operator", Align::kLeft}, {"time µs"}});
//   table.add_row({"gemm", "12.3"});
//   table.add_rule();  // what follows is a total
//   table.print(out, TableStyle::kText);
class Table {
 public:
  explicit Table(std::vector<TableColumn> columns);

  // Throws std::invalid_argument when there is not one cell a column. Cells become printable().
  void add_row(std::vector<std::string> cells);
  void add_rule();
  bool empty() const { return rows_.empty(); }

  void print(std::ostream& out, TableStyle style) const;

 private:
  void print_text(std::ostream& out) const;
  void print_markdown(std::ostream& out) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty one is a rule
};

}  // namespace orrery
