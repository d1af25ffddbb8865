// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_config.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "mem/config_layers.h"
#include "mem/dram_address_map.h"
#include "mem/dram_delays.h"

namespace orrery {
namespace {

std::string unknown_preset(const std::string& name, const std::string& memory_folder) {
  std::vector<std::string> known;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(memory_folder, code)) {
    if (entry.path().extension() == ".yaml") {
      known.push_back(entry.path().stem().string());
    }
  }
  const std::string hint = suggest(name, known);
  return "no memory '" + name + "' in " + memory_folder + (hint.empty() ? "" : "; " + hint);
}

constexpr std::uint64_t kMaxCapacityBytes = std::uint64_t{1} << 48;  // AddressMap's limit
constexpr Femtoseconds kMaxTimeFs = 1000 * kFsPerMicrosecond;

std::uint64_t power_of_two(const ConfigLayers& layers, std::string_view key, std::uint64_t max) {
  const std::uint64_t value = layers.of(key).bytes(key);
  if (!std::has_single_bit(value) || value > max) {
    layers.fail(key, "'" + std::string(key) + "' is " + std::to_string(value) +
                         " B, expected a power of two of at most " + std::to_string(max) + " B");
  }
  return value;
}

// A time, or a count of the memory's clocks where those are known.
Femtoseconds time_fs(const ConfigLayers& layers,
                     std::string_view key,
                     const std::optional<DramStack>& dram = std::nullopt) {
  const ConfigNode& node = layers.of(key);
  const bool in_clocks = dram && node.text(key).ends_with("clk");
  const std::uint64_t clocks = in_clocks ? node.cycles(key) : 0;
  if (in_clocks && clocks > kMaxTimeFs / dram->device.clock_fs) {
    layers.fail(key, "'" + std::string(key) + "' is longer than 1 ms");
  }
  const Femtoseconds value = in_clocks ? clocks * dram->device.clock_fs : node.time_fs(key);
  if (value > kMaxTimeFs) {
    layers.fail(key, "'" + std::string(key) + "' is longer than 1 ms");
  }
  return value;
}

std::optional<ConfigNode> load_preset(const ConfigNode& node, const std::string& memory_folder) {
  if (!node.has("preset")) {
    return std::nullopt;
  }
  const std::string name = node.text("preset");
  const std::filesystem::path path = std::filesystem::path(memory_folder) / (name + ".yaml");
  std::error_code code;
  if (name.find('/') != std::string::npos || !std::filesystem::is_regular_file(path, code)) {
    node.fail("preset", unknown_preset(name, memory_folder));
  }
  return load_config(path.string());
}

// Peak of one stack from pins x rate, where both are given.
std::optional<std::uint64_t> pin_bandwidth(const ConfigLayers& layers) {
  const bool has_pins = layers.has("pins");
  const bool has_rate = layers.has("pin_rate");
  if (has_pins != has_rate) {
    layers.fail(has_pins ? "pins" : "pin_rate", "needs both 'pins' and 'pin_rate'");
  }
  if (!has_pins) {
    return std::nullopt;
  }
  const std::uint64_t rate_hz = layers.of("pin_rate").frequency_hz("pin_rate");
  if (rate_hz > 1'000'000'000'000) {
    layers.fail("pin_rate", "'pin_rate' is more than 1 THz");
  }
  return layers.integer("pins", 8, 65536) * rate_hz / 8;
}

std::uint64_t read_bandwidth(const ConfigLayers& layers, std::uint32_t stacks) {
  const ConfigNode& node = layers.chip();
  const std::optional<std::uint64_t> of_pins = pin_bandwidth(layers);
  const bool own_pins = node.has("pins") || node.has("pin_rate");
  std::uint64_t bandwidth = of_pins.value_or(0) * stacks;
  if (node.has("bandwidth") || bandwidth == 0) {
    const std::uint64_t stated = node.bandwidth("bandwidth");
    if (own_pins &&
        (stated > bandwidth + bandwidth / 100 || stated < bandwidth - bandwidth / 100)) {
      node.fail("bandwidth", "'bandwidth' is " + std::to_string(stated) +
                                 " B/s, but stacks x pins x pin_rate gives " +
                                 std::to_string(bandwidth) + " B/s");
    }
    bandwidth = stated;
  }
  if (bandwidth < 1'000'000) {
    layers.chip().fail("bandwidth", "'bandwidth' is less than 1 MB/s");
  }
  return bandwidth;
}

std::uint64_t read_capacity(const ConfigLayers& layers,
                            const ConfigNode& node,
                            const HbmConfig& config) {
  const std::uint32_t stacks = config.stacks;
  const bool of_stack = config.dram.has_value() || layers.has("stack_capacity");
  const std::uint64_t one = config.dram ? config.dram->capacity_bytes
                            : of_stack  ? layers.of("stack_capacity").bytes("stack_capacity")
                                        : 0;
  std::uint64_t capacity = one;
  if (node.has("capacity") || !of_stack) {
    capacity = node.bytes("capacity");
  } else if (one <= kMaxCapacityBytes) {
    capacity = one * stacks;
  }
  if (capacity > kMaxCapacityBytes) {
    node.fail("capacity", "'capacity' is more than 256 TiB");
  }
  if (config.dram && capacity > one * stacks) {
    node.fail("capacity", "'capacity' is " + std::to_string(capacity) + " B, more than " +
                              std::to_string(stacks) + " stacks of " + std::to_string(one) + " B");
  }
  return capacity;
}

// What the fast tier's times are where a preset does not state them: the idle read, the activates
// that the window of four and the row cycle allow, one read-write-read turnaround, one refresh.
void derive_times(HbmConfig& config) {
  const DramDevice& device = config.dram->device;
  const DramTiming& t = device.timing;
  const DramDelays delays(device);
  config.array_latency_fs =
      static_cast<Femtoseconds>(delays.activate_to_read + delays.read_latency) * device.tick_fs();
  config.activate_interval_fs =
      std::max<Femtoseconds>(t.rrd_s * device.clock_fs, t.faw * device.clock_fs / 4);
  config.row_cycle_fs = t.rc * device.clock_fs;
  config.turnaround_fs =
      (t.rtw + t.cwl + t.bl + t.wtr_l - std::min(t.rtw, 2 * t.ccd_s)) * device.clock_fs;
  const DramController& controller = config.controller;
  const std::uint64_t batch_bursts =
      std::uint64_t{controller.write_queue} *
      (controller.write_high_percent - controller.write_low_percent) / 100 /
      device.geometry.pseudo_channels;
  config.write_batch_bytes = std::max<std::uint64_t>(1, batch_bursts) * device.geometry.burst_bytes;
  config.refresh_interval_fs = t.refi * device.clock_fs;
  config.refresh_busy_fs =
      controller.refresh == RefreshMode::kAllBank ? (t.rfc + t.rp) * device.clock_fs : 0;
}

void read_device(const ConfigLayers& layers, HbmConfig& config) {
  config.burst_bytes = power_of_two(layers, "burst", 4096);
  config.row_bytes = power_of_two(layers, "row_size", 1U << 20);
  config.interleave_bytes = power_of_two(layers, "interleave", 1U << 20);
  if (config.interleave_bytes < 32 || config.interleave_bytes < config.burst_bytes) {
    layers.fail("interleave", "'interleave' is less than 32 B or than a burst of " +
                                  std::to_string(config.burst_bytes) + " B");
  }
  if (config.row_bytes < config.interleave_bytes) {
    layers.fail("row_size", "'row_size' is less than the interleave of " +
                                std::to_string(config.interleave_bytes) + " B");
  }
  if (layers.has("banks") || !config.dram) {
    config.banks = static_cast<std::uint32_t>(layers.integer("banks", 1, 1024));
    if (!std::has_single_bit(config.banks)) {
      layers.fail("banks",
                  "'banks' is " + std::to_string(config.banks) + ", expected a power of two");
    }
  } else {
    // Twelve dies have three stack IDs, and this tier whole powers of two.
    config.banks = std::bit_ceil(config.dram->device.geometry.banks());
  }
  if (config.dram) {
    derive_times(config);
  }
  const auto read = [&](std::string_view key, Femtoseconds& value, bool required) {
    if (required || layers.has(key)) {
      value = time_fs(layers, key, config.dram);
    }
  };
  read("array_latency", config.array_latency_fs, !config.dram);
  read("front_end_latency", config.front_end_latency_fs, true);
  read("activate_interval", config.activate_interval_fs, false);
  read("row_cycle", config.row_cycle_fs, false);
  read("read_activate_interval", config.read_activate_interval_fs, false);
  if (config.row_cycle_fs < config.read_activate_interval_fs) {
    layers.fail("row_cycle", "'row_cycle' is shorter than read_activate_interval");
  }
  if (config.row_cycle_fs < config.activate_interval_fs) {
    layers.fail("row_cycle", "'row_cycle' is shorter than activate_interval");
  }
  read("refresh_interval", config.refresh_interval_fs, false);
  read("refresh_busy", config.refresh_busy_fs, false);
  if (config.refresh_busy_fs > config.refresh_interval_fs / 2) {
    layers.fail("refresh_busy", "'refresh_busy' is more than half of refresh_interval");
  }
  read("turnaround", config.turnaround_fs, false);
  if (layers.has("write_batch")) {
    config.write_batch_bytes = layers.of("write_batch").bytes("write_batch");
  } else if (config.turnaround_fs > 0 && !config.dram) {
    layers.fail("turnaround", "'turnaround' needs 'write_batch'");
  }
}

// The detailed tier has its bandwidth from its clock; a chip that states another is wrong in one.
void check_detailed(const ConfigNode& node, const HbmConfig& config) {
  if (!config.dram) {
    node.fail("fidelity",
              "'fidelity: detailed' needs the clocks between DRAM commands: a preset "
              "with 'timing'");
  }
  const std::uint64_t made = config.dram->bandwidth_bytes_per_s() * config.stacks;
  const std::uint64_t stated = config.bandwidth_bytes_per_s;
  if (stated > made + made / 100 || stated < made - made / 100) {
    node.fail("bandwidth", "'bandwidth' is " + std::to_string(stated) +
                               " B/s, but the stacks' clock gives " + std::to_string(made) +
                               " B/s; state 'clock' and 'pin_rate' that fit");
  }
}

void read_address_map(const ConfigLayers& layers, HbmConfig& config) {
  if (layers.has("address_map")) {
    config.address_map = layers.of("address_map").text("address_map");
  }
  if (layers.has("address_hash")) {
    config.address_hash = layers.of("address_hash").text("address_hash");
  }
  try {
    const DramAddressMap map(config.dram->device.geometry, config.dram_channels(),
                             config.address_map, config.address_hash);
  } catch (const std::invalid_argument& error) {
    const bool of_hash = std::string_view(error.what()).starts_with("unknown hash");
    const char* const key = of_hash ? "address_hash" : "address_map";
    layers.fail(key, "'" + std::string(key) + "': " + error.what());
  }
}

}  // namespace

