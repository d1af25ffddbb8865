// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"
#include "workloads/model_expansion.h"

// What is copied takes as long as if it had been simulated.
namespace orrery {
namespace {

struct Case {
  const char* chip;
  const char* override;
  Phase phase;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.chip << ' ' << c.override << ' ' << name_of(c.phase);
}

class ReuseProperty : public ::testing::TestWithParam<Case> {};

// One operator may differ by a tenth: its tensors lie elsewhere in memory. All together do not.
TEST_P(ReuseProperty, AModelTakesAsLongAsWithoutIt) {
  ChipConfig config = load_chip(GetParam().chip, kConfigFolder, {GetParam().override});
  config.power.reset();
  ModelShape model = load_model(find_model("llama-3.1-8b", kConfigFolder));
  model.layers = 4;
  model.vocab = 4096;
  const Workload work = expand(model, {.phase = GetParam().phase, .batch = 1, .context = 128});
  SimulationOptions all;
  all.reuse = false;
  const SimulationResult whole = run_on(config, work, all).result;
  const SimulationResult reused = run_on(config, work).result;
  EXPECT_GE(std::count_if(reused.operators.begin(), reused.operators.end(),
                          [](const OperatorResult& op) { return op.reused; }),
            22);
  EXPECT_NEAR(static_cast<double>(reused.duration_fs), static_cast<double>(whole.duration_fs),
              0.005 * static_cast<double>(whole.duration_fs));
}

INSTANTIATE_TEST_SUITE_P(
    Chips,
    ReuseProperty,
    ::testing::Values(Case{"maia100", "shared_memory.capacity=384 MiB", Phase::kPrefill},
                      Case{"maia100", "shared_memory.capacity=384 MiB", Phase::kDecode},
                      Case{"maia100", "shared_memory.capacity=8 MiB", Phase::kPrefill},
                      Case{"h100-sxm", "core.count=32", Phase::kDecode}));

}  // namespace
}  // namespace orrery
