// SPDX-License-Identifier: Apache-2.0
#include "cli/record_json.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/sample_record.h"

namespace orrery {
namespace {

TEST(RecordJson, HasTheKeysThatProgramsReadInMicroseconds) {
  const auto json = record_json(sample_record());
  EXPECT_EQ(json["total_time_us"], 1000.0);
  EXPECT_EQ(json["tflops"], 500.0);
  EXPECT_EQ(json["hbm_gb_s"], 1200.0);
  EXPECT_EQ(json["cpu_seconds"], 0.25);
  EXPECT_DOUBLE_EQ(json["peak_rss_mb"].get<double>(), 67.108864);
  EXPECT_EQ(json["events"], 999);
  EXPECT_EQ(json["transfers"], 12345);
  EXPECT_EQ(json["notes"][0], "power not modelled");
  EXPECT_EQ(json["summary"]["time_to_first_token"]["units"], "fs");
  EXPECT_EQ(json["stalls"]["load_hbm"], 500.0);
  EXPECT_EQ(json["stalls"].size(), kStallCategoryCount);
}

TEST(RecordJson, ListsOperators) {
  const auto ops = record_json(sample_record())["ops"];
  ASSERT_EQ(ops.size(), 3U);
  EXPECT_EQ(ops[2]["name"], "layer1.qkv");
  EXPECT_EQ(ops[2]["kind"], "gemm");
  EXPECT_EQ(ops[2]["time_us"], 300.0);
  EXPECT_EQ(ops[2]["flop"], 150'000'000'000);
  EXPECT_EQ(ops[2]["hbm_bytes"], 360'000'000);
  EXPECT_EQ(ops[2]["bound"], "hbm");
  EXPECT_EQ(ops[2]["tile"], "128x256x64 s4");
  EXPECT_EQ(ops[2]["reused"], true);
}

TEST(RecordJson, HasClockPowerAndEnergyWhereTheyAreModelled) {
  const auto json = record_json(sample_record_with_power());
  EXPECT_EQ(json["ops"][1]["clock_mhz"], 1500.0);
  EXPECT_DOUBLE_EQ(json["ops"][1]["power_w"].get<double>(), 600);
  EXPECT_DOUBLE_EQ(json["ops"][1]["energy_j"].get<double>(), 0.06);
  EXPECT_DOUBLE_EQ(json["energy_j"]["static"].get<double>(), 0.2);
  EXPECT_EQ(json["energy_j"].size(), kEnergyPartNames);
  EXPECT_FALSE(record_json(sample_record()).contains("energy_j"));
  EXPECT_FALSE(record_json(sample_record())["ops"][0].contains("power_w"));
}

TEST(RecordJson, DerivesRatesWhenTheSummaryHasNone) {
  RunRecord record = sample_record();
  record.summary.clear();
  const auto json = record_json(record);
  EXPECT_EQ(json["total_time_us"], 1000.0);
  EXPECT_DOUBLE_EQ(json["tflops"].get<double>(), 500.0);
  EXPECT_DOUBLE_EQ(json["hbm_gb_s"].get<double>(), 1200.0);
}

TEST(RecordJson, IsJsonWhateverTheRecordHolds) {
  RunRecord record = sample_record();
  record.ops[0].name = "\xff\"";
  record.summary[0].value = std::numeric_limits<double>::quiet_NaN();
  record.summary[7].value = -1e300;
  record.provenance.cpu_seconds = std::numeric_limits<double>::infinity();
  const auto json = nlohmann::json::parse(json_text(record_json(record)));
  EXPECT_EQ(json["ops"][0]["name"], "\uFFFD\"");
  EXPECT_TRUE(json["cpu_seconds"].is_null());
  EXPECT_EQ(nlohmann::json::parse(json_text(record_json(RunRecord{})))["ops"].size(), 0U);
}

}  // namespace
}  // namespace orrery
