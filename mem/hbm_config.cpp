// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_config.h"

#include <bit>
#include <filesystem>
#include <optional>
#include <string_view>

namespace orrery {
namespace {

constexpr std::uint64_t kMaxCapacityBytes = std::uint64_t{1} << 48;  // AddressMap's limit
constexpr Femtoseconds kMaxTimeFs = 1000 * kFsPerMicrosecond;

// A value of the chip's map, or else of the preset; both know the key afterwards.
class Layers {
 public:
  Layers(const ConfigNode& chip, const std::optional<ConfigNode>& preset)
      : chip_(chip), preset_(preset) {}

  bool has(std::string_view key) const {
    const bool in_preset = preset_.has_value() && preset_->has(key);
    return chip_.has(key) || in_preset;
  }
  // Where neither has it, the chip's: its getter says what is missing.
  const ConfigNode& of(std::string_view key) const {
    const bool in_preset = preset_.has_value() && preset_->has(key);
    return !chip_.has(key) && in_preset ? *preset_ : chip_;
  }

  std::uint64_t power_of_two(std::string_view key, std::uint64_t max) const {
    const std::uint64_t value = of(key).bytes(key);
    if (!std::has_single_bit(value) || value > max) {
      of(key).fail(key, "'" + std::string(key) + "' is " + std::to_string(value) +
                            " B, expected a power of two of at most " + std::to_string(max) + " B");
    }
    return value;
  }
  Femtoseconds time_fs(std::string_view key) const {
    const Femtoseconds value = of(key).time_fs(key);
    if (value > kMaxTimeFs) {
      of(key).fail(key, "'" + std::string(key) + "' is longer than 1 ms");
    }
    return value;
  }
  // 0 when absent.
  Femtoseconds optional_time_fs(std::string_view key) const { return has(key) ? time_fs(key) : 0; }

