// SPDX-License-Identifier: Apache-2.0
#include "sim/inbox.h"

#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

std::vector<int> drain(Inbox<int>& inbox, std::uint64_t delta) {
  std::vector<int> taken;
  inbox.drain(delta, [&](int item) { taken.push_back(item); });
  return taken;
}

TEST(Inbox, HandsOutByKeyWhateverTheOrderOfArrival) {
  Inbox<int> inbox;
  inbox.push(2, 0, 20, 5);
  inbox.push(1, 9, 19, 5);
  inbox.push(1, 3, 13, 5);
  EXPECT_EQ(drain(inbox, 6), (std::vector<int>{13, 19, 20}));
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, HoldsBackWhatCameInThisDelta) {
  Inbox<int> inbox;
  inbox.push(2, 0, 20, 5);
  inbox.push(1, 0, 10, 6);
  EXPECT_EQ(drain(inbox, 6), (std::vector<int>{20}));
  EXPECT_EQ(inbox.size(), 1U);
  EXPECT_EQ(drain(inbox, 7), (std::vector<int>{10}));
}

TEST(Inbox, TakingMayPush) {
  Inbox<int> inbox;
  for (std::uint64_t i = 0; i < 100; ++i) {
    inbox.push(i, 0, static_cast<int>(i), 1);
  }
  int taken = 0;
  inbox.drain(2, [&](int item) {
    EXPECT_EQ(item, taken++);
    inbox.push(0, 0, 1'000 + item, 2);
  });
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(inbox.size(), 100U);
}

TEST(Inbox, ClearForgets) {
  Inbox<int> inbox;
  inbox.push(0, 0, 1, 0);
  inbox.clear();
  EXPECT_TRUE(drain(inbox, 9).empty());
}

}  // namespace
}  // namespace orrery
