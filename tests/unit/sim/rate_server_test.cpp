// SPDX-License-Identifier: Apache-2.0
#include "sim/rate_server.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Rate, TimeIsExactAndRoundedUpOnce) {
  EXPECT_EQ((Rate{64, 569'801}).time_for(64), 569'801U);
  EXPECT_EQ((Rate{64, 569'801}).time_for(65), 578'705U);  // 578704.1
  EXPECT_EQ(Rate::per_second(614'000'000'000).time_for(614), 1'000'000U);
  EXPECT_EQ(Rate::per_second(3).time_for(3'000), 1'000 * kFsPerSecond);
}

TEST(RateServer, AnIdleServerStartsAtOnce) {
  RateServer server(Rate{10, 100});
  EXPECT_EQ(server.book(1'000, 20), 1'200U);
}

TEST(RateServer, RequestsQueueInTheOrderOfBooking) {
  RateServer server(Rate{10, 100});
  server.book(0, 50);
  EXPECT_EQ(server.book(10, 10), 600U);
  EXPECT_EQ(server.next_free_fs(), 600U);
}

TEST(RateServer, GapsAreNotBusy) {
  RateServer server(Rate{10, 100});
  server.book(0, 10);
  server.book(1'000, 10);
  EXPECT_EQ(server.busy_fs(), 200U);
}

TEST(RateServer, NothingTakesNoTime) {
  RateServer server(Rate{10, 100});
  EXPECT_EQ(server.book(7, 0), 7U);
  EXPECT_EQ(server.busy_fs(), 0U);
}

TEST(RateServer, ResetKeepsTheRate) {
  RateServer server(Rate{10, 100});
  server.book(0, 1'000);
  server.reset();
  EXPECT_EQ(server.book(0, 10), 100U);
  EXPECT_EQ(server.busy_fs(), 100U);
}

}  // namespace
}  // namespace orrery
