// SPDX-License-Identifier: Apache-2.0
#include "sweep/submission.h"

#include <fmt/format.h>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

PreparedSweep prepared(Plan plan) {
  return prepare_sweep(std::move(plan), false, [](std::size_t, std::size_t) {});
}

std::vector<std::size_t> all_of(const PreparedSweep& sweep) {
  std::vector<std::size_t> points(sweep.points.choices.size());
  std::iota(points.begin(), points.end(), 0);
  return points;
}

class SubmissionTest : public ::testing::Test {
 protected:
  std::string path() const { return scratch_.file("submission.json"); }
  Submission stored(const Submission& submission) const {
    write_submission(submission, path());
    return read_submission(path());
  }
  ScratchFolder scratch_;
};

TEST_F(SubmissionTest, AChunkIsTheSamePointsOfTheSamePlan) {
  Plan plan = tiny_plan(scratch_,
                        "name: \"$(rm -rf /) 'x' \\u00e9\"\n"
                        "set: {memory.capacity: null, core.dma.issue: 2 clk}\n"
                        "axes: {core.clock: [1 GHz, 1.5 GHz], workload.operators.0.m: [64, 128]}\n"
                        "constraints: [core.clock > 1 GHz]\nkeep: total_time < 1 s\n"
                        "sampling: true\ntimeout: 7 s\n");
  plan.keep = Expression("total_time < 2 s");
  const PreparedSweep sweep = prepared(std::move(plan));
  const Submission submission = stored(make_submission(sweep, all_of(sweep), 3, 5));
  EXPECT_EQ(submission.jobs, 5U);
  ASSERT_THAT(submission.chunks, SizeIs(3));
  std::size_t point = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const PreparedSweep chunk = prepare_chunk(submission, i);
    EXPECT_EQ(chunk.plan.name, sweep.plan.name);
    EXPECT_EQ(chunk.plan.text, sweep.plan.text);
    EXPECT_EQ(chunk.plan.keep->text(), "total_time < 2 s");
    EXPECT_EQ(chunk.plan.timeout_s, 7);
    for (std::size_t j = 0; j < chunk.points.choices.size(); ++j, ++point) {
      EXPECT_EQ(chunk.points.choices[j], sweep.points.choices[point]);
      EXPECT_EQ(chunk.points.identities[j], sweep.points.identities[point]);
      EXPECT_EQ(chunk.points.infeasible[j], "");
    }
  }
  EXPECT_EQ(point, sweep.points.choices.size());
}

TEST_F(SubmissionTest, ThePlanMayChangeOnceItIsSubmitted) {
  const PreparedSweep sweep = prepared(tiny_plan(scratch_, "axes: {core.clock: [1 GHz, 2 GHz]}\n"));
  const Submission submission = stored(make_submission(sweep, all_of(sweep), 1, 1));
  write_text(scratch_.file("plan.yaml"), "chips: [no-such-chip]\n");
  EXPECT_EQ(prepare_chunk(submission, 0).points.identities, sweep.points.identities);
}

TEST_F(SubmissionTest, WhatIsNotWhatItWasIsRefused) {
  const std::string chip = file_text(kSourceConfigs + "/chips/tiny.yaml");
  write_text(scratch_.file("mine.yaml"), chip);
  write_text(scratch_.file("plan.yaml"), "chips: [mine.yaml]\n" + std::string(kTwoGemms));
  const PreparedSweep sweep = prepared(read_plan(scratch_.file("plan.yaml"), kSourceConfigs));
  Submission submission = stored(make_submission(sweep, all_of(sweep), 2, 1));
  EXPECT_NO_THROW(prepare_chunk(submission, 1));
  EXPECT_THAT([&] { prepare_chunk(submission, 2); },
              ThrowsMessage<InputError>("there is no chunk 2, expected 0 to 1"));
  std::string other = chip;
  other.replace(other.find("fill: 16"), 8, "fill: 17");
  write_text(scratch_.file("mine.yaml"), other);
  EXPECT_THAT(
      [&] { prepare_chunk(submission, 1); },
      ThrowsMessage<InputError>(HasSubstr("its chip or workload has changed since the sweep "
                                          "was submitted")));
  std::filesystem::remove(scratch_.file("mine.yaml"));
  EXPECT_THAT([&] { prepare_chunk(submission, 1); },
              ThrowsMessage<InputError>(HasSubstr("mine.yaml")));
  submission.program = "another";
  EXPECT_THAT([&] { prepare_chunk(submission, 1); },
              ThrowsMessage<InputError>(HasSubstr("submitted by another build of orrery")));
}

TEST_F(SubmissionTest, RubbishIsNoSubmission) {
  for (const char* const text : {"", "{", "[]", "{\"format\": 3}", "null",
                                 "{\"format\": \"orrery-submission\", \"schema_version\": 1}"}) {
    write_text(path(), text);
    EXPECT_THAT([&] { read_submission(path()); },
                ThrowsMessage<InputError>(path() + ": is not a submission of a sweep"))
        << text;
  }
  for (const char* const numbers :
       {R"("jobs": 0, "chunks": [[[0, "a"]]])", R"("jobs": -1, "chunks": [[[0, "a"]]])",
        R"("jobs": 2305843009213693952, "chunks": [[[0, "a"]]])", R"("jobs": 1, "chunks": [])"}) {
    write_text(
        path(),
        fmt::format(
            R"({{"format": "orrery-submission", "schema_version": 1, "program": "", "work_folder": "",
      "config_folder": "", "plan_file": "", "plan_text": "", "keep": "", {}}})",
            numbers));
    EXPECT_THAT([&] { read_submission(path()); },
                ThrowsMessage<InputError>(path() + ": is not a submission of a sweep"))
        << numbers;
  }
  write_text(path(), R"({"format": "orrery-submission", "schema_version": 2})");
  EXPECT_THAT([&] { read_submission(path()); },
              ThrowsMessage<InputError>(HasSubstr("schema version 2, this program reads 1")));
  EXPECT_THAT([&] { read_submission(scratch_.file("none")); },
              ThrowsMessage<InputError>(HasSubstr("cannot read")));
}

}  // namespace
}  // namespace orrery
