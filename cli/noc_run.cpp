// SPDX-License-Identifier: Apache-2.0
#include "cli/noc_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "noc/check_router_config.h"
#include "noc/check_routes.h"
#include "noc/custom_experiment.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostNodeCycles = 1'000'000'000;
constexpr double kMostPackets = 50e6;  // some GB when all of them wait at their sources
constexpr double kDrainFactor = 8;     // as NocProbe has it

// Of a request and its reply.
double mean_flits(const NocProbe::ReadsAndWrites& sizes) {
  const double read = sizes.read_request + sizes.read_reply;
  const double write = sizes.write_request + sizes.write_reply;
  return read + sizes.write_share * (write - read);
}

NocNetwork checked_network(const NocRun& run) {
  NocNetwork network = run.shape.file.empty() ? build_network(run.shape, run.router.flit_bytes)
                                              : read_network_file(run.shape.file, run.router);
  for (GraphLink& link : network.graph.links) {
    link.credit_cycles = std::max(link.latency_cycles, 1U);  // the wire back is as long
  }
  check_graph(network.graph);
  check_router_config(run.router, network.graph, network.routes);
  check_routes(network.graph, network.routes);
  return network;
}

std::optional<FastExperiment> fast_tier_of(const NocRun& run) {
  if (run.fidelity == NetworkFidelity::kFast && !run.shape.file.empty()) {
    throw std::invalid_argument("the fast tier does not go with a network from a file");
  }
  return run.fidelity == NetworkFidelity::kFast
             ? std::optional(fast_experiment(run.shape, run.router))
             : std::nullopt;
}

TrafficPattern pattern_on(const NodeGrid& grid, const std::string& text) {
  try {
    return {text, grid};
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("traffic: {}", error.what()));
  }
}

}  // namespace

std::string NocRun::size() const {
  return is_grid(shape.topology) ? fmt::format("{}x{}", shape.columns, shape.rows)
                                 : std::to_string(shape.columns);
}

void use_replies(NocRun& run) {
  if (run.router.vcs % 2 != 0) {
    throw std::invalid_argument(
        fmt::format("{} virtual channels, expected an even number: requests and replies have half "
                    "each",
                    run.router.vcs));
  }
  run.answered = true;
  run.router.traffic_classes = 2;
  run.router.vcs /= 2;
  run.router.one_packet_at_a_time = true;
}

void check_fidelity(const NocRun& run) {
  fast_tier_of(run);
}

void check_length(const NocRun& run, std::uint64_t nodes) {
  const Tick cycles = run.warm_up_cycles + run.measured_cycles;
  if (cycles > kMostNodeCycles / nodes) {
    throw std::invalid_argument(
        fmt::format("{} nodes for {} cycles, expected at most {} cycles of them: warm-up and "
                    "measurement together",
                    nodes, cycles, kMostNodeCycles / nodes));
  }
  const double flits = run.answered ? mean_flits(run.sizes) : run.packet_flits;
  const double most_cycles =
      static_cast<double>(cycles) + kDrainFactor * static_cast<double>(run.measured_cycles);
  const double packets = static_cast<double>(nodes) * most_cycles * run.load / flits;
  if (packets > kMostPackets) {
    throw std::invalid_argument(
        fmt::format("up to {:.0f} M packets, expected at most {:.0f} M: a smaller load or fewer "
                    "cycles",
                    packets / 1e6, kMostPackets / 1e6));
  }
}

NocSetup::NocSetup(const NocRun& run)
    : run_(run),
      network_(checked_network(run)),
      pattern_(pattern_on(network_.grid, run.pattern)),
      fast_(fast_tier_of(run)) {
  check_length(run, network_.graph.nodes.size());
}

NocProbe NocSetup::probe(double load) const {
  NocProbe probe;
  probe.graph = &network_.graph;
  probe.routes = &network_.routes;
  probe.router = run_.router;
  probe.fast = fast_ ? &*fast_ : nullptr;
  probe.pattern = &pattern_;
  probe.load = load;
  probe.packet_flits = run_.packet_flits;
  probe.answered = run_.answered;
  probe.sizes = run_.sizes;
  if (run_.answered && !run_.load_as_booksim) {
    probe.load *= run_.sizes.flits() / mean_flits(run_.sizes);
  }
  probe.warm_up_cycles = run_.warm_up_cycles;
  probe.measured_cycles = run_.measured_cycles;
  probe.seed = run_.seed;
  return probe;
}

}  // namespace orrery
