// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/page.h"
#include "sim/error.h"
#include "tests/support/page_sample.h"
#include "tests/unit/report/page_text.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

TEST(RunReportTest, SumsKindsLongestFirst) {
  const auto data = run_report_data(page_run());
  ASSERT_EQ(data["kinds"].size(), 2U);
  EXPECT_EQ(data["kinds"][0]["kind"], "gemm");
  EXPECT_EQ(data["kinds"][0]["count"], 2);
  EXPECT_DOUBLE_EQ(data["kinds"][0]["time_us"], 900);
  EXPECT_DOUBLE_EQ(data["kinds"][1]["time_us"], 100);
  EXPECT_DOUBLE_EQ(data["total_us"], 1000);
  EXPECT_EQ(data["cores"], 2);
}

TEST(RunReportTest, GivesStallsAsSharesAndLinksAsShareOfTheRun) {
  const auto data = run_report_data(page_run());
  const auto& row = data["ops"]["rows"][0];
  EXPECT_EQ(row[1], "layer0.qkv");
  EXPECT_EQ(row[14][0], 0.5);   // tensor
  EXPECT_EQ(row[14][2], 0.25);  // load_hbm
  EXPECT_EQ(row[14][8], 0.25);  // idle
  EXPECT_EQ(data["links"]["count"], 6);
  EXPECT_EQ(data["links"]["rows"][1][0], "core 0 in");
  EXPECT_EQ(data["links"]["rows"][1][6], 0.5);
}

TEST(RunReportTest, LeavesTracksOfSingleComponentsToTheTrace) {
  const auto data = run_report_data(page_run());
  std::vector<std::string> components;
  for (const auto& row : data["timeline"]["rows"]) {
    components.push_back(row["component"]);
  }
  EXPECT_THAT(components, ElementsAre("tensor", "hbm", "network", "chip"));
}

TEST(RunReportTest, ListsTheLongestOperatorsInTheirOrder) {
  const auto data = run_report_data(long_run(kMostListedOps + 10));
  EXPECT_EQ(data["op_count"], kMostListedOps + 10);
  const auto& rows = data["ops"]["rows"];
  ASSERT_EQ(rows.size(), kMostListedOps);
  EXPECT_EQ(rows[0][0], 10);  // the ten shortest, which come first, are left out
  EXPECT_EQ(rows[kMostListedOps - 1][0], kMostListedOps + 9);
  EXPECT_EQ(data["kinds"][0]["count"], kMostListedOps + 10);
}

TEST(RunReportTest, ShowsARunWithoutPowerOrLinks) {
  const auto data = run_report_data(sample_record());
  EXPECT_EQ(data["has_power"], false);
  EXPECT_TRUE(data["links"]["rows"].empty());
  EXPECT_EQ(data["ops"]["rows"][0].size(), 15U);
}

TEST(RunReportTest, HostileNamesStayWithinTheData) {
  const std::string page = without_echarts(run_report(hostile_run()));
  EXPECT_FALSE(contains(page, "<img"));
  EXPECT_TRUE(contains(page, "\\u003cimg"));
  EXPECT_TRUE(contains(page, "&lt;img"));  // in the title
}

TEST(RunReportTest, RefusesARunWithoutOperators) {
  EXPECT_THROW(run_report(RunRecord{}), InputError);
  try {
    run_report(RunRecord{});
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "report: the result has no operators");
  }
}

}  // namespace
}  // namespace orrery
