// SPDX-License-Identifier: Apache-2.0
#include "cli/timeline_record.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr Femtoseconds kNs = kFsPerNanosecond;

OperatorResult op(Femtoseconds simulated_fs,
                  Femtoseconds start_fs,
                  Femtoseconds end_fs,
                  bool reused) {
  OperatorResult result;
  result.run.start_fs = start_fs;
  result.run.end_fs = end_fs;
  result.reused = reused;
  result.simulated_start_fs = simulated_fs;
  return result;
}

TEST(TimelineRecordTest, WithoutRepeatsNothingMoves) {
  Timeline timeline(8);
  timeline.add(0, 4 * kNs, 40);
  const Timeline shown = in_workload_time(timeline, {op(0, 0, 4 * kNs, false)});
  EXPECT_EQ(shown.bins(), timeline.bins());
}

// Two operators, a and b, run as a b b a in the workload.
TEST(TimelineRecordTest, RepeatsDoWhatTheirSourceDid) {
  Timeline timeline(16);
  timeline.add(0, 2 * kNs, 20);        // a: 10 a bin
  timeline.add(2 * kNs, 3 * kNs, 70);  // b
  const Timeline shown = in_workload_time(
      timeline, {op(0, 0, 2 * kNs, false), op(2 * kNs, 2 * kNs, 3 * kNs, false),
                 op(2 * kNs, 3 * kNs, 4 * kNs, true), op(0, 4 * kNs, 6 * kNs, true)});
  const std::vector<std::uint64_t> first(shown.bins().begin(), shown.bins().begin() + 7);
  EXPECT_EQ(shown.bin_fs(), kNs);
  EXPECT_EQ(first, (std::vector<std::uint64_t>{10, 10, 70, 70, 10, 10, 0}));
}

TEST(TimelineRecordTest, WhatMemoryDidAfterTheLastOperatorComesLast) {
  Timeline timeline(16);
  timeline.add(0, 2 * kNs, 20);
  timeline.add(2 * kNs, 3 * kNs, 5);
  const Timeline shown =
      in_workload_time(timeline, {op(0, 0, 2 * kNs, false), op(0, 2 * kNs, 4 * kNs, true)});
  EXPECT_EQ(shown.bins()[4], 5U);
  EXPECT_EQ(shown.sum(), 45U);
}

TEST(TimelineRecordTest, WorkloadsLongerThanTheBinsGetWiderOnes) {
  Timeline timeline(4);
  timeline.add(0, 4 * kNs, 400);
  std::vector<OperatorResult> operators{op(0, 0, 4 * kNs, false)};
  for (std::uint64_t i = 1; i < 4; ++i) {
    operators.push_back(op(0, i * 4 * kNs, (i + 1) * 4 * kNs, true));
  }
  const Timeline shown = in_workload_time(timeline, operators);
  EXPECT_EQ(shown.bin_fs(), 4 * kNs);
  EXPECT_EQ(shown.bins(), (std::vector<std::uint64_t>{400, 400, 400, 400}));
}

}  // namespace
}  // namespace orrery
