// SPDX-License-Identifier: Apache-2.0
#include "cli/noc_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <optional>
#include <stdexcept>

#include "noc/custom_experiment.h"
#include "noc/network_limits.h"
#include "sim/config_node.h"
#include "sim/error.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostCycles = 100'000'000;
constexpr std::uint64_t kMostSide = 1'000'000;  // what a topology takes is for it to say

[[noreturn]] void refuse(const std::string& message) {
  throw InputError("probe noc: " + message);
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::uint32_t integer(const ParsedOptions& parsed,
                      const std::string& name,
                      std::uint64_t otherwise,
                      std::uint64_t max) {
  return static_cast<std::uint32_t>(parsed.optional_integer(name, 1, max).value_or(otherwise));
}

// An option that only some topologies have.
void check_topology(const ParsedOptions& parsed,
                    const std::string& option,
                    const std::vector<std::string>& topologies,
                    const std::string& topology) {
  if (parsed.has(option) &&
      std::find(topologies.begin(), topologies.end(), topology) == topologies.end()) {
    refuse(fmt::format("--{} does not go with a {}, only with {}", option, topology,
                       fmt::join(topologies, ", ")));
  }
}

void read_size(NocShape& shape, const std::string& text) {
  const std::vector<std::string_view> sides = split(text, 'x');
  const bool grid = is_grid(shape.topology);
  std::array<std::uint32_t, 2> numbers{};
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const auto side = parse<std::uint32_t>(sides[i]);
    if (sides.size() > (grid ? 2U : 1U) || !side || *side == 0 || *side > kMostSide) {
      refuse(fmt::format("--size '{}': expected {}", text,
                         grid ? "columns x rows, such as 8x4, or one number for both"
                              : "the number of nodes, such as 16"));
    }
    numbers.at(i) = *side;
  }
  shape.columns = numbers[0];
  shape.rows = sides.size() == 2 ? numbers[1] : numbers[0];
}

NocShape shape_from(const ParsedOptions& parsed) {
  NocShape shape;
  shape.topology = parsed.text("topology", shape.topology);
  if (shape.topology.ends_with(".yaml") || shape.topology.ends_with(".yml")) {
    shape.file = shape.topology;
    shape.topology = "custom";
    for (const char* option : {"size", "cluster", "routing", "link", "die-link"}) {
      if (parsed.has(option)) {
        refuse(fmt::format("--{} does not go with a network from a file", option));
      }
    }
    shape.columns = count_nodes(shape.file);
    return shape;
  }
  const std::vector<std::string> names = topology_names();
  if (std::find(names.begin(), names.end(), shape.topology) == names.end()) {
    const std::string near = suggest(shape.topology, names);
    refuse(fmt::format(
        "--topology is '{}', {}", shape.topology,
        near.empty() ? fmt::format("expected one of {}", fmt::join(names, ", ")) : near));
  }
  check_topology(parsed, "cluster", {"cluster_mesh"}, shape.topology);
  check_topology(parsed, "die-link", {"dual_die", "partitioned_crossbar"}, shape.topology);
  check_topology(parsed, "link", {"mesh", "torus", "cluster_mesh", "dual_die", "ring"},
                 shape.topology);
  read_size(shape, parsed.text("size", "8"));
  shape.nodes_per_router = integer(parsed, "cluster", shape.topology == "cluster_mesh" ? 4 : 1, 64);
  shape.routing = parsed.text("routing", "");
  shape.link_cycles = integer(parsed, "link", 1, kMaxLinkCycles);
  shape.die_link_cycles = integer(parsed, "die-link", 1, kMaxLinkCycles);
  return shape;
}

void read_delays(RouterConfig& router, const std::string& text) {
  struct Stage {
    std::string_view name;
    std::uint32_t* cycles;
    std::uint32_t least;
  };
  const std::array<Stage, 5> stages{{{"routing", &router.routing_cycles, 0},
                                     {"vc_alloc", &router.vc_alloc_cycles, 1},
                                     {"switch_alloc", &router.switch_alloc_cycles, 1},
                                     {"traversal", &router.traversal_cycles, 1},
                                     {"credit", &router.credit_cycles, 0}}};
  for (const std::string_view word : split(text, ',')) {
    const std::size_t equals = word.find('=');
    const Stage* found = nullptr;
    for (const Stage& stage : stages) {
      found = stage.name == word.substr(0, equals) ? &stage : found;
    }
    if (equals == std::string_view::npos || found == nullptr) {
      refuse(fmt::format(
          "--delays '{}': expected some of routing=N, vc_alloc=N, switch_alloc=N, traversal=N, "
          "credit=N, with commas between",
          word));
    }
    const auto cycles = parse<std::uint32_t>(word.substr(equals + 1));
    if (!cycles || *cycles < found->least || *cycles > kMaxStageCycles) {
      refuse(fmt::format("--delays '{}': expected {} to {} cycles", word, found->least,
                         kMaxStageCycles));
    }
    *found->cycles = *cycles;
  }
}

