// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "results/run_record.h"

namespace orrery {

// A small run with something in every section, canonical already: three operators of two kinds,
// 1 ms in all, on a chip of 2 cores.
inline RunRecord sample_record() {
  const Femtoseconds us = kFsPerMicrosecond;
  RunRecord record;
  record.chip = "h100-sxm";
  record.workload = "llama-3.1-8b";
  record.phase = "prefill";
  record.notes = {"power not modelled", "memory fast, network fast"};
  record.summary = {{"total_time", 1e12, "fs", "time of the run"},
                    {"time_to_first_token", 1e12, "fs", "time to the first token"},
                    {"tokens_per_second", 2048000, "1/s", "tokens a second"},
                    {"flop", 5e11, "1", "floating-point operations"},
                    {"achieved_flop_per_s", 5e14, "1/s", "floating-point operations a second"},
                    {"hbm_bytes", 1.2e9, "byte", "bytes moved by HBM"},
                    {"achieved_hbm_bytes_per_s", 1.2e12, "byte/s", "HBM bandwidth"},
                    {"transfers", 12345, "1", "transfers"},
                    {"peak_flop_per_s", 1e15, "1/s", "peak of the tensor units"},
                    {"peak_hbm_bytes_per_s", 3.35e12, "byte/s", "peak of HBM"}};
  const auto op = [&](const char* name, const char* kind, std::uint64_t start, std::uint64_t end,
                      const char* bound, bool reused) {
    OpRow row;
    row.name = name;
    row.kind = kind;
    row.start_fs = start * us;
    row.end_fs = end * us;
    row.flop = (end - start) * 500'000'000;
    row.hbm_read_bytes = (end - start) * 1'000'000;
    row.hbm_write_bytes = (end - start) * 200'000;
    row.shared_bytes = 7;
    row.network_bytes = 8;
    row.credited_fs = 9;
    row.sampling_error_fs = 1;
    row.bound = bound;
    row.tile = "128x256x64 s4";
    row.reused = reused;
    row.mapping_note = "128x256x64 s4; 128x128x64 s5 +3 %";
    row.stall_fs = {(end - start) * us,    0, (end - start) * us / 2, 0, 0, 0, 0, 0,
                    (end - start) * us / 2};
    return row;
  };
  record.ops = {op("layer0.qkv", "gemm", 0, 600, "tensor", false),
                op("layer0.norm", "rms_norm", 600, 700, "hbm", false),
                op("layer1.qkv", "gemm", 700, 1000, "hbm", true)};
  record.counters = {{"hbm.read_bytes", "byte", "bytes read", 1'000'000'000},
                     {"core[1].tensor.busy", "fs", "tensor unit busy", ~0ULL}};
  // Sorted by counter, then by component.
  record.timeline = {{"tensor", "busy", "fs", us, {1, 2, 3, 4}},
                     {"hbm", "bytes", "byte", us, {10, 20, 30, 40}},
                     {"network", "bytes", "byte", us, {11, 21, 31, 41}}};
  record.events = {{5, 9, "core[0]", "launch", 0}, {9, 12, "core[1]", "launch", 2}};
  record.events_capacity = 1000;
  record.events_dropped = 3;
  record.histograms = {{"transfer_latency", "fs", {0, 100, 200, 400}, {1, 2, 3}}};
  record.provenance = {"abc123",
                       "orrery run --chip h100-sxm",
                       "host",
                       "2025-01-01T00:00:00Z",
                       "2025-01-01T00:00:01Z",
                       7,
                       "name: h100-sxm\n",
                       "model: llama\n",
                       0.25,
                       64ULL << 20,
                       999};
  return record;
}

// The same on a chip whose power is modelled: 600 W at 1.5 GHz, a third of it static.
inline RunRecord sample_record_with_power() {
  RunRecord record = sample_record();
  record.notes[0] = "power sustained, random operands, cap 700 W";
  for (OpRow& op : record.ops) {
    const double seconds = to_seconds(op.end_fs - op.start_fs);
    op.clock_hz = 1'500'000'000;
    op.energy_j = {300 * seconds, 0, 0, 0, 0, 100 * seconds, 200 * seconds};
  }
  record.ops[0].bound = "power";
  record.summary.push_back({"power", 600, "W", "mean power"});
  record.summary.push_back({"energy", 0.6, "J", "energy"});
  record.summary.push_back({"energy_per_token", 0.000293, "J", "energy a token"});
  return record;
}

}  // namespace orrery
