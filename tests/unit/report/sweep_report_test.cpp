// SPDX-License-Identifier: Apache-2.0
#include "report/sweep_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/pareto.h"
#include "sim/error.h"
#include "tests/support/page_sample.h"
#include "tests/unit/report/page_text.h"

namespace orrery {
namespace {

TEST(SweepReportTest, HoldsAllPointsOfASmallSweep) {
  const auto data = sweep_report_data(grid_sweep(6, 5, 4));
  EXPECT_EQ(data["point_count"], 240);
  EXPECT_EQ(data["points"]["index"].size(), 240U);
  EXPECT_EQ(data["status_counts"][0].get<int>() + data["status_counts"][1].get<int>(), 240);
  EXPECT_EQ(data["metrics"][1]["direction"], "more");
  EXPECT_EQ(data["context"], "phase");
  EXPECT_EQ(data["reasons"][0]["status"], "infeasible");
}

TEST(SweepReportTest, MissingValuesAreNull) {
  const SweepRecord record = grid_sweep(6, 5, 4);
  const auto data = sweep_report_data(record);
  for (std::size_t i = 0; i < record.point_count(); ++i) {
    EXPECT_EQ(data["metrics"][0]["values"][i].is_null(),
              record.status[i] != PointStatus::kComplete);
  }
}

TEST(SweepReportTest, AxesKeepTheirDigits) {
  SweepRecord record = grid_sweep(6, 5, 4);
  record.axes[1].values[7] = 285'212'672;  // 272 MiB
  record.metrics[0].values[7] = 285'212'672;
  const auto data = sweep_report_data(record);
  EXPECT_EQ(data["axes"][1]["values"][7], 285'212'672);
  EXPECT_EQ(data["metrics"][0]["values"][7], 285'212'700);
}

TEST(SweepReportTest, SensitivitiesAreApartForEachWorkload) {
  const auto data = sweep_report_data(grid_sweep(6, 5, 4));
  const auto strongest = [&](const nlohmann::ordered_json& context) {
    for (const auto& one : data["sensitivity"]) {
      if (one["metric"] == "total_time" && one["context"] == context) {
        return one["rows"][0]["axis"].get<std::string>();
      }
    }
    return std::string("none");
  };
  EXPECT_EQ(strongest(0), "core.count");        // prefill is bound by compute
  EXPECT_EQ(strongest(1), "memory.bandwidth");  // decode by memory
  EXPECT_NE(strongest(nullptr), "none");
}

TEST(SweepReportTest, ALargeSweepIsThinnedButForItsFronts) {
  const SweepRecord record = grid_sweep(20, 20, 20);
  const auto data = sweep_report_data(record);
  EXPECT_EQ(data["point_count"], 16'000);
  const auto& shown = data["points"]["index"];
  EXPECT_LE(shown.size(), kMostListedPoints);
  EXPECT_GT(shown.size(), kMostListedPoints / 2);
  EXPECT_TRUE(std::is_sorted(shown.begin(), shown.end()));
  const std::set<std::size_t> listed(shown.begin(), shown.end());
  for (const std::size_t point : pareto_front({&record.metrics[0].values, Direction::kLess},
                                              {&record.metrics[4].values, Direction::kLess})) {
    EXPECT_TRUE(listed.contains(point)) << point;
  }
  // An even choice: every value of the axis that varies fastest is there.
  std::set<double> widths(record.axes[3].values.begin(), record.axes[3].values.end());
  for (const std::size_t point : listed) {
    widths.erase(record.axes[3].values[point]);
  }
  EXPECT_TRUE(widths.empty());
}

TEST(SweepReportTest, HostileNamesStayWithinTheData) {
  const std::string page = without_echarts(sweep_report(hostile_sweep()));
  EXPECT_FALSE(contains(page, "<img"));
  EXPECT_TRUE(contains(page, "\\u003cimg"));
}

TEST(SweepReportTest, RefusesASweepWithoutPoints) {
  try {
    sweep_report(SweepRecord{});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "report: the sweep has no points");
  }
}

}  // namespace
}  // namespace orrery