void read_sizes(NocProbe::ReadsAndWrites& sizes, const std::string& text) {
  const std::vector<std::string_view> words = split(text, ',');
  const std::array<std::uint32_t*, 4> fields{&sizes.read_request, &sizes.read_reply,
                                             &sizes.write_request, &sizes.write_reply};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto flits = parse<std::uint32_t>(words[i]);
    if (words.size() != fields.size() || !flits || *flits < 1 || *flits > kMaxPacketFlits) {
      refuse(fmt::format(
          "--sizes '{}': expected flits of a read request, read reply, write request and write "
          "reply, each 1 to {}, such as 1,5,5,1",
          text, kMaxPacketFlits));
    }
    *fields.at(i) = *flits;
  }
}

void read_traffic(NocRun& run, const ParsedOptions& parsed) {
  constexpr std::string_view kReplies = "readreply";
  const std::string traffic = parsed.text("traffic", "uniform");
  const bool answered = traffic == kReplies || traffic.starts_with(fmt::format("{}:", kReplies));
  if (!answered) {
    for (const char* option : {"writes", "sizes"}) {
      if (parsed.has(option)) {
        refuse(fmt::format("--{} is for --traffic readreply", option));
      }
    }
    run.pattern = traffic;
    return;
  }
  run.pattern = traffic == kReplies ? "uniform" : traffic.substr(kReplies.size() + 1);
  run.sizes.read_reply = run.sizes.write_request = run.packet_flits;
  if (parsed.has("sizes")) {
    if (parsed.has("packet")) {
      refuse("--packet and --sizes do not go together: the sizes are those of all packets");
    }
    read_sizes(run.sizes, parsed.text("sizes"));
  }
  if (parsed.has("writes")) {
    const auto share = parse<double>(parsed.text("writes"));
    if (!share || !(*share >= 0 && *share <= 1)) {
      refuse(fmt::format("--writes '{}': expected a share from 0 to 1", parsed.text("writes")));
    }
    run.sizes.write_share = *share;
  }
  try {
    use_replies(run);
  } catch (const std::invalid_argument& error) {
    refuse(fmt::format("--vcs: {}", error.what()));
  }
}

}  // namespace

