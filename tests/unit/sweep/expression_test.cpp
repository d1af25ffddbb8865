// SPDX-License-Identifier: Apache-2.0
#include "sweep/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::optional<Value> lookup(const std::string& name) {
  if (name == "core.count") {
    return value_of("64");
  }
  if (name == "core.clock") {
    return value_of("1.5 GHz");
  }
  if (name == "rate") {
    return value_of("8192 FLOP/clk");
  }
  if (name == "chip") {
    return std::string("maia100");
  }
  return std::nullopt;
}

bool holds(const std::string& text) {
  return Expression(text).holds(lookup);
}

void expect_refused(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { holds(text); }, ThrowsMessage<InputError>(HasSubstr(message))) << text;
}

TEST(Expression, ComparesNumbersWithUnits) {
  EXPECT_TRUE(holds("core.count * rate * core.clock <= 0.8e15 FLOP/s"));
  EXPECT_FALSE(holds("core.count * rate * core.clock <= 780 TFLOP/s"));
  EXPECT_TRUE(holds("core.clock == 1500 MHz"));
  EXPECT_TRUE(holds("core.clock > 1 GHz"));
  EXPECT_TRUE(holds("core.clock >= 1.5GHz"));
  EXPECT_FALSE(holds("core.clock < 1.5 GHz"));
  EXPECT_TRUE(holds("core.count != 63"));
}

TEST(Expression, FractionsThatAreEqualOnPaperAreEqual) {
  EXPECT_TRUE(holds("3 * 0.1 <= 0.3"));
  EXPECT_TRUE(holds("3 * 0.1 == 0.3"));
  EXPECT_FALSE(holds("3 * 0.1 > 0.3"));
}

TEST(Expression, KnowsPrecedence) {
  EXPECT_TRUE(holds("2 + 3 * 4 == 14"));
  EXPECT_TRUE(holds("(2 + 3) * 4 == 20"));
  EXPECT_TRUE(holds("10 - 4 - 3 == 3"));
  EXPECT_TRUE(holds("24 / 4 / 2 == 3"));
  EXPECT_TRUE(holds("-2 + 5 == 3"));
  EXPECT_TRUE(holds("1 == 1 or 1 == 2 and 1 == 3"));
  EXPECT_FALSE(holds("(1 == 1 or 1 == 2) and 1 == 3"));
  EXPECT_TRUE(holds("not 1 == 2 and 1 == 1"));
  EXPECT_TRUE(holds("min(core.count, 10) == 10 and max(core.count, 10) == 64"));
}

TEST(Expression, KnowsWordsAndLists) {
  EXPECT_TRUE(holds("chip == \"maia100\""));
  EXPECT_TRUE(holds("chip != 'h100-sxm'"));
  EXPECT_TRUE(holds("core.count in (32, 64)"));
  EXPECT_FALSE(holds("core.count in (32, 65)"));
  EXPECT_TRUE(holds("not chip in ('a', 'b')"));
}

TEST(Expression, ListsItsNamesOnce) {
  EXPECT_THAT(Expression("a.b + c < a.b * 2").names(), ElementsAre("a.b", "c"));
}

TEST(Expression, SaysWhatDoesNotCompare) {
  expect_refused("core.clock <= 3", "'<=' between 1/s and a plain number");
  expect_refused("core.clock + core.count > 1", "'+' between 1/s and a plain number");
  expect_refused("chip == 3", "'==' between a word and a plain number");
  expect_refused("chip < 'b'", "'<' between words, expected == or !=");
  expect_refused("chip * 2 == 3", "is a word, expected a number");
  expect_refused("core.count", "is a plain number, expected a comparison");
  expect_refused("core.count / 0 == 1", "at character 12: division by zero");
  expect_refused("core.cout == 1", "at character 1: nothing is called 'core.cout' here");
}

TEST(Expression, SaysWhereTheGrammarIsLeft) {
  expect_refused("", "at character 1: ends too early, expected a name, a number or '('");
  expect_refused("core.count <", "at character 13: ends too early");
  expect_refused("core.count = 3", "at character 12: '=', expected '=='");
  expect_refused("1 < core.count < 3", "a second comparison, expected 'and' between two");
  expect_refused("(1 == 1", "expected ')'");
  expect_refused("1 == 1)", "')' is not expected here");
  expect_refused("chip == \"x", "at character 9: the quote is not closed");
  expect_refused("3 GHzz < core.clock", "is not expected here");
  expect_refused("3foo < 4", "at character 2: unknown unit");
  expect_refused("core.count in 3", "expected '(' behind 'in'");
  expect_refused("min(1) < 2", "expected ',': min takes two numbers");
  expect_refused("system('rm') == 0", "is not expected here");
  expect_refused("1 and", "ends too early");
  expect_refused("1 < and", "'and' is not expected here");
  expect_refused("1 < $x", "'$' is not expected here");
}

TEST(Expression, IsBoundedInLengthAndDepth) {
  expect_refused(std::string(5000, '1') + " == 1", "expected at most 4096");
  expect_refused(std::string(100, '(') + "1" + std::string(100, ')') + " == 1",
                 "nested deeper than 64");
  expect_refused(std::string(1000, '-') + "1 == 1", "nested deeper than 64");
}

}  // namespace
}  // namespace orrery
