// SPDX-License-Identifier: Apache-2.0
#include "cli/booksim_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "noc/network_limits.h"

namespace orrery {
namespace {

constexpr std::array<const char*, 8> kNeeded{
    "topology", "k", "n", "num_vcs", "vc_buf_size", "packet_size", "traffic", "offered_flit_rate"};

// Parameters with a single value that the engine has.
struct OnlyValue {
  const char* column;
  const char* value;
};
constexpr std::array<OnlyValue, 9> kOnlyValues{{{"speculative", "0"},
                                                {"input_speedup", "1"},
                                                {"output_speedup", "1"},
                                                {"internal_speedup", "1"},
                                                {"vc_allocator", "islip"},
                                                {"sw_allocator", "islip"},
                                                {"wait_for_tail_credit", "0"},
                                                {"hold_switch_for_packet", "0"},
                                                {"injection_process", "bernoulli"}}};

// "1.0" is "1".
bool same_value(const std::string& text, const std::string& value) {
  double number = 0;
  double wanted = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto known = std::from_chars(value.data(), value.data() + value.size(), wanted);
  const bool numbers = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() &&
                       known.ec == std::errc();
  return text == value || (numbers && number == wanted);
}

void check_only_values(const CsvReader& csv) {
  for (const OnlyValue& only : kOnlyValues) {
    if (csv.has(only.column) && !same_value(csv.text(only.column), only.value)) {
      csv.fail(only.column, fmt::format("'{}' is '{}', expected {}", only.column,
                                        csv.text(only.column), only.value));
    }
  }
}

std::uint32_t integer(const CsvReader& csv,
                      const char* column,
                      std::uint32_t otherwise,
                      std::uint64_t min,
                      std::uint64_t max) {
  return csv.has(column) ? static_cast<std::uint32_t>(csv.integer(column, min, max)) : otherwise;
}

void read_routing(const CsvReader& csv, NocShape& shape) {
  if (!csv.has("routing_function")) {
    return;
  }
  const std::string& routing = csv.text("routing_function");
  std::vector<std::string> accepted{"dor", "dim_order"};
  if (shape.topology == "crossbar") {
    accepted = {"dest_tag"};
  } else if (shape.topology == "mesh") {
    accepted.emplace_back("xy_yx");
  }
  if (std::find(accepted.begin(), accepted.end(), routing) == accepted.end()) {
    csv.fail("routing_function",
             fmt::format("'routing_function' is '{}' for topology {}, expected {}", routing,
                         csv.text("topology"), fmt::join(accepted, " or ")));
  }
  shape.routing = routing == "xy_yx" ? routing : "";
}

NocShape read_shape(const CsvReader& csv) {
  const std::string& topology = csv.text("topology");
  const bool fly = topology == "fly";
  if (!fly && topology != "mesh" && topology != "torus") {
    csv.fail("topology", fmt::format("'topology' is '{}', expected mesh, torus or fly", topology));
  }
  NocShape shape;
  shape.topology = fly ? "crossbar" : topology;
  shape.columns = integer(csv, "k", 0, fly ? 2 : 1, fly ? 512 : kMaxGridSide);
  const std::uint64_t dimensions = csv.integer("n", 1, std::numeric_limits<std::uint32_t>::max());
  if (dimensions > (fly ? 1 : 2)) {
    csv.fail("n", fmt::format("'n' is {} for topology {}, expected {}", dimensions, topology,
                              fly ? "1: one switch" : "1 or 2 dimensions"));
  }
  shape.rows = dimensions == 2 ? shape.columns : 1;
  read_routing(csv, shape);
  // BookSim's torus has links of two cycles, as if it were folded; its mesh of one.
  if (csv.has("use_noc_latency") && csv.flag("use_noc_latency") && topology == "torus") {
    shape.link_cycles = 2;
  }
  return shape;
}

RouterConfig read_router(const CsvReader& csv) {
  RouterConfig router;
  router.vcs = integer(csv, "num_vcs", 0, 1, kMaxVcsPerPort);
  router.buffer_flits = integer(csv, "vc_buf_size", 0, 1, kMaxBufferFlits);
  const auto delay = [&](const char* column, std::uint32_t& cycles, std::uint64_t least) {
    cycles = integer(csv, column, cycles, least, kMaxStageCycles);
  };
  delay("routing_delay", router.routing_cycles, 0);
  delay("vc_alloc_delay", router.vc_alloc_cycles, 1);
  delay("sw_alloc_delay", router.switch_alloc_cycles, 1);
  delay("st_final_delay", router.traversal_cycles, 1);
  delay("credit_delay", router.credit_cycles, 0);
  router.allocation_passes = integer(csv, "alloc_iters", router.allocation_passes, 1, 16);
  return router;
}

// "read_reply_size=5; write_request_size=5"
void read_extra(const CsvReader& csv, NocProbe::ReadsAndWrites& sizes) {
  constexpr const char* kSeparators = "; ,";
  const std::map<std::string, std::uint32_t*> known{{"read_request_size", &sizes.read_request},
                                                    {"read_reply_size", &sizes.read_reply},
                                                    {"write_request_size", &sizes.write_request},
                                                    {"write_reply_size", &sizes.write_reply}};
  const std::string extra = csv.has("extra") ? csv.text("extra") : "";
  for (std::size_t at = 0; (at = extra.find_first_not_of(kSeparators, at)) != std::string::npos;) {
    const std::size_t end = std::min(extra.find_first_of(kSeparators, at), extra.size());
    const std::string word = extra.substr(at, end - at);
    at = end;
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string name = word.substr(0, equals);
    const char* const value = word.data() + std::min(equals + 1, word.size());
    const char* const value_end = word.data() + word.size();
    const auto refuse = [&](const std::string& expected) {
      csv.fail("extra", fmt::format("'{}', expected {}", word, expected));
    };
    const auto size = known.find(name);
    if (size != known.end()) {
      const auto parsed = std::from_chars(value, value_end, *size->second);
      if (parsed.ec != std::errc() || parsed.ptr != value_end || *size->second < 1 ||
          *size->second > kMaxPacketFlits) {
        refuse(fmt::format("{}=1 to {} flits", name, kMaxPacketFlits));
      }
    } else if (name == "write_fraction") {
      const auto parsed = std::from_chars(value, value_end, sizes.write_share);
      if (parsed.ec != std::errc() || parsed.ptr != value_end ||
          !(sizes.write_share >= 0 && sizes.write_share <= 1)) {
        refuse("write_fraction=0 to 1");
      }
    } else {
      refuse(
          "some of read_request_size=N, read_reply_size=N, write_request_size=N, "
          "write_reply_size=N, write_fraction=X");
    }
  }
}

// Builds what the rows ask for, so that nothing is found wrong half-way: each network once.
class RowChecker {
 public:
  void check(const CsvReader& csv, const NocRun& run) {
    const NocShape& shape = run.shape;
    const std::string key = fmt::format("{} {} {} {} {} {} {} {}", shape.topology, shape.columns,
                                        shape.rows, shape.routing, shape.link_cycles,
                                        run.router.vcs, run.router.traffic_classes, run.pattern);
    if (!checked_.insert(key).second) {
      return;
    }
    const auto refused = [&](const char* column, const std::invalid_argument& error) {
      csv.fail(column, error.what());
    };
    try {
      const TrafficPattern pattern(run.pattern, {shape.columns, shape.rows});
    } catch (const std::invalid_argument& error) {
      refused("traffic", error);
    }
    try {
      NocRun short_run = run;
      short_run.warm_up_cycles = short_run.measured_cycles = 0;
      const NocSetup setup(short_run);
    } catch (const std::invalid_argument& error) {
      refused("num_vcs", error);  // the sizes are in range: too few for the routes' classes
    }
  }

