// SPDX-License-Identifier: Apache-2.0
// Whole runs: CPU time, process activations and transfers of a workload on a chip.
//   run_benchmark --benchmark_filter=gemm --benchmark_repetitions=5
#include <benchmark/benchmark.h>
#include <string>

#include "tests/support/fresh_kernel.h"
#include "workloads/simulation.h"
#include "workloads/workload_file.h"

extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 1;
}

namespace {

const std::string kConfigs = ORRERY_SOURCE_DIR "/configs";

// Elaboration is part of it, as it is of `orrery run`; reading the files is not.
void run(benchmark::State& state, const std::string& chip_name, const std::string& workload_name) {
  const orrery::ChipConfig config = orrery::load_chip(chip_name, kConfigs);
  const orrery::Workload workload = orrery::load_workload(workload_name, kConfigs);
  std::uint64_t activations = 0;
  std::uint64_t transfers = 0;
  for (auto _ : state) {
    const orrery::FreshKernel kernel;
    orrery::Chip chip("chip", config);
    const orrery::SimulationResult result = orrery::simulate(chip, workload, {});
    benchmark::DoNotOptimize(result.duration_fs);
    activations = chip.activations();
    transfers = 0;
    for (const orrery::OperatorResult& op : result.operators) {
      transfers += op.reused ? 0 : op.run.transfers;
    }
  }
  state.counters["activations"] = static_cast<double>(activations);
  state.counters["transfers"] = static_cast<double>(transfers);
}

}  // namespace

BENCHMARK_CAPTURE(run, gemm_4096_h100, "h100-sxm", "gemm-4096")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, gemm_4096_maia100, "maia100", "gemm-4096")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, gemm_4096_npu4, "npu4", "gemm-4096")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, prefill_h100, "h100-sxm", "llama-3.1-8b-prefill")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, prefill_maia100, "maia100", "llama-3.1-8b-prefill")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, decode_h100, "h100-sxm", "llama-3.1-8b-decode")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, decode_maia100, "maia100", "llama-3.1-8b-decode")
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
