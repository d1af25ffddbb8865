// SPDX-License-Identifier: Apache-2.0
#include "results/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/canonical.h"
#include "sim/error.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

class ResultFileTest : public ::testing::Test {
 protected:
  RunRecord round_trip(const RunRecord& record) {
    write_result(record, path_);
    return read_result(path_);
  }
  ScratchFolder folder_;
  std::string path_ = folder_.file("run.h5");
};

TEST_F(ResultFileTest, GivesBackWhatWasWritten) {
  EXPECT_EQ(round_trip(sample_record()), sample_record());
}

TEST_F(ResultFileTest, GivesBackPowerAndEnergy) {
  EXPECT_EQ(round_trip(sample_record_with_power()), sample_record_with_power());
}

TEST_F(ResultFileTest, GivesBackLinks) {
  RunRecord record = sample_record();
  record.links = {{"core 0 out", "core 0", "router (0,1)", 1, 2, 3, 4},
                  {"core 0 in", "router (0,1)", "core 0", 5, 6, 7, 8}};
  EXPECT_EQ(round_trip(record), record);
}

TEST_F(ResultFileTest, LinksAreInTheContentHashWhereThereAreAny) {
  RunRecord record = sample_record();
  const std::string without = content_hash(record);
  record.links = {{"core 0 out", "core 0", "router (0,1)", 1, 2, 3, 4}};
  const std::string with = content_hash(record);
  EXPECT_NE(with, without);
  record.links[0].response_busy_fs = 5;
  EXPECT_NE(content_hash(record), with);
}

// `orrery run --timeline` on a chip of a thousand cores.
TEST_F(ResultFileTest, GivesBackATimelineOfManyComponents) {
  RunRecord record;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    record.timeline.push_back({"core_" + std::to_string(i), "busy", "fs", 1000, {i, 1}});
  }
  record = canonical(record);
  EXPECT_EQ(round_trip(record), record);
}

TEST_F(ResultFileTest, RefusesATimelineThatCouldNotBeReadAgain) {
  RunRecord record;
  record.timeline.assign(kResultLimits.timeline_components + 1, {"core", "busy", "fs", 1000, {}});
  EXPECT_THROW(write_result(record, path_), InputError);
  record.timeline.clear();
  for (std::uint64_t i = 0; i < kResultLimits.named; ++i) {
    record.timeline.push_back({"core", "counter" + std::to_string(i), "fs", 1000, {}});
  }
  EXPECT_THROW(write_result(record, path_), InputError);
}

TEST_F(ResultFileTest, RefusesARunOfWhichOnlyPartHasPower) {
  RunRecord record = sample_record_with_power();
  record.ops[2].energy_j.clear();
  EXPECT_THROW(write_result(record, path_), std::invalid_argument);
  record = sample_record_with_power();
  record.ops[2].energy_j.pop_back();
  EXPECT_THROW(write_result(record, path_), std::invalid_argument);
}

TEST_F(ResultFileTest, HoldsAnEmptyRun) {
  EXPECT_EQ(round_trip(RunRecord{}), RunRecord{});
}

TEST_F(ResultFileTest, EqualRecordsGiveEqualBytes) {
  write_result(sample_record(), path_);
  write_result(sample_record(), folder_.file("again.h5"));
  EXPECT_EQ(file_text(path_), file_text(folder_.file("again.h5")));
}

TEST_F(ResultFileTest, TellsItsSchemaAndItsHash) {
  write_result(sample_record(), path_);
  const StoredResult stored = read_stored_result(path_);
  EXPECT_EQ(stored.record, sample_record());
  EXPECT_EQ(stored.schema_version, kResultSchemaVersion);
  EXPECT_EQ(stored.content_hash, content_hash(sample_record()));
}

TEST_F(ResultFileTest, StoresTextThatIsNotCleanAsCleanText) {
  RunRecord record = sample_record();
  record.ops[0].name = std::string("nul\0bad\xff", 8);
  record.ops[0].kind = "two words";
  record.ops[1].bound = "";
  record.notes = {"two\nlines", ""};
  record.summary[0].name = "a/b";
  const RunRecord stored = round_trip(record);
  EXPECT_EQ(stored, canonical(record));
  EXPECT_EQ(stored.ops[0].name, "nul\uFFFDbad\uFFFD");
  EXPECT_EQ(stored.ops[0].kind, "two_words");
  EXPECT_EQ(stored.ops[1].bound, "none");
  EXPECT_EQ(stored.notes, std::vector<std::string>{"two lines"});
  EXPECT_EQ(stored.summary[0].name, "a_b");
}

TEST_F(ResultFileTest, HoldsManyRowsInSeveralChunks) {
  RunRecord record = sample_record();
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    record.events.push_back({i, i + 1, "core[" + std::to_string(i % 132) + "]", "load", i});
  }
  EXPECT_EQ(round_trip(record), record);
}

TEST_F(ResultFileTest, RefusesMoreRowsThanItCouldReadAgain) {
  RunRecord record = sample_record();
  record.histograms[0].counts.resize(kResultLimits.histogram_bins + 1);
  record.histograms[0].edges.resize(kResultLimits.histogram_bins + 2, 400);
  EXPECT_THAT(
      [&] { write_result(record, path_); },
      ::testing::ThrowsMessage<InputError>(
          path_ + ": cannot write: 65537 bins in a histogram, a result holds at most 65536"));
  EXPECT_TRUE(folder_.empty());
}

TEST_F(ResultFileTest, NamesWithTheMeaningOfPathsStayNames) {
  RunRecord record = sample_record();
  record.summary[0].name = ".";
  record.summary[1].name = "..";
  record.timeline[0].counter = "time";
  EXPECT_EQ(round_trip(record), canonical(record));
}

TEST_F(ResultFileTest, IsReadWhateverFilesStandBesideTheProgram) {
  const ScratchFolder folder;
  write_result(sample_record(), folder.file("run.h5"));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.file(""));
  write_text("orrery", "the program itself");
  EXPECT_NO_THROW(read_result("run.h5"));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace orrery
