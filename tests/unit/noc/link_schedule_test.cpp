// SPDX-License-Identifier: Apache-2.0
#include "noc/link_schedule.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

void expect_slot(const LinkSchedule::Slot& slot, Femtoseconds start_fs, Femtoseconds end_fs) {
  EXPECT_EQ(slot.start_fs, start_fs);
  EXPECT_EQ(slot.end_fs, end_fs);
}

TEST(LinkScheduleTest, MessagesFollowEachOther) {
  LinkSchedule link;
  expect_slot(link.book(0, 0, 10), 0, 10);
  expect_slot(link.book(0, 5, 10), 10, 20);
  expect_slot(link.book(30, 30, 10), 30, 40);
  EXPECT_EQ(link.busy_fs(), 30U);
}

TEST(LinkScheduleTest, AMessageBookedAheadLeavesTheTimeBeforeItToOthers) {
  LinkSchedule link;
  expect_slot(link.book(0, 100, 10), 100, 110);
  expect_slot(link.book(0, 20, 30), 20, 50);
  expect_slot(link.book(0, 0, 15), 0, 15);
  expect_slot(link.book(0, 40, 5), 50, 55);
}

TEST(LinkScheduleTest, AMessageGoesOnAfterTheOneItFindsInItsWay) {
  LinkSchedule link;
  link.book(0, 100, 10);
  expect_slot(link.book(0, 90, 30), 90, 130);
  expect_slot(link.book(0, 90, 1), 130, 131);
}

TEST(LinkScheduleTest, TimeThatHasPassedIsNotGivenAway) {
  LinkSchedule link;
  link.book(0, 100, 10);
  expect_slot(link.book(99, 99, 5), 99, 114);
}

TEST(LinkScheduleTest, NothingTakesNoTimeAndDoesNotWait) {
  LinkSchedule link;
  link.book(0, 0, 100);
  expect_slot(link.book(0, 10, 0), 10, 10);
}

TEST(LinkScheduleTest, TheEarliestIdleSpanIsForgottenFirst) {
  LinkSchedule link;
  for (Femtoseconds i = 1; i <= LinkSchedule::kMaxGaps + 1; ++i) {
    link.book(0, 100 * i, 10);
  }
  expect_slot(link.book(0, 0, 10), 110, 120);
}

}  // namespace
}  // namespace orrery