OptionSet noc_options() {
  return OptionSet("orrery probe noc", "runs random traffic through a network of routers")
      .value("topology", "T",
             fmt::format("{}; or FILE.yaml with routers, links, routes and nodes of your own, see "
                         "configs/README.md; default mesh",
                         fmt::join(topology_names(), ", ")))
      .value("size", "K|CxR",
             "columns x rows of routers (of each die of dual_die), or one number for both; nodes "
             "of a crossbar or ring; default 8")
      .value("cluster", "NODES", "nodes a router of cluster_mesh, default 4")
      .value("routing", "R", "xy or, on mesh and cluster_mesh, xy_yx; default: the topology's")
      .value("link", "CYCLES",
             "latency of a link between routers, and of its credits' way back; default 1")
      .value("die-link", "CYCLES",
             "latency between the parts of dual_die and partitioned_crossbar, default 1")
      .value("traffic", "PATTERN",
             "uniform (default), transpose, tornado, neighbor, hotspot:NODE,..., edge:SIDE,... "
             "(west, east, north, south), or readreply[:PATTERN]: reads and writes to the "
             "pattern's nodes, which reply; nodes count from 0, row by row")
      .value("packet", "FLITS", "flits of a packet, default 5")
      .value("writes", "SHARE", "of readreply: the share of writes, default 0.5")
      .value("sizes", "RQ,RP,WQ,WP",
             "of readreply: flits of a read request, read reply, write request and write reply; "
             "default 1,PACKET,PACKET,1")
      .value("vcs", "V",
             "virtual channels of a link, default 2; of readreply half for requests, half for "
             "replies")
      .value("buffer", "FLITS", "flits a virtual channel holds, default 8")
      .value("passes", "N", "passes of the allocators in a cycle, default 1")
      .value("delays", "STAGE=CYCLES,...",
             "cycles of the router's stages; default "
             "routing=0,vc_alloc=1,switch_alloc=1,traversal=1,credit=1")
      .value("fidelity", "F",
             "detailed (default): routers; or fast: each link's next free time, what a chip's "
             "network has by default. It has no buffers (--vcs, --buffer, --passes change nothing, "
             "--delays only its hops), a network of its own for replies, and one fixed route")
      .value("load", "X|sweep",
             "flits that each node creates a cycle, at most 1 (of readreply with the "
             "replies); or sweep: latency over load, up to the knee where it is three times the "
             "zero-load latency")
      .value("csv", "FILE",
             "instead: runs every row of a table with BookSim's parameters as columns (topology, "
             "k, n, num_vcs, vc_buf_size, packet_size, traffic, offered_flit_rate, ...)")
      .value("warmup", "CYCLES", "before measuring, default 10000")
      .value("cycles", "CYCLES", "measured, default 30000")
      .value("seed", "N", "of the random numbers, default 1")
      .value("jobs", "N", "loads or rows simulated at a time, default 1")
      .flag("links", "adds links, ports and a histogram of latency to the JSON of one load")
      .flag("json", "prints an object; with --csv an object a line")
      .example("orrery probe noc --load 0.3", "a mesh of 8 x 8 at 0.3 flits per node and cycle")
      .example("orrery probe noc --topology torus --size 8x4 --vcs 4 --load sweep --jobs 4",
               "latency over load, and the knee")
      .example("orrery probe noc --traffic readreply:edge:west,east --vcs 4 --load 0.1",
               "reads and writes of memory at two edges")
      .example(
          "orrery probe noc --load 0.4 --links --json > load.json; "
          "scripts/plot_noc_load load.json load.png",
          "how busy each link is, as a picture")
      .example(
          "orrery probe noc --load sweep --json > sweep.json; "
          "scripts/plot_noc_curve sweep.json curve.png",
          "latency over load, as a picture")
      .example("orrery probe noc --fidelity fast --load sweep", "where the fast tier has its knee")
      .example("orrery probe noc --csv booksim.csv --jobs 4",
               "compares with a table of BookSim's latencies");
}

NocRun noc_run_from(const ParsedOptions& parsed) {
  NocRun run;
  run.shape = shape_from(parsed);
  run.fidelity = fidelity_from(parsed);
  run.packet_flits = integer(parsed, "packet", run.packet_flits, kMaxPacketFlits);
  run.router.vcs = integer(parsed, "vcs", run.router.vcs, kMaxVcsPerPort);
  run.router.buffer_flits = integer(parsed, "buffer", run.router.buffer_flits, kMaxBufferFlits);
  run.router.allocation_passes = integer(parsed, "passes", run.router.allocation_passes, 16);
  if (parsed.has("delays")) {
    read_delays(run.router, parsed.text("delays"));
  }
  read_traffic(run, parsed);
  set_length(run, parsed);
  return run;
}

void set_length(NocRun& run, const ParsedOptions& parsed) {
  run.warm_up_cycles = parsed.optional_integer("warmup", 0, kMostCycles).value_or(10'000);
  run.measured_cycles = parsed.optional_integer("cycles", 1, kMostCycles).value_or(30'000);
  constexpr std::uint64_t kMostSeed = std::numeric_limits<std::uint64_t>::max();
  run.seed = parsed.optional_integer("seed", 0, kMostSeed).value_or(1);
}

NetworkFidelity fidelity_from(const ParsedOptions& parsed) {
  const std::string fidelity = parsed.text("fidelity", "detailed");
  if (fidelity != "fast" && fidelity != "detailed") {
    refuse(fmt::format("--fidelity '{}': expected fast or detailed", fidelity));
  }
  return fidelity == "fast" ? NetworkFidelity::kFast : NetworkFidelity::kDetailed;
}

double load_from(const ParsedOptions& parsed) {
  const std::string& text = parsed.text("load");
  const auto load = parse<double>(text);
  if (!load || !(*load >= kLeastLoad && *load <= 1)) {
    refuse(fmt::format("--load '{}': expected sweep, or flits per node and cycle, from {} to 1",
                       text, kLeastLoad));
  }
  return *load;
}

const std::vector<std::string>& single_run_options() {
  static const std::vector<std::string> names{
      "topology", "size",  "cluster", "routing", "link",   "die-link", "traffic", "packet",
      "writes",   "sizes", "vcs",     "buffer",  "passes", "delays",   "load",    "links"};
  return names;
}

}  // namespace orrery
