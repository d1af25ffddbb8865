// SPDX-License-Identifier: Apache-2.0
#include "cli/noc_json.h"

#include <algorithm>
#include <optional>

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBins = 200;

double share(double part, Tick cycles) {
  return cycles == 0 ? 0 : part / static_cast<double>(cycles);
}

struct Place {
  std::uint32_t column, row;
};

// Of a router on the picture of a grid: die 1 is to the east of die 0.
std::optional<Place> place_of(const NocShape& shape, RouterId router) {
  if (!is_grid(shape.topology)) {
    return std::nullopt;
  }
  const RouterId of_a_die = shape.columns * shape.rows;
  return Place{router / of_a_die * shape.columns + router % shape.columns,
               router % of_a_die / shape.columns};
}

Json links_json(const NocSetup& setup, const NocProbeResult& result) {
  const NetworkGraph& graph = setup.graph();
  const std::size_t vcs = setup.run().vcs();
  const bool buffers = setup.run().fidelity == NetworkFidelity::kDetailed;
  Json links = Json::array();
  for (std::size_t l = 0; l < graph.links.size(); ++l) {
    const GraphLink& link = graph.links[l];
    Json json;
    json["name"] = link.name;
    json["from"] = graph.routers[link.from];
    json["to"] = graph.routers[link.to];
    const auto from = place_of(setup.run().shape, link.from);
    const auto to = place_of(setup.run().shape, link.to);
    if (from && to) {
      json["from_column"] = from->column;
      json["from_row"] = from->row;
      json["to_column"] = to->column;
      json["to_row"] = to->row;
    }
    const WireLoad& load = result.links[l];
    json["flits_per_cycle"] = share(static_cast<double>(load.flits), result.cycles);
    json["credit_stall_share"] =
        buffers ? Json(share(static_cast<double>(load.credit_stall_cycles), result.cycles))
                : Json(nullptr);
    json["mean_occupancy"] = buffers ? Json::array() : Json(nullptr);
    for (std::size_t vc = 0; buffers && vc < vcs; ++vc) {
      json["mean_occupancy"].push_back(result.mean_occupancy.at(l * vcs + vc));
    }
    links.push_back(std::move(json));
  }
  return links;
}

Json ports_json(const NetworkGraph& graph, const NocProbeResult& result) {
  Json ports = Json::array();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const WireLoad& in = result.node_in[n];
    const WireLoad& out = result.node_out[n];
    Json json;
    json["node"] = graph.nodes[n].name;
    json["router"] = graph.routers[graph.nodes[n].router];
    json["sent_flits_per_cycle"] = share(static_cast<double>(out.flits), result.cycles);
    json["received_flits_per_cycle"] = share(static_cast<double>(in.flits), result.cycles);
    ports.push_back(std::move(json));
  }
  return ports;
}

// Bins of equally many cycles, a power of two, at most kMostBins of them.
void add_histogram(Json& json, const std::vector<std::uint32_t>& by_cycle) {
  std::size_t end = by_cycle.size();
  while (end > 0 && by_cycle[end - 1] == 0) {
    --end;
  }
  std::size_t begin = 0;
  while (begin < end && by_cycle[begin] == 0) {
    ++begin;
  }
  std::size_t width = 1;
  while (end - begin > width * kMostBins) {
    width *= 2;
  }
  json["histogram_bin_cycles"] = width;
  json["histogram"] = Json::array();
  for (std::size_t bin = begin / width * width; bin < end; bin += width) {
    std::uint64_t count = 0;
    for (std::size_t cycle = bin; cycle < std::min(end, bin + width); ++cycle) {
      count += by_cycle[cycle];
    }
    if (count > 0) {
      json["histogram"].push_back({bin, count});
    }
  }
}

}  // namespace

Json noc_run_json(const NocRun& run) {
  const RouterConfig& router = run.router;
  Json json;
  json["topology"] = run.shape.topology;
  json["size"] = run.size();
  if (run.shape.topology == "cluster_mesh") {
    json["nodes_per_router"] = run.shape.nodes_per_router;
  }
  json["routing"] =
      run.shape.routing.empty() ? routing_names(run.shape.topology).front() : run.shape.routing;
  json["fidelity"] = run.fidelity == NetworkFidelity::kFast ? "fast" : "detailed";
  json["traffic"] = run.traffic();
  if (run.answered) {
    json["sizes"] = {{"read_request", run.sizes.read_request},
                     {"read_reply", run.sizes.read_reply},
                     {"write_request", run.sizes.write_request},
                     {"write_reply", run.sizes.write_reply}};
    json["write_share"] = run.sizes.write_share;
  } else {
    json["packet"] = run.packet_flits;
  }
  json["vcs"] = run.vcs();
  json["buffer"] = router.buffer_flits;
  json["passes"] = router.allocation_passes;
  json["link_cycles"] = run.shape.link_cycles;
  json["die_link_cycles"] = run.shape.die_link_cycles;
  json["delays"] = {{"routing", router.routing_cycles},
                    {"vc_alloc", router.vc_alloc_cycles},
                    {"switch_alloc", router.switch_alloc_cycles},
                    {"traversal", router.traversal_cycles},
                    {"credit", router.credit_cycles}};
  json["warmup_cycles"] = run.warm_up_cycles;
  json["measured_cycles"] = run.measured_cycles;
  json["seed"] = run.seed;
  return json;
}

Json noc_result_json(double load, const NocProbeResult& result) {
  const auto of_packets = [&](double figure) {
    return result.packets == 0 ? Json(nullptr) : Json(figure);
  };
  Json json;
  json["load"] = load;
  json["offered_flit_rate"] = result.offered;
  json["accepted_flit_rate"] = result.accepted;
  json["saturated"] = result.saturated;
  json["avg_packet_latency"] = of_packets(result.mean_latency);
  json["p50_latency"] = of_packets(result.p50_latency);
  json["p99_latency"] = of_packets(result.p99_latency);
  json["max_latency"] = of_packets(result.max_latency);
  json["avg_hops"] = of_packets(result.mean_hops);
  json["packets"] = result.packets;
  json["flit_hops"] = result.flit_hops;
  json["cycles"] = result.cycles;
  json["cpu_seconds"] = result.cpu_seconds;
  // A run may be shorter than the clock's step.
  json["flit_hops_per_cpu_s"] =
      static_cast<double>(result.flit_hops) / std::max(result.cpu_seconds, 1e-6);
  return json;
}

void add_noc_details(Json& json, const NocSetup& setup, const NocProbeResult& result) {
  json["links"] = links_json(setup, result);
  json["ports"] = ports_json(setup.graph(), result);
  add_histogram(json, result.latency_histogram);
}

}  // namespace orrery
