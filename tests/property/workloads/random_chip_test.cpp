// SPDX-License-Identifier: Apache-2.0
// What holds of every operator on every chip, however they are made.
#include "tests/support/random_chip.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

struct Case {
  ChipConfig chip;
  Workload workload;
  SimulationOptions options;
  std::string text() const { return chip.name + ": " + workload.name; }
};

Case any_case() {
  Case result{any_small_chip(), any_operator(), {}};
  if (result.workload.operators.front().kind == "gemm") {
    result.options.tile.split = *rc::gen::element(0U, 0U, 2U, 3U);
  }
  return result;
}

// Nothing where no tile of the operator fits the chip.
std::optional<ChipRun> run_of(const Case& test) {
  try {
    return run_on(test.chip, test.workload, test.options);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// Without the padding of rows.
std::uint64_t compulsory_bytes(const Workload& workload, const std::vector<TensorId>& ids) {
  std::uint64_t sum = 0;
  for (const TensorId id : ids) {
    const Tensor& tensor = workload.tensors[id];
    sum += tensor.rows * bytes_of(tensor.dtype, tensor.columns);
  }
  return sum;
}

std::uint64_t counter(const ChipRun& run, const std::string& path) {
  const auto found = std::find_if(run.counters.begin(), run.counters.end(),
                                  [&](const auto& entry) { return entry.first == path; });
  return found == run.counters.end() ? 0 : found->second;
}

using Counters = std::vector<std::pair<std::string, std::uint64_t>>;
// How often the simulator woke a process is no part of the chip.
Counters without_activations(Counters counters) {
  std::erase_if(counters, [](const auto& entry) { return entry.first.ends_with(".activations"); });
  return counters;
}

std::uint64_t tasks_of(const ChipRun& run) {
  std::uint64_t sum = 0;
  for (const auto& [path, value] : run.counters) {
    sum += path.ends_with(".tasks") ? value : 0;
  }
  return sum;
}

TEST(RandomChips, KeepTheLawsOfConservationAndTheRoofline) {
  EXPECT_TRUE(rc::check([] {
    const Case test = any_case();
    RC_LOG() << test.text() << "\n";
    const std::optional<ChipRun> run = run_of(test);  // throws when a transfer never completes
    RC_PRE(run.has_value());
    const Operator& op = test.workload.operators.front();
    const OperatorRun& result = run->result.operators.front().run;
    RC_ASSERT(result.flop == op.flop());
    RC_ASSERT(std::accumulate(result.split.begin(), result.split.end(), Femtoseconds{0}) ==
              test.chip.core.count * result.duration_fs());

    // From empty caches all inputs are read. Each result is written, or left dirty at the end.
    const std::uint64_t read_bytes = compulsory_bytes(test.workload, op.inputs);
    RC_ASSERT(result.hbm_read_bytes >= read_bytes);
    RC_ASSERT(counter(*run, "chip.hbm.write_bytes") + run->result.final_writeback_bytes >=
              compulsory_bytes(test.workload, op.outputs));

    const double seconds = static_cast<double>(result.duration_fs()) * 1e-15;
    const double flop_per_s = test.chip.highest_flop_per_s(op.dtype);
    RC_ASSERT(seconds * flop_per_s >= static_cast<double>(result.flop));
    // A channel's rate is whole femtoseconds a burst: its rounding.
    RC_ASSERT(seconds * test.chip.peak_memory_bytes_per_s() * 1.001 >=
              static_cast<double>(result.hbm_read_bytes));
  }));
}

TEST(RandomChips, DoTheSameTwice) {
  EXPECT_TRUE(rc::check([] {
    const Case test = any_case();
    RC_LOG() << test.text() << "\n";
    const std::optional<ChipRun> first = run_of(test);
    RC_PRE(first.has_value());
    const std::optional<ChipRun> second = run_of(test);
    RC_ASSERT(first->result.duration_fs == second->result.duration_fs);
    RC_ASSERT(first->counters == second->counters);
  }));
}

// Modules act on what arrives a delta cycle later and by key, so that nothing depends on the order
// in which the kernel runs their processes: that follows from the order in which modules were made
// and cores were told of a kernel.
TEST(RandomChips, DoTheSameInWhateverOrderTheirModulesAreMade) {
  EXPECT_TRUE(rc::check([] {
    const Case test = any_case();
    const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
    RC_LOG() << test.text() << "\n";
    std::optional<ChipRun> first = run_of(test);
    RC_PRE(first.has_value());
    ChipRun second = run_on(test.chip, test.workload, test.options, seed);
    const OperatorRun& a = first->result.operators.front().run;
    const OperatorRun& b = second.result.operators.front().run;
    RC_ASSERT(a.end_fs == b.end_fs);
    RC_ASSERT(a.split == b.split);
    std::sort(first->counters.begin(), first->counters.end());
    std::sort(second.counters.begin(), second.counters.end());
    RC_ASSERT(without_activations(first->counters) == without_activations(second.counters));
  }));
}

// The same programs on a chip that differs.
Femtoseconds duration_on(const ChipConfig& chip, const Case& test) {
  SimulationOptions options = test.options;
  options.compiled_for = test.chip;
  return run_on(chip, test.workload, options).result.duration_fs;
}

// How much longer the operator takes on `other`, in parts of its time on the chip it was made for.
double slowdown_on(const ChipConfig& other, const Case& test, Femtoseconds base_fs) {
  return static_cast<double>(duration_on(other, test)) / static_cast<double>(base_fs) - 1;
}

// Cases by number: these laws hold by tolerances, so the same cases are looked at in every run.
Case case_of(std::uint64_t number) {
  constexpr int kSize = 100;  // the whole of each range
  return rc::gen::exec(any_case)(rc::Random(number), kSize).value();
}

// Transfers that come sooner can meet others in another order at a queue, and the last of them then
// ends later: Graham's anomalies, which a real chip has too. Few cases may show one, none a big
// one.
struct Anomalies {
  int cases = 0, found = 0;
  double worst = 0;
  void add(double slowdown, double tolerance) {
    ++cases;
    found += slowdown > tolerance ? 1 : 0;
    worst = std::max(worst, slowdown);
  }
};

TEST(RandomChips, AreNotSlowerWithMoreBandwidthOrAFasterClock) {
  const std::vector<void (*)(ChipConfig&)> changes{
      [](ChipConfig& chip) { chip.core.clock_hz *= 2; },
      [](ChipConfig& chip) { chip.core.scratchpad.bank_bytes_per_cycle *= 2; },
      [](ChipConfig& chip) { chip.network.clock_hz *= 2; },
      [](ChipConfig& chip) { chip.network.link_bytes_per_cycle *= 2; },
      [](ChipConfig& chip) { chip.shared.clock_hz *= 2; },
      [](ChipConfig& chip) { chip.memory.bandwidth_bytes_per_s *= 2; },
  };
  Anomalies anomalies;
  for (std::uint64_t number = 0; number < 400; ++number) {
    const Case test = case_of(number);
    const std::optional<ChipRun> base = run_of(test);
    for (std::size_t i = 0; base && i < changes.size(); ++i) {
      ChipConfig faster = test.chip;
      changes[i](faster);
      const double slowdown = slowdown_on(faster, test, base->result.duration_fs);
      EXPECT_LE(slowdown, 0.25) << "change " << i << " of case " << number << ": " << test.text();
      anomalies.add(slowdown, 0.02);
    }
  }
  EXPECT_GT(anomalies.cases, 1000);
  EXPECT_LE(anomalies.found, anomalies.cases / 100) << "worst " << anomalies.worst;
}

// Where there is work for all of them: tasks that all ran at once before can only get into each
// other's way (cores in step load all at one time and store all at one time), and few tasks on
// the many cores of a partitioned crossbar lie on one side of it. Meshes would change their shape.
TEST(RandomChips, AreNotSlowerWithTwiceTheCores) {
  Anomalies anomalies;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const Case test = case_of(number);
    const TopologyKind topology = test.chip.network.topology;
    if (topology == TopologyKind::kMesh || topology == TopologyKind::kClusterMesh) {
      continue;
    }
    const std::optional<ChipRun> base = run_of(test);
    if (!base || tasks_of(*base) <= std::uint64_t{2} * test.chip.core.count) {
      continue;
    }
    ChipConfig chip = test.chip;
    chip.core.count *= 2;
    const double slowdown = slowdown_on(chip, test, base->result.duration_fs);
    EXPECT_LE(slowdown, 0.25) << "case " << number << ": " << test.text();
    anomalies.add(slowdown, 0.05);
  }
  EXPECT_GT(anomalies.cases, 100);
  EXPECT_LE(anomalies.found, anomalies.cases / 20) << "worst " << anomalies.worst;
}

}  // namespace
}  // namespace orrery
