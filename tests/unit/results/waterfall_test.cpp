// SPDX-License-Identifier: Apache-2.0
#include "results/waterfall.h"

#include <random>

#include <gtest/gtest.h>

#include "results/op_groups.h"
#include "tests/support/sample_record.h"

namespace orrery {
namespace {

constexpr Femtoseconds kUs = kFsPerMicrosecond;

const WaterfallStep& step(const Waterfall& waterfall, const std::string& name) {
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.name == name) {
      return step;
    }
  }
  throw std::runtime_error("no step " + name);
}

Waterfall explain(const RunRecord& a, const RunRecord& b) {
  return explain_difference(a, b, align_ops(a.ops, b.ops));
}

double us(double time_fs) {
  return time_fs / static_cast<double>(kUs);
}

// Two cores; `split` in microseconds of a core, in the order of the categories.
OpRow op(const char* name, std::vector<std::uint64_t> split) {
  OpRow row;
  row.name = name;
  row.kind = "gemm";
  Femtoseconds duration_fs = 0;
  for (std::uint64_t& part : split) {
    part *= kUs;
    duration_fs += part;
    part *= 2;
  }
  row.end_fs = duration_fs;
  row.stall_fs = split;
  return row;
}

RunRecord run(std::vector<OpRow> ops) {
  RunRecord record;
  Femtoseconds now_fs = 0;
  for (OpRow& row : ops) {
    const Femtoseconds duration_fs = row.end_fs - row.start_fs;
    row.start_fs = now_fs;
    row.end_fs = now_fs += duration_fs;
  }
  record.summary = {{"total_time", static_cast<double>(now_fs), "fs", ""}};
  record.ops = std::move(ops);
  record.provenance.config_resolved =
      "core:\n  clock: 2 GHz\n---  # memory preset x\ncore: no map\n";
  return record;
}

TEST(TimeParts, AreTheMeanOverCoresAndSumToTheOperator) {
  const TimeParts parts = split_time(op("a", {4, 0, 3, 0, 0, 0, 0, 2, 1}), 0);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kTensor)]), 4);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kLoadMemory)]), 3);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kLaunch)]), 2);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kIdle)]), 1);
  EXPECT_DOUBLE_EQ(us(sum_of(parts)), 10);
}

TEST(TimeParts, WhatALowerClockAddsToTheUnitsIsPower) {
  OpRow row = op("a", {4, 2, 3, 0, 0, 0, 0, 0, 1});
  row.energy_j = {1, 0, 0, 0, 0, 0, 0};
  row.clock_hz = 1'500'000'000;
  const TimeParts parts = split_time(row, 2'000'000'000);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kTensor)]), 3);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kVector)]), 1.5);
  EXPECT_DOUBLE_EQ(us(parts[static_cast<std::size_t>(TimePart::kPower)]), 1.5);
  EXPECT_DOUBLE_EQ(us(sum_of(parts)), 10);
  // Nothing where the highest clock is not known, or power not modelled.
  EXPECT_EQ(split_time(row, 0)[static_cast<std::size_t>(TimePart::kPower)], 0);
  row.energy_j.clear();
  EXPECT_EQ(split_time(row, 2'000'000'000)[static_cast<std::size_t>(TimePart::kPower)], 0);
}

TEST(TimeParts, OfAnOperatorWithoutASplitAreUnaccounted) {
  const TimeParts parts = split_time(op("a", {0, 0, 0, 0, 0, 0, 0, 0, 0}), 0);
  EXPECT_EQ(sum_of(parts), 0);
  OpRow row = op("a", {4, 0, 0, 0, 0, 0, 0, 0, 0});
  row.stall_fs.assign(kStallCategoryCount, 0);
  EXPECT_DOUBLE_EQ(us(split_time(row, 0)[static_cast<std::size_t>(TimePart::kUnaccounted)]), 4);
}

TEST(Waterfall, EachPartIsTheDifferenceOfItsCategory) {
  const Waterfall waterfall = explain(run({op("a", {10, 0, 5, 0, 0, 0, 0, 1, 0})}),
                                      run({op("a", {4, 0, 7, 0, 0, 0, 0, 2, 0})}));
  EXPECT_DOUBLE_EQ(us(waterfall.difference_fs()), -3);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "tensor").difference_fs()), -6);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "load_hbm").difference_fs()), 2);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "launch").difference_fs()), 1);
  EXPECT_EQ(waterfall.remainder_fs, 0);
  EXPECT_EQ(waterfall.explained(), 1);
}

