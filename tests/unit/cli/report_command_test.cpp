// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "results/result_file.h"
#include "results/sweep_file.h"
#include "tests/support/page_sample.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReportCommandTest : public ::testing::Test {
 protected:
  ReportCommandTest() {
    write_result(page_run(), run_);
    write_sweep(grid_sweep(3, 2, 2), sweep_);
  }
  int report(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"report"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    out_.str("");
    err_.str("");
    return run_arguments(all, {out_, err_});
  }
  std::string refusal(const std::vector<std::string>& arguments) {
    EXPECT_EQ(report(arguments), 2);
    return err_.str();
  }
  ScratchFolder folder_;
  std::string run_ = folder_.file("run.h5"), sweep_ = folder_.file("sweep.h5");
  std::string page_ = folder_.file("page.html"), trace_ = folder_.file("run.pftrace");
  std::ostringstream out_, err_;
};

TEST_F(ReportCommandTest, WritesAPageAndATrace) {
  EXPECT_EQ(report({run_, "-o", page_, "--perfetto", trace_}), 0) << err_.str();
  EXPECT_THAT(file_text(page_), StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(file_text(page_), HasSubstr("layer0.qkv"));
  EXPECT_THAT(file_text(trace_), HasSubstr("layer0.qkv"));
  EXPECT_THAT(out_.str(), StartsWith(page_ + ": 1."));
  EXPECT_THAT(out_.str(), HasSubstr(trace_ + ": "));
}

TEST_F(ReportCommandTest, WritesThePageOfASweep) {
  EXPECT_EQ(report({sweep_, "-o", page_}), 0) << err_.str();
  EXPECT_THAT(file_text(page_), HasSubstr("Sweep: grid"));
}

TEST_F(ReportCommandTest, EqualResultsGiveEqualPages) {
  report({run_, "-o", page_});
  const std::string first = file_text(page_);
  report({run_, "-o", page_});
  EXPECT_EQ(file_text(page_), first);
}

TEST_F(ReportCommandTest, WantsToKnowWhatToMake) {
  EXPECT_EQ(refusal({run_}),
            "orrery: report: say what to make: --output PAGE.html or --perfetto TRACE.pftrace\n");
}

TEST_F(ReportCommandTest, DoesNotOverwriteWhatItReads) {
  EXPECT_EQ(refusal({run_, "-o", run_}), "orrery: report: --output would overwrite " + run_ + "\n");
  EXPECT_EQ(refusal({run_, "--perfetto", run_}),
            "orrery: report: --perfetto would overwrite " + run_ + "\n");
  // By another name, too.
  EXPECT_EQ(refusal({run_, "-o", folder_.file("./run.h5")}),
            "orrery: report: --output would overwrite " + run_ + "\n");
  EXPECT_EQ(refusal({run_, "-o", page_, "--perfetto", page_}),
            "orrery: report: --output and --perfetto name the same file\n");
}

TEST_F(ReportCommandTest, ASweepHasNoTimeline) {
  EXPECT_EQ(
      refusal({sweep_, "--perfetto", trace_}),
      "orrery: " + sweep_ + ": a sweep has no timeline; --perfetto needs the result of one run\n");
}

TEST_F(ReportCommandTest, SaysWhatIsWrongWithAFile) {
  const std::string none = folder_.file("none.h5");
  EXPECT_EQ(refusal({none, "-o", page_}),
            "orrery: " + none + ": cannot read: No such file or directory\n");
  const std::string text = folder_.file("text.h5");
  write_text(text, "hello");
  EXPECT_EQ(refusal({text, "-o", page_}),
            "orrery: " + text + ": not a result of orrery: not an HDF5 file\n");
  std::string bytes = file_text(run_);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const std::string damaged = folder_.file("damaged.h5");
  write_text(damaged, bytes);
  EXPECT_EQ(refusal({damaged, "-o", page_}),
            "orrery: " + damaged + ": not a result of orrery: the file was changed or damaged\n");
}

TEST_F(ReportCommandTest, LeavesNothingBehindWhereItCannotWrite) {
  const std::string page = folder_.file("no-folder/page.html");
  EXPECT_THAT(refusal({run_, "-o", page}), StartsWith("orrery: " + page + ": cannot write: "));
}

TEST_F(ReportCommandTest, HasHelpWithExamples) {
  EXPECT_EQ(report({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("orrery report sweep.h5 -o sweep.html"));
  EXPECT_THAT(out_.str(), HasSubstr("--perfetto"));
}

}  // namespace
}  // namespace orrery
