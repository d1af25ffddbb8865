// SPDX-License-Identifier: Apache-2.0
#include "cli/report_tables.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/kind_totals.h"
#include "tests/support/sample_record.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RunRecord twice_as_slow(RunRecord record) {
  record.chip = "maia100";
  for (OpRow& op : record.ops) {
    op.start_fs *= 2;
    op.end_fs *= 2;
  }
  record.summary[0].value *= 2;
  return record;
}

std::string text_of(const Table& table) {
  std::ostringstream out;
  table.print(out, TableStyle::kText);
  return out.str();
}

TEST(KindTotals, SumsEachKindLongestFirst) {
  const auto totals = kind_totals(sample_record().ops);
  ASSERT_EQ(totals.size(), 2U);
  EXPECT_EQ(totals[0].kind, "gemm");
  EXPECT_EQ(totals[0].count, 2U);
  EXPECT_EQ(totals[0].time_fs, 900 * kFsPerMicrosecond);
  EXPECT_DOUBLE_EQ(totals[0].flop_per_s(), 5e14);
  EXPECT_DOUBLE_EQ(totals[0].hbm_bytes_per_s(), 1.2e12);
  EXPECT_EQ(totals[0].bound_text(), "tensor 67 %, hbm 33 %");
  EXPECT_EQ(totals[1].bound_text(), "hbm");
}

TEST(KindTotals, OperatorsThatTakeNoTimeDivideByNothing) {
  OpRow op;
  op.kind = "gemm";
  op.flop = 7;
  op.bound = "launch";
  const auto totals = kind_totals({op});
  EXPECT_EQ(totals[0].flop_per_s(), 0);
  EXPECT_EQ(totals[0].bound_text(), "launch");
}

TEST(ReportTables, ShowsOperatorsByKind) {
  EXPECT_EQ(text_of(kind_table(sample_record())),
            "operator  count  time µs  share %  TFLOP/s  HBM GB/s  bound by\n"
            "---------------------------------------------------------------------------\n"
            "gemm          2    900.0     90.0      500      1200  tensor 67 %, hbm 33 %\n"
            "rms_norm      1    100.0     10.0      500      1200  hbm\n"
            "---------------------------------------------------------------------------\n"
            "total         3   1000.0    100.0      500      1200  tensor 60 %, hbm 40 %\n");
}

TEST(ReportTables, ShowsClockAndPowerWhereTheyAreModelled) {
  EXPECT_EQ(
      text_of(kind_table(sample_record_with_power())),
      "operator  count  time µs  share %  TFLOP/s  HBM GB/s  clock MHz  power W  bound by\n"
      "--------------------------------------------------------------------------------------------"
      "--\n"
      "gemm          2    900.0     90.0      500      1200       1500      600  power 67 %, hbm "
      "33 "
      "%\n"
      "rms_norm      1    100.0     10.0      500      1200       1500      600  hbm\n"
      "--------------------------------------------------------------------------------------------"
      "--\n"
      "total         3   1000.0    100.0      500      1200       1500      600  power 60 %, hbm "
      "40 "
      "%\n");
  const std::string figures =
      text_of(figure_table({{"a", sample_record_with_power()}, {"b", sample_record()}}));
  for (const char* part : {"power                 ", "600 W", "600 mJ", "293 µJ"}) {
    EXPECT_THAT(figures, HasSubstr(part));
  }
}

TEST(ReportTables, ShowsTimeBetweenOperators) {
  RunRecord record = sample_record();
  record.ops.pop_back();
  EXPECT_THAT(text_of(kind_table(record)),
              AllOf(HasSubstr("(between operators)           300.0     30.0"),
                    HasSubstr("total                    2   1000.0    100.0")));
}

TEST(ReportTables, ShowsFiguresAndWhereTheTimeWent) {
  std::ostringstream out;
  print_run(out, sample_record(), TableStyle::kText);
  for (const char* part : {"h100-sxm, llama-3.1-8b, prefill\n", "power not modelled; memory fast",
                           "time to first token", "1.00 ms", "500 TFLOP/s (50.0 % of peak)",
                           "1.20 TB/s (35.8 % of peak)", "2048000 tok/s", "waiting for HBM"}) {
    EXPECT_THAT(out.str(), HasSubstr(part));
  }
  EXPECT_THAT(out.str(), Not(HasSubstr("launch")));  // no time went there
  EXPECT_THAT(out.str(), Not(HasSubstr("time per output token")));
}

TEST(ReportTables, ComparesWithTheFirstRun) {
  std::vector<LabelledRecord> runs{{"", sample_record()}, {"", twice_as_slow(sample_record())}};
  set_labels(runs, {"a", "b"});
  EXPECT_EQ(text_of(kind_comparison(runs)).substr(0, 70).find("operator  h100-sxm µs  maia100 µs"),
            0U);
  EXPECT_THAT(text_of(kind_comparison(runs)),
              AllOf(HasSubstr("maia100 / h100-sxm"), HasSubstr("gemm            900.0      1800.0"),
                    HasSubstr("2.00  tensor 67 %")));
  EXPECT_THAT(text_of(figure_table(runs)), HasSubstr("2.00 ms"));
  EXPECT_THAT(text_of(stall_table(runs)), HasSubstr("h100-sxm %  maia100 %"));
}

TEST(ReportTables, AKindThatOneRunLacksLeavesItsCellsEmpty) {
  std::vector<LabelledRecord> runs{{"a", sample_record()}, {"b", sample_record()}};
  runs[0].record.ops[1].kind = "silu_gate";
  EXPECT_THAT(text_of(kind_comparison(runs)),
              AllOf(HasSubstr("silu_gate   100.0                 hbm\n"),
                    HasSubstr("rms_norm            100.0")));
}

TEST(ReportTables, PutsTheSamePhaseSideBySide) {
  std::vector<LabelledRecord> runs;
  for (const char* phase : {"prefill", "decode"}) {
    for (const char* chip : {"maia100", "h100-sxm"}) {
      runs.push_back({"", sample_record()});
      runs.back().record.chip = chip;
      runs.back().record.phase = phase;
    }
  }
  runs.push_back({"", sample_record()});
  runs.back().record.phase = "";
  set_labels(runs, {"1", "2", "3", "4", "5"});
  std::ostringstream out;
  print_side_by_side(out, runs, TableStyle::kMarkdown);
  for (const char* title :
       {"### maia100 and h100-sxm: llama-3.1-8b, prefill\n",
        "### maia100 and h100-sxm: llama-3.1-8b, decode\n", "### h100-sxm, llama-3.1-8b\n"}) {
    EXPECT_THAT(out.str(), HasSubstr(title));
  }
}

TEST(ReportTables, TakesFileNamesWhereChipsAreTheSame) {
  std::vector<LabelledRecord> runs{{"", sample_record()}, {"", sample_record()}};
  set_labels(runs, {"before", "after"});
  EXPECT_EQ(runs[0].label, "before");
  EXPECT_EQ(runs[1].label, "after");
}

TEST(ReportTables, AnEmptyRunPrints) {
  std::ostringstream out;
  print_run(out, RunRecord{}, TableStyle::kText);
  EXPECT_THAT(out.str(), HasSubstr("total"));
}

}  // namespace
}  // namespace orrery