 private:
  std::set<std::string> checked_;
};

NocRun read_run(const CsvReader& csv) {
  check_only_values(csv);
  NocRun run;
  run.shape = read_shape(csv);
  run.router = read_router(csv);
  run.packet_flits = integer(csv, "packet_size", 0, 1, kMaxPacketFlits);
  run.load = csv.number("offered_flit_rate", kLeastLoad, 1);
  try {
    run.pattern = booksim_pattern(csv.text("traffic"));
  } catch (const std::invalid_argument& error) {
    csv.fail("traffic", error.what());
  }
  NocProbe::ReadsAndWrites sizes;
  read_extra(csv, sizes);
  if (csv.has("use_read_write") && csv.flag("use_read_write")) {
    run.sizes = sizes;
    run.load_as_booksim = true;
    try {
      use_replies(run);
    } catch (const std::invalid_argument& error) {
      csv.fail("num_vcs", error.what());
    }
  }
  return run;
}

}  // namespace

std::string booksim_pattern(const std::string& traffic) {
  constexpr std::string_view kHotspot = "hotspot(";
  const auto refuse = [&] {
    throw std::invalid_argument(fmt::format(
        "'{}', expected uniform, transpose, tornado, neighbor or hotspot({{{{NODE NODE ...}}}})",
        traffic));
  };
  for (const char* same : {"uniform", "transpose", "tornado", "neighbor"}) {
    if (traffic == same) {
      return traffic;
    }
  }
  if (!traffic.starts_with(kHotspot) || !traffic.ends_with(')')) {
    refuse();
  }
  std::string_view list(traffic);
  list.remove_prefix(kHotspot.size());
  list.remove_suffix(1);
  int braces = 0;
  while (list.starts_with('{') && list.ends_with('}')) {
    list = list.substr(1, list.size() - 2);
    ++braces;
  }
  std::vector<std::string> nodes;
  std::string node;
  for (const char c : list) {
    if (c >= '0' && c <= '9') {
      node += c;
    } else if (c != ' ' && c != ',') {
      refuse();  // braces inside: a second list, of rates
    } else if (!node.empty()) {
      nodes.push_back(std::move(node));
      node.clear();
    }
  }
  if (!node.empty()) {
    nodes.push_back(node);
  }
  if (nodes.empty() || braces > 2) {
    refuse();
  }
  return fmt::format("hotspot:{}", fmt::join(nodes, ","));
}

std::vector<BooksimRow> read_booksim_rows(CsvReader csv) {
  csv.check_columns({kNeeded.begin(), kNeeded.end()}, csv.columns());
  RowChecker checker;
  std::vector<BooksimRow> rows;
  while (csv.next_row()) {
    BooksimRow row;
    row.location = csv.location();
    row.curve = csv.has("curve") ? csv.text("curve") : "";
    row.point = csv.has("point") ? csv.text("point") : "";
    row.run = read_run(csv);
    checker.check(csv, row.run);
    if (csv.has("avg_packet_latency")) {
      row.avg_packet_latency = csv.number("avg_packet_latency", 0, 1e12);
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    throw InputError(csv.location(), "has no rows below its columns");
  }
  return rows;
}

}  // namespace orrery