TEST(Waterfall, ReadsTheHighestClockFromTheChip) {
  const auto slowed = [](std::uint64_t clock_hz) {
    OpRow row = op("a", {8, 0, 0, 0, 0, 0, 0, 0, 0});
    row.clock_hz = clock_hz;
    row.energy_j = {1, 0, 0, 0, 0, 0, 0};
    return run({row});
  };
  const Waterfall waterfall = explain(slowed(2'000'000'000), slowed(1'000'000'000));
  EXPECT_DOUBLE_EQ(us(step(waterfall, "tensor").b_fs), 4);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "power").b_fs), 4);
  RunRecord without = slowed(1'000'000'000);
  without.provenance.config_resolved = "no: [chip";
  EXPECT_EQ(step(explain(without, without), "power").a_fs, 0);
}

TEST(Waterfall, TellsAnotherAmountFromAnotherRate) {
  OpRow a = op("a", {10, 0, 4, 0, 0, 0, 0, 0, 0});
  OpRow b = op("a", {10, 0, 4, 0, 0, 0, 0, 0, 0});
  a.flop = 100;
  b.flop = 200;  // twice the work at twice the rate
  a.hbm_read_bytes = 50;
  a.hbm_write_bytes = 50;
  b.hbm_read_bytes = 300;
  const Waterfall waterfall = explain(run({a}), run({b}));
  const WaterfallStep& tensor = step(waterfall, "tensor");
  EXPECT_EQ(tensor.amount_unit, "FLOP");
  EXPECT_EQ(tensor.amount_b, 200);
  EXPECT_DOUBLE_EQ(us(tensor.by_amount_fs), 7.5);  // 100 more, at 10/100 and 10/200 us each
  EXPECT_DOUBLE_EQ(us(tensor.by_rate_fs), -7.5);
  const WaterfallStep& memory = step(waterfall, "load_hbm");
  EXPECT_EQ(memory.amount_a, 100);
  EXPECT_EQ(memory.amount_b, 300);
  EXPECT_DOUBLE_EQ(memory.by_amount_fs + memory.by_rate_fs, memory.difference_fs());
}

TEST(Waterfall, WorkThatOnlyOneHasIsAllAmountAndEqualWorkAllRate) {
  OpRow a = op("a", {0, 0, 2, 0, 0, 0, 0, 0, 0});
  OpRow b = op("a", {8, 0, 5, 0, 0, 0, 0, 0, 0});
  b.flop = 100;
  a.hbm_read_bytes = b.hbm_read_bytes = 64;
  const Waterfall waterfall = explain(run({a}), run({b}));
  EXPECT_DOUBLE_EQ(us(step(waterfall, "tensor").by_amount_fs), 8);
  EXPECT_EQ(step(waterfall, "load_hbm").by_amount_fs, 0);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "load_hbm").by_rate_fs), 3);
}

TEST(Waterfall, TellsAnotherPeakFromAnotherUseOfIt) {
  // 3 MFLOP in 10 us where the peak needs 5, and in 4 us where the peak needs 3.
  OpRow a = op("a", {10, 0, 6, 0, 0, 0, 0, 0, 0});
  OpRow b = op("a", {4, 0, 3, 0, 0, 0, 0, 0, 0});
  a.flop = b.flop = 3'000'000;
  a.hbm_read_bytes = b.hbm_read_bytes = 1'000'000;
  const auto with_peaks = [](const OpRow& row, double flop_per_s, double bytes_per_s) {
    RunRecord record = run({row});
    record.summary.push_back({"peak_flop_per_s", flop_per_s, "1/s", ""});
    record.summary.push_back({"peak_hbm_bytes_per_s", bytes_per_s, "byte/s", ""});
    return record;
  };
  RunRecord run_b = with_peaks(b, 0.5e12, 2e12);
  run_b.provenance.config_resolved = "core: {clock: 2 GHz, rated_clock: 1 GHz}\n";  // 1e12 in all
  const Waterfall waterfall = explain(with_peaks(a, 0.6e12, 1e12), run_b);
  const WaterfallStep& tensor = step(waterfall, "tensor");
  EXPECT_DOUBLE_EQ(us(tensor.by_rate_fs), -6);
  EXPECT_NEAR(us(tensor.by_peak_fs), (3 - 5) * (10.0 / 5 + 4.0 / 3) / 2, 1e-9);
  const WaterfallStep& memory = step(waterfall, "load_hbm");
  EXPECT_NEAR(us(memory.by_peak_fs), (0.5 - 1) * (6 + 6) / 2, 1e-9);  // all of it: equal use
  EXPECT_NEAR(us(memory.by_rate_fs), -3, 1e-9);
  EXPECT_EQ(step(explain(run({a}), run({b})), "tensor").by_peak_fs, 0);  // no peak is known
}

