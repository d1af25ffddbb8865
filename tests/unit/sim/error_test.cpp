// SPDX-License-Identifier: Apache-2.0
#include "sim/error.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(SourceLocation, SaysAsMuchAsIsKnown) {
  EXPECT_EQ((SourceLocation{"a.yaml", 3, 7}).text(), "a.yaml:3:7");
  EXPECT_EQ((SourceLocation{"a.csv", 3, 0}).text(), "a.csv:3");
  EXPECT_EQ((SourceLocation{"--set x=1"}).text(), "--set x=1");
}

TEST(InputError, PutsTheLocationFirst) {
  EXPECT_STREQ(InputError({"a.yaml", 3, 7}, "is odd").what(), "a.yaml:3:7: is odd");
  EXPECT_STREQ(InputError("is odd").what(), "is odd");
}

}  // namespace
}  // namespace orrery
