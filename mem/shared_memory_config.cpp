// SPDX-License-Identifier: Apache-2.0
#include "mem/shared_memory_config.h"

#include <string>

#include "sim/block_shape.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMaxCapacityBytes = std::uint64_t{1} << 40;

std::uint32_t small_integer(const ConfigNode& node, std::string_view key, std::uint64_t max) {
  return static_cast<std::uint32_t>(node.integer(key, 1, max));
}

void read_l2(const ConfigNode& node, SharedMemoryConfig& config) {
  if (node.has("partitions")) {
    config.partitions = small_integer(node, "partitions", 2);
  }
  config.slices = small_integer(node, "slices", 4096);
  if (config.slices % config.partitions != 0) {
    node.fail("slices", "'slices' is " + std::to_string(config.slices) +
                            ", expected a multiple of the " + std::to_string(config.partitions) +
                            " partitions");
  }
  config.slice_bytes_per_cycle = node.per_cycle("slice_bandwidth", "B");
  config.slice_write_bytes_per_cycle = config.slice_bytes_per_cycle;
  if (node.has("slice_write_bandwidth")) {
    config.slice_write_bytes_per_cycle = node.per_cycle("slice_write_bandwidth", "B");
    if (config.slice_bytes_per_cycle % config.slice_write_bytes_per_cycle != 0) {
      node.fail("slice_write_bandwidth",
                "'slice_write_bandwidth' is " + std::to_string(config.slice_write_bytes_per_cycle) +
                    " B/clk, expected a whole part of slice_bandwidth, " +
                    std::to_string(config.slice_bytes_per_cycle) + " B/clk");
    }
  }
  if (node.has("ways")) {
    config.ways = small_integer(node, "ways", 1024);
  }
  if (node.has("keep_far_copies")) {
    config.keep_far_copies = node.flag("keep_far_copies");
  }
  if (node.has("per_sector_tags")) {
    config.per_sector_tags = node.flag("per_sector_tags");
  }
  const std::uint64_t least = config.partitions * config.ways * kBlockBytes;
  if (config.capacity_bytes < least) {
    node.fail("capacity", "'capacity' is " + std::to_string(config.capacity_bytes) +
                              " B, expected at least partitions x ways x 4 KiB = " +
                              std::to_string(least) + " B");
  }
}

void read_sram(const ConfigNode& node, SharedMemoryConfig& config) {
  config.banks = small_integer(node, "banks", 65536);
  config.bank_bytes_per_cycle = node.per_cycle("bank_bandwidth", "B");
  if (config.capacity_bytes < config.banks * kBlockBytes) {
    node.fail("capacity", "'capacity' is " + std::to_string(config.capacity_bytes) +
                              " B, expected at least 4 KiB for each of the " +
                              std::to_string(config.banks) + " banks");
  }
}

}  // namespace

SharedMemoryConfig read_shared_memory_config(const ConfigNode& node) {
  SharedMemoryConfig config;
  const std::string type = node.choice("type", {"none", "l2", "sram"});
  if (type != "none") {
    config.kind = type == "l2" ? SharedMemoryKind::kL2 : SharedMemoryKind::kSram;
    config.clock_hz = node.frequency_hz("clock");
    config.capacity_bytes = node.bytes("capacity");
    if (config.capacity_bytes > kMaxCapacityBytes) {
      node.fail("capacity", "'capacity' is more than 1 TiB");
    }
    config.latency_cycles = node.cycles("latency");
    if (config.latency_cycles > 1'000'000) {
      node.fail("latency", "'latency' is more than 1000000 clk");
    }
    config.fill_outstanding_bytes = node.bytes("fill_outstanding");
    if (config.kind == SharedMemoryKind::kL2) {
      read_l2(node, config);
    } else {
      read_sram(node, config);
    }
  }
  node.finish();
  return config;
}

}  // namespace orrery
