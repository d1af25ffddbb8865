// SPDX-License-Identifier: Apache-2.0
#include "arch/dispatcher_module.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"

namespace orrery {
namespace {

constexpr Femtoseconds kNs = kFsPerNanosecond;

struct FakeCore : TaskSink {
  void assign_task(std::uint32_t context, std::uint64_t task) override {
    tasks.emplace_back(context, task);
    at_fs = now_fs();
  }
  void no_more_tasks(std::uint32_t /*context*/) override { ++refused; }

  std::vector<std::pair<std::uint32_t, std::uint64_t>> tasks;
  Femtoseconds at_fs = 0;
  int refused = 0;
};

class DispatcherModuleTest : public SystemCTest {
 protected:
  CounterRegistry counters_;
  DispatcherModule dispatcher_{"dispatcher", counters_};
  FakeCore cores_[2];

  void launch(std::uint64_t tasks, Femtoseconds start_fs) {
    DispatcherEngine::Grid grid;
    grid.tasks = tasks;
    grid.cores = 2;
    grid.contexts = 2;
    dispatcher_.launch(grid, start_fs, {&cores_[0], &cores_[1]});
  }
};

TEST_F(DispatcherModuleTest, RequestsAreAnsweredFromTheLaunchOnFirstContextsFirst) {
  launch(3, 40 * kNs);
  // In an order that answers must not follow.
  dispatcher_.request_task(1, 1);
  dispatcher_.request_task(0, 1);
  dispatcher_.request_task(1, 0);
  dispatcher_.request_task(0, 0);
  sc_core::sc_start(to_sc_time(100 * kNs));
  EXPECT_EQ(cores_[0].at_fs, 40 * kNs);
  const std::vector<std::pair<std::uint32_t, std::uint64_t>> first{{0, 0}, {1, 2}};
  const std::vector<std::pair<std::uint32_t, std::uint64_t>> second{{0, 1}};
  EXPECT_EQ(cores_[0].tasks, first);
  EXPECT_EQ(cores_[1].tasks, second);
  EXPECT_EQ(cores_[1].refused, 1);
}

TEST_F(DispatcherModuleTest, TheLastTasksEndPausesTheSimulation) {
  launch(2, 10 * kNs);
  dispatcher_.request_task(0, 0);
  dispatcher_.request_task(1, 0);
  sc_core::sc_start(to_sc_time(50 * kNs));
  dispatcher_.end_tasks(0, 1);
  sc_core::sc_start(to_sc_time(20 * kNs));
  EXPECT_FALSE(dispatcher_.all_ended());
  std::vector<std::string> lines;
  dispatcher_.report_waits(lines);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front(), "dispatcher waits for 1 of 2 tile tasks to end");
  dispatcher_.end_tasks(1, 1);
  sc_core::sc_start(to_sc_time(20 * kNs));
  EXPECT_TRUE(dispatcher_.all_ended());
  EXPECT_EQ(dispatcher_.end_fs(), 70 * kNs);
  EXPECT_EQ(now_fs(), 70 * kNs);  // paused, not run to the end of the 20 ns
}

}  // namespace
}  // namespace orrery
