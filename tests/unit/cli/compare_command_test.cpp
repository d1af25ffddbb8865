// SPDX-License-Identifier: Apache-2.0
// `orrery compare`, in-process: what it prints, its exit codes, its errors.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/compare_tables.h"
#include "cli/terminal_text.h"
#include "results/hdf5.h"
#include "results/result_file.h"
#include "results/whole_file.h"
#include "tests/support/sample_record.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
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

class CompareTest : public ::testing::Test {
 protected:
  CompareTest() {
    write_result(sample_record(), a_);
    write_result(slower(), b_);
  }
  // Waits 50 us longer for HBM in each operator, 15 % in all.
  static RunRecord slower() {
    RunRecord record = sample_record();
    Femtoseconds moved_fs = 0;
    for (OpRow& op : record.ops) {
      op.start_fs += moved_fs;
      moved_fs += 50 * kFsPerMicrosecond;
      op.end_fs += moved_fs;
      op.stall_fs[static_cast<std::size_t>(StallCategory::kLoadMemory)] += 100 * kFsPerMicrosecond;
    }
    record.summary[0].value = 1.15e12;
    record.summary[1].value = 1.15e12;
    record.notes[1] = "tiers: memory detailed, network fast (mixed)";
    return record;
  }
  static Outcome compare(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "compare");
    return orrery_with(arguments);
  }
  static void expect_refused(const std::vector<std::string>& arguments,
                             const std::string& message) {
    const Outcome outcome = compare(arguments);
    EXPECT_EQ(outcome.code, kBadInput);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, AllOf(StartsWith("orrery: "), HasSubstr(message)));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << "one line";
  }
  ScratchFolder folder_;
  std::string a_ = folder_.file("a.h5");
  std::string b_ = folder_.file("b.h5");
};

TEST_F(CompareTest, NamesWhatIsNotAlikeBeforeAnyNumber) {
  const Outcome outcome = compare({a_, b_});
  EXPECT_EQ(outcome.code, kSuccess);
  const std::size_t tiers = outcome.out.find("different tiers: unknown (A), memory detailed");
  const std::size_t warning = outcome.out.find("warning: not runs of one kind");
  const std::size_t numbers = outcome.out.find("total time 1000.0 µs (A), 1150.0 µs (B): +150.0");
  ASSERT_NE(tiers, std::string::npos);
  ASSERT_NE(numbers, std::string::npos);
  EXPECT_LT(tiers, warning);
  EXPECT_LT(warning, numbers);
}

TEST_F(CompareTest, DrawsTheWaterfall) {
  const Outcome outcome = compare({a_, b_});
  EXPECT_THAT(outcome.out, HasSubstr("+150.0 µs, +15.0 %; explained to 100.0 %"));
  EXPECT_THAT(
      outcome.out,
      HasSubstr(
          "where the time goes    A µs    B µs  B - A µs  % of A  from A to B\n"
          "-------------------------------------------------------------------------------------\n"
          "tensor unit           500.0   500.0       0.0     0.0\n"
          "waiting for loads     250.0   400.0    +150.0   +15.0\n"
          "  in HBM              250.0   400.0    +150.0   +15.0  ++++++++++++++++++++++++++++++\n"
          "idle cores            250.0   250.0       0.0     0.0\n"
          "-------------------------------------------------------------------------------------\n"
          "total                1000.0  1150.0    +150.0   +15.0\n"));
  EXPECT_THAT(outcome.out, HasSubstr("loads in HBM"));
  EXPECT_THAT(outcome.out,
              HasSubstr("layer*.qkv       2  900.0  1000.0    +100.0   1.11  HBM +100.0"));
  EXPECT_THAT(outcome.out, HasSubstr("total time"));  // the figures of `show result`
}

TEST_F(CompareTest, IsNoWiderThanAHundredColumns) {
  std::istringstream lines(compare({a_, b_, "--all"}).out);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("A  ") && !line.starts_with("B  ")) {
      EXPECT_LE(display_width(line), 100U) << line;
    }
  }
}

TEST_F(CompareTest, ShowsEveryOperatorAndEqualCountersIfAsked) {
  EXPECT_THAT(compare({a_, b_}).out, Not(HasSubstr("hbm.read_bytes")));
  EXPECT_THAT(compare({a_, b_, "--all"}).out,
              AllOf(HasSubstr("layer0.qkv"), HasSubstr("layer1.qkv"),
                    HasSubstr("hbm.read_bytes       1.00 GB  1.00 GB   1.00"),
                    HasSubstr("2 of 3 in A and 2 of 3 in B; the others are copies")));
}

