// SPDX-License-Identifier: Apache-2.0
#include "arch/core_accounting.h"

#include <initializer_list>
#include <numeric>

#include <gtest/gtest.h>

namespace orrery {
namespace {

LoadJourney journey(Femtoseconds issued_fs, std::initializer_list<Transfer::Segment> segments) {
  LoadJourney result;
  result.issued_fs = issued_fs;
  for (const Transfer::Segment& segment : segments) {
    result.segments[result.segment_count++] = segment;
  }
  return result;
}

Femtoseconds part(const TimeSplit& split, TimeCategory category) {
  return split[static_cast<std::size_t>(category)];
}

Femtoseconds sum(const TimeSplit& split) {
  return std::accumulate(split.begin(), split.end(), Femtoseconds{0});
}

TEST(CoreAccountingTest, ACoreWithoutATaskIsIdle) {
  CoreAccounting accounting;
  accounting.begin(100);
  const TimeSplit split = accounting.finish(150, 160);
  EXPECT_EQ(part(split, TimeCategory::kIdle), 50U);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 10U);
  EXPECT_EQ(sum(split), 60U);
}

TEST(CoreAccountingTest, ACoreWithoutATaskWaitsForLaunchesAsTheOthersDo) {
  CoreAccounting accounting;
  accounting.begin(100);
  const CoreAccounting::Launch launches[] = {{100, 120}, {140, 155}};  // two kernels of an operator
  const TimeSplit split = accounting.finish(180, 190, launches);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 20U + 15 + 10);
  EXPECT_EQ(part(split, TimeCategory::kIdle), 20U + 25);
  EXPECT_EQ(sum(split), 90U);
}

TEST(CoreAccountingTest, ALaunchThatACoreHasAccountedForCountsOnce) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(20);
  accounting.start_tensor(20, CauseKind::kCompute, nullptr);
  accounting.stop_tensor(50);
  accounting.task_ended(50);
  const CoreAccounting::Launch launches[] = {{0, 20}, {60, 75}};  // no task of the second
  const TimeSplit split = accounting.finish(100, 100, launches);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 20U + 15);
  EXPECT_EQ(part(split, TimeCategory::kTensor), 30U);
  EXPECT_EQ(part(split, TimeCategory::kIdle), 10U + 25);
  EXPECT_EQ(sum(split), 100U);
}

TEST(CoreAccountingTest, ATaskFromItsLaunchToItsStore) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(20);
  const LoadJourney load = journey(20, {{Stage::kNetwork, 40}, {Stage::kMemory, 100}});
  accounting.start_tensor(100, CauseKind::kLoad, &load);
  accounting.stop_tensor(150);
  accounting.start_vector(150, CauseKind::kCompute, nullptr);
  accounting.stop_vector(170);
  accounting.task_ended(200);
  const TimeSplit split = accounting.finish(260, 300);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 20U + 40);
  EXPECT_EQ(part(split, TimeCategory::kLoadNetwork), 20U);
  EXPECT_EQ(part(split, TimeCategory::kLoadMemory), 60U);
  EXPECT_EQ(part(split, TimeCategory::kTensor), 50U);
  EXPECT_EQ(part(split, TimeCategory::kVector), 20U);
  EXPECT_EQ(part(split, TimeCategory::kStore), 30U);
  EXPECT_EQ(part(split, TimeCategory::kIdle), 60U);
  EXPECT_EQ(sum(split), 300U);
}

TEST(CoreAccountingTest, WhileBothUnitsWorkTheTimeIsTensor) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  accounting.start_tensor(0, CauseKind::kCompute, nullptr);
  accounting.start_vector(5, CauseKind::kCompute, nullptr);
  accounting.stop_tensor(10);
  accounting.stop_vector(25);
  accounting.task_ended(25);
  const TimeSplit split = accounting.finish(25, 25);
  EXPECT_EQ(part(split, TimeCategory::kTensor), 10U);
  EXPECT_EQ(part(split, TimeCategory::kVector), 15U);
  EXPECT_EQ(sum(split), 25U);
}

