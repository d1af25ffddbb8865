// SPDX-License-Identifier: Apache-2.0
#include "sweep/shard.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "sweep/metrics.h"
#include "sweep/sweep_folder.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

PointRecord complete(const std::string& identity) {
  PointRecord record{identity, PointStatus::kComplete, "", {}};
  for (std::size_t i = 0; i < sweep_metrics().size(); ++i) {
    record.values.push_back(0.1 * static_cast<double>(i));
  }
  return record;
}

class ShardTest : public ::testing::Test {
 protected:
  ShardTest() { std::filesystem::create_directory(shards()); }
  std::string shards() const { return folder_.file("shards"); }
  std::string only_file() const {
    return std::filesystem::directory_iterator(shards())->path().string();
  }
  std::vector<PointRecord> read() {
    std::vector<PointRecord> records;
    report_ = read_shards(shards(), [&](PointRecord&& r) { records.push_back(std::move(r)); });
    return records;
  }
  ScratchFolder folder_;
  ShardReport report_;
};

TEST_F(ShardTest, WhatWasAppendedIsRead) {
  const PointRecord infeasible{"b", PointStatus::kInfeasible, "it \"does\" not\nfit", {}};
  {
    ShardWriter writer(shards());
    writer.append(complete("a"));
    writer.append(infeasible);
  }
  const auto records = read();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0], complete("a"));
  EXPECT_EQ(records[1], infeasible);
  EXPECT_EQ(report_.torn, 0U);
}

TEST_F(ShardTest, AMissingMetricStaysMissing) {
  PointRecord record = complete("a");
  record.values[3] = std::numeric_limits<double>::quiet_NaN();
  ShardWriter(shards()).append(record);
  EXPECT_TRUE(std::isnan(read().at(0).values[3]));
}

TEST_F(ShardTest, ATornLineIsLeftOutWhereverItIsCut) {
  {
    ShardWriter writer(shards());
    writer.append(complete("a"));
    writer.append(complete("b"));
  }
  const std::string whole = file_text(only_file());
  const std::size_t second = whole.find("\"b\"") - 30;
  for (std::size_t end = whole.rfind('\n', second) + 1; end < whole.size(); end += 7) {
    write_text(only_file(), whole.substr(0, end));
    const auto records = read();
    ASSERT_EQ(records.size(), 1U) << end;
    EXPECT_EQ(records[0].identity, "a");
  }
}

TEST_F(ShardTest, AChangedLineIsLeftOut) {
  {
    ShardWriter writer(shards());
    writer.append(complete("a"));
    writer.append(complete("b"));
  }
  std::string text = file_text(only_file());
  text[text.find("0.1")] = '7';
  write_text(only_file(), text);
  const auto records = read();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].identity, "b");
  EXPECT_EQ(report_.torn, 1U);
}

TEST_F(ShardTest, EachWriterHasAFileOfItsOwn) {
  ShardWriter first(shards());
  ShardWriter second(shards());
  first.append(complete("a"));
  second.append(complete("b"));
  EXPECT_EQ(read().size(), 2U);
}

TEST_F(ShardTest, SaysWhyItCannotBeWrittenOrRead) {
  EXPECT_THAT([&] { ShardWriter(folder_.file("none")); },
              ThrowsMessage<InputError>(HasSubstr("cannot write: No such file or directory")));
  EXPECT_THAT([&] { read_shards(folder_.file("none"), [](PointRecord&&) {}); },
              ThrowsMessage<InputError>(HasSubstr("none: cannot read: No such file")));
}

TEST_F(ShardTest, AnotherVersionIsRefused) {
  ShardWriter(shards()).append(complete("a"));
  std::string text = file_text(only_file());
  // Its checksum must be right, or it would count as torn: take the one of a line of that version.
  const std::string line = R"({"format":"orrery-shard","schema_version":2,"metrics":[]})";
  write_text(only_file(), shard_line(line) + text.substr(text.find('\n') + 1));
  EXPECT_THAT([&] { read(); },
              ThrowsMessage<InputError>(HasSubstr("schema version 2, this program reads 1")));
}

TEST_F(ShardTest, OfSeveralRecordsOfAPointOneThatCountsIsTaken) {
  {
    ShardWriter first(shards());
    first.append({"a", PointStatus::kFailed, "it died", {}});
    ShardWriter second(shards());
    second.append(complete("a"));
    ShardWriter third(shards());
    third.append({"a", PointStatus::kFailed, "it died again", {}});
    third.append({"f", PointStatus::kFailed, "it died", {}});
  }
  KnownPoints known;
  known.read(SweepFolder(folder_.file("")));
  EXPECT_EQ(known.find("a")->status, PointStatus::kComplete);
  EXPECT_TRUE(known.is_finished("a"));
  EXPECT_FALSE(known.is_finished("f")) << "a failed point is tried again";
  EXPECT_FALSE(known.is_finished("none"));
}

}  // namespace
}  // namespace orrery
