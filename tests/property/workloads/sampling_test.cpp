// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "arch/chip.h"
#include "tests/support/attention_workload.h"
#include "tests/support/chip_workload.h"
#include "workloads/trace.h"

// What holds of a sampled run, held against the full one.
namespace orrery {
namespace {

struct Call {
  std::string name;
  std::string chip;
  Workload workload;
};

Call gemm(const std::string& chip, const GemmShape& shape, Dtype dtype = Dtype::kBf16) {
  return {"gemm " + std::to_string(shape.m) + "x" + std::to_string(shape.n) + "x" +
              std::to_string(shape.k) + " on " + chip,
          chip, gemm_workload(shape, dtype)};
}

Call prefill(const std::string& chip, std::uint64_t heads, std::uint64_t tokens, bool causal) {
  AttentionShape shape;
  shape.batch = 4;
  shape.seq_q = shape.seq_kv = tokens;
  shape.heads = heads;
  shape.kv_heads = heads / 4;
  shape.head_dim = 128;
  shape.causal = causal;
  return {"attention of " + std::to_string(tokens) + " on " + chip, chip,
          attention_workload(shape)};
}

// Of edge tiles, split sums, clusters, many waves and long ones.
std::vector<Call> calls() {
  return {gemm("h100-sxm", {1, 4096, 4096, 4096}), gemm("h100-sxm", {1, 4096, 4096, 16384}),
          gemm("h100-sxm", {1, 1027, 8250, 3080}), gemm("h100-sxm", {1, 3000, 20000, 512}),
          prefill("h100-sxm", 128, 1024, true),    prefill("h100-sxm", 32, 1100, false),
          gemm("maia100", {1, 4096, 4096, 8192}),  gemm("tiny", {1, 1000, 1000, 2048})};
}

ChipRun run(const Call& call, bool sampled) {
  const ChipConfig config = load_chip(call.chip, kConfigFolder);
  const FreshKernel kernel;
  Chip chip("chip", config);
  if (sampled) {
    chip.sample();
  }
  ChipRun run;
  run.result = simulate(chip, call.workload, {});
  for (const CounterEntry& entry : chip.counters().entries()) {
    run.counters.emplace_back(entry.path, entry.counter->value());
  }
  return run;
}

std::uint64_t sum_of(const ChipRun& run, const std::string& suffix) {
  std::uint64_t sum = 0;
  for (const auto& [path, value] : run.counters) {
    sum += path.ends_with(suffix) ? value : 0;
  }
  return sum;
}

class SamplingTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SamplingTest, TimeIsCloseFlopAndTasksAreExactAndSplitsSumUp) {
  const Call call = calls()[GetParam()];
  SCOPED_TRACE(call.name);
  const ChipRun full = run(call, false);
  const ChipRun sampled = run(call, true);
  const OperatorRun& a = full.result.operators.front().run;
  const OperatorRun& b = sampled.result.operators.front().run;
  EXPECT_EQ(a.credited_fs, 0U);
  EXPECT_EQ(b.flop, a.flop);
  EXPECT_EQ(sum_of(sampled, ".useful_flop"), sum_of(full, ".useful_flop"));
  EXPECT_EQ(sum_of(sampled, ".tasks"), sum_of(full, ".tasks"));
  EXPECT_EQ(std::accumulate(b.split.begin(), b.split.end(), Femtoseconds{0}),
            load_chip(call.chip, kConfigFolder).core.count * b.duration_fs());
  const auto near = [](double x, double y, double ratio) { EXPECT_NEAR(x, y, ratio * y); };
  near(static_cast<double>(b.duration_fs()), static_cast<double>(a.duration_fs()), 0.015);
  near(static_cast<double>(b.transfers), static_cast<double>(a.transfers), 0.05);
  near(static_cast<double>(b.shared_bytes), static_cast<double>(a.shared_bytes), 0.05);
  near(static_cast<double>(b.hbm_read_bytes), static_cast<double>(a.hbm_read_bytes), 0.15);
  EXPECT_LE(b.sampling_error_fs, b.duration_fs() / 50);
}

INSTANTIATE_TEST_SUITE_P(Calls, SamplingTest, ::testing::Range<std::size_t>(0, 8));

TEST(SamplingOfLargeKernels, LeavesMostOfThemOut) {
  for (const Call& call :
       {gemm("h100-sxm", {1, 4096, 4096, 16384}), gemm("h100-sxm", {1, 8192, 16384, 1024}),
        prefill("h100-sxm", 128, 1024, true)}) {
    SCOPED_TRACE(call.name);
    const ChipRun sampled = run(call, true);
    EXPECT_GT(sampled.result.operators.front().run.credited_fs, sampled.result.duration_fs / 4);
  }
}

// A GEMM's tasks that were left out have written their part of its result, too: who reads it finds
// all of it in the SRAM.
TEST(SamplingOfAnSram, LeavesWholeResultsThere) {
  Trace trace{"t", false, {}};
  trace.rows.resize(2);
  trace.rows[0].op = {"up", "gemm", GemmShape{1, 2048, 28672, 1024}};
  trace.rows[1].op = {"gate", "silu_gate",
                      RowwiseShape{RowwiseKind::kSiluGate, 2048, 14336, 0, 0, 0, 0}};
  trace.rows[1].depends_on = {"up"};
  trace.rows.push_back(trace.rows[1]);  // it reads the same again
  trace.rows[2].op.name = "again";
  const Workload work = build_workload(trace);
  const auto reader = [&](bool sampled) {
    const FreshKernel kernel;
    Chip chip("chip", load_chip("maia100", kConfigFolder));
    if (sampled) {
      chip.sample();
    }
    const SimulationResult result = simulate(chip, work, {});
    EXPECT_EQ(result.operators[0].run.credited_fs > 0, sampled);
    EXPECT_EQ(result.operators[2].run.hbm_read_bytes, 0U);
    return result.operators[1].run;
  };
  const OperatorRun full = reader(false);
  const OperatorRun sampled = reader(true);
  EXPECT_EQ(full.hbm_read_bytes, 0U);
  EXPECT_EQ(sampled.hbm_read_bytes, 0U);
  EXPECT_NEAR(static_cast<double>(sampled.duration_fs()), static_cast<double>(full.duration_fs()),
              0.01 * static_cast<double>(full.duration_fs()));
}

// The result, 117 MB, does not fit: once the SRAM is full, weights pass by and every core fetches
// its own. What the waves before took says nothing of that.
TEST(SamplingOfAnSram, LeavesNothingOutWhileItFillsUp) {
  const Workload work = gemm_workload({1, 2048, 28672, 1024});
  const auto duration_fs = [&](bool sampled) {
    const FreshKernel kernel;
    Chip chip("chip", load_chip("maia100", kConfigFolder,
                                {"shared_memory.capacity=64 MiB", "power.cap=5 kW",
                                 "network.link=256 B/clk", "network.core_port=64 B/clk"}));
    if (sampled) {
      chip.sample();
    }
    return static_cast<double>(simulate(chip, work, {}).duration_fs);
  };
  const double full_fs = duration_fs(false);
  EXPECT_NEAR(duration_fs(true), full_fs, 0.01 * full_fs);
}

TEST(SamplingOfSmallKernels, ChangesNothing) {
  const Call call = gemm("h100-sxm", {1, 256, 256, 512});
  const ChipRun full = run(call, false);
  const ChipRun sampled = run(call, true);
  EXPECT_EQ(sampled.result.duration_fs, full.result.duration_fs);
  EXPECT_EQ(sampled.counters, full.counters);
  EXPECT_EQ(sampled.result.operators.front().run.credited_fs, 0U);
}

TEST(SamplingOfSequences, TimesAreInOrderAndTimelinesHoldWhatCountersDo) {
  const ChipConfig config = load_chip("h100-sxm", kConfigFolder);
  const Call call = gemm("h100-sxm", {1, 4096, 4096, 16384});
  const FreshKernel kernel;
  Chip chip("chip", config);
  chip.sample();
  Femtoseconds end_fs = 0;
  for (int i = 0; i < 2; ++i) {
    const LoweredOperator lowered = lower(call.workload, call.workload.operators[0], config);
    const OperatorRun run = chip.run(lowered.kernels);
    EXPECT_EQ(run.start_fs, end_fs);
    EXPECT_GT(run.credited_fs, 0U);
    end_fs = run.end_fs;
  }
  std::uint64_t busy_fs = 0;
  for (const CounterEntry& entry : chip.counters().entries()) {
    busy_fs += entry.path.ends_with(".tensor_busy") ? entry.counter->value() : 0;
  }
  EXPECT_EQ(chip.tensor_timeline().sum(), busy_fs);
  Femtoseconds last_end_fs = 0;
  for (const EventLog::Event& event : chip.events().events()) {
    EXPECT_LE(event.start_fs, event.end_fs);
    last_end_fs = std::max(last_end_fs, event.end_fs);
  }
  EXPECT_EQ(last_end_fs + config.dispatch.kernel_end_fs, end_fs);
}

}  // namespace
}  // namespace orrery
