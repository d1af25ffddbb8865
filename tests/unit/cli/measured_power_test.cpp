// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_power.h"

#include <string>

#include <gtest/gtest.h>

#include "cli/power_options.h"
#include "sim/error.h"

namespace orrery {
namespace {

constexpr const char* kPower =
    "device,dtype,m,n,k,latency_us,power_w,power_limit_w,operands,framework,version\n"
    "a,bf16,1,2,3,4.5,690.5,700,randn operands,lab,1\n"
    "a,bf16,1,2,3,4.5,600,1000,zeros,lab,1\n"
    "a,bf16,1,2,3,4.5,600,1000,,lab,1\n";

ParsedOptions parsed(const std::vector<std::string>& arguments) {
  OptionSet set("test", "");
  add_power_options(set);
  return set.parse(arguments);
}

ValidationPoint point(double measured_w, double simulated_w) {
  ValidationPoint made;
  made.row.device = "a";
  made.row.latency_us = made.simulated_us = 1;
  if (measured_w > 0) {
    made.row.power_w = measured_w;
  }
  made.simulated_w = simulated_w;
  return made;
}

TEST(MeasuredPower, RowsSayTheirPowerTheirCapAndTheirOperands) {
  const auto rows = parse_measured(kPower, "p.csv");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].power_w, 690.5);
  EXPECT_EQ(rows[0].power_limit_w, 700);
  EXPECT_EQ(rows[0].operands, Operands::kRandom);
  EXPECT_EQ(rows[1].operands, Operands::kZeros);
  EXPECT_EQ(rows[2].operands, std::nullopt);
}

TEST(MeasuredPower, WhatIsNoPowerIsRefusedWithItsPlace) {
  const auto refusal = [](std::string text) {
    try {
      parse_measured(text, "p.csv");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  std::string text = kPower;
  EXPECT_EQ(refusal(text.replace(text.find("zeros"), 5, "ones!")),
            "p.csv:3:27: 'ones!', expected random or zeros");
  EXPECT_EQ(refusal("device,dtype,m,n,k,latency_us,mode\na,bf16,1,1,1,1,long\n"),
            "p.csv:2:16: 'long', expected burst or sustained");
  EXPECT_EQ(refusal("device,dtype,m,n,k,latency_us,l2\na,bf16,1,1,1,1,cold\n"),
            "p.csv:2:16: 'cold', expected warm or flushed");
}

TEST(MeasuredPower, RowsOfAPowerWereMeasuredInLongRuns) {
  const auto rows = parse_measured(kPower, "p.csv");
  EXPECT_EQ(protocol_of(rows[1], parsed({})).mode, PowerMode::kSustained);
  EXPECT_EQ(protocol_of(rows[1], parsed({})).operands, Operands::kZeros);
  MeasuredRow plain = rows[0];
  plain.power_w.reset();
  EXPECT_EQ(protocol_of(plain, parsed({})).mode, PowerMode::kBurst);
  const auto options = parsed({"--power-mode", "sustained", "--operands", "random"});
  EXPECT_EQ(protocol_of(plain, options).mode, PowerMode::kSustained);
  EXPECT_EQ(protocol_of(rows[1], options).operands, Operands::kRandom);
  EXPECT_THROW(protocol_of(plain, parsed({"--operands", "ones"})), InputError);
}

TEST(MeasuredPower, RowsThatSayNothingWereTakenInASeries) {
  const auto rows = parse_measured(
      "device,dtype,m,n,k,latency_us,mode\n"
      "a,bf16,1,2,3,4.5,\n"
      "a,bf16,1,2,3,4.5,burst\n"
      "a,bf16,1,2,3,4.5,sustained\n",
      "p.csv");
  EXPECT_FALSE(rows[0].mode.has_value());
  ASSERT_TRUE(series_of(rows[0], parsed({})).has_value());
  EXPECT_GT(series_of(rows[0], parsed({}))->rest_fs, 0U);
  EXPECT_FALSE(series_of(rows[0], parsed({"--power-mode", "burst"})).has_value());
  EXPECT_FALSE(series_of(rows[1], parsed({})).has_value());
  EXPECT_FALSE(series_of(rows[2], parsed({})).has_value());
  EXPECT_FALSE(series_of(parse_measured(kPower, "p.csv")[0], parsed({})).has_value());
  MeasuredRow attention = rows[0];
  attention.shape = AttentionShape{};
  EXPECT_LT(series_of(attention, parsed({}))->calls, series_of(rows[0], parsed({}))->calls);
}

TEST(MeasuredPower, TheRowsCapHolds) {
  const auto rows = parse_measured(kPower, "p.csv");
  ChipConfig chip;
  chip.power.emplace();
  chip.power->cap_mw = 1;
  EXPECT_EQ(under_limit(chip, rows[1]).power->cap_mw, 1'000'000U);
  MeasuredRow plain = rows[0];
  plain.power_limit_w.reset();
  EXPECT_EQ(under_limit(chip, plain).power->cap_mw, 1U);
  chip.power.reset();
  EXPECT_FALSE(under_limit(chip, rows[1]).power.has_value());
}

TEST(MeasuredPower, AnAnswerComesBackAsItWasSent) {
  const ValidationPoint made =
      point_of(point(1, 0).row, call_answer(2'500'000'000, {691.25, 1'404'000'000}));
  EXPECT_DOUBLE_EQ(made.simulated_us, 2.5);
  EXPECT_DOUBLE_EQ(made.simulated_w, 691.25);
  EXPECT_EQ(made.simulated_clock_hz, 1'404'000'000U);
}

TEST(MeasuredPower, ErrorsAreThoseOfRowsWithAPower) {
  EXPECT_FALSE(power_errors({point(0, 500), point(500, 0)}).has_value());
  const auto errors =
      power_errors({point(500, 550), point(0, 7), point(400, 360), point(100, 100)});
  ASSERT_TRUE(errors.has_value());
  EXPECT_EQ(errors->points, 3U);
  EXPECT_NEAR(errors->mape, 0.2 / 3, 1e-12);
  EXPECT_NEAR(errors->bias, 0, 1e-12);
  EXPECT_NEAR(errors->median_ape, 0.1, 1e-12);
  EXPECT_TRUE(power_table(group_points({point(0, 500)})).empty());
  EXPECT_FALSE(power_table(group_points({point(500, 500)})).empty());
}

}  // namespace
}  // namespace orrery
