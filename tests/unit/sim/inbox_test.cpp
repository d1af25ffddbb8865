// SPDX-License-Identifier: Apache-2.0
#include "sim/inbox.h"

#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr Femtoseconds kNow = 1000;

std::vector<int> drain(Inbox<int>& inbox, std::uint64_t delta, Femtoseconds now_fs = kNow) {
  std::vector<int> taken;
  inbox.drain(now_fs, delta, [&](int item, Femtoseconds) { taken.push_back(item); });
  return taken;
}

TEST(Inbox, HandsOutByKeyWhateverTheOrderOfTheCalls) {
  Inbox<int> inbox;
  inbox.push(kNow, 2, 0, 20, 5);
  inbox.push(kNow, 1, 9, 19, 5);
  inbox.push(kNow, 1, 3, 13, 5);
  EXPECT_EQ(drain(inbox, 6), (std::vector<int>{13, 19, 20}));
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, HandsOutByTimeBeforeKey) {
  Inbox<int> inbox;
  inbox.push(kNow - 1, 9, 9, 1, 5);
  inbox.push(kNow, 0, 0, 2, 5);
  inbox.push(kNow - 2, 5, 0, 0, 5);
  std::vector<Femtoseconds> times;
  inbox.drain(kNow, 6, [&](int item, Femtoseconds at_fs) {
    EXPECT_EQ(static_cast<std::size_t>(item), times.size());
    times.push_back(at_fs);
  });
  EXPECT_EQ(times, (std::vector<Femtoseconds>{kNow - 2, kNow - 1, kNow}));
}

TEST(Inbox, HoldsBackWhatCameInThisDelta) {
  Inbox<int> inbox;
  inbox.push(kNow, 2, 0, 20, 5);
  inbox.push(kNow, 1, 0, 10, 6);
  EXPECT_EQ(drain(inbox, 6), (std::vector<int>{20}));
  EXPECT_EQ(inbox.size(), 1U);
  EXPECT_EQ(drain(inbox, 7), (std::vector<int>{10}));
}

TEST(Inbox, KeepsWhatArrivesLater) {
  Inbox<int> inbox;
  EXPECT_EQ(inbox.next_fs(), kNever);
  inbox.push(kNow + 7, 0, 0, 1, 5);
  EXPECT_EQ(inbox.next_fs(), kNow + 7);
  EXPECT_TRUE(drain(inbox, 9).empty());
  EXPECT_EQ(drain(inbox, 9, kNow + 7), (std::vector<int>{1}));
}

TEST(Inbox, TakingMayPush) {
  Inbox<int> inbox;
  for (std::uint64_t i = 0; i < 100; ++i) {
    inbox.push(kNow, i, 0, static_cast<int>(i), 1);
  }
  int taken = 0;
  inbox.drain(kNow, 2, [&](int item, Femtoseconds) {
    EXPECT_EQ(item, taken++);
    inbox.push(kNow, 0, 0, 1'000 + item, 2);
  });
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(inbox.size(), 100U);
}

TEST(Inbox, AllCanBeLookedAtAndTaken) {
  Inbox<int> inbox;
  inbox.push(kNow + 3, 0, 0, 2, 5);
  inbox.push(kNow, 0, 0, 1, 5);
  int sum = 0;
  inbox.for_each([&](int item, Femtoseconds) { sum += item; });
  EXPECT_EQ(sum, 3);
  std::vector<int> taken;
  inbox.drain_all([&](int item, Femtoseconds) { taken.push_back(item); });
  EXPECT_EQ(taken, (std::vector<int>{1, 2}));
}

TEST(Inbox, ClearForgets) {
  Inbox<int> inbox;
  inbox.push(0, 0, 0, 1, 0);
  inbox.clear();
  EXPECT_TRUE(drain(inbox, 9).empty());
}

}  // namespace
}  // namespace orrery
