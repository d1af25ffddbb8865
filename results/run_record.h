// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/units.h"

// What one run leaves behind, as plain values: filled by the command line from the simulation,
// written by results/result_file.h. All times are integer femtoseconds since the run's start.
namespace orrery {

// Where a core's time went. Rows of /stalls sum exactly to cores x duration of the operator.
enum class StallCategory : std::uint8_t {
  kTensor,       // the tensor unit computes
  kVector,       // only the vector unit computes
  kLoadMemory,   // starved: the last operand to arrive was held up in HBM
  kLoadShared,   // ... in L2 or shared SRAM
  kLoadNetwork,  // ... on the network, or for lack of a credit to send
  kStore,        // blocked on a store
  kSync,         // waiting for another core
  kLaunch,       // launch of the kernel or of a tile task
  kIdle,         // no task left
};
inline constexpr std::size_t kStallCategoryCount = 9;
const std::vector<std::string>& stall_category_names();  // "tensor", "vector", "load_hbm", ...

// What the energy of an operator went to: rows of /energy sum to the operator's.
inline constexpr std::size_t kEnergyPartNames = 7;
const std::vector<std::string>& energy_part_names();  // "tensor", "vector", ..., "static"

struct OpRow {
  std::string name;
  std::string kind;
  Femtoseconds start_fs = 0;
  Femtoseconds end_fs = 0;
  std::uint64_t flop = 0;
  std::uint64_t hbm_read_bytes = 0;
  std::uint64_t hbm_write_bytes = 0;
  std::uint64_t shared_bytes = 0;   // served by L2 or shared SRAM
  std::uint64_t network_bytes = 0;  // delivered by the network
  std::string bound;  // "tensor", "vector", "hbm", "shared", "network", "store", "sync", "launch",
                      // "idle", "power"
  std::string tile;   // "128x256x64 s4", as the mapping prints it
  Femtoseconds credited_fs = 0;         // of its time, left out by sampling
  Femtoseconds sampling_error_fs = 0;   // estimated, of its time
  bool reused = false;                  // copied from an identical operator
  std::string mapping_note;             // the choice and the runners-up
  std::vector<std::uint64_t> stall_fs;  // kStallCategoryCount sums over cores
  // Where power is modelled; else 0 and empty, in all rows of a run.
  std::uint64_t clock_hz = 0;    // mean of the cores, over the operator's time
  std::vector<double> energy_j;  // by part

  bool has_power() const { return !energy_j.empty(); }
  double total_energy_j() const;
  double power_w() const;  // mean

  bool operator==(const OpRow&) const = default;
};

struct SummaryValue {
  std::string name;  // "total_time"
  double value = 0;
  std::string units;
  std::string long_name;

  bool operator==(const SummaryValue&) const = default;
};

struct CounterRow {
  std::string path;
  std::string unit;
  std::string description;
  std::uint64_t value = 0;

  bool operator==(const CounterRow&) const = default;
};

// A counter over time: `bins[i]` happened in [i * bin_fs, (i + 1) * bin_fs).
struct TimelineRow {
  std::string component;  // "hbm", "network", "tensor", ...
  std::string counter;    // "bytes", "busy"
  std::string unit;
  Femtoseconds bin_fs = 1;
  std::vector<std::uint64_t> bins;

  bool operator==(const TimelineRow&) const = default;
};

struct EventRow {
  Femtoseconds start_fs = 0;
  Femtoseconds end_fs = 0;
  std::string component;
  std::string kind;
  std::uint32_t op = 0;

  bool operator==(const EventRow&) const = default;
};

struct HistogramRow {
  std::string name;                   // "transfer_latency"
  std::string unit;                   // of the edges
  std::vector<std::uint64_t> edges;   // n + 1
  std::vector<std::uint64_t> counts;  // n

  bool operator==(const HistogramRow&) const = default;
};

// A link of the network, one direction: what it carried for requests and for their responses,
// headers included, and for how long it was busy with each.
struct LinkRow {
  std::string name;  // "core 3 out"
  std::string from;  // "core 3"
  std::string to;    // "router (0,1)"
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::uint64_t request_busy_fs = 0;
  std::uint64_t response_busy_fs = 0;

  bool operator==(const LinkRow&) const = default;
};

struct Provenance {
  std::string git_revision, command_line, host, started, finished;
  std::uint64_t seed = 0;
  std::string config_resolved;  // YAML of the chip
  std::string workload;         // YAML of the workload
  double cpu_seconds = 0;
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t events = 0;  // SystemC events

  bool operator==(const Provenance&) const = default;
};

struct RunRecord {
  std::string chip;
  std::string workload;
  std::string phase;
  std::vector<std::string> notes;  // power and tiers
  std::vector<SummaryValue> summary;
  std::vector<OpRow> ops;
  std::vector<CounterRow> counters;
  std::vector<TimelineRow> timeline;
  std::vector<EventRow> events;
  std::uint64_t events_capacity = 0;
  std::uint64_t events_dropped = 0;
  std::vector<HistogramRow> histograms;
  std::vector<LinkRow> links;
  Provenance provenance;

  bool operator==(const RunRecord&) const = default;
};

}  // namespace orrery
