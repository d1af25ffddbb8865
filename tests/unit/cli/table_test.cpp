// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "cli/terminal_text.h"

namespace orrery {
namespace {

Table sample() {
  Table table({{"operator", Align::kLeft}, {"time µs"}, {"bound by", Align::kLeft}});
  table.add_row({"gemm", "12.3", "tensor"});
  table.add_row({"Ångström", "1234.5", ""});
  table.add_rule();
  table.add_row({"total", "1246.8", "hbm|net"});
  return table;
}

std::string printed(const Table& table, TableStyle style) {
  std::ostringstream out;
  table.print(out, style);
  return out.str();
}

TEST(Table, AlignsNamesLeftAndNumbersRight) {
  EXPECT_EQ(printed(sample(), TableStyle::kText),
            "operator  time µs  bound by\n"
            "---------------------------\n"
            "gemm         12.3  tensor\n"
            "Ångström   1234.5\n"
            "---------------------------\n"
            "total      1246.8  hbm|net\n");
}

TEST(Table, PrintsMarkdown) {
  EXPECT_EQ(printed(sample(), TableStyle::kMarkdown),
            "| operator | time µs | bound by |\n"
            "| --- | ---: | --- |\n"
            "| gemm | 12.3 | tensor |\n"
            "| Ångström | 1234.5 |  |\n"
            "| total | 1246.8 | hbm\\|net |\n");
}

TEST(Table, RefusesARowOfAnotherLength) {
  Table table({{"a"}, {"b"}});
  EXPECT_THROW(table.add_row({"1"}), std::invalid_argument);
}

TEST(Table, DoesNotPassOnControlCharacters) {
  Table table({{"name", Align::kLeft}});
  table.add_row({"\x1b[2Jred\nline"});
  EXPECT_EQ(printed(table, TableStyle::kText), "name\n------------\n?[2Jred?line\n");
}

TEST(TerminalText, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("µs"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U);       // a combining accent
  EXPECT_EQ(display_width("\u4E2D\u6587"), 4U);  // wide
  EXPECT_EQ(display_width("\xff\xc3"), 2U);      // not UTF-8
}

TEST(TerminalText, ReplacesWhatSteersATerminal) {
  EXPECT_EQ(printable("a\tb\x7f"
                      "c\u0085d\u202Ee"),
            "a?b?c?d?e");
  EXPECT_EQ(printable("µs \u4E2D"), "µs \u4E2D");
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace orrery
