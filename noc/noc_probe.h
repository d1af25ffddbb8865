// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "noc/network_graph.h"
#include "noc/route_tables.h"
#include "noc/router_config.h"
#include "noc/router_engine.h"
#include "noc/traffic_pattern.h"

namespace orrery {

struct FastExperiment;

// An open-loop measurement of a network: every node creates packets at random, with a fixed chance
// in each cycle, and queues them without limit (Dally and Towles 2004, ch. 23).
struct NocProbe {
  const NetworkGraph* graph = nullptr;
  const RouteTables* routes = nullptr;
  RouterConfig router;
  // The fast tier carries the packets, not the routers. It has no buffers whose occupancy to tell.
  const FastExperiment* fast = nullptr;
  const TrafficPattern* pattern = nullptr;
  double load = 0.1;  // flits per node and cycle
  std::uint32_t packet_flits = 5;

  // Requests that are answered: each packet is a read or a write with equal chance, in traffic
  // class 0, and its destination answers in class 1. A load then counts the flits of both.
  struct ReadsAndWrites {
    std::uint32_t read_request = 1, read_reply = 1, write_request = 1, write_reply = 1;
    double write_share = 0.5;
    // As BookSim counts: the mean of the four sizes' sum, in whole flits.
    double flits() const {
      return static_cast<double>((read_request + read_reply + write_request + write_reply) / 2);
    }
  };
  bool answered = false;
  ReadsAndWrites sizes;

  Tick warm_up_cycles = 10'000;
  Tick measured_cycles = 30'000;
  // How long the run then goes on, under the same load, for the measured packets that are still
  // under way; none: eight times as long as it measured.
  std::optional<Tick> drain_cycles;
  std::uint64_t seed = 1;
};

// Of the packets created while measuring, from creation to the last flit's end.
struct NocProbeResult {
  double mean_latency = 0;
  double p50_latency = 0, p99_latency = 0;
  double max_latency = 0;
  double mean_hops = 0;              // routers passed
  double offered = 0, accepted = 0;  // flits per node and cycle, while measuring
  bool saturated = false;
  std::uint64_t packets = 0;
  std::uint64_t flit_hops = 0;  // of the whole run
  Tick cycles = 0;
  double cpu_seconds = 0;
  std::vector<WireLoad> links;              // of the whole run
  std::vector<WireLoad> node_in, node_out;  // from and to the routers, by node
  std::vector<double> mean_occupancy;       // flits, as RouterEngine::mean_occupancy; fast: none
  std::vector<std::uint32_t> latency_histogram;  // by cycle; those above four million in the last
};

NocProbeResult run_noc_probe(const NocProbe& probe);

}  // namespace orrery