 private:
  const ConfigNode& chip_;
  const std::optional<ConfigNode>& preset_;
};

std::optional<ConfigNode> load_preset(const ConfigNode& node, const std::string& memory_folder) {
  if (!node.has("preset")) {
    return std::nullopt;
  }
  const std::string name = node.text("preset");
  const std::filesystem::path path = std::filesystem::path(memory_folder) / (name + ".yaml");
  std::error_code code;
  if (name.find('/') != std::string::npos || !std::filesystem::is_regular_file(path, code)) {
    std::vector<std::string> known;
    for (const auto& entry : std::filesystem::directory_iterator(memory_folder, code)) {
      if (entry.path().extension() == ".yaml") {
        known.push_back(entry.path().stem().string());
      }
    }
    const std::string hint = suggest(name, known);
    node.fail("preset",
              "no memory '" + name + "' in " + memory_folder + (hint.empty() ? "" : "; " + hint));
  }
  return load_config(path.string());
}

// Peak of one stack from pins x rate, where a layer gives both.
std::optional<std::uint64_t> pin_bandwidth(const ConfigNode& layer) {
  const bool has_pins = layer.has("pins");
  const bool has_rate = layer.has("pin_rate");
  if (has_pins != has_rate) {
    layer.fail(has_pins ? "pins" : "pin_rate", "needs both 'pins' and 'pin_rate'");
  }
  if (!has_pins) {
    return std::nullopt;
  }
  const std::uint64_t rate_hz = layer.frequency_hz("pin_rate");
  if (rate_hz > 1'000'000'000'000) {
    layer.fail("pin_rate", "'pin_rate' is more than 1 THz");
  }
  return layer.integer("pins", 8, 65536) * rate_hz / 8;
}

std::uint64_t read_bandwidth(const ConfigNode& node,
                             const std::optional<ConfigNode>& preset,
                             std::uint32_t stacks) {
  const std::optional<std::uint64_t> of_preset = preset ? pin_bandwidth(*preset) : std::nullopt;
  const std::optional<std::uint64_t> of_pins = pin_bandwidth(node);
  std::uint64_t bandwidth = of_pins.value_or(of_preset.value_or(0)) * stacks;
  if (node.has("bandwidth") || bandwidth == 0) {
    const std::uint64_t stated = node.bandwidth("bandwidth");
    if (of_pins && (stated > bandwidth + bandwidth / 100 || stated < bandwidth - bandwidth / 100)) {
      node.fail("bandwidth", "'bandwidth' is " + std::to_string(stated) +
                                 " B/s, but stacks x pins x pin_rate gives " +
                                 std::to_string(bandwidth) + " B/s");
    }
    bandwidth = stated;
  }
  if (bandwidth < 1'000'000) {
    node.fail("bandwidth", "'bandwidth' is less than 1 MB/s");
  }
  return bandwidth;
}

std::uint64_t read_capacity(const Layers& layers, const ConfigNode& node, std::uint32_t stacks) {
  const bool of_stack = layers.has("stack_capacity");
  const std::uint64_t one = of_stack ? layers.of("stack_capacity").bytes("stack_capacity") : 0;
  std::uint64_t capacity = one;
  if (node.has("capacity") || !of_stack) {
    capacity = node.bytes("capacity");
  } else if (one <= kMaxCapacityBytes) {
    capacity = one * stacks;
  }
  if (capacity > kMaxCapacityBytes) {
    node.fail("capacity", "'capacity' is more than 256 TiB");
  }
  return capacity;
}

void read_device(const Layers& layers, HbmConfig& config) {
  config.burst_bytes = layers.power_of_two("burst", 4096);
  config.row_bytes = layers.power_of_two("row_size", 1U << 20);
  config.interleave_bytes = layers.power_of_two("interleave", 1U << 20);
  if (config.interleave_bytes < 32 || config.interleave_bytes < config.burst_bytes) {
    layers.of("interleave")
        .fail("interleave", "'interleave' is less than 32 B or than a burst of " +
                                std::to_string(config.burst_bytes) + " B");
  }
  if (config.row_bytes < config.interleave_bytes) {
    layers.of("row_size")
        .fail("row_size", "'row_size' is less than the interleave of " +
                              std::to_string(config.interleave_bytes) + " B");
  }
  config.banks = static_cast<std::uint32_t>(layers.of("banks").integer("banks", 1, 1024));
  if (!std::has_single_bit(config.banks)) {
    layers.of("banks").fail(
        "banks", "'banks' is " + std::to_string(config.banks) + ", expected a power of two");
  }
  config.array_latency_fs = layers.time_fs("array_latency");
  config.front_end_latency_fs = layers.time_fs("front_end_latency");
  config.activate_interval_fs = layers.optional_time_fs("activate_interval");
  config.row_cycle_fs = layers.optional_time_fs("row_cycle");
  if (config.row_cycle_fs < config.activate_interval_fs) {
    layers.of("row_cycle").fail("row_cycle", "'row_cycle' is shorter than activate_interval");
  }
  config.refresh_interval_fs = layers.optional_time_fs("refresh_interval");
  config.refresh_busy_fs = layers.optional_time_fs("refresh_busy");
  if (config.refresh_busy_fs > config.refresh_interval_fs / 2) {
    layers.of("refresh_busy")
        .fail("refresh_busy", "'refresh_busy' is more than half of refresh_interval");
  }
  config.turnaround_fs = layers.optional_time_fs("turnaround");
  if (layers.has("write_batch")) {
    config.write_batch_bytes = layers.of("write_batch").bytes("write_batch");
  } else if (config.turnaround_fs > 0) {
    layers.of("turnaround").fail("turnaround", "'turnaround' needs 'write_batch'");
  }
}

}  // namespace

HbmConfig read_hbm_config(const ConfigNode& node, const std::string& memory_folder) {
  HbmConfig config;
  const std::optional<ConfigNode> preset = load_preset(node, memory_folder);
  const Layers layers(node, preset);
  if (node.has("type") && node.choice("type", {"hbm", "ideal"}) == "ideal") {
    config.kind = MemoryKind::kIdeal;
  }
  const bool ideal = config.kind == MemoryKind::kIdeal;
  const auto count = [&](std::string_view key, std::uint32_t fallback) {
    return ideal && !layers.has(key)
               ? fallback
               : static_cast<std::uint32_t>(layers.of(key).integer(key, 1, 4096));
  };
  config.stacks = count("stacks", 1);
  config.channels_per_stack = count("channels_per_stack", 1);
  if (config.channels() > 65536) {
    node.fail("stacks", "'stacks' makes more than 65536 channels");
  }
  config.capacity_bytes = read_capacity(layers, node, config.stacks);
  if (!ideal || node.has("bandwidth")) {
    config.bandwidth_bytes_per_s = read_bandwidth(node, preset, config.stacks);
  }
  if (!ideal) {
    read_device(layers, config);
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
