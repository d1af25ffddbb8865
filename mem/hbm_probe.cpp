// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_probe.h"

#include <algorithm>
#include <ctime>
#include <numeric>
#include <stdexcept>

#include "mem/hbm_detailed.h"
#include "mem/hbm_module.h"
#include "mem/stream_source.h"

namespace orrery {
namespace {

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

HbmConfig probed_memory(const HbmProbe& probe) {
  HbmConfig config = probe.config;
  if (!config.dram) {
    throw std::invalid_argument("a probe needs the clocks between DRAM commands");
  }
  config.bandwidth_bytes_per_s =
      config.dram->bandwidth_bytes_per_s() / config.dram->channels * probe.channels;
  config.stacks = 1;
  config.dram->channels = probe.channels;
  config.channels_per_stack = probe.channels * config.pseudo_channels;
  config.front_end_latency_fs = 0;
  config.outstanding_bytes = 0;
  config.node_per_channel = false;
  return config;
}

// Value of the bin in which the share of all is reached.
double quantile_ticks(const std::vector<std::uint64_t>& bins, double share) {
  const auto all = std::accumulate(bins.begin(), bins.end(), std::uint64_t{0});
  const auto wanted = static_cast<std::uint64_t>(static_cast<double>(all - 1) * share);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    seen += bins[i];
    if (seen > wanted) {
      return static_cast<double>(i);
    }
  }
  return 0;
}

void measure_detailed(HbmDetailed& engine, HbmProbeResult& result) {
  const double tick_ns = static_cast<double>(engine.tick_fs()) / kFsPerNanosecond;
  std::vector<std::uint64_t> bins;
  std::uint64_t latency_ticks = 0;
  std::uint64_t queue_ticks = 0;
  for (std::uint32_t i = 0; i < engine.channel_count(); ++i) {
    HbmChannel& channel = engine.channel(i);
    channel.advance(engine.last_burst());  // refreshes until the end count
    const HbmChannel::Counters& c = channel.counters();
    result.activates += c.activates.value();
    result.precharges += c.precharges.value();
    result.reads += c.reads.value();
    result.writes += c.writes.value();
    result.refreshes += c.refreshes.value();
    latency_ticks += c.read_latency_ticks.value();
    queue_ticks += c.queue_ticks.value();
    bins.resize(channel.read_latencies().size());
    std::transform(bins.begin(), bins.end(), channel.read_latencies().begin(), bins.begin(),
                   std::plus<>());
  }
  const auto last = static_cast<double>(engine.last_burst());
  result.duration_ns = last * tick_ns;
  const auto bursts = static_cast<double>(result.reads + result.writes);
  result.row_hit_rate = 1 - static_cast<double>(result.activates) / bursts;
  result.mean_queue = static_cast<double>(queue_ticks) / last / engine.channel_count();
  if (result.reads > 0) {
    result.mean_read_latency_ns =
        static_cast<double>(latency_ticks) / static_cast<double>(result.reads) * tick_ns;
    result.p50_read_latency_ns = quantile_ticks(bins, 0.5) * tick_ns;
    result.p99_read_latency_ns = quantile_ticks(bins, 0.99) * tick_ns;
  }
}

void measure_fast(const HbmEngine& engine,
                  const StreamSource& source,
                  std::uint32_t burst_bytes,
                  HbmProbeResult& result) {
  result.duration_ns = static_cast<double>(source.last_completion_fs()) / kFsPerNanosecond;
  result.reads = engine.read_bytes() / burst_bytes;
  result.writes = engine.write_bytes() / burst_bytes;
  std::vector<Femtoseconds> latencies = source.read_latencies_fs();
  if (latencies.empty()) {
    return;
  }
  std::sort(latencies.begin(), latencies.end());
  const auto ns = [](Femtoseconds fs) { return static_cast<double>(fs) / kFsPerNanosecond; };
  double sum = 0;
  for (const Femtoseconds latency : latencies) {
    sum += ns(latency);
  }
  result.mean_read_latency_ns = sum / static_cast<double>(latencies.size());
  result.p50_read_latency_ns = ns(latencies[(latencies.size() - 1) / 2]);
  result.p99_read_latency_ns = ns(latencies[(latencies.size() - 1) * 99 / 100]);
}

}  // namespace

HbmProbeResult run_hbm_probe(const HbmProbe& probe) {
  const HbmConfig config = probed_memory(probe);
  const DramGeometry& geometry = config.dram->device.geometry;
  const bool detailed = config.fidelity == MemoryFidelity::kDetailed;
  std::unique_ptr<HbmEngine> engine;
  if (detailed) {
    engine = std::make_unique<HbmDetailed>(config, HbmDetailed::Admission::kInOrder);
  } else {
    engine = make_hbm_engine(config);
  }
  const DramAddressMap map(geometry, config.dram_channels(), config.address_map,
                           config.address_hash);
  const RequestStream stream(probe.pattern, map, geometry);
  StreamSourceConfig source_config;
  source_config.requests = probe.requests;
  source_config.burst_bytes = geometry.burst_bytes;
  source_config.gap_fs = probe.gap_fs;
  if (detailed) {
    // Enough that the queue before the channels never runs dry.
    source_config.outstanding_bursts = std::uint64_t{4096} * probe.channels;
  } else {
    // What the queues of the channels would hold.
    source_config.bursts_of_transfer = 1;
    source_config.outstanding_bursts = std::uint64_t{config.controller.read_queue} * probe.channels;
  }
  CounterRegistry registry;
  HbmModule memory("memory", config, std::move(engine), 0, registry);
  StreamSource source("source", stream, source_config, registry);
  source.memory_port.bind(memory);

  HbmProbeResult result;
  const double before = process_cpu_seconds();
  sc_core::sc_start();
  result.cpu_seconds = process_cpu_seconds() - before;
  if (source.completed_bursts() != probe.requests) {
    throw std::logic_error("a probe ended with requests outstanding");
  }
  if (detailed) {
    measure_detailed(dynamic_cast<HbmDetailed&>(memory.engine()), result);
  } else {
    measure_fast(memory.engine(), source, geometry.burst_bytes, result);
  }
  result.imbalance = static_cast<double>(memory.engine().imbalance_permille()) / 1000;
  const auto bytes = static_cast<double>(probe.requests * geometry.burst_bytes);
  result.bytes_per_s = bytes / (result.duration_ns * 1e-9);
  result.bandwidth_of_peak = result.bytes_per_s / static_cast<double>(config.bandwidth_bytes_per_s);
  return result;
}

}  // namespace orrery
