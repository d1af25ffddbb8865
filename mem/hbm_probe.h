// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "mem/hbm_config.h"
#include "mem/request_stream.h"

namespace orrery {

struct HbmProbe {
  // Of `config`: the stack's DRAM, the tier, address map and controller. Its front end is left out,
  // and its channels are replaced by `channels`.
  HbmConfig config;
  StreamPattern pattern = StreamPattern::kSequentialRead;
  std::uint32_t channels = 1;
  std::uint64_t requests = 60'000;  // bursts
  Femtoseconds gap_fs = 0;          // request i is not offered before i x gap
};

// Latencies count from a request's place in the queue to the end of its data on the bus; with the
// fast tier, which has no queues, from sending.
struct HbmProbeResult {
  double bandwidth_of_peak = 0;  // until the last burst is served
  double bytes_per_s = 0;
  std::optional<double> mean_read_latency_ns;  // none without reads
  std::optional<double> p50_read_latency_ns;
  std::optional<double> p99_read_latency_ns;
  std::optional<double> row_hit_rate;  // 1 - activates / bursts; none for the fast tier
  std::uint64_t activates = 0;
  std::uint64_t precharges = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t refreshes = 0;
  double mean_queue = 0;  // bursts that wait in a channel's queue
  double imbalance = 1;   // busiest channel over the mean
  double duration_ns = 0;
  double cpu_seconds = 0;  // of the simulation alone
};

// Runs the stream through the SystemC module, all channels behind one in-order queue. Needs a fresh
// SystemC kernel at 1 fs, and uses it up. Throws std::invalid_argument for a config without DRAM.
HbmProbeResult run_hbm_probe(const HbmProbe& probe);

}  // namespace orrery
