// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "arch/chip.h"
#include "tests/support/attention_workload.h"
#include "tests/support/chip_workload.h"

// A chip that has been reset does what a new one does.
namespace orrery {
namespace {

std::vector<Workload> workloads() {
  AttentionShape shape;
  shape.batch = 2;
  shape.seq_q = shape.seq_kv = 300;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 64;
  shape.causal = true;
  return {gemm_workload({1, 200, 264, 520}), attention_workload(shape),
          rowwise_workload(RowwiseKind::kRmsNorm, "rms_norm", 100, 512),
          gemm_workload({1, 511, 129, 130})};
}

struct Outcome {
  Femtoseconds duration_fs = 0;
  std::vector<std::uint64_t> counters;
  std::vector<std::uint64_t> hbm_bins;
  std::vector<Femtoseconds> event_ends;

  bool operator==(const Outcome&) const = default;
};

Outcome run_on(Chip& chip, const Workload& workload) {
  Outcome outcome;
  outcome.duration_fs = simulate(chip, workload, {}).duration_fs;
  for (const CounterEntry& entry : chip.counters().entries()) {
    outcome.counters.push_back(entry.counter->value());
  }
  outcome.hbm_bins = chip.hbm_timeline().bins();
  for (const EventLog::Event& event : chip.events().events()) {
    outcome.event_ends.push_back(event.end_fs);
  }
  return outcome;
}

Outcome on_a_new_chip(const ChipConfig& config, const Workload& workload) {
  const FreshKernel kernel;
  Chip chip("chip", config);
  return run_on(chip, workload);
}

struct Setting {
  const char* chip;
  std::vector<std::string> overrides;
};

class ChipResetTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  static ChipConfig config() {
    static const std::vector<Setting> settings{
        {"tiny", {}},
        {"npu4", {}},
        {"npu4", {"memory.fidelity=detailed"}},
        {"npu4", {"network.fidelity=detailed"}},
        {"h100-sxm", {}},
        {"maia100", {}},
    };
    const Setting& setting = settings[GetParam()];
    return load_chip(setting.chip, kConfigFolder, setting.overrides);
  }
};

TEST_P(ChipResetTest, WhateverRanBeforeDoesNotShow) {
  const std::vector<Workload> all = workloads();
  std::vector<Outcome> fresh;
  for (const Workload& workload : all) {
    fresh.push_back(on_a_new_chip(config(), workload));
  }
  const FreshKernel kernel;
  Chip chip("chip", config());
  for (const std::size_t i : {0U, 1U, 2U, 3U, 1U, 0U, 0U, 2U, 3U, 1U}) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(run_on(chip, all[i]) == fresh[i]);
    chip.reset();
  }
}

INSTANTIATE_TEST_SUITE_P(Chips, ChipResetTest, ::testing::Range<std::size_t>(0, 6));

}  // namespace
}  // namespace orrery