TEST_F(CompareTest, WritesMarkdown) {
  EXPECT_THAT(
      compare({a_, b_, "--markdown"}).out,
      AllOf(HasSubstr("#### Where the difference comes from\n\n| where the time goes | A µs"),
            HasSubstr("| total | 1000.0 | 1150.0 | +150.0 | +15.0 |"), Not(HasSubstr("++++"))));
}

TEST_F(CompareTest, WritesJson) {
  const Outcome outcome = compare({a_, b_, "--json"});
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["a"]["file"], a_);
  EXPECT_EQ(json["b"]["schema_version"], kResultSchemaVersion);
  EXPECT_EQ(json["differences"][0]["aspect"], "tiers");
  EXPECT_EQ(json["differences"][0]["of_another_kind"], true);
  EXPECT_DOUBLE_EQ(json["waterfall"]["difference_us"], 150);
  EXPECT_EQ(json["waterfall"]["explained"], 1);
  double sum = 0;
  for (const auto& step : json["waterfall"]["steps"]) {
    sum += step["difference_us"].get<double>();
  }
  EXPECT_NEAR(sum, 150, 1e-9);
  EXPECT_EQ(json["ops"].size(), 3U);
  EXPECT_DOUBLE_EQ(json["ops"][1]["b_parts_us"]["load_hbm"], 75);
  EXPECT_EQ(json["counters"][1]["name"], "core[*].tensor.busy");
  EXPECT_FALSE(json.contains("moved"));
}

TEST_F(CompareTest, FailsBeyondATolerance) {
  RunRecord b = slower();
  b.notes = sample_record().notes;  // of one kind
  write_result(b, b_);
  const Outcome over = compare({a_, b_, "--tolerance", "14%"});
  EXPECT_EQ(over.code, kFailedCheck);
  EXPECT_THAT(over.out, AllOf(HasSubstr("4 values moved by more than 14 %:"),
                              HasSubstr("total_time           1.00 ms  1.15 ms    +15.0"),
                              HasSubstr("layer0.norm time"), HasSubstr("waiting for loads"),
                              HasSubstr("failed: " + b_)));
  const Outcome within = compare({a_, b_, "--tolerance", "50 %"});
  EXPECT_EQ(within.code, kSuccess);
  EXPECT_THAT(within.out, HasSubstr("everything is within 50 %"));
  const auto json = nlohmann::json::parse(compare({a_, b_, "--tolerance", "14%", "--json"}).out);
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["tolerance"], 0.14);
  EXPECT_EQ(json["moved"][0]["name"], "total_time");
}

TEST_F(CompareTest, RunsOfAnotherKindFailACheckWhateverTheirNumbers) {
  RunRecord b = sample_record();
  b.notes[1] = "tiers: memory detailed, network fast (mixed)";
  write_result(b, b_);
  const Outcome outcome = compare({a_, b_, "--tolerance", "100%"});
  EXPECT_EQ(outcome.code, kFailedCheck);
  EXPECT_THAT(outcome.out, HasSubstr("warning: not runs of one kind"));
}

TEST_F(CompareTest, TellsWhetherContentsAreEqual) {
  RunRecord again = sample_record();
  again.provenance.host = "another";
  write_result(again, b_);
  const Outcome equal = compare({a_, b_, "--exact"});
  EXPECT_EQ(equal.code, kSuccess);
  EXPECT_THAT(equal.out, HasSubstr("equal content"));
  again.ops[1].end_fs += 1;
  again.counters[0].value += 1;
  write_result(again, b_);
  const Outcome different = compare({a_, b_, "--exact"});
  EXPECT_EQ(different.code, kFailedCheck);
  EXPECT_THAT(different.out,
              AllOf(HasSubstr("2 differences, the first of them:"),
                    HasSubstr("/ops/end[1] (layer0.norm)"), HasSubstr("700000000001")));
  const auto json = nlohmann::json::parse(compare({a_, b_, "--exact", "--json"}).out);
  EXPECT_EQ(json["equal"], false);
  EXPECT_EQ(json["count"], 2);
}

