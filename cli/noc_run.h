// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "noc/fast_experiment.h"
#include "noc/network_config.h"
#include "noc/noc_experiment.h"
#include "noc/noc_probe.h"
#include "noc/router_config.h"
#include "noc/traffic_pattern.h"

namespace orrery {

inline constexpr double kLeastLoad = 1e-6;  // a packet in a million cycles

// What `orrery probe noc` runs, as it is asked for: a network, its traffic, and for how long.
struct NocRun {
  NocShape shape;
  NetworkFidelity fidelity = NetworkFidelity::kDetailed;
  RouterConfig router;              // its `vcs` are those of one traffic class
  std::string pattern = "uniform";  // as TrafficPattern reads it
  // Reads and writes with replies, in two traffic classes.
  bool answered = false;
  NocProbe::ReadsAndWrites sizes;
  // Of `answered`: BookSim counts a load as if half of the packets were writes, and rounds down.
  bool load_as_booksim = false;
  std::uint32_t packet_flits = 5;
  double load = 0;  // flits per node and cycle
  Tick warm_up_cycles = 10'000;
  Tick measured_cycles = 30'000;
  std::uint64_t seed = 1;

  // All virtual channels of a link.
  std::uint32_t vcs() const { return router.traffic_classes * router.vcs; }
  // "readreply:uniform"
  std::string traffic() const { return answered ? "readreply:" + pattern : pattern; }
  std::string size() const;  // "8x8"; "16" where there are no columns and rows
};

// Makes a run one of requests and replies: half of the virtual channels are for each. Throws
// std::invalid_argument when they are odd.
void use_replies(NocRun& run);

// Refuses what the run's tier does not have. Throws std::invalid_argument.
void check_fidelity(const NocRun& run);

// Refuses what would take hours or all memory. Throws std::invalid_argument.
void check_length(const NocRun& run, std::uint64_t nodes);

// A run made ready: the network is built and checked once, for any number of loads.
class NocSetup {
 public:
  // Throws std::invalid_argument that says what was expected.
  explicit NocSetup(const NocRun& run);
  NocSetup(const NocSetup&) = delete;
  NocSetup& operator=(const NocSetup&) = delete;

  const NocRun& run() const { return run_; }
  const NetworkGraph& graph() const { return network_.graph; }
  NocProbe probe(double load) const;  // which refers to this

 private:
  NocRun run_;
  NocNetwork network_;
  TrafficPattern pattern_;
  std::optional<FastExperiment> fast_;  // in the fast tier
};

}  // namespace orrery