TEST(CoreAccountingTest, AGapThatAnotherCoreEndsIsSync) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(10);
  accounting.start_tensor(50, CauseKind::kRemote, nullptr);
  accounting.stop_tensor(60);
  accounting.task_ended(60);
  const TimeSplit split = accounting.finish(60, 60);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 10U);
  EXPECT_EQ(part(split, TimeCategory::kSync), 40U);
  EXPECT_EQ(sum(split), 60U);
}

TEST(CoreAccountingTest, AGapThatAStoreEndsIsStore) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  accounting.start_vector(30, CauseKind::kStore, nullptr);
  accounting.stop_vector(40);
  accounting.task_ended(40);
  EXPECT_EQ(part(accounting.finish(40, 40), TimeCategory::kStore), 30U);
}

// Stages weigh by the time the load spent there; a wait for credit has no stage of its own.
TEST(CoreAccountingTest, AWaitForCreditIsThatOfWhereTheLoadThenDwells) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  const LoadJourney load =
      journey(0, {{Stage::kCredit, 80}, {Stage::kShared, 85}, {Stage::kMemory, 100}});
  accounting.start_tensor(100, CauseKind::kLoad, &load);
  const TimeSplit split = accounting.finish(100, 100);
  EXPECT_EQ(part(split, TimeCategory::kLoadShared), 25U);
  EXPECT_EQ(part(split, TimeCategory::kLoadMemory), 75U);
  EXPECT_EQ(part(split, TimeCategory::kLoadNetwork), 0U);
}

TEST(CoreAccountingTest, ALoadWithoutAJourneyIsTheNetworks) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  const LoadJourney load = journey(0, {});
  accounting.start_tensor(70, CauseKind::kLoad, &load);
  EXPECT_EQ(part(accounting.finish(70, 70), TimeCategory::kLoadNetwork), 70U);
}

// 10..30 the first task's store, 30..40 hand-out and set-up of the next, 40..50 its load.
TEST(CoreAccountingTest, AGapBetweenTasksIsStoreThenLaunchThenLoad) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  accounting.start_tensor(0, CauseKind::kCompute, nullptr);
  accounting.stop_tensor(10);
  accounting.task_ended(30);
  accounting.task_started(40);
  const LoadJourney load = journey(40, {{Stage::kShared, 50}});
  accounting.start_tensor(50, CauseKind::kLoad, &load);
  accounting.stop_tensor(60);
  accounting.task_ended(60);
  const TimeSplit split = accounting.finish(60, 60);
  EXPECT_EQ(part(split, TimeCategory::kTensor), 20U);
  EXPECT_EQ(part(split, TimeCategory::kStore), 20U);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 10U);
  EXPECT_EQ(part(split, TimeCategory::kLoadShared), 10U);
  EXPECT_EQ(sum(split), 60U);
}

TEST(CoreAccountingTest, RoundingOfSharesLosesNothing) {
  for (Femtoseconds gap = 1; gap < 40; ++gap) {
    CoreAccounting accounting;
    accounting.begin(0);
    accounting.task_started(0);
    const LoadJourney load =
        journey(0, {{Stage::kNetwork, 7}, {Stage::kShared, 14}, {Stage::kMemory, 21}});
    accounting.start_tensor(gap, CauseKind::kLoad, &load);
    EXPECT_EQ(sum(accounting.finish(gap, gap)), gap);
  }
}

TEST(CoreAccountingTest, BeginForgetsTheOperatorBefore) {
  CoreAccounting accounting;
  accounting.begin(0);
  accounting.task_started(0);
  accounting.finish(100, 100);
  accounting.begin(100);
  EXPECT_EQ(sum(accounting.finish(130, 130)), 30U);
}

}  // namespace
}  // namespace orrery