ConfigNode load_memory_preset(const std::string& name,
                              const std::string& memory_folder,
                              const std::vector<std::string>& overrides) {
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
    return load_config(name, overrides);
  }
  const std::filesystem::path path = std::filesystem::path(memory_folder) / (name + ".yaml");
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    throw InputError(unknown_preset(name, memory_folder));
  }
  return load_config(path.string(), overrides);
}

HbmConfig read_hbm_config(const ConfigNode& node, const std::string& memory_folder) {
  HbmConfig config;
  const std::optional<ConfigNode> preset = load_preset(node, memory_folder);
  const ConfigLayers layers(node, preset);
  if (node.has("type") && node.choice("type", {"hbm", "ideal"}) == "ideal") {
    config.kind = MemoryKind::kIdeal;
  }
  const bool ideal = config.kind == MemoryKind::kIdeal;
  if (node.has("fidelity") && node.choice("fidelity", {"fast", "detailed"}) == "detailed") {
    config.fidelity = MemoryFidelity::kDetailed;
  }
  const auto count = [&](std::string_view key, std::uint32_t fallback) {
    return ideal && !layers.has(key) ? fallback
                                     : static_cast<std::uint32_t>(layers.integer(key, 1, 4096));
  };
  config.stacks = count("stacks", 1);
  config.channels_per_stack = count("channels_per_stack", 1);
  if (layers.has("timing")) {
    config.dram = read_dram_stack(layers);
    config.controller = read_dram_controller(layers);
    config.pseudo_channels = config.dram->device.geometry.pseudo_channels;
    config.channels_per_stack *= config.pseudo_channels;
  }
  if (config.channels() > 65536) {
    node.fail("stacks", "'stacks' makes more than 65536 channels");
  }
  config.capacity_bytes = read_capacity(layers, node, config);
  if (!ideal || node.has("bandwidth")) {
    config.bandwidth_bytes_per_s = read_bandwidth(layers, config.stacks);
  }
  if (!ideal) {
    read_device(layers, config);
  }
  if (config.dram) {
    read_address_map(layers, config);
  }
  if (layers.has("product")) {
    config.product = layers.of("product").text("product");
  }
  if (config.fidelity == MemoryFidelity::kDetailed && !ideal) {
    check_detailed(node, config);
  }
  if (node.has("outstanding")) {
    config.outstanding_bytes = node.bytes("outstanding");
  }
  config.node_per_channel =
      node.has("node_per") && node.choice("node_per", {"stack", "channel"}) == "channel";
  node.finish();
  if (preset && !ideal) {
    preset->finish();
  }
  return config;
}

}  // namespace orrery
