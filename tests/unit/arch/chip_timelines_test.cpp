// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_timelines.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr Femtoseconds kNs = kFsPerNanosecond;

class ComponentTimelinesTest : public ::testing::Test {
 protected:
  ComponentTimelinesTest() {
    registry_.add("chip.core_0.tensor_busy", "fs", "", tensor_);
    registry_.add("chip.core_0.useful_flop", "1", "", flop_);
    registry_.add("chip.hbm.channel[5].bytes", "byte", "", channel_);
    registry_.add("chip.hbm.channel[5].activates", "1", "", activates_);
    links_ = {{.name = "core 0 out", .from = "core 0", .to = "crossbar"}};
  }
  ComponentTimelines timelines(Femtoseconds start_fs = 0) {
    return {registry_, [this] { return links_; }, 8, start_fs};
  }
  Counter tensor_, flop_, channel_, activates_;
  CounterRegistry registry_;
  std::vector<LinkLoad> links_;
};

TEST_F(ComponentTimelinesTest, HasATrackForEachUnitChannelAndLink) {
  const ComponentTimelines all = timelines();
  ASSERT_EQ(all.tracks().size(), 3U);
  EXPECT_EQ(all.tracks()[0].component, "core_0.tensor");
  EXPECT_EQ(all.tracks()[0].counter, "busy");
  EXPECT_EQ(all.tracks()[0].unit, "fs");
  EXPECT_EQ(all.tracks()[1].component, "hbm.channel[5]");
  EXPECT_EQ(all.tracks()[1].counter, "bytes");
  EXPECT_EQ(all.tracks()[2].component, "network.core 0 out");
}

TEST_F(ComponentTimelinesTest, SpreadsWhatWasAddedSinceTheLastLook) {
  tensor_ += 1000;  // before it began
  ComponentTimelines all = timelines(2 * kNs);
  tensor_ += 60;
  channel_ += 10;
  EXPECT_EQ(all.look(4 * kNs), 5 * kNs);  // when another bin has passed
  links_[0].request_bytes = 3;
  links_[0].response_bytes = 4;
  all.look(5 * kNs);
  EXPECT_EQ(all.tracks()[0].timeline.bins(),
            (std::vector<std::uint64_t>{0, 0, 30, 30, 0, 0, 0, 0}));
  EXPECT_EQ(all.tracks()[1].timeline.sum(), 10U);
  EXPECT_EQ(all.tracks()[2].timeline.bins(), (std::vector<std::uint64_t>{0, 0, 0, 0, 7, 0, 0, 0}));
}

TEST_F(ComponentTimelinesTest, LooksLessOftenAsBinsWiden) {
  ComponentTimelines all = timelines();
  tensor_ += 1;
  EXPECT_EQ(all.look(64 * kNs), 64 * kNs + 8 * kNs);
}

}  // namespace
}  // namespace orrery
