// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "arch/chip_config.h"
#include "cli/area_tables.h"
#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/config_folder.h"
#include "cli/format.h"
#include "cli/options.h"
#include "cli/record_json.h"
#include "cli/table.h"
#include "cli/uncertain_tables.h"
#include "sim/error.h"

namespace orrery {
namespace {

// One figure of a chip: for the table a text with its unit, for JSON a number in base units.
struct Fact {
  std::string section;
  std::string name;
  std::string unit;  // of the number; empty: a plain count or a text
  nlohmann::ordered_json value;
};

OptionSet options() {
  OptionSet set("orrery show chip", "prints what a chip is made of, its peaks, die area and cost");
  add_chip_options(set);
  return set.words("NAME|FILE", "a name of configs/chips or a file", 1, 1)
      .flag("json", "prints one JSON object, in bytes, seconds and Hz")
      .example("orrery show chip h100-sxm", "cores, network, memories, bandwidths")
      .example("orrery show chip h100-sxm --set core.count=66", "with half of the cores")
      .example("orrery show chip maia100 --set area.node=n3", "its area and cost on another node");
}

std::string name_of(TopologyKind kind) {
  switch (kind) {
    case TopologyKind::kIdeal:
      return "ideal";
    case TopologyKind::kCrossbar:
      return "crossbar";
    case TopologyKind::kPartitionedCrossbar:
      return "partitioned_crossbar";
    case TopologyKind::kMesh:
      return "mesh";
    case TopologyKind::kClusterMesh:
      return "cluster_mesh";
    case TopologyKind::kRing:
      return "ring";
    case TopologyKind::kTorus:
      return "torus";
    case TopologyKind::kDualDie:
      return "dual_die";
    case TopologyKind::kCustom:
      return "custom";
  }
  return "";
}

std::string name_of(SharedMemoryKind kind) {
  switch (kind) {
    case SharedMemoryKind::kNone:
      return "none";
    case SharedMemoryKind::kL2:
      return "l2";
    case SharedMemoryKind::kSram:
      return "sram";
  }
  return "";
}

double per_second(std::uint64_t per_cycle, std::uint64_t clock_hz) {
  return static_cast<double>(per_cycle) * static_cast<double>(clock_hz);
}

class Facts {
 public:
  void section(const std::string& name) { section_ = name; }
  void add(const std::string& name, nlohmann::ordered_json value, const std::string& unit = "") {
    all_.push_back({section_, name, unit, std::move(value)});
  }
  const std::vector<Fact>& all() const { return all_; }

