// SPDX-License-Identifier: Apache-2.0
#include "workloads/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  CsvReader csv(text, "t.csv");
  std::vector<std::vector<std::string>> rows;
  while (csv.next_row()) {
    rows.emplace_back();
    for (const std::string& column : csv.columns()) {
      rows.back().push_back(csv.has(column) ? csv.text(column) : "");
    }
  }
  return rows;
}

template <typename Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string reading_error(const std::string& text) {
  return error_of([&] { rows_of(text); });
}

using Rows = std::vector<std::vector<std::string>>;

TEST(CsvReaderTest, ReadsRowsByColumn) {
  EXPECT_EQ(rows_of("a,b\n1,2\n3,4\n"), (Rows{{"1", "2"}, {"3", "4"}}));
}

TEST(CsvReaderTest, TakesWindowsLineEndsAByteOrderMarkAndAMissingLastLineEnd) {
  EXPECT_EQ(rows_of("\xef\xbb\xbf"
                    "a,b\r\n1,2\r\n3,4"),
            (Rows{{"1", "2"}, {"3", "4"}}));
}

TEST(CsvReaderTest, QuotedFieldsHoldCommasQuotesAndLineBreaks) {
  EXPECT_EQ(rows_of("a,b\n\"x,y\",\"he said \"\"no\"\"\"\n\"1\n2\",\"\"\n"),
            (Rows{{"x,y", "he said \"no\""}, {"1\n2", ""}}));
}

TEST(CsvReaderTest, EmptyLinesArePassedOverAndEmptyFieldsAreNot) {
  EXPECT_EQ(rows_of("\na,b\n\n1,\n\n,2\n\n"), (Rows{{"1", ""}, {"", "2"}}));
}

TEST(CsvReaderTest, EveryFieldReadsBackAsItWasWritten) {
  for (const char* text : {"plain", "a,b", "\"", "\"\"", "line\nbreak", "\r\n", " "}) {
    EXPECT_EQ(rows_of("a\n" + csv_field(text) + "\n"), (Rows{{text}})) << text;
  }
}

TEST(CsvReaderTest, MalformedTextIsLocated) {
  EXPECT_THAT(reading_error(""), StartsWith("t.csv: is empty"));
  EXPECT_THAT(reading_error("a,b\n1\n"), StartsWith("t.csv:2:1: row of 1 fields, expected 2"));
  EXPECT_THAT(reading_error("a,b\n1,2,3\n"), StartsWith("t.csv:2:1: row of 3 fields"));
  EXPECT_THAT(reading_error("a,b\n1,x\"y\n"), StartsWith("t.csv:2:4: quote inside a field"));
  EXPECT_THAT(reading_error("a,b\n1,\"x\n2,3\n"),
              StartsWith("t.csv:2:3: quote that is not closed"));
  EXPECT_THAT(reading_error("a,b\n1,\"x\"y\n"),
              StartsWith("t.csv:2:6: text after a closing quote"));
  EXPECT_THAT(reading_error("a,b\n1\r,2\n"), StartsWith("t.csv:2:2: carriage return"));
  EXPECT_THAT(reading_error("a,b\n1,\xff\n"), StartsWith("t.csv:2:3: not UTF-8"));
  EXPECT_THAT(reading_error("a,b,a\n"), StartsWith("t.csv:1:5: duplicate column 'a'"));
  EXPECT_THAT(reading_error("a,,b\n"), StartsWith("t.csv:1:3: column without a name"));
}

TEST(CsvReaderTest, LinesAreCountedThroughQuotedLineBreaks) {
  EXPECT_THAT(reading_error("a,b\n\"1\n\n\",2\n1\n"), StartsWith("t.csv:5:1: row of 1 fields"));
}

TEST(CsvReaderTest, MoreFieldsThanAnyTableHasAreRefused) {
  EXPECT_THAT(reading_error(std::string(2000, ',')), HasSubstr("more than 1000 fields"));
}

TEST(CsvReaderTest, ColumnsAreCheckedWithASuggestion) {
  const CsvReader csv("m,n,kk,dtpye\n", "t.csv");
  EXPECT_THAT(error_of([&] {
                csv.check_columns({}, {"m", "n", "kk", "dtype"});
              }),
              StartsWith("t.csv:1:8: unknown column 'dtpye', did you mean 'dtype'?"));
  EXPECT_THAT(error_of([&] { csv.check_columns({"k"}, csv.columns()); }),
              StartsWith("t.csv:1:1: missing column 'k'"));
  EXPECT_NO_THROW(csv.check_columns({"m"}, csv.columns()));
}

TEST(CsvReaderTest, TypedFieldsAreCheckedInPlace) {
  CsvReader csv("i,x,f,e\n12,0.5,1,\n-1,nan,yes,\n9,1e3,false,\n", "t.csv");
  ASSERT_TRUE(csv.next_row());
  EXPECT_EQ(csv.integer("i", 1, 12), 12U);
  EXPECT_EQ(csv.number("x", 0, 1), 0.5);
  EXPECT_TRUE(csv.flag("f"));
  EXPECT_THAT(error_of([&] { csv.text("e"); }), StartsWith("t.csv:2:10: 'e' has no value"));
  EXPECT_THAT(error_of([&] { csv.text("z"); }), StartsWith("t.csv:2:1: missing column 'z'"));
  EXPECT_THAT(error_of([&] { csv.integer("i", 1, 11); }), HasSubstr("an integer from 1 to 11"));
  ASSERT_TRUE(csv.next_row());
  EXPECT_THAT(error_of([&] { csv.integer("i", 0, 9); }), StartsWith("t.csv:3:1: 'i' is '-1'"));
  EXPECT_THAT(error_of([&] { csv.number("x", 0, 9); }), StartsWith("t.csv:3:4: 'x' is 'nan'"));
  EXPECT_THAT(error_of([&] { csv.flag("f"); }), StartsWith("t.csv:3:8: 'f' is 'yes'"));
  ASSERT_TRUE(csv.next_row());
  EXPECT_EQ(csv.number("x", 0, 1000), 1000.0);
  EXPECT_FALSE(csv.flag("f"));
  EXPECT_FALSE(csv.next_row());
}

TEST(CsvReaderTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(error_of([] { CsvReader::open("/nowhere/t.csv"); }),
              StartsWith("/nowhere/t.csv: cannot read"));
}

}  // namespace
}  // namespace orrery
