// SPDX-License-Identifier: Apache-2.0
#include "arch/dispatcher_engine.h"

#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

DispatcherEngine::Grid grid(std::uint64_t tasks,
                            std::uint32_t cores,
                            DispatchPolicy policy,
                            std::uint32_t cluster_size = 1,
                            std::uint32_t contexts = 1) {
  DispatcherEngine::Grid result;
  result.tasks = tasks;
  result.cores = cores;
  result.policy = policy;
  result.cluster_size = cluster_size;
  result.contexts = contexts;
  return result;
}

TEST(DispatcherEngineTest, DynamicGivesTheNextTaskToWhoAsks) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(4, 3, DispatchPolicy::kDynamic));
  EXPECT_EQ(dispatcher.next_task(2, 0), 0U);
  EXPECT_EQ(dispatcher.next_task(0, 0), 1U);
  EXPECT_EQ(dispatcher.next_task(2, 0), 2U);
  EXPECT_EQ(dispatcher.next_task(2, 0), 3U);
  EXPECT_EQ(dispatcher.next_task(1, 0), std::nullopt);
}

TEST(DispatcherEngineTest, StaticGivesACoreItsOwnTasksWhateverTheOrder) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(5, 2, DispatchPolicy::kStatic));
  EXPECT_EQ(dispatcher.next_task(1, 0), 1U);
  EXPECT_EQ(dispatcher.next_task(1, 0), 3U);
  EXPECT_EQ(dispatcher.next_task(1, 0), std::nullopt);
  EXPECT_EQ(dispatcher.next_task(0, 0), 0U);
  EXPECT_EQ(dispatcher.next_task(0, 0), 2U);
  EXPECT_EQ(dispatcher.next_task(0, 0), 4U);
  EXPECT_EQ(dispatcher.next_task(0, 0), std::nullopt);
}

TEST(DispatcherEngineTest, TheCoresOfAClusterGetNeighbours) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(8, 4, DispatchPolicy::kDynamic, 2));
  EXPECT_EQ(dispatcher.next_task(3, 0), 1U);  // cluster 1 asks first: group 0, rank 1
  EXPECT_EQ(dispatcher.next_task(3, 0), 3U);  // runs ahead of its peer
  EXPECT_EQ(dispatcher.next_task(0, 0), 4U);
  EXPECT_EQ(dispatcher.next_task(2, 0), 0U);
  EXPECT_EQ(dispatcher.next_task(2, 0), 2U);
  EXPECT_EQ(dispatcher.next_task(1, 0), 5U);
}

TEST(DispatcherEngineTest, CoresBeyondTheLastWholeClusterGetNothing) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(8, 5, DispatchPolicy::kDynamic, 2));
  EXPECT_EQ(dispatcher.next_task(4, 0), std::nullopt);
  EXPECT_EQ(dispatcher.next_task(0, 0), 0U);
}

TEST(DispatcherEngineTest, EveryTaskIsHandedOutExactlyOnce) {
  for (const DispatchPolicy policy : {DispatchPolicy::kDynamic, DispatchPolicy::kStatic}) {
    for (const std::uint32_t cluster : {1U, 2U, 4U}) {
      for (const std::uint32_t contexts : {1U, 3U}) {
        for (const std::uint32_t cores : {4U, 5U, 12U}) {
          for (const std::uint64_t groups : {0U, 1U, 7U, 50U}) {
            DispatcherEngine dispatcher;
            dispatcher.begin(grid(groups * cluster, cores, policy, cluster, contexts));
            std::vector<int> given(groups * cluster, 0);
            // Core 0 asks most, the last core first.
            for (std::uint32_t round = 0; round < 200; ++round) {
              for (std::uint32_t core = cores; core-- > 0;) {
                if (round % (core + 1) != 0 && round < 100) {
                  continue;
                }
                for (std::uint32_t context = 0; context < contexts; ++context) {
                  if (const auto task = dispatcher.next_task(core, context)) {
                    EXPECT_EQ(*task % cluster, core % cluster);
                    ++given.at(*task);
                  }
                }
              }
            }
            EXPECT_EQ(given, std::vector<int>(groups * cluster, 1));
          }
        }
      }
    }
  }
}

TEST(DispatcherEngineTest, AllHaveEndedWhenAllWereSaidToEnd) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(3, 2, DispatchPolicy::kDynamic));
  dispatcher.end_tasks(2);
  EXPECT_FALSE(dispatcher.all_ended());
  dispatcher.end_tasks(1);
  EXPECT_TRUE(dispatcher.all_ended());
  dispatcher.begin(grid(1, 2, DispatchPolicy::kDynamic));
  EXPECT_FALSE(dispatcher.all_ended());
  EXPECT_EQ(dispatcher.next_task(0, 0), 0U);
}

TEST(DispatcherEngineTest, SkippedTasksAreTheNextOnesAndCountAsEnded) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(10, 2, DispatchPolicy::kDynamic));
  EXPECT_EQ(dispatcher.next_task(0, 0), 0U);
  EXPECT_EQ(dispatcher.waiting_tasks(), 9U);
  const auto skipped = dispatcher.skip_tasks(6);
  ASSERT_EQ(skipped.size(), 1U);
  EXPECT_EQ(skipped[0].first, 1U);
  EXPECT_EQ(skipped[0].count, 6U);
  EXPECT_EQ(dispatcher.next_task(1, 0), 7U);
  EXPECT_EQ(dispatcher.next_task(0, 0), 8U);
  EXPECT_EQ(dispatcher.next_task(0, 0), 9U);
  EXPECT_EQ(dispatcher.next_task(1, 0), std::nullopt);
  EXPECT_FALSE(dispatcher.all_ended());
  dispatcher.end_tasks(4);
  EXPECT_TRUE(dispatcher.all_ended());
}

TEST(DispatcherEngineTest, AStaticPlanSkipsWholeRoundsOfEachCore) {
  DispatcherEngine dispatcher;
  dispatcher.begin(grid(13, 2, DispatchPolicy::kStatic, 1, 2));
  EXPECT_EQ(dispatcher.next_task(0, 0), 0U);  // one core is a round ahead
  EXPECT_EQ(dispatcher.slots(), 4U);
  EXPECT_EQ(dispatcher.waiting_tasks(), 8U);
  std::vector<bool> left(13, true);
  left[0] = false;
  for (const auto& range : dispatcher.skip_tasks(4)) {
    for (std::uint64_t task = range.first; task < range.first + range.count; ++task) {
      EXPECT_TRUE(left[task]);
      left[task] = false;
    }
  }
  for (std::uint32_t core = 0; core < 2; ++core) {
    for (std::uint32_t context = 0; context < 2; ++context) {
      while (const auto task = dispatcher.next_task(core, context)) {
        EXPECT_TRUE(left[*task]);
        left[*task] = false;
      }
    }
  }
  EXPECT_EQ(left, std::vector<bool>(13, false));
  dispatcher.end_tasks(9);
  EXPECT_TRUE(dispatcher.all_ended());
}

}  // namespace
}  // namespace orrery