TEST_F(CompareTest, HoldsSeveralAgainstAFolder) {
  std::filesystem::create_directory(folder_.file("golden"));
  write_result(sample_record(), folder_.file("golden/a.h5"));
  write_result(sample_record(), folder_.file("golden/b.h5"));
  const std::string golden = folder_.file("golden");
  const Outcome outcome = compare({a_, b_, "--baseline", golden, "--tolerance", "1%"});
  EXPECT_EQ(outcome.code, kFailedCheck);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("A  " + golden + "/a.h5"),
                                 HasSubstr("1 of 2 results passed\nfailed: " + b_ + "\n")));
  EXPECT_EQ(compare({a_, "--baseline", golden, "--exact"}).code, kSuccess);
  const auto json = nlohmann::json::parse(compare({a_, "--baseline", golden, "--json"}).out);
  EXPECT_TRUE(json.is_array());
  expect_refused({a_, "--baseline", folder_.file("none")}, "none is not a folder");
  std::filesystem::remove(golden + "/a.h5");
  expect_refused({b_, a_, "--baseline", golden}, a_ + " has no baseline: no " + golden + "/a.h5");
}

TEST_F(CompareTest, ReadsRunsWithPowerAndWithoutTheSameWay) {
  RunRecord a = sample_record_with_power();
  a.provenance.config_resolved = "core: {clock: 2 GHz}\n";
  write_result(a, a_);
  // 500 us at 1.5 of 2 GHz: a quarter of it is power.
  EXPECT_THAT(compare({a_, b_}).out,
              AllOf(HasSubstr("tensor unit             375.0   500.0    +125.0"),
                    HasSubstr("lowered clock (power)   125.0     0.0    -125.0")));
}

TEST_F(CompareTest, RefusesBadUsage) {
  expect_refused({}, "FILE");
  expect_refused({a_}, "expected two results, got 1; --baseline DIR");
  expect_refused({a_, b_, a_}, "expected two results, got 3");
  expect_refused({a_, b_, "--json", "--markdown"}, "--json and --markdown exclude each other");
  expect_refused({a_, b_, "--exact", "--tolerance", "1%"}, "--exact and --tolerance exclude");
  expect_refused({a_, b_, "--exact", "--all"}, "--exact and --all exclude each other");
  expect_refused({a_, b_, "--tolerance", "1%", "--all"}, "--tolerance and --all exclude");
  for (const char* bad :
       {"1", "x%", "-1%", "1%%", "nan%", "inf%", "1001%", "%", "1e999%", "1 % x"}) {
    expect_refused({a_, b_, "--tolerance", bad},
                   std::string("--tolerance is '") + bad +
                       "', expected a percentage from 0% to 1000%, such as 1%");
  }
}

TEST_F(CompareTest, RefusesFilesThatAreNoResultsBeforePrinting) {
  write_text(b_, "no HDF5");
  expect_refused({a_, b_}, "b.h5: not a result of orrery: not an HDF5 file");
  expect_refused({a_, folder_.file("none.h5")}, "none.h5: cannot read: No such file");
  {
    const hdf5::File file = hdf5::File::create();
    hdf5::Group root = file.root();
    root.set("format", "orrery");
    root.set("schema_version", kResultSchemaVersion + 1);
    write_whole_file(b_, file.image());
  }
  expect_refused({a_, b_}, "b.h5: a result of schema version " +
                               std::to_string(kResultSchemaVersion + 1) +
                               ", this program reads 1 to " + std::to_string(kResultSchemaVersion));
}

TEST_F(CompareTest, SaysNothingOfWhatDidNotMove) {
  RunRecord b = sample_record();
  b.ops[0].stall_fs[0] += 2;  // of a core a femtosecond
  b.ops[0].stall_fs[2] -= 2;
  write_result(b, b_);
  EXPECT_THAT(compare({a_, b_}).out, AllOf(HasSubstr("0.0   1.00\n"), Not(HasSubstr("HBM 0.0"))));
}

TEST(CompareTables, ACappedListSaysSo) {
  std::vector<OpGroup> groups(3);
  groups[1].name = "most";
  groups[1].count_a = groups[1].count_b = 1;
  groups[1].b_fs[0] = 5e9;
  std::ostringstream out;
  group_table(groups, 1, 1).print(out, TableStyle::kText);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("most"), HasSubstr("tensor +5.000")));
}

}  // namespace
}  // namespace orrery
