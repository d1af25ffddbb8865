// SPDX-License-Identifier: Apache-2.0
#include "results/sweep_file.h"

#include <cmath>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/result_file.h"
#include "sim/error.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sweep_sample.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(SweepFile, WhatWasWrittenIsRead) {
  const ScratchFolder folder;
  const SweepRecord record = sample_sweep();
  write_sweep(record, folder.file("sweep.h5"));
  const SweepRecord back = read_sweep(folder.file("sweep.h5"));

  EXPECT_EQ(back.name, record.name);
  EXPECT_EQ(back.notes, record.notes);
  EXPECT_EQ(back.status, record.status);
  EXPECT_EQ(back.reasons, record.reasons);
  EXPECT_EQ(back.identities, record.identities);
  EXPECT_EQ(back.provenance, record.provenance);
  ASSERT_EQ(back.axes.size(), 2U);
  EXPECT_EQ(back.axes[0].name, "chip");
  EXPECT_EQ(back.axes[0].words, record.axes[0].words);
  EXPECT_EQ(back.axes[0].values, record.axes[0].values);
  EXPECT_EQ(back.axes[1].unit, "Hz");
  ASSERT_EQ(back.metrics.size(), 1U);
  EXPECT_EQ(back.metrics[0].values[0], record.metrics[0].values[0]);
  EXPECT_TRUE(std::isnan(back.metrics[0].values[1]));
  EXPECT_EQ(content_hash(back), content_hash(record));
}

TEST(SweepFile, EqualRecordsGiveEqualFilesAndOtherContentAnotherHash) {
  const ScratchFolder folder;
  SweepRecord record = sample_sweep();
  write_sweep(record, folder.file("a.h5"));
  write_sweep(record, folder.file("b.h5"));
  EXPECT_EQ(file_text(folder.file("a.h5")), file_text(folder.file("b.h5")));

  const std::string hash = content_hash(record);
  record.provenance.host = "elsewhere";
  EXPECT_EQ(content_hash(record), hash);
  record.metrics[0].values[0] = std::nextafter(record.metrics[0].values[0], 0);
  EXPECT_NE(content_hash(record), hash);
  record = sample_sweep();
  record.status[1] = PointStatus::kFailed;
  EXPECT_NE(content_hash(record), hash);
  record = sample_sweep();
  record.reasons[1] += ".";
  EXPECT_NE(content_hash(record), hash);
}

TEST(SweepFile, TextsAreCleaned) {
  const ScratchFolder folder;
  SweepRecord record = sample_sweep();
  record.reasons[1] = "two\nlines\xff";
  record.axes[0].words[0] = "my chip";
  write_sweep(record, folder.file("sweep.h5"));
  const SweepRecord back = read_sweep(folder.file("sweep.h5"));
  EXPECT_EQ(back.reasons[1], "two lines\xEF\xBF\xBD");
  EXPECT_EQ(back.axes[0].words[0], "my_chip");
}

TEST(SweepFile, RefusesARecordThatMakesNoSense) {
  const ScratchFolder folder;
  const auto refusal = [&](auto change, const std::string& message) {
    SweepRecord record = sample_sweep();
    change(record);
    EXPECT_THAT([&] { write_sweep(record, folder.file("x.h5")); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(message)));
    EXPECT_TRUE(folder.empty());
  };
  refusal([](SweepRecord& r) { r.axes[1].values.pop_back(); }, "not one value a point");
  refusal([](SweepRecord& r) { r.axes[0].values[0] = 7; }, "an index without a word");
  refusal([](SweepRecord& r) { r.axes[0].values[0] = 0.5; }, "an index without a word");
  refusal([](SweepRecord& r) { r.metrics[0].name = "chip"; }, "column chip comes twice");
  refusal([](SweepRecord& r) { r.metrics[0].name = "status"; }, "column status comes twice");
  refusal([](SweepRecord& r) { r.axes[0].words[1] = r.axes[0].words[0]; }, "comes twice");
  refusal([](SweepRecord& r) { r.reasons.clear(); }, "one reason and one identity a point");
}

TEST(SweepFile, SaysWhatIsWrongWithAFile) {
  const ScratchFolder folder;
  EXPECT_THAT([&] { read_sweep(folder.file("none.h5")); },
              ThrowsMessage<InputError>(HasSubstr("none.h5: cannot read: No such file")));
  write_text(folder.file("text.h5"), "hello");
  EXPECT_THAT([&] { read_sweep(folder.file("text.h5")); },
              ThrowsMessage<InputError>(HasSubstr("not an HDF5 file")));
  write_result(sample_record(), folder.file("run.h5"));
  EXPECT_THAT([&] { read_sweep(folder.file("run.h5")); },
              ThrowsMessage<InputError>(HasSubstr("it is the result of one run")));
  write_sweep(sample_sweep(), folder.file("sweep.h5"));
  std::string bytes = file_text(folder.file("sweep.h5"));
  bytes[bytes.size() / 2] ^= 1;
  write_text(folder.file("changed.h5"), bytes);
  EXPECT_THAT([&] { read_sweep(folder.file("changed.h5")); },
              ThrowsMessage<InputError>(HasSubstr("changed or damaged")));
}

TEST(SweepFile, ASweepWithoutPointsIsAFile) {
  const ScratchFolder folder;
  write_sweep({}, folder.file("empty.h5"));
  EXPECT_EQ(read_sweep(folder.file("empty.h5")).point_count(), 0U);
}

}  // namespace
}  // namespace orrery
