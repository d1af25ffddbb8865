// SPDX-License-Identifier: Apache-2.0
#include "sweep/worker_pool.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class WorkerPoolTest : public ::testing::Test {
 protected:
  WorkerPoolTest() { std::filesystem::create_directory(folder_.file("shards")); }

  // The last record of each point, and how many there are.
  std::map<std::string, PointRecord> run(const std::vector<Chunk>& chunks,
                                         const PointWork& work,
                                         PoolOptions options = {}) {
    ended_ = 0;
    run_pool(
        chunks, options, folder_.file("shards"), work,
        [](std::size_t point) { return std::to_string(point); }, [&](PointStatus) { ++ended_; });
    std::map<std::string, PointRecord> records;
    records_ = 0;
    read_shards(folder_.file("shards"), [&](PointRecord&& record) {
      ++records_;
      records[record.identity] = std::move(record);
    });
    return records;
  }
  static PointRecord infeasible(std::size_t point, const std::string& reason) {
    return {std::to_string(point), PointStatus::kInfeasible, reason, {}};
  }
  // True for the first process that asks of a point.
  bool is_first(std::size_t point) const {
    return std::filesystem::create_directory(folder_.file("seen" + std::to_string(point)));
  }

  ScratchFolder folder_;
  int ended_ = 0;
  int records_ = 0;
};

TEST_F(WorkerPoolTest, EachPointIsRecordedOnceWhateverTheJobs) {
  for (const std::size_t jobs : {1U, 2U, 9U}) {
    const auto records =
        run({{0, 1, 2}, {3}, {4, 5}}, [](std::size_t i) { return infeasible(i, "x"); }, {jobs, 60});
    EXPECT_EQ(records.size(), 6U);
    EXPECT_EQ(ended_, 6);
  }
  EXPECT_EQ(records_, 18);  // of three runs in one folder
}

TEST_F(WorkerPoolTest, APointThatDiesIsTriedOnceMoreThenFailed) {
  const auto records = run({{0, 1, 2}}, [](std::size_t i) {
    if (i == 1) {
      std::raise(SIGKILL);
    }
    return infeasible(i, "well");
  });
  EXPECT_EQ(records.at("0").reason, "well");
  EXPECT_EQ(records.at("1").status, PointStatus::kFailed);
  EXPECT_EQ(records.at("1").reason, "its process died of signal 9, twice");
  EXPECT_EQ(records.at("2").reason, "well");
  EXPECT_EQ(ended_, 3);
}

TEST_F(WorkerPoolTest, APointThatDiedOnceMayWellWork) {
  const auto records = run({{0, 1}}, [&](std::size_t i) {
    if (i == 0 && is_first(0)) {
      _exit(7);
    }
    return infeasible(i, "well");
  });
  EXPECT_EQ(records.at("0").reason, "well");
  EXPECT_EQ(records_, 2);
}

TEST_F(WorkerPoolTest, APointThatTakesTooLongHasFailedAndTheRestGoesOn) {
  const auto records = run({{0, 1, 2}, {3}},
                           [](std::size_t i) {
                             if (i == 1) {
                               sleep(60);
                             }
                             return infeasible(i, "well");
                           },
                           {2, 0.2});
  EXPECT_EQ(records.at("1").reason, "it took longer than 0.2 s, twice");
  EXPECT_EQ(records.at("1").status, PointStatus::kFailed);
  EXPECT_EQ(records.at("2").reason, "well");
  EXPECT_EQ(records.at("3").reason, "well");
}

TEST_F(WorkerPoolTest, BehindAPointThatIsNotCompleteANewProcessGoesOn) {
  int here = 0;
  const auto records =
      run({{0, 1}}, [&](std::size_t i) { return infeasible(i, std::to_string(++here)); });
  EXPECT_EQ(records.at("1").reason, "1");
}

TEST_F(WorkerPoolTest, WhatCannotBeWrittenEndsTheSweep) {
  EXPECT_THAT(
      [&] {
        run({{0, 1}, {2}}, [](std::size_t i) -> PointRecord {
          if (i == 1) {
            throw InputError("results/x.h5: cannot write: No space left on device");
          }
          return infeasible(i, "well");
        });
      },
      ThrowsMessage<InputError>(
          HasSubstr("No space left on device; the points that were recorded stay")));
  int records = 0;
  read_shards(folder_.file("shards"), [&](PointRecord&&) { ++records; });
  EXPECT_EQ(records, 1);
}

TEST_F(WorkerPoolTest, WorkersDieWithTheirParent) {
  const std::string mark = folder_.file("alive");
  const pid_t parent = fork();
  if (parent == 0) {
    run({{0}}, [&](std::size_t i) {
      sleep(1);
      write_text(mark, "still here");
      return infeasible(i, "");
    });
    _exit(0);
  }
  usleep(300'000);
  kill(parent, SIGKILL);
  usleep(1'200'000);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

}  // namespace
}  // namespace orrery
