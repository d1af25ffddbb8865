// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <sys/resource.h>

#include "results/sweep_file.h"
#include "sim/random.h"
#include "sweep/collect.h"
#include "sweep/metrics.h"
#include "tests/support/scratch_folder.h"

// Collecting a sweep of many points, whose numbers compress as badly as real ones.
namespace orrery {
namespace {

double noise(std::uint64_t point, std::uint64_t column) {
  return static_cast<double>(random_bits(column, point) >> 11U) * 0x1p-13;
}

void fill(const SweepFolder& folder, std::uint64_t count) {
  std::vector<SweepColumn> axes;
  for (const char* const name : {"core.count", "core.clock", "memory.stacks", "network.link"}) {
    axes.push_back({name, "1", name, {}, {}});
  }
  std::vector<std::string> identities;
  for (std::uint64_t i = 0; i < count; ++i) {
    identities.push_back(fmt::format("{:016x}{:016x}", random_bits(1, i), random_bits(2, i)));
    for (std::size_t a = 0; a < axes.size(); ++a) {
      axes[a].values.push_back(static_cast<double>((i >> (4 * a)) % 16));
    }
  }
  folder.make();
  write_sweep(points_record("many", {}, axes, identities, std::vector<std::string>(count)),
              folder.points_file());
  ShardWriter shard(folder.shards());
  for (std::uint64_t i = 0; i < count; ++i) {
    PointRecord record{identities[i], PointStatus::kComplete, "", {}};
    for (std::size_t m = 0; m < sweep_metrics().size(); ++m) {
      record.values.push_back(noise(i, m));
    }
    shard.append(record);
  }
}

void collect(benchmark::State& state) {
  const ScratchFolder scratch;
  const SweepFolder folder(scratch.file("sweep"));
  fill(folder, static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(collect_sweep(folder));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["MB"] = static_cast<double>(std::filesystem::file_size(folder.sweep_file())) / 1e6;
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1e3;
}
BENCHMARK(collect)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery

BENCHMARK_MAIN();
