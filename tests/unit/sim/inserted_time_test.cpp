// SPDX-License-Identifier: Apache-2.0
#include "sim/inserted_time.h"

#include <gtest/gtest.h>

#include "sim/event_log.h"
#include "sim/timeline.h"

namespace orrery {
namespace {

TEST(InsertedTime, ShiftsWhatComesAfter) {
  InsertedTime inserted;
  EXPECT_EQ(inserted.reported(5), 5U);
  inserted.insert(10, 100);
  inserted.insert(20, 1000);
  EXPECT_EQ(inserted.reported(10), 10U);
  EXPECT_EQ(inserted.reported(11), 111U);
  EXPECT_EQ(inserted.reported(20), 120U);
  EXPECT_EQ(inserted.reported(21), 1121U);
  EXPECT_EQ(inserted.total_fs(), 1100U);
}

TEST(InsertedTime, TimelinesAndEventsFollowIt) {
  InsertedTime inserted;
  Timeline timeline(8, 10);
  timeline.follow(&inserted);
  EventLog log(4);
  log.follow(&inserted);
  inserted.insert(10, 40);
  timeline.add(0, 10, 3);
  timeline.add(15, 20, 5);
  timeline.add_reported(10, 50, 8);
  log.add(EventLog::Kind::kTask, 0, 5, 15);  // was under way
  EXPECT_EQ(timeline.bins(), (std::vector<std::uint64_t>{3, 2, 2, 2, 2, 5, 0, 0}));
  EXPECT_EQ(log.events()[0].start_fs, 5U);
  EXPECT_EQ(log.events()[0].end_fs, 55U);
}

}  // namespace
}  // namespace orrery
