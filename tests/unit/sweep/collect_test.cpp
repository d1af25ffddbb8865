// SPDX-License-Identifier: Apache-2.0
#include "sweep/collect.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/sweep_file.h"
#include "sim/error.h"
#include "sweep/metrics.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class CollectTest : public ::testing::Test {
 protected:
  CollectTest() : folder_(scratch_.file("sweep")) { folder_.make(); }
  ScratchFolder scratch_;
  SweepFolder folder_;
};

TEST_F(CollectTest, MetricsAreThoseOfTheRun) {
  const RunRecord run = sample_record();
  const std::vector<double> values = metrics_of(run);
  ASSERT_EQ(values.size(), sweep_metrics().size());
  EXPECT_EQ(values[0], 1e12);
  EXPECT_EQ(values[1], 2048000);
  double stalls = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (sweep_metrics()[i].name.starts_with("time_")) {
      stalls += values[i];
    }
  }
  EXPECT_NEAR(stalls, 1e12, 1);
  EXPECT_NEAR(std::get<Amount>(*metric_value(values, "total_time")).value, 1e-3, 1e-12);
  EXPECT_FALSE(metric_value(values, "nonsense"));
}

TEST_F(CollectTest, PointsThatNobodyRanAreSaidToBeSo) {
  SweepRecord points = points_record("x", {}, {}, {"a", "b", "c", "d"}, {"", "no room", "", ""});
  write_sweep(points, folder_.points_file());
  {
    ShardWriter shard(folder_.shards());
    shard.append({"a", PointStatus::kComplete, "",
                  std::vector<double>(sweep_metrics().size(), std::nan(""))});
    shard.append({"c", PointStatus::kFailed, "it died", {}});
    shard.append({"of another plan", PointStatus::kFailed, "it died", {}});
  }
  const Counts counts = collect_sweep(folder_);
  EXPECT_EQ(counts.complete, 1U);
  EXPECT_EQ(counts.infeasible, 1U);
  EXPECT_EQ(counts.failed, 1U);
  EXPECT_EQ(counts.not_run, 1U);
  const SweepRecord record = read_sweep(folder_.sweep_file());
  EXPECT_EQ(record.reasons[1], "no room");
  EXPECT_EQ(record.reasons[3], kNotRun);
  EXPECT_TRUE(record.metrics.empty()) << "no point has one";
}

TEST_F(CollectTest, WhoRanWhatAndHowOftenDoesNotShow) {
  const SweepRecord points = points_record("x", {}, {}, {"a", "b"}, {"", ""});
  write_sweep(points, folder_.points_file());
  const PointRecord a{"a", PointStatus::kComplete, "",
                      std::vector<double>(sweep_metrics().size(), 1.5)};
  const PointRecord b{"b", PointStatus::kInfeasible, "no room", {}};
  {
    ShardWriter shard(folder_.shards());
    shard.append(a);
    shard.append(b);
  }
  collect_sweep(folder_);
  const std::string hash = content_hash(read_sweep(folder_.sweep_file()));
  {
    ShardWriter shard(folder_.shards());
    shard.append(b);
    ShardWriter other(folder_.shards());
    other.append(a);
  }
  collect_sweep(folder_);
  EXPECT_EQ(content_hash(read_sweep(folder_.sweep_file())), hash);
}

TEST_F(CollectTest, AFolderWithoutASweepIsSaid) {
  EXPECT_THAT([&] { collect_sweep(folder_); },
              ThrowsMessage<InputError>(HasSubstr("holds no sweep")));
}

TEST_F(CollectTest, FoldersThatCannotBeTakenAreRefused) {
  EXPECT_NO_THROW(SweepFolder(scratch_.file("new/deep")).check(false));
  write_sweep(points_record("x", {}, {}, {}, {}), folder_.points_file());
  EXPECT_THAT([&] { folder_.check(false); },
              ThrowsMessage<InputError>(HasSubstr("holds a sweep already; --resume goes on")));
  EXPECT_NO_THROW(folder_.check(true));
  EXPECT_THAT([&] { SweepFolder(scratch_.file("")).check(true); },
              ThrowsMessage<InputError>(HasSubstr("holds other files and no sweep")));
  write_text(scratch_.file("file"), "x");
  EXPECT_THAT([&] { SweepFolder(scratch_.file("file")).check(false); },
              ThrowsMessage<InputError>(HasSubstr("file: is not a folder")));
}

TEST_F(CollectTest, OneSweepAtATimeWorksInAFolder) {
  const FolderLock lock(folder_, FolderUse::kSweep);
  EXPECT_THAT([&] { const FolderLock second(folder_, FolderUse::kSweep); },
              ThrowsMessage<InputError>(HasSubstr("another sweep is at work in this folder")));
}

TEST_F(CollectTest, ChunksAndACollectionShareAFolderAndKeepASweepOut) {
  const FolderLock chunk(folder_, FolderUse::kChunk);
  const FolderLock another(folder_, FolderUse::kChunk);
  const FolderLock collection(folder_, FolderUse::kCollection);
  EXPECT_THAT([&] { const FolderLock sweep(folder_, FolderUse::kSweep); },
              ThrowsMessage<InputError>(HasSubstr("another sweep is at work in this folder")));
}

TEST_F(CollectTest, ASweepKeepsACollectionOut) {
  const FolderLock sweep(folder_, FolderUse::kSweep);
  EXPECT_THAT([&] { const FolderLock collection(folder_, FolderUse::kCollection); },
              ThrowsMessage<InputError>(HasSubstr("another sweep is at work in this folder")));
}

TEST_F(CollectTest, APointThatTwoProcessesRanIsHeldOnce) {
  const SweepRecord points = points_record("x", {}, {}, {"a", "b"}, {"", ""});
  write_sweep(points, folder_.points_file());
  const std::vector<double> values(sweep_metrics().size(), 3);
  const auto collect = [&] {
    const Counts counts = collect_sweep(folder_);
    EXPECT_EQ(counts.points(), 2U);
    EXPECT_EQ(counts.complete, 2U);
    return content_hash(read_sweep(folder_.sweep_file()));
  };
  ShardWriter first(folder_.shards());
  first.append({"a", PointStatus::kComplete, "", values});
  first.append({"b", PointStatus::kComplete, "", values});
  const std::string once = collect();
  ShardWriter second(folder_.shards());
  second.append({"b", PointStatus::kFailed, "its process died of signal 9, twice", {}});
  second.append({"a", PointStatus::kComplete, "", values});
  EXPECT_EQ(collect(), once);
}

}  // namespace
}  // namespace orrery