 private:
  std::string section_;
  std::vector<Fact> all_;
};

void add_core(Facts& facts, const ChipConfig& chip) {
  const CoreConfig& core = chip.core;
  facts.section("cores");
  facts.add("count", core.count);
  facts.add("clock", core.clock_hz, "Hz");
  if (core.rated_clock_hz != core.clock_hz) {
    facts.add("rated clock", core.rated_clock_hz, "Hz");
  }
  facts.add("programs a core", core.max_contexts);
  const bool systolic = core.tensor.kind == TensorUnitKind::kSystolic;
  facts.add("tensor unit",
            systolic ? fmt::format("systolic {}x{}", core.tensor.rows, core.tensor.columns)
                     : std::string("mma"));
  facts.add("scratchpad", core.scratchpad.capacity_bytes, "B");
  facts.add("scratchpad bandwidth", per_second(core.scratchpad.bytes_per_cycle(), core.clock_hz),
            "B/s");
  facts.add("accumulators", core.tensor.accumulator_bytes, "B");
  facts.add("loads under way", core.dma.outstanding_bytes, "B");
  facts.section("peaks");
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    const double peak = chip.peak_flop_per_s(static_cast<Dtype>(i));
    if (peak > 0) {
      facts.add(std::string(kDtypes[i].name), peak, "FLOP/s");
    }
  }
  const auto vector = [&](std::uint64_t ops_per_cycle) {
    return per_second(ops_per_cycle, core.clock_hz) * core.count;
  };
  facts.add("vector fp32", vector(core.vector.fp32_ops_per_cycle), "op/s");
  facts.add("vector bf16", vector(core.vector.bf16_ops_per_cycle), "op/s");
  facts.add("vector special", vector(core.vector.special_ops_per_cycle), "op/s");
}

void add_power(Facts& facts, const ChipConfig& chip) {
  if (!chip.power) {
    return;
  }
  const PowerConfig& power = *chip.power;
  const auto watts = [](std::uint64_t milliwatts) { return static_cast<double>(milliwatts) / 1e3; };
  facts.section("power");
  facts.add("cap", watts(power.cap_mw), "W");
  if (power.peak_mw != kNoPeak) {
    facts.add("peak", watts(power.peak_mw), "W");
  }
  facts.add("window", to_seconds(power.window_fs), "s");
  facts.add("lowest clock", power.lowest_clock_hz, "Hz");
  facts.add("clock step", power.clock_step_hz, "Hz");
  facts.add("voltage at the highest clock",
            static_cast<double>(power.voltage.millivolts_at(chip.core.clock_hz)) / 1e3, "V");
  facts.add("floor", watts(power.floor_mw), "W");
}

void add_network(Facts& facts, const NetworkConfig& network, const NodeLayout& layout) {
  facts.section("network");
  facts.add("topology", name_of(network.topology));
  if (network.topology == TopologyKind::kIdeal) {
    return;
  }
  const auto rate = [&](std::uint64_t bytes) { return per_second(bytes, network.clock_hz); };
  facts.add("clock", network.clock_hz, "Hz");
  if (network.columns > 0) {
    facts.add("routers", fmt::format("{}x{}", network.columns, network.rows));
    facts.add("link", rate(network.link_bytes_per_cycle), "B/s");
  }
  facts.add("port of a core", rate(network.core_port_bytes_per_cycle), "B/s");
  facts.add("ports of all cores", rate(network.core_port_bytes_per_cycle) * layout.cores, "B/s");
  facts.add("port of a memory node", rate(network.memory_port_bytes_per_cycle), "B/s");
  if (network.topology == TopologyKind::kPartitionedCrossbar) {
    facts.add("partition link", rate(network.partition_link_bytes_per_cycle), "B/s");
  }
}

void add_memories(Facts& facts, const ChipConfig& chip) {
  const SharedMemoryConfig& shared = chip.shared;
  facts.section("shared memory");
  facts.add("kind", name_of(shared.kind));
  if (shared.kind != SharedMemoryKind::kNone) {
    const bool cache = shared.kind == SharedMemoryKind::kL2;
    facts.add("capacity", shared.capacity_bytes, "B");
    facts.add("clock", shared.clock_hz, "Hz");
    if (cache) {
      facts.add("partitions", shared.partitions);
    }
    facts.add(cache ? "slices" : "banks", cache ? shared.slices : shared.banks);
    facts.add("bandwidth",
              cache ? per_second(shared.slices * shared.slice_bytes_per_cycle, shared.clock_hz)
                    : per_second(shared.banks * shared.bank_bytes_per_cycle, shared.clock_hz),
              "B/s");
    facts.add("latency",
              static_cast<double>(shared.latency_cycles) / static_cast<double>(shared.clock_hz),
              "s");
  }
  const HbmConfig& memory = chip.memory;
  facts.section("memory");
  facts.add("kind", memory.kind == MemoryKind::kHbm ? "hbm" : "ideal");
  facts.add("capacity", memory.capacity_bytes, "B");
  if (memory.kind == MemoryKind::kHbm) {
    facts.add("stacks", memory.stacks);
    facts.add("pseudo-channels", memory.channels());
    facts.add("tiers", tiers_note(chip).substr(std::string_view("tiers: ").size()));
    facts.add("bandwidth", chip.peak_memory_bytes_per_s(), "B/s");
    facts.add("idle read", to_seconds(memory.array_latency_fs + memory.front_end_latency_fs), "s");
  }
}

void add_dispatch(Facts& facts, const DispatchConfig& dispatch) {
  facts.section("launch");
  facts.add("policy", dispatch.policy == DispatchPolicy::kDynamic ? "dynamic" : "static");
  facts.add("kernel launch", to_seconds(dispatch.kernel_launch_fs), "s");
  facts.add("dependent launch", to_seconds(dispatch.dependent_launch_fs), "s");
  if (dispatch.early_launch_fs) {
    facts.add("early launch", to_seconds(*dispatch.early_launch_fs), "s");
  }
  facts.add("kernel end", to_seconds(dispatch.kernel_end_fs), "s");
  facts.add("task launch", to_seconds(dispatch.task_launch_fs), "s");
  facts.add("largest cluster", dispatch.max_cluster);
}

// "port of a core" in B/s -> "port_of_a_core_bytes_per_s".
std::string json_key(const std::string& name, const std::string& unit) {
  static const std::map<std::string, std::string> kSuffixes{
      {"", ""},    {"Hz", "_hz"}, {"B", "_bytes"},           {"B/s", "_bytes_per_s"}, {"s", "_s"},
      {"V", "_v"}, {"W", "_w"},   {"FLOP/s", "_flop_per_s"}, {"op/s", "_ops_per_s"}};
  std::string key = name + kSuffixes.at(unit);
  std::replace(key.begin(), key.end(), ' ', '_');
  return key;
}

nlohmann::ordered_json to_json(const ChipConfig& chip, const Facts& facts) {
  nlohmann::ordered_json json;
  json["chip"] = chip.name;
  json["description"] = chip.description;
  for (const Fact& fact : facts.all()) {
    json[json_key(fact.section, "")][json_key(fact.name, fact.unit)] = fact.value;
  }
  add_area_json(json, chip);
  json["family"] = chip.family;
  json["fitted"] = uncertain_json(chip.fitted);
  json["assumed"] = uncertain_json(chip.assumed);
  return json;
}

void print(std::ostream& out, const ChipConfig& chip, const Facts& facts) {
  out << fmt::format("{}: {}\n\n", chip.name, chip.description);
  Table table({{"part", Align::kLeft}, {"figure", Align::kLeft}, {"value"}});
  std::string section;
  for (const Fact& fact : facts.all()) {
    const std::string value = fact.value.is_string() ? fact.value.get<std::string>()
                              : fact.unit.empty()
                                  ? std::to_string(fact.value.get<std::uint64_t>())
                                  : engineering(fact.value.get<double>(), fact.unit);
    table.add_row({fact.section == section ? "" : fact.section, fact.name, value});
    section = fact.section;
  }
  table.print(out, TableStyle::kText);
  print_area(out, chip);
  const auto print_uncertain = [&](const char* title, const std::vector<UncertainConstant>& all) {
    if (!all.empty()) {
      out << '\n' << title << '\n';
      uncertain_table(all).print(out, TableStyle::kText);
    }
  };
  print_uncertain("fitted to measurements", chip.fitted);
  print_uncertain("assumed, with what is possible", chip.assumed);
}

int run_show_chip(const std::vector<std::string>& arguments, const Streams& streams) {
  const OptionSet accepted = options();
  const ParsedOptions parsed = accepted.parse(arguments);
  if (parsed.help()) {
    streams.out << accepted.help();
    return kSuccess;
  }
  const ChipConfig chip =
      load_chip(parsed.words().front(), config_folder(), chip_overrides(parsed));
  Facts facts;
  add_core(facts, chip);
  add_network(facts, chip.network, chip.layout());
  add_memories(facts, chip);
  add_power(facts, chip);
  add_dispatch(facts, chip.dispatch);
  if (parsed.has("json")) {
    streams.out << json_text(to_json(chip, facts));
  } else {
    print(streams.out, chip, facts);
  }
  return kSuccess;
}

}  // namespace

Subcommand show_chip() {
  return {"chip", "cores, network, memories, peaks, area and cost of a chip", run_show_chip};
}

}  // namespace orrery
