// SPDX-License-Identifier: Apache-2.0
// Detailed HBM through its SystemC module: bursts a CPU second on one HBM3 channel, map A and
// queues of 64 as the reference streams have them; sequential DMA traffic with runs as queue
// entries.
//   hbm_benchmark --benchmark_filter=stream --benchmark_repetitions=5
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "mem/hbm_config.h"
#include "mem/hbm_probe.h"
#include "tests/support/fresh_kernel.h"

extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 1;
}

namespace {

const std::string kMemories = ORRERY_SOURCE_DIR "/configs/memories";

orrery::HbmConfig memory_config(const std::vector<std::string>& overrides) {
  std::vector<std::string> all{"stacks=1", "fidelity=detailed"};
  all.insert(all.end(), overrides.begin(), overrides.end());
  return orrery::read_hbm_config(orrery::load_memory_preset("hbm3-6400", kMemories, all),
                                 kMemories);
}

void run(benchmark::State& state,
         char pattern,
         std::uint64_t bursts,
         const std::vector<std::string>& overrides) {
  orrery::HbmProbe probe;
  probe.config = memory_config(overrides);
  probe.pattern = static_cast<orrery::StreamPattern>(pattern);
  probe.requests = bursts;
  double cpu_seconds = 0;
  std::uint64_t done = 0;
  orrery::HbmProbeResult result;
  for (auto _ : state) {
    const orrery::FreshKernel kernel;
    result = orrery::run_hbm_probe(probe);
    cpu_seconds += result.cpu_seconds;
    done += bursts;
  }
  state.counters["bursts_per_CPU_s"] = static_cast<double>(done) / cpu_seconds;
  state.counters["percent_of_peak"] = result.bandwidth_of_peak * 100;
}

const std::vector<std::string> kAtoms{"address_map=A"};
const std::vector<std::string> kRuns{"controller.longest_run=8", "controller.read_queue=128",
                                     "controller.refresh=per_bank"};

}  // namespace

BENCHMARK_CAPTURE(run, stream_read, 'a', 4'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, stream_write, 'b', 4'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, stream_mix, 'c', 2'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, random_read, 'd', 1'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, row_conflict, 'e', 1'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, tiles, 'g', 1'000'000, kAtoms)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, stream_read_runs, 'a', 8'000'000, kRuns)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
