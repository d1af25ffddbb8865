// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/config_node.h"

namespace orrery {
namespace {

const std::vector<std::string> kKnown{"clock", "count", "capacity", "m", "h100-sxm"};

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(suggest("clok", kKnown), "did you mean 'clock'?");
  EXPECT_EQ(suggest("conut", kKnown), "did you mean 'count'?");
  EXPECT_EQ(suggest("Capacity", kKnown), "did you mean 'capacity'?");
  EXPECT_EQ(suggest("capactiy", kKnown), "did you mean 'capacity'?");
}

TEST(Suggest, CompletesTheBeginningOfAWord) {
  EXPECT_EQ(suggest("h100", kKnown), "did you mean 'h100-sxm'?");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(suggest("bandwidth", kKnown), "");
  EXPECT_EQ(suggest("n", kKnown), "");       // one letter is never near another
  EXPECT_EQ(suggest("port", {"pact"}), "");  // half of the letters are wrong
  EXPECT_EQ(suggest("", kKnown), "");
  EXPECT_EQ(suggest("clok", {}), "");
  EXPECT_EQ(suggest(std::string(100'000, 'x'), kKnown), "");
  EXPECT_EQ(suggest("clok", {std::string(100'000, 'c')}), "");
}

TEST(Suggest, TakesTheFirstOfEquallyNearWords) {
  EXPECT_EQ(suggest("rat", {"bat", "cat"}), "did you mean 'bat'?");
}

}  // namespace
}  // namespace orrery
