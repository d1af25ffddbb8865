// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <stdexcept>

#include "cli/terminal_text.h"

namespace orrery {

namespace {

constexpr std::string_view kGap = "  ";

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::string blank(width - std::min(width, display_width(cell)), ' ');
  return align == Align::kLeft ? cell + blank : blank + cell;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string escaped(const std::string& cell) {
  std::string text;
  for (const char c : cell) {
    text += c == '|' ? "\\|" : std::string(1, c);
  }
  return text;
}

}  // namespace

Table::Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {
  for (TableColumn& column : columns_) {
    column.heading = printable(column.heading);
  }
}

void Table::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) {
    throw std::invalid_argument("a row has as many cells as the table has columns");
  }
  for (std::string& cell : cells) {
    cell = printable(cell);
  }
  rows_.push_back(std::move(cells));
}

void Table::add_rule() {
  rows_.emplace_back();
}

void Table::print(std::ostream& out, TableStyle style) const {
  switch (style) {
    case TableStyle::kText:
      return print_text(out);
    case TableStyle::kMarkdown:
      return print_markdown(out);
  }
}

void Table::print_text(std::ostream& out) const {
  std::vector<std::size_t> widths;
  std::vector<std::string> headings;
  std::size_t total = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].heading);
    for (const auto& row : rows_) {
      width = std::max(width, row.empty() ? 0 : display_width(row[i]));
    }
    widths.push_back(width);
    headings.push_back(columns_[i].heading);
    total += width + (i == 0 ? 0 : kGap.size());
  }
  const std::string rule = std::string(total, '-') + "\n";
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.append(i == 0 ? "" : kGap).append(padded(row[i], widths[i], columns_[i].align));
    }
    out << without_trailing_blanks(line) << '\n';
  };
  print_row(headings);
  out << rule;
  for (const auto& row : rows_) {
    if (row.empty()) {
      out << rule;
    } else {
      print_row(row);
    }
  }
}

void Table::print_markdown(std::ostream& out) const {
  out << '|';
  for (const TableColumn& column : columns_) {
    out << ' ' << escaped(column.heading) << " |";
  }
  out << "\n|";
  for (const TableColumn& column : columns_) {
    out << (column.align == Align::kLeft ? " --- |" : " ---: |");
  }
  out << '\n';
  for (const auto& row : rows_) {
    if (row.empty()) {
      continue;  // markdown has no rules; a total says so in its first cell
    }
    out << '|';
    for (const std::string& cell : row) {
      out << ' ' << escaped(cell) << " |";
    }
    out << '\n';
  }
}

}  // namespace orrery
