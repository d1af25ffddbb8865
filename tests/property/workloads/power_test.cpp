// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"
#include "workloads/model_expansion.h"

// What holds of power and clock on whole chips.
namespace orrery {
namespace {

using Overrides = std::vector<std::string>;

ChipConfig small_h100(const Overrides& more = {}) {
  Overrides overrides{"core.count=16", "power.window=4 us", "power.droop=0 %", "power.peak=100 kW"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return load_chip("h100-sxm", kConfigFolder, overrides);
}

Workload tensor_bound() {
  return gemm_workload({1, 2048, 1024, 1024});
}

OperatorRun run_of(const ChipConfig& config,
                   const PowerProtocol& protocol = {},
                   const Workload& workload = tensor_bound()) {
  const FreshKernel kernel;
  Chip chip("chip", config);
  chip.set_power_protocol(protocol);
  return simulate(chip, workload, {}).operators.front().run;
}

std::uint64_t part(const OperatorRun& run, EnergyPart which) {
  return run.energy_fj[static_cast<std::size_t>(which)];
}

double watts(const OperatorRun& run) {
  return static_cast<double>(run.total_energy_fj()) / static_cast<double>(run.duration_fs());
}

TEST(PowerProperty, AChipThatNeverMeetsItsCapRunsAsIfThereWereNoPower) {
  for (const char* name : {"h100-sxm", "maia100"}) {
    const ChipConfig config =
        load_chip(name, kConfigFolder,
                  std::string(name) == "maia100"
                      ? Overrides{"power.cap=100 kW"}
                      : Overrides{"power.cap=100 kW", "power.peak=100 kW", "power.droop=0 %"});
    ChipConfig without = config;
    without.power.reset();
    for (const Workload& workload :
         {gemm_workload({1, 512, 520, 1024}), gemm_workload({1, 4, 4096, 4096})}) {
      const ChipRun with_power = run_on(config, workload);
      const ChipRun plain = run_on(without, workload);
      EXPECT_EQ(with_power.result.duration_fs, plain.result.duration_fs) << name;
      EXPECT_EQ(with_power.result.operators[0].run.split, plain.result.operators[0].run.split);
      const auto model_counters = [](const ChipRun& run) {
        auto counters = run.counters;
        std::erase_if(counters,
                      [](const auto& counter) { return counter.first.ends_with(".activations"); });
        return counters;
      };
      EXPECT_EQ(model_counters(with_power), model_counters(plain)) << name;
      EXPECT_FALSE(plain.result.operators[0].run.has_power);
      EXPECT_EQ(plain.result.operators[0].run.total_energy_fj(), 0U);
    }
  }
}

TEST(PowerProperty, AHigherCapIsNeverSlowerAndEachIsKept) {
  const ChipConfig config = small_h100();
  Femtoseconds slower_fs = kNever;
  std::uint64_t lower_hz = 0;
  for (const std::uint64_t cap_w : {10, 100, 120, 135, 150, 170, 190, 1000}) {
    ChipConfig capped = config;
    capped.power->cap_mw = cap_w * 1000;
    const OperatorRun run = run_of(capped);
    EXPECT_LE(run.duration_fs(), slower_fs) << cap_w;
    EXPECT_GE(run.mean_clock_hz, lower_hz) << cap_w;
    EXPECT_GE(run.mean_clock_hz, config.power->lowest_clock_hz);
    EXPECT_LE(run.mean_clock_hz, config.core.clock_hz);
    EXPECT_EQ(run.capped, run.mean_clock_hz + config.power->clock_step_hz <= config.core.clock_hz);
    if (run.mean_clock_hz > 400'000'000) {
      EXPECT_LT(watts(run), 1.06 * static_cast<double>(cap_w)) << cap_w;
    }
    slower_fs = run.duration_fs();
    lower_hz = run.mean_clock_hz;
  }
  EXPECT_EQ(lower_hz, config.core.clock_hz);
}

TEST(PowerProperty, AtTheLowestClockAllTakesAsManyCycles) {
  ChipConfig lowest = small_h100({"power.cap=1 W"});
  const OperatorRun slow = run_of(lowest);
  ChipConfig fixed = lowest;
  fixed.power.reset();
  fixed.core.clock_hz =
      lowest.core.clock_hz - (lowest.core.clock_hz - 345'000'000) / 15'000'000 * 15'000'000;
  SimulationOptions options;
  options.compiled_for = lowest;  // the same kernel
  const ChipRun same = run_on(fixed, tensor_bound(), options);
  EXPECT_EQ(slow.mean_clock_hz, fixed.core.clock_hz);
  EXPECT_EQ(slow.duration_fs(), same.result.duration_fs);
}

TEST(PowerProperty, ZerosAreNeverSlowerAndTakeLess) {
  for (const char* cap : {"power.cap=130 W", "power.cap=700 W"}) {
    const ChipConfig config = small_h100({cap});
    const OperatorRun random = run_of(config);
    const OperatorRun zeros = run_of(config, {PowerMode::kSustained, Operands::kZeros, {}});
    EXPECT_LE(zeros.duration_fs(), random.duration_fs()) << cap;
    EXPECT_GE(zeros.mean_clock_hz, random.mean_clock_hz) << cap;
    EXPECT_LT(zeros.total_energy_fj(), random.total_energy_fj()) << cap;
    // HBM's alone does not depend on data, and about as many bytes move.
    EXPECT_GT(part(zeros, EnergyPart::kHbm), part(random, EnergyPart::kHbm) * 9 / 10);
  }
}

TEST(PowerProperty, ABurstIsNoSlowerThanSustainedWork) {
  const ChipConfig config = small_h100({"power.cap=135 W"});
  const OperatorRun burst = run_of(config, {PowerMode::kBurst, Operands::kRandom, {}});
  const OperatorRun sustained = run_of(config);
  EXPECT_LT(burst.duration_fs(), sustained.duration_fs());
  EXPECT_GT(burst.mean_clock_hz, sustained.mean_clock_hz);
  EXPECT_GT(burst.duration_fs(), run_of(small_h100()).duration_fs());  // but it is held, too
}

TEST(PowerProperty, APeakHoldsABurstAndADroopStretchesItsCycles) {
  const PowerProtocol burst{PowerMode::kBurst, Operands::kRandom, {}};
  const Overrides slow{"power.window=100 ms", "power.cap=130 W"};
  const auto with = [&](const std::string& override) {
    Overrides all = slow;
    all.push_back(override);
    return run_of(small_h100(all), burst);
  };
  const OperatorRun free = with("power.peak=100 kW");
  EXPECT_EQ(free.mean_clock_hz, 1'980'000'000U);
  const OperatorRun held = with("power.peak=135 W");
  EXPECT_LT(held.mean_clock_hz, free.mean_clock_hz);
  EXPECT_LT(watts(held), watts(free));
  EXPECT_TRUE(held.capped);
  const OperatorRun drooping = with("power.droop=10 %");
  EXPECT_LT(drooping.mean_clock_hz, 1'850'000'000U);
  EXPECT_GE(drooping.mean_clock_hz, 1'782'000'000U);  // all of 10 %
  EXPECT_GT(drooping.duration_fs(), free.duration_fs());
  EXPECT_FALSE(drooping.capped);  // the cap did nothing
}

TEST(PowerProperty, ALongerWindowHoldsABurstLater) {
  Femtoseconds shorter_fs = kNever;
  for (const char* window : {"power.window=3 us", "power.window=12 us", "power.window=10 ms"}) {
    const OperatorRun run =
        run_of(small_h100({"power.cap=135 W", window}), {PowerMode::kBurst, Operands::kRandom, {}});
    EXPECT_LT(run.duration_fs(), shorter_fs) << window;
    shorter_fs = run.duration_fs();
  }
}

TEST(PowerProperty, EnergyIsThatOfTheCountersAndTheTime) {
  const ChipConfig config = small_h100({"power.cap=100 kW"});
  SimulationOptions options;
  options.tile = {128, 256};  // full tiles, so nothing is padded
  const ChipRun run = run_on(config, tensor_bound(), options);
  const OperatorRun& op = run.result.operators[0].run;
  const auto counter = [&](const std::string& path) {
    return std::find_if(run.counters.begin(), run.counters.end(),
                        [&](const auto& entry) { return entry.first == path; })
        ->second;
  };
  // At 1.98 GHz, 875 mV against 799 at the reference.
  const double voltage = 875.0 * 875 / (799.0 * 799);
  const double per_flop_fj =
      static_cast<double>(
          config.power->energy.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)]) /
      1000;
  EXPECT_NEAR(static_cast<double>(part(op, EnergyPart::kTensor)),
              static_cast<double>(op.flop) * per_flop_fj * voltage,
              static_cast<double>(op.flop) * per_flop_fj * 1e-4);
  EXPECT_EQ(part(op, EnergyPart::kHbm),
            (op.hbm_read_bytes + op.hbm_write_bytes) * config.power->energy.hbm_byte / 1000);
  EXPECT_EQ(part(op, EnergyPart::kShared),
            op.shared_bytes * config.power->energy.shared_byte / 1000);
  EXPECT_EQ(part(op, EnergyPart::kNetwork),
            counter("chip.network.byte_hops") * config.power->energy.network_byte_hop / 1000);
  EXPECT_EQ(std::accumulate(op.energy_fj.begin(), op.energy_fj.end(), std::uint64_t{0}),
            op.total_energy_fj());
}

TEST(PowerProperty, TheSameRunTwiceIsTheSameInAnyOrderOfModules) {
  const ChipConfig config = small_h100({"power.cap=135 W"});
  const OperatorRun first = run_on(config, tensor_bound()).result.operators[0].run;
  for (const std::uint64_t seed : {0U, 1U, 2U}) {
    const OperatorRun again = run_on(config, tensor_bound(), {}, seed).result.operators[0].run;
    EXPECT_EQ(again.duration_fs(), first.duration_fs());
    EXPECT_EQ(again.energy_fj, first.energy_fj);
    EXPECT_EQ(again.mean_clock_hz, first.mean_clock_hz);
  }
}

// A window much longer than the work: what matters is the average of all of it, and that is held.
TEST(PowerProperty, SustainedWorkIsHeldAtTheCapOnAverage) {
  Workload mixed = tensor_bound();
  const Workload light = gemm_workload({1, 8, 4096, 4096});
  const auto first = static_cast<TensorId>(mixed.tensors.size());
  mixed.tensors.insert(mixed.tensors.end(), light.tensors.begin(), light.tensors.end());
  Operator op = light.operators[0];
  op.inputs = {first, first + 1};
  op.outputs = {first + 2};
  mixed.operators.insert(mixed.operators.begin(), op);
  allocate_tensors(mixed);
  const FreshKernel kernel;
  Chip chip("chip", small_h100({"power.cap=135 W", "power.window=50 ms"}));
  const SimulationResult result = simulate(chip, mixed, {});
  double energy_fj = 0;
  for (const OperatorResult& row : result.operators) {
    energy_fj += static_cast<double>(row.run.total_energy_fj());
    EXPECT_TRUE(row.run.capped);
  }
  EXPECT_NEAR(energy_fj / static_cast<double>(result.duration_fs), 135, 2.5);
  EXPECT_EQ(chip.power_protocol().past.has_value(), true);
}

// The clock at which a chip settles is known before all has run: what is held begins again once,
// from the first operators, and what is not held runs once.
TEST(PowerProperty, SustainedWorkBeginsAgainEarlyAndSeldom) {
  const ModelShape model = load_model(find_model("llama-3.1-8b", kConfigFolder));
  const Workload work = expand(model, {.phase = Phase::kPrefill, .batch = 1, .context = 1024});
  const auto started = [&](const std::string& cap) {
    const FreshKernel kernel;
    Chip chip("chip", load_chip("maia100", kConfigFolder, {cap}));
    chip.sample();
    std::vector<std::size_t> indices;
    SimulationOptions options;
    options.progress = [&](std::size_t index, std::size_t, const std::string&) {
      indices.push_back(index);
    };
    simulate(chip, work, options);
    return indices;
  };
  const auto begins = [](const std::vector<std::size_t>& indices) {
    return std::count(indices.begin(), indices.end(), 0U);
  };
  const std::vector<std::size_t> free = started("power.cap=5 kW");
  EXPECT_EQ(begins(free), 1);
  const std::vector<std::size_t> held = started("power.cap=400 W");
  EXPECT_EQ(begins(held), 2);
  EXPECT_LT(held.size(), 2 * free.size());
}

TEST(PowerProperty, TheGovernorRemembersFromOperatorToOperator) {
  Workload twice = tensor_bound();
  twice.operators.push_back(twice.operators[0]);
  const ChipConfig config = small_h100({"power.cap=124 W", "power.window=1 ms"});
  const FreshKernel kernel;
  Chip chip("chip", config);
  chip.set_power_protocol({PowerMode::kBurst, Operands::kRandom, {}});
  SimulationOptions options;
  options.reuse = false;
  const SimulationResult result = simulate(chip, twice, options);
  EXPECT_LT(result.operators[1].run.mean_clock_hz, result.operators[0].run.mean_clock_hz);
}

}  // namespace
}  // namespace orrery
