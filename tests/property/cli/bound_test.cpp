// SPDX-License-Identifier: Apache-2.0
// `bound` means it: of all resources of a chip, making the one it names a quarter faster helps an
// operator most. Operators of a Llama-3.1-8B layer in their places: each finds in shared memory
// what those before it left there.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "cli/simulation_record.h"
#include "tests/support/chip_workload.h"
#include "workloads/model_expansion.h"

namespace orrery {
namespace {

template <typename Number>
void more(Number& value) {
  value = value * 5 / 4;
}
template <typename Number>
void less(Number& value) {
  value = value * 4 / 5;
}

void relax_tensor(ChipConfig& chip) {
  for (std::uint64_t& rate : chip.core.tensor.flop_per_cycle) {
    more(rate);
  }
  less(chip.core.tensor.fill_cycles);
  less(chip.core.tensor.issue_cycles);
}

void relax_vector(ChipConfig& chip) {
  more(chip.core.vector.fp32_ops_per_cycle);
  more(chip.core.vector.bf16_ops_per_cycle);
  more(chip.core.vector.special_ops_per_cycle);
  less(chip.core.vector.startup_cycles);
}

void relax_hbm(ChipConfig& chip) {
  HbmConfig& hbm = chip.memory;
  more(hbm.bandwidth_bytes_per_s);
  for (Femtoseconds* const time_fs :
       {&hbm.array_latency_fs, &hbm.front_end_latency_fs, &hbm.refresh_busy_fs,
        &hbm.activate_interval_fs, &hbm.read_activate_interval_fs, &hbm.row_cycle_fs,
        &hbm.turnaround_fs}) {
    less(*time_fs);
  }
}

void relax_launch(ChipConfig& chip) {
  DispatchConfig& dispatch = chip.dispatch;
  for (Femtoseconds* const time_fs : {&dispatch.kernel_launch_fs, &dispatch.dependent_launch_fs,
                                      &dispatch.kernel_end_fs, &dispatch.task_launch_fs}) {
    less(*time_fs);
  }
}

// By the words of `bound`. A clock takes bandwidth and latency together.
const std::map<std::string, void (*)(ChipConfig&)>& resources() {
  static const std::map<std::string, void (*)(ChipConfig&)> all{
      {"tensor", relax_tensor},
      {"vector", relax_vector},
      {"hbm", relax_hbm},
      {"shared", [](ChipConfig& chip) { more(chip.shared.clock_hz); }},
      {"network", [](ChipConfig& chip) { more(chip.network.clock_hz); }},
      {"launch", relax_launch},
  };
  return all;
}

// Where the mean core and the slowest one, which decides, spend their time on different things;
// what helps instead.
struct Exception {
  std::string chip;
  Phase phase;
  std::string op;
  std::string bound, helps;
};
const std::vector<Exception>& exceptions() {
  static const std::vector<Exception> all{
      // A quarter of its input is no longer in the L2, and comes there in bursts, on which the rest
      // waits in the network's ports; faster slices let them pass.
      {"h100-sxm", Phase::kPrefill, "layer0.attention_norm", "hbm", "shared"},
      // The vector units work half of the time; the cores that append keys and values to the cache,
      // in memory, end last.
      {"maia100", Phase::kPrefill, "layer0.rotary", "vector", "hbm"},
      // The vector units work half of the time, and hide behind the cluster's SRAM: 50 MB at
      // 12.5 TB/s, by banks and by ports of equal width. Of these a quarter more helps only
      // together.
      {"maia100", Phase::kPrefill, "layer0.attention_add", "vector", "launch"},
      {"maia100", Phase::kPrefill, "layer0.ffn_add", "vector", "launch"},
  };
  return all;
}

// Of an operator's time: what helps equally much, to this, may be named either way. The last per
// mille are the order in which cores meet at a link.
constexpr double kTie = 0.01;

// One layer, without the embedding before it and the logits after it.
Workload layer(Phase phase) {
  ModelShape model = load_model(kConfigFolder + "/models/llama-3.1-8b.json");
  model.layers = 1;
  ModelRun run;
  run.phase = phase;
  run.batch = phase == Phase::kPrefill ? 1 : 32;
  run.context = 2048;
  Workload workload = expand(model, run);
  workload.operators.resize(workload.operators.size() - 2);
  return workload;
}

class BoundTest : public ::testing::TestWithParam<std::tuple<const char*, Phase>> {};

TEST_P(BoundTest, RelaxingTheNamedResourceHelpsMost) {
  const auto& [name, phase] = GetParam();
  ChipConfig chip = load_chip(name, kConfigFolder);
  // A faster unit takes more power, and the clock down with it: `bound` would be right, and the
  // gain of what it names eaten up.
  chip.power.reset();
  const Workload workload = layer(phase);
  SimulationOptions options;
  options.compiled_for = chip;  // the same tiles on all
  const SimulationResult base = run_on(chip, workload, options).result;
  std::map<std::string, SimulationResult> relaxed;
  for (const auto& [resource, relax] : resources()) {
    ChipConfig faster = chip;
    relax(faster);
    relaxed.emplace(resource, run_on(faster, workload, options).result);
  }

  for (std::size_t i = 1; i < workload.operators.size(); ++i) {  // 0: the embedding
    const OperatorRun& run = base.operators[i].run;
    std::string gains;
    std::string best;
    std::map<std::string, double> gain;
    for (const auto& [resource, result] : relaxed) {
      gain[resource] = 1 - static_cast<double>(result.operators[i].run.duration_fs()) /
                               static_cast<double>(run.duration_fs());
      best = best.empty() || gain[resource] > gain[best] ? resource : best;
      gains += resource + " " + std::to_string(gain[resource]) + "  ";
    }
    const std::string& op = workload.operators[i].name;
    SCOPED_TRACE(op + ": " + gains);
    const std::string bound = resource_name(bound_of(run.split));
    const auto exception = std::find_if(
        exceptions().begin(), exceptions().end(),
        [&](const Exception& e) { return e.chip == name && e.phase == phase && e.op == op; });
    if (exception != exceptions().end()) {
      EXPECT_EQ(bound, exception->bound);
      EXPECT_GE(gain[exception->helps], gain[best] - kTie) << best << " helps most";
      continue;
    }
    ASSERT_TRUE(resources().contains(bound)) << bound;
    EXPECT_GE(gain[bound], gain[best] - kTie) << bound << " is named, " << best << " helps most";
    EXPECT_GT(gain[bound], 0.0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Layers,
    BoundTest,
    ::testing::Combine(::testing::Values("h100-sxm", "maia100"),
                       ::testing::Values(Phase::kPrefill, Phase::kDecode)),
    [](const auto& instance) {
      return std::string(std::get<0>(instance.param)).substr(0, 4) +  // no "-" in a test's name
             std::string(name_of(std::get<1>(instance.param)));
    });

}  // namespace
}  // namespace orrery
