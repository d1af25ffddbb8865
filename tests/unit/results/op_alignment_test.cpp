// SPDX-License-Identifier: Apache-2.0
#include "results/op_alignment.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace orrery {
namespace {

// "a b c": an operator a word; "kind:name" for another kind.
std::vector<OpRow> ops(const std::string& words) {
  std::istringstream stream(words);
  std::vector<OpRow> rows;
  for (std::string word; stream >> word;) {
    OpRow row;
    const std::size_t colon = word.find(':');
    row.kind = colon == std::string::npos ? "gemm" : word.substr(0, colon);
    row.name = colon == std::string::npos ? word : word.substr(colon + 1);
    rows.push_back(row);
  }
  return rows;
}

// "a -b +c": in both, only in A, only in B.
std::string aligned(const std::string& a_words, const std::string& b_words) {
  const std::vector<OpRow> a = ops(a_words);
  const std::vector<OpRow> b = ops(b_words);
  std::string text;
  for (const OpPair& pair : align_ops(a, b)) {
    text += text.empty() ? "" : " ";
    text += pair.a && pair.b ? a[*pair.a].name
            : pair.a         ? "-" + a[*pair.a].name
                             : "+" + b[*pair.b].name;
    EXPECT_TRUE(!pair.a || !pair.b || a[*pair.a].name == b[*pair.b].name);
  }
  return text;
}

TEST(OpAlignment, EqualListsPairUpInOrder) {
  EXPECT_EQ(aligned("a b c", "a b c"), "a b c");
  EXPECT_EQ(aligned("", ""), "");
}

TEST(OpAlignment, NamesWhatOnlyOneRunHas) {
  EXPECT_EQ(aligned("a b c", "a c"), "a -b c");
  EXPECT_EQ(aligned("a c", "a b c"), "a +b c");
  EXPECT_EQ(aligned("a x c", "a y c"), "a -x +y c");
  EXPECT_EQ(aligned("a", ""), "-a");
  EXPECT_EQ(aligned("", "a b"), "+a +b");
}

TEST(OpAlignment, MoreLayersAreOnlyInTheLongerRun) {
  EXPECT_EQ(aligned("in l0.q l0.o l1.q l1.o out", "in l0.q l0.o out"),
            "in l0.q l0.o -l1.q -l1.o out");
}

TEST(OpAlignment, PairsNeverCross) {
  EXPECT_EQ(aligned("a b", "b a"), "-a b +a");
}

TEST(OpAlignment, RepeatedNamesPairAsManyAsTheyCan) {
  EXPECT_EQ(aligned("p x q x", "q x"), "-p -x q x");
  EXPECT_EQ(aligned("x x x", "x x"), "x x -x");
}

TEST(OpAlignment, AnotherKindIsAnotherOperator) {
  EXPECT_EQ(aligned("gemm:a b", "norm:a b"), "-a +a b");
}

TEST(OpAlignment, LongListsPairTheSameRowsAsShortOnes) {
  // 5000 x 5000 rows with nothing common at the ends: the way for long lists.
  std::vector<OpRow> a(5001);
  std::vector<OpRow> b(5001);
  for (std::size_t i = 0; i < 5000; ++i) {
    a[i].name = "op" + std::to_string(i);
    b[i + 1].name = "op" + std::to_string(i);
  }
  a.back().name = "last of a";
  b.front().name = "first of b";
  const std::vector<OpPair> pairs = align_ops(a, b);
  ASSERT_EQ(pairs.size(), 5002U);
  EXPECT_EQ(pairs.front(), (OpPair{std::nullopt, 0}));
  for (std::size_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(pairs[i + 1], (OpPair{i, i + 1}));
  }
  EXPECT_EQ(pairs.back(), (OpPair{5000, std::nullopt}));
}

TEST(OpAlignment, LongListsOfOneNameStillPair) {
  std::vector<OpRow> a(6000);
  std::vector<OpRow> b(5000);
  a.front().name = a.back().name = "only a";
  b.front().name = b.back().name = "only b";
  std::size_t both = 0;
  for (const OpPair& pair : align_ops(a, b)) {
    both += pair.a && pair.b ? 1 : 0;
  }
  EXPECT_EQ(both, 4998U);
}

}  // namespace
}  // namespace orrery
