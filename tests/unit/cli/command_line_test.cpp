// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <new>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/result_file.h"
#include "sim/error.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome orrery_with(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_arguments(arguments, {out, err});
  return {code, out.str(), err.str()};
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& message) {
  const Outcome outcome = orrery_with(arguments);
  EXPECT_EQ(outcome.code, kBadInput);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("orrery: "));
  EXPECT_THAT(outcome.err, HasSubstr(message));
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << "one line";
}

TEST(CommandLine, PrintsHelpAndVersion) {
  const Outcome help = orrery_with({"--help"});
  EXPECT_EQ(help.code, kSuccess);
  EXPECT_THAT(help.out, HasSubstr("  show "));
  EXPECT_EQ(orrery_with({"-h"}).out, help.out);
  EXPECT_THAT(orrery_with({"--version"}).out, StartsWith("orrery "));
  EXPECT_THAT(orrery_with({"show", "--help"}).out, HasSubstr("  result"));
  EXPECT_THAT(orrery_with({"show", "result", "--help"}).out, HasSubstr("examples:"));
}

TEST(CommandLine, RefusesUnknownWordsWithTheNearest) {
  expect_refused({"shwo"}, "unknown word 'shwo', did you mean 'show'?");
  expect_refused({"sho"}, "unknown word 'sho'");
  expect_refused({"show", "resullt"}, "did you mean 'result'?");
  expect_refused({"frobnicate"}, "unknown word 'frobnicate' (see orrery --help)");
  expect_refused({"--verison"}, "unknown option '--verison', did you mean '--version'?");
  expect_refused({"--version", "x"}, "unexpected word 'x'");
  expect_refused({}, "say what to do");
  expect_refused({"show"}, "say what to do (see orrery show --help)");
  expect_refused({""}, "unknown word ''");
  expect_refused({"two\nlines"}, "two?lines");
}

class ShowResultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write_result(sample_record(), first_);
    RunRecord record = sample_record();
    record.chip = "maia100";
    write_result(record, second_);
  }
  ScratchFolder folder_;
  std::string first_ = folder_.file("first.h5");
  std::string second_ = folder_.file("second.h5");
};

TEST_F(ShowResultTest, PrintsOneRun) {
  const Outcome outcome = orrery_with({"show", "result", first_});
  EXPECT_EQ(outcome.code, kSuccess);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, StartsWith("h100-sxm, llama-3.1-8b, prefill\n"));
  EXPECT_THAT(outcome.out, HasSubstr("rms_norm"));
}

TEST_F(ShowResultTest, PrintsSeveralSideBySide) {
  const Outcome outcome = orrery_with({"show", "result", first_, second_});
  EXPECT_THAT(outcome.out, StartsWith("h100-sxm and maia100: llama-3.1-8b, prefill\n"));
  EXPECT_THAT(outcome.out, HasSubstr("maia100 / h100-sxm"));
  EXPECT_THAT(orrery_with({"show", "result", "--markdown", first_, second_}).out,
              HasSubstr("| operator |"));
}

TEST_F(ShowResultTest, PrintsOneObjectOrAnArray) {
  const auto one = nlohmann::json::parse(orrery_with({"show", "result", "--json", first_}).out);
  EXPECT_EQ(one["chip"], "h100-sxm");
  const auto two =
      nlohmann::json::parse(orrery_with({"show", "result", first_, second_, "--json"}).out);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1]["chip"], "maia100");
}

TEST_F(ShowResultTest, RefusesWhatIsNotAResult) {
  expect_refused({"show", "result"}, "FILE is missing");
  expect_refused({"show", "result", first_, folder_.file("missing")}, "No such file or directory");
  expect_refused({"show", "result", "--json", "--markdown", first_}, "exclude each other");
  write_text(first_, "text");
  expect_refused({"show", "result", first_}, "first.h5: not a result of orrery");
}

int refuse_input(const std::vector<std::string>&, const Streams&) {
  throw InputError("a.yaml:1:2: wrong");
}

TEST(Dispatch, HandsOverTheRestOfTheWords) {
  const std::vector<Subcommand> commands{
      {"fail", "", refuse_input},
      {"count", "", [](const std::vector<std::string>& words, const Streams& streams) {
         streams.out << words.size();
         return kFailedCheck;
       }}};
  std::ostringstream out;
  EXPECT_EQ(dispatch("orrery", "", commands, {"count", "--help", "x"}, {out, out}), kFailedCheck);
  EXPECT_EQ(out.str(), "2");
  EXPECT_THROW(dispatch("orrery", "", commands, {"fail"}, {out, out}), InputError);
}

TEST(CommandLine, AFaultOfTheModelExits3WithAllItSays) {
  const auto failure = [](const auto& exception) {
    std::ostringstream out;
    std::ostringstream err;
    try {
      throw exception;
    } catch (...) {
      const int code = report_failure({out, err});
      return Outcome{code, out.str(), err.str()};
    }
  };
  const Outcome deadlock = failure(DeadlockError("deadlock at 3 us\n  core_0 waits"));
  EXPECT_EQ(deadlock.code, 3);
  EXPECT_EQ(deadlock.err, "orrery: deadlock at 3 us\n  core_0 waits\n");
  EXPECT_EQ(deadlock.out, "");
  EXPECT_EQ(failure(std::logic_error("x")).err, "orrery: internal error: x\n");
  EXPECT_EQ(failure(std::bad_alloc()).code, 3);
  EXPECT_EQ(failure(InputError("x")).code, 2);
}

}  // namespace
}  // namespace orrery
