// SPDX-License-Identifier: Apache-2.0
#include "arch/software_config.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostEdge = 4096;  // of a tile
constexpr std::uint64_t kMostHelpers = 8;

std::uint32_t small(const ConfigNode& node, const char* key, std::uint64_t most) {
  return static_cast<std::uint32_t>(node.integer(key, 1, most));
}

// Of helper kernels.
std::uint32_t count(const ConfigNode& node, const char* key) {
  return static_cast<std::uint32_t>(node.integer(key, 0, kMostHelpers));
}

std::uint32_t cycles(const ConfigNode& node, const char* key) {
  constexpr std::uint64_t kMost = 1'000'000;
  const std::uint64_t value = node.cycles(key);
  if (value > kMost) {
    node.fail(key, "at most 1000000 clk expected");
  }
  return static_cast<std::uint32_t>(value);
}

PrefillSoftware read_prefill(const ConfigNode& node) {
  PrefillSoftware prefill;
  prefill.helpers = count(node, "helpers");
  prefill.rows = small(node, "rows", kMostEdge);
  prefill.full_head_dim = small(node, "full_head_dim", kMostEdge);
  prefill.keys = small(node, "keys", kMostEdge);
  prefill.contexts = small(node, "contexts", 64);
  prefill.last_tile_first = node.flag("last_tile_first");
  prefill.mma_percent = small(node, "mma_percent", 100);
  prefill.stall_cycles = cycles(node, "stall");
  prefill.narrow_stall_cycles = cycles(node, "narrow_stall");
  prefill.diagonal_cycles = cycles(node, "diagonal");
  if (node.has("native_head_dim")) {
    prefill.native_head_dim = small(node, "native_head_dim", kMostEdge);
    prefill.foreign_helpers = count(node, "foreign_helpers");
  }
  prefill.task_setup_fs = node.time_fs("task_setup");
  node.finish();
  return prefill;
}

PackedDecodeSoftware read_packed(const ConfigNode& node) {
  PackedDecodeSoftware packed;
  packed.helpers = count(node, "helpers");
  packed.least_group = small(node, "least_group", kMostEdge);
  packed.most_group = small(node, "most_group", kMostEdge);
  packed.keys = small(node, "keys", kMostEdge);
  packed.row_step = small(node, "row_step", kMostEdge);
  if (node.has("most_transposed_group")) {
    packed.most_transposed_group = small(node, "most_transposed_group", kMostEdge);
  }
  packed.contexts = small(node, "contexts", 64);
  packed.least_grid_percent =
      static_cast<std::uint32_t>(node.integer("least_grid_percent", 0, 100));
  packed.split_rule =
      node.choice("splits", {"history", "fill"}) == "fill" ? SplitRule::kFill : SplitRule::kHistory;
  packed.rotary_head_dim =
      static_cast<std::uint32_t>(node.integer("rotary_head_dim", 0, kMostEdge));
  if (node.has("row_stall")) {
    packed.row_stall_cycles = cycles(node, "row_stall");
  }
  if (node.has("block_latency")) {
    packed.block_latency_cycles = cycles(node, "block_latency");
  }
  if (node.has("rate") || packed.row_stall_cycles + packed.block_latency_cycles == 0) {
    packed.flop_per_cycle = node.per_cycle("rate", "FLOP");
  }
  if (node.has("ring")) {
    packed.ring_bytes = node.bytes("ring");
  }
  if (node.has("stages")) {
    packed.stages = small(node, "stages", 64);
  }
  if (node.has("threads")) {
    packed.threads = small(node, "threads", 1024);
    packed.registers = small(node, "registers", 255);
  }
  if (node.has("row_setup")) {
    packed.row_setup_cycles = cycles(node, "row_setup");
  }
  if (node.has("combine")) {
    packed.combines_in_kernel = node.choice("combine", {"kernel", "last_block"}) == "last_block";
  }
  if (node.has("whole_blocks")) {
    packed.whole_blocks = node.flag("whole_blocks");
  }
  if (node.has("narrow_products")) {
    packed.narrow_products = node.flag("narrow_products");
  }
  packed.task_setup_fs = node.time_fs("task_setup");
  node.finish();
  return packed;
}

UnpackedDecodeSoftware read_unpacked(const ConfigNode& node) {
  UnpackedDecodeSoftware unpacked;
  unpacked.helpers = count(node, "helpers");
  unpacked.contexts = small(node, "contexts", 64);
  unpacked.task_setup_fs = node.time_fs("task_setup");
  node.finish();
  return unpacked;
}

AttentionSoftware read_attention(const ConfigNode& node) {
  AttentionSoftware attention;

  attention.prefill = read_prefill(node.map("prefill"));
  attention.packed = read_packed(node.map("packed_decode"));
  if (node.has("packed_narrow_decode")) {
    attention.packed_narrow = read_packed(node.map("packed_narrow_decode"));
  }
  attention.unpacked = read_unpacked(node.map("unpacked_decode"));
  node.finish();
  return attention;
}

QuantizeSoftware read_quantize(const ConfigNode& node) {
  QuantizeSoftware config;
  config.helpers = static_cast<std::uint32_t>(node.integer("helpers", 0, 16));
  config.tensor_scale = node.flag("tensor_scale");
  if (node.has("in_flight")) {
    config.in_flight_bytes = node.bytes("in_flight");
  }
  node.finish();
  return config;
}

GemmSoftware read_gemm(const ConfigNode& node) {
  GemmSoftware config;
  config.power_of_two_tiles = node.choice("tile_edges", {"fine", "power_of_two"}) == "power_of_two";
  config.splits_4bit = node.flag("split_4bit");
  config.split_lines = node.integer("split_lines", 1, 65536);
  if (node.has("split_waves")) {
    config.split_waves = node.integer("split_waves", 1, 16);
  }
  if (node.has("static_waves")) {
    config.static_waves = node.integer("static_waves", 1, 65536);
  }
  config.line_steps = node.has("steps") && node.choice("steps", {"line", "lines"}) == "line";
  node.finish();
  return config;
}

}  // namespace

SoftwareConfig read_software_config(const ConfigNode& node) {
  SoftwareConfig config;
  if (node.has("gemm")) {
    config.gemm = read_gemm(node.map("gemm"));
  }
  if (node.has("quantize")) {
    const ConfigNode quantize = node.map("quantize");
    if (quantize.has("8bit")) {
      config.quantize_8bit = read_quantize(quantize.map("8bit"));
    }
    if (quantize.has("4bit")) {
      config.quantize_4bit = read_quantize(quantize.map("4bit"));
    }
    quantize.finish();
  }
  if (node.has("attention")) {
    config.attention = read_attention(node.map("attention"));
  }
  node.finish();
  return config;
}

}  // namespace orrery
