// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"

// What holds of every GEMM on every chip.
namespace orrery {
namespace {

const std::vector<GemmShape>& shapes() {
  static const std::vector<GemmShape> all{
      {1, 1, 1, 1},      {1, 1, 512, 256},   {1, 7, 33, 65},     {1, 64, 64, 64},
      {1, 128, 256, 96}, {1, 200, 264, 520}, {2, 65, 40, 72},    {3, 16, 128, 64},
      {1, 256, 8, 256},  {1, 100, 300, 17},  {1, 511, 129, 130}, {1, 32, 1024, 128},
  };
  return all;
}

std::string text_of(const std::string& chip, const GemmShape& s) {
  return chip + " " + std::to_string(s.batch) + "x" + std::to_string(s.m) + "x" +
         std::to_string(s.n) + "x" + std::to_string(s.k);
}

class ChipPropertyTest : public ::testing::TestWithParam<const char*> {
 protected:
  static ChipConfig chip(const std::vector<std::string>& overrides = {}) {
    return load_chip(GetParam(), kConfigFolder, overrides);
  }
};

TEST_P(ChipPropertyTest, AGemmKeepsTheLawsOfConservationAndTheRoofline) {
  const ChipConfig config = chip();
  for (const GemmShape& shape : shapes()) {
    SCOPED_TRACE(text_of(GetParam(), shape));
    const Workload workload = gemm_workload(shape);
    const ChipRun run = run_on(config, workload);
    const OperatorRun& op = run.result.operators.front().run;
    EXPECT_EQ(op.flop, workload.operators.front().flop());
    EXPECT_EQ(std::accumulate(op.split.begin(), op.split.end(), Femtoseconds{0}),
              config.core.count * op.duration_fs());
    // From empty caches: everything is read at least once, without the padding of rows.
    const std::uint64_t read_bytes = 2 * shape.batch * (shape.m * shape.k + shape.n * shape.k);
    EXPECT_GE(op.hbm_read_bytes, read_bytes);
    const double seconds = static_cast<double>(op.duration_fs()) * 1e-15;
    EXPECT_GE(seconds, static_cast<double>(op.flop) / config.highest_flop_per_s(Dtype::kBf16));
    EXPECT_GE(seconds, static_cast<double>(read_bytes) / config.peak_memory_bytes_per_s());
  }
}

TEST_P(ChipPropertyTest, TheSameRunTwiceIsTheSame) {
  for (const std::size_t index : {4U, 5U, 6U}) {
    const Workload workload = gemm_workload(shapes()[index]);
    const ChipRun first = run_on(chip(), workload);
    const ChipRun second = run_on(chip(), workload);
    EXPECT_EQ(first.result.duration_fs, second.result.duration_fs);
    EXPECT_EQ(first.counters, second.counters);
  }
}

TEST_P(ChipPropertyTest, AFasterClockOrMemoryIsNotSlower) {
  const ChipConfig config = chip();
  ChipConfig clock = config;
  clock.core.clock_hz += clock.core.clock_hz / 4;
  ChipConfig memory = config;
  memory.memory.bandwidth_bytes_per_s += memory.memory.bandwidth_bytes_per_s / 4;
  SimulationOptions options;
  options.tile = {64, 64, 64, 2, 1, 1};
  for (const GemmShape& shape : shapes()) {
    SCOPED_TRACE(text_of(GetParam(), shape));
    const Workload workload = gemm_workload(shape);
    const Femtoseconds base_fs = run_on(config, workload, options).result.duration_fs;
    const Femtoseconds most_fs = base_fs + base_fs / 50;
    EXPECT_LE(run_on(clock, workload, options).result.duration_fs, most_fs);
    EXPECT_LE(run_on(memory, workload, options).result.duration_fs, most_fs);
  }
}

INSTANTIATE_TEST_SUITE_P(Chips,
                         ChipPropertyTest,
                         ::testing::Values("tiny", "h100-sxm", "maia100", "npu4"),
                         [](const auto& chip) {
                           std::string name = chip.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace orrery
