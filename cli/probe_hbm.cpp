// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unistd.h>

#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/forked_work.h"
#include "cli/format.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "mem/dram_address_map.h"
#include "mem/hbm_probe.h"
#include "sim/error.h"
#include "sim/sim_time.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr Femtoseconds kLongestProbeFs = 1'000'000'000'000'000'000;  // 1000 s
constexpr std::string_view kPatterns = "abcdefg";
constexpr std::array<const char*, 7> kPatternNames{
    "sequential read", "sequential write", "2 reads : 1 write",   "random read",
    "row conflict",    "idle read",        "tiles of 128 x 256 B"};
// Offered load of the curve, in percent of the peak.
constexpr std::array<std::uint32_t, 16> kCurveLoads{1,  2,  5,  10, 15, 20, 25, 30,
                                                    40, 50, 60, 70, 80, 90, 95, 100};

OptionSet options() {
  return OptionSet("orrery probe hbm", "runs fixed streams of requests through HBM channels")
      .value("memory", "NAME|FILE", "the stack: a name of configs/memories or a file")
      .value("pattern", "PATTERN",
             "a sequential read, b sequential write, c two reads and a write, d random read, "
             "e row conflict, f random read one at a time, g tiles of 128 x 256 B at a pitch of "
             "8 KiB; all; or curve: latency over offered load for a and d. Default: all")
      .value("mapping", "MAP",
             "A, B, H, default, or an order of fields such as "
             "column:8,channel,pseudo_channel,bank_group,column,bank,stack_id,row, least "
             "significant first; default: the memory's")
      .value("hash", "HASH", "none, xor or mix; default: what the mapping has")
      .value("queue", "N", "bursts in the read and in the write queue of a channel")
      .value("channels", "N", "channels, default 1")
      .value("requests", "N", "bursts, default 60000; 10000 for e and f")
      .value("gap", "TICKS",
             "offers request i not before tick i x TICKS (a tick is a clock of HBM2, half a clock "
             "of later ones); default 0: as fast as it goes")
      .value("fidelity", "TIER", "detailed (default) or fast")
      .list("set", "KEY=VALUE", "overrides a value of the memory")
      .value("jobs", "N", "streams simulated at a time, default 1")
      .flag("json", "prints an object for a stream, an array for all, an object for a curve")
      .example("orrery probe hbm --memory hbm3-6400 --pattern all --mapping A", "all streams")
      .example("orrery probe hbm --memory hbm3-6400 --pattern a --set controller.refresh=per_bank",
               "a stream while single banks are refreshed")
      .example("orrery probe hbm --memory hbm3e-9600 --pattern g --mapping H --channels 16 --json",
               "tiles over a whole stack, hashed")
      .example(
          "orrery probe hbm --memory hbm3-6400 --pattern curve --json > curve.json; "
          "scripts/plot_hbm_curve curve.json curve.png",
          "latency over bandwidth, as a picture");
}

struct Plan {
  std::string memory;
  HbmConfig config;
  std::vector<HbmProbe> probes;
  std::vector<std::uint32_t> loads_percent;  // of a curve, one a probe
  std::uint64_t gap_ticks = 0;
  bool curve = false;
};

HbmConfig probed_config(const ParsedOptions& parsed, const std::string& memory) {
  std::vector<std::string> overrides = parsed.list("set");
  for (const std::string& override_text : overrides) {
    if (override_text.starts_with("stacks=")) {
      throw InputError("probe hbm: --set stacks: a probe has one stack; see --channels");
    }
    if (override_text.starts_with("fidelity=")) {
      throw InputError("probe hbm: --set fidelity: the tier is picked with --fidelity");
    }
  }
  overrides.emplace_back("stacks=1");
  const std::string tier = parsed.text("fidelity", "detailed");
  if (tier != "detailed" && tier != "fast") {
    throw InputError("probe hbm: --fidelity is '" + tier + "', expected detailed or fast");
  }
  overrides.push_back("fidelity=" + tier);
  const std::string folder = config_folder() + "/memories";
  HbmConfig config = read_hbm_config(load_memory_preset(memory, folder, overrides), folder);
  if (!config.dram) {
    throw InputError(memory + ": has no 'timing': a probe needs the clocks between DRAM commands");
  }
  if (parsed.has("queue")) {
    const auto queue = static_cast<std::uint32_t>(parsed.integer("queue", 1, 4096));
    config.controller.read_queue = config.controller.write_queue = queue;
    if (config.controller.longest_run > queue) {
      throw InputError(fmt::format("probe hbm: --queue is {}, less than a run of {} bursts", queue,
                                   config.controller.longest_run));
    }
  }
  if (parsed.has("mapping")) {
    config.address_map = parsed.text("mapping");
    config.address_hash.clear();
  }
  if (parsed.has("hash")) {
    config.address_hash = parsed.text("hash");
  }
  return config;
}