TEST(Waterfall, OperatorsOfOneRunAreStepsOfTheirOwn) {
  const OpRow common = op("common", {3, 0, 0, 0, 0, 0, 0, 0, 0});
  const Waterfall waterfall = explain(run({common, op("gone", {4, 0, 0, 0, 0, 0, 0, 0, 0})}),
                                      run({op("new", {0, 0, 5, 0, 0, 0, 0, 0, 0}), common}));
  EXPECT_DOUBLE_EQ(us(step(waterfall, "only_a").difference_fs()), -4);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "only_b").difference_fs()), 5);
  EXPECT_EQ(step(waterfall, "load_hbm").difference_fs(), 0);
  EXPECT_EQ(waterfall.remainder_fs, 0);
}

TEST(Waterfall, TimeBetweenOperatorsIsAStepAndWhatNoneExplainsTheRemainder) {
  RunRecord a = run({op("a", {4, 0, 0, 0, 0, 0, 0, 0, 0})});
  RunRecord b = a;
  b.ops[0].start_fs += 2 * kUs;
  b.ops[0].end_fs += 2 * kUs;
  b.summary[0].value = static_cast<double>(10 * kUs);  // ends 4 us after its operators
  const Waterfall waterfall = explain(a, b);
  EXPECT_DOUBLE_EQ(us(waterfall.difference_fs()), 6);
  EXPECT_DOUBLE_EQ(us(step(waterfall, "between_operators").difference_fs()), 2);
  EXPECT_DOUBLE_EQ(us(waterfall.remainder_fs), 4);
  EXPECT_NEAR(waterfall.explained(), 2.0 / 6, 1e-12);
}

TEST(Waterfall, AnOperatorWithoutASplitIsNotExplained) {
  OpRow row = op("a", {4, 0, 0, 0, 0, 0, 0, 0, 0});
  const RunRecord a = run({row});
  row.stall_fs.assign(kStallCategoryCount, 0);
  row.end_fs = row.start_fs + 9 * kUs;
  const Waterfall waterfall = explain(a, run({row}));
  EXPECT_DOUBLE_EQ(us(waterfall.remainder_fs), 9);
  EXPECT_EQ(waterfall.explained(), 0);
}

TEST(Waterfall, EqualRunsAreExplained) {
  const Waterfall waterfall = explain(sample_record(), sample_record());
  EXPECT_EQ(waterfall.difference_fs(), 0);
  EXPECT_EQ(waterfall.explained(), 1);
}

TEST(Waterfall, StepsAddUpWhateverTheRuns) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    const auto some_run = [&] {
      std::vector<OpRow> ops;
      for (int i = 0; i < 40; ++i) {
        std::vector<std::uint64_t> split(kStallCategoryCount);
        for (std::uint64_t& part : split) {
          part = random() % 1000;
        }
        ops.push_back(op(std::to_string(random() % 60).c_str(), split));
        ops.back().flop = random() % 3 == 0 ? 0 : random();
        ops.back().clock_hz = 1'000'000'000 + random() % 1'000'000'000;
        ops.back().energy_j.assign(kEnergyPartNames, 1);
      }
      return run(std::move(ops));
    };
    const RunRecord a = some_run();
    const RunRecord b = some_run();
    const Waterfall waterfall = explain(a, b);
    double sum = 0;
    for (const WaterfallStep& step : waterfall.steps) {
      sum += step.difference_fs();
      EXPECT_NEAR(step.by_amount_fs + step.by_rate_fs,
                  step.amount_unit.empty() ? 0 : step.difference_fs(), 1e-3);
    }
    EXPECT_NEAR(sum, waterfall.difference_fs(), 1);
    EXPECT_EQ(waterfall.remainder_fs, 0);
  }
}

TEST(OpGroups, PutLayersTogether) {
  EXPECT_EQ(layers_name("layer17.qkv"), "layer*.qkv");
  EXPECT_EQ(layers_name("embedding"), "embedding");
  const RunRecord a = run({op("layer0.qkv", {3, 0, 0, 0, 0, 0, 0, 0, 0}),
                           op("layer1.qkv", {4, 0, 0, 0, 0, 0, 0, 0, 0}),
                           op("layer2.qkv", {9, 0, 0, 0, 0, 0, 0, 0, 0})});
  const RunRecord b = run({op("layer0.qkv", {1, 0, 0, 0, 0, 0, 0, 0, 0}),
                           op("layer1.qkv", {1, 0, 1, 0, 0, 0, 0, 0, 0})});
  const std::vector<OpGroup> groups = group_ops(a, b, align_ops(a.ops, b.ops));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "layer*.qkv");
  EXPECT_EQ(groups[0].count_a, 2U);
  EXPECT_EQ(groups[0].count_b, 2U);
  EXPECT_DOUBLE_EQ(us(groups[0].difference_fs()), -4);
  EXPECT_EQ(groups[1].count_a, 1U);
  EXPECT_EQ(groups[1].count_b, 0U);
  EXPECT_EQ(single_ops(a, b, align_ops(a.ops, b.ops)).size(), 3U);
}

}  // namespace
}  // namespace orrery