void check_map(const HbmConfig& config, std::uint32_t channels) {
  try {
    const DramAddressMap map(config.dram->device.geometry, channels, config.address_map,
                             config.address_hash);
  } catch (const std::invalid_argument& error) {
    throw InputError(std::string("probe hbm: --mapping: ") + error.what());
  }
}

Plan plan_from(const ParsedOptions& parsed) {
  Plan plan;
  plan.memory = parsed.text("memory");
  plan.config = probed_config(parsed, plan.memory);
  const auto channels =
      static_cast<std::uint32_t>(parsed.optional_integer("channels", 1, 4096).value_or(1));
  check_map(plan.config, channels);
  const DramDevice& device = plan.config.dram->device;
  plan.gap_ticks = parsed.optional_integer("gap", 0, 1'000'000'000).value_or(0);
  const auto requests = parsed.optional_integer("requests", 1, 100'000'000);

  HbmProbe probe;
  probe.config = plan.config;
  probe.channels = channels;
  probe.gap_fs = plan.gap_ticks * device.tick_fs();
  const std::string pattern = parsed.text("pattern", "all");
  plan.curve = pattern == "curve";
  if (plan.curve) {
    if (plan.gap_ticks > 0) {
      throw InputError(
          "probe hbm: --gap and --pattern curve do not go together: the curve is over "
          "gaps");
    }
    const std::uint64_t buses = std::uint64_t{channels} * device.geometry.pseudo_channels;
    for (const StreamPattern one : {StreamPattern::kSequentialRead, StreamPattern::kRandomRead}) {
      for (const std::uint32_t load : kCurveLoads) {
        probe.pattern = one;
        probe.requests = requests.value_or(60'000);
        probe.gap_fs = device.burst_fs() * 100 / (load * buses);
        plan.probes.push_back(probe);
        plan.loads_percent.push_back(load);
      }
    }
    return plan;
  }
  if (pattern != "all" && (pattern.size() != 1 || kPatterns.find(pattern) == kPatterns.npos)) {
    throw InputError("probe hbm: --pattern is '" + pattern +
                     "', expected one of a, b, c, d, e, f, g, all, curve");
  }
  for (const char letter : pattern == "all" ? kPatterns : std::string_view(pattern)) {
    probe.pattern = static_cast<StreamPattern>(letter);
    const bool slow = letter == 'e' || letter == 'f';
    probe.requests = requests.value_or(slow ? 10'000 : 60'000);
    if (probe.gap_fs > 0 && probe.requests - 1 > kLongestProbeFs / probe.gap_fs) {
      throw InputError(fmt::format(
          "probe hbm: --gap: {} requests every {} ticks take longer than 1000 s of simulated time",
          probe.requests, plan.gap_ticks));
    }
    plan.probes.push_back(probe);
  }
  return plan;
}

Json to_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Named as the columns of tables of streams are.
Json to_json(const Plan& plan, const HbmProbe& probe, const HbmProbeResult& result) {
  Json json;
  const bool detailed = probe.config.fidelity == MemoryFidelity::kDetailed;
  json["tool"] = detailed ? "orrery detailed" : "orrery fast";
  json["preset"] = plan.memory;
  json["pattern"] = std::string(1, static_cast<char>(probe.pattern));
  json["mapping"] = probe.config.address_map;
  json["channels"] = probe.channels;
  json["queue_entries"] = probe.config.controller.read_queue;
  json["gap_ticks"] = plan.gap_ticks;
  json["requests"] = probe.requests;
  json["bw_frac_of_peak"] = result.bandwidth_of_peak;
  json["bandwidth_gb_s"] = result.bytes_per_s / 1e9;
  json["avg_read_latency_ns"] = to_json(result.mean_read_latency_ns);
  json["p50_ns"] = to_json(result.p50_read_latency_ns);
  json["p99_ns"] = to_json(result.p99_read_latency_ns);
  json["row_hit_rate"] = to_json(result.row_hit_rate);
  json["n_act"] = result.activates;
  json["n_pre"] = result.precharges;
  json["n_rd"] = result.reads;
  json["n_wr"] = result.writes;
  json["n_ref"] = result.refreshes;
  json["mean_queue"] = result.mean_queue;
  json["channel_imbalance"] = result.imbalance;
  json["duration_ns"] = result.duration_ns;
  json["cpu_seconds"] = result.cpu_seconds;
  json["req_per_cpu_s"] = static_cast<double>(probe.requests) / result.cpu_seconds;
  return json;
}

std::string cell(const Json& json, const char* key, int decimals, double factor = 1) {
  return json[key].is_null() ? "-" : fixed(json[key].get<double>() * factor, decimals);
}

std::string count(const Json& json, const char* key) {
  return std::to_string(json[key].get<std::uint64_t>());
}

void print_streams(std::ostream& out, const Plan& plan, const std::vector<Json>& rows) {
  const HbmConfig& config = plan.config;
  const DramAddressMap map(config.dram->device.geometry, plan.probes[0].channels,
                           config.address_map, config.address_hash);
  out << fmt::format("{}, {} tier, {} channel{} of {} GB/s, map {}\n\n", plan.memory,
                     config.fidelity == MemoryFidelity::kDetailed ? "detailed" : "fast",
                     plan.probes[0].channels, plan.probes[0].channels == 1 ? "" : "s",
                     significant(static_cast<double>(config.dram->bandwidth_bytes_per_s()) /
                                 config.dram->channels / 1e9),
                     map.text());
  Table table({{"stream", Align::kLeft},
               {"bursts"},
               {"GB/s"},
               {"% of peak"},
               {"read ns"},
               {"p50 ns"},
               {"p99 ns"},
               {"row hits %"},
               {"ACT"},
               {"PRE"},
               {"RD"},
               {"WR"},
               {"REF"},
               {"queue"},
               {"M bursts/CPU s"}});
  for (const Json& row : rows) {
    const auto pattern = row["pattern"].get<std::string>();
    table.add_row({pattern + " " + kPatternNames.at(kPatterns.find(pattern)),
                   count(row, "requests"), cell(row, "bandwidth_gb_s", 2),
                   cell(row, "bw_frac_of_peak", 2, 100), cell(row, "avg_read_latency_ns", 1),
                   cell(row, "p50_ns", 1), cell(row, "p99_ns", 1),
                   cell(row, "row_hit_rate", 1, 100), count(row, "n_act"), count(row, "n_pre"),
                   count(row, "n_rd"), count(row, "n_wr"), count(row, "n_ref"),
                   cell(row, "mean_queue", 1), cell(row, "req_per_cpu_s", 2, 1e-6)});
  }
  table.print(out, TableStyle::kText);
}

void print_curve(std::ostream& out, const std::vector<Json>& rows) {
  Table table({{"stream", Align::kLeft},
               {"offered %"},
               {"GB/s"},
               {"% of peak"},
               {"read ns"},
               {"p50 ns"},
               {"p99 ns"}});
  for (const Json& row : rows) {
    const auto pattern = row["pattern"].get<std::string>();
    table.add_row({pattern + " " + kPatternNames.at(kPatterns.find(pattern)),
                   count(row, "offered_percent"), cell(row, "bandwidth_gb_s", 2),
                   cell(row, "bw_frac_of_peak", 2, 100), cell(row, "avg_read_latency_ns", 1),
                   cell(row, "p50_ns", 1), cell(row, "p99_ns", 1)});
  }
  table.print(out, TableStyle::kText);
}

int run_probe_hbm(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const Plan plan = plan_from(parsed);
  const std::size_t jobs = parsed.optional_integer("jobs", 1, 1024).value_or(1);
  const bool watched = isatty(STDERR_FILENO) == 1;
  streams.out.flush();
  const auto outcomes = run_forked(
      plan.probes.size(), jobs,
      [&](std::size_t i) {
        use_femtosecond_resolution();
        Json json = to_json(plan, plan.probes[i], run_hbm_probe(plan.probes[i]));
        if (plan.curve) {
          json.erase("gap_ticks");
          json["offered_percent"] = plan.loads_percent[i];
        }
        return json.dump();
      },
      [&](std::size_t done) {
        if (watched && plan.probes.size() > 1) {
          streams.err << fmt::format("\r\033[K{}",
                                     done < plan.probes.size()
                                         ? fmt::format("{}/{} streams", done, plan.probes.size())
                                         : "")
                      << std::flush;
        }
      });
  std::vector<Json> rows;
  for (const WorkOutcome& outcome : outcomes) {
    if (!outcome.error.empty()) {
      throw std::runtime_error(outcome.error);
    }
    rows.push_back(Json::parse(outcome.answer));
  }
  if (!parsed.has("json")) {
    plan.curve ? print_curve(streams.out, rows) : print_streams(streams.out, plan, rows);
  } else if (plan.curve) {
    Json json;
    json["preset"] = plan.memory;
    json["curve"] = rows;
    streams.out << json_text(json);
  } else {
    streams.out << json_text(rows.size() == 1 ? rows[0] : Json(rows));
  }
  return kSuccess;
}

}  // namespace

Subcommand probe_hbm() {
  return {"hbm", "streams of requests through HBM channels: bandwidth, latency, commands",
          run_probe_hbm};
}

}  // namespace orrery
