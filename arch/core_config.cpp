// SPDX-License-Identifier: Apache-2.0
#include "arch/core_config.h"

#include <algorithm>
#include <string>

namespace orrery {
namespace {

constexpr std::uint64_t kMostBytesPerCycle = 1 << 20;
constexpr std::uint64_t kMostCycles = 1'000'000'000;

std::uint64_t cycles_up_to(const ConfigNode& node, std::string_view key) {
  const std::uint64_t cycles = node.cycles(key);
  if (cycles > kMostCycles) {
    node.fail(key, "at most 1000000000 clk expected");
  }
  return cycles;
}

void read_rates(const ConfigNode& node, TensorUnitConfig& config) {
  const ConfigNode rates = node.map("rates");
  bool any = false;
  for (const DtypeInfo& info : kDtypes) {
    const std::string name(info.name);
    if (rates.has(name)) {
      const auto index = static_cast<std::size_t>(*dtype_from(name));
      config.flop_per_cycle[index] = rates.per_cycle(name, "FLOP");
      any = true;
    }
  }
  rates.finish();
  if (!any) {
    node.fail("rates", "at least one dtype expected, e.g. bf16: 4096 FLOP/clk");
  }
}

TensorUnitConfig read_tensor_unit(const ConfigNode& node) {
  TensorUnitConfig config;
  const bool systolic = node.choice("type", {"mma", "systolic"}) == "systolic";
  config.kind = systolic ? TensorUnitKind::kSystolic : TensorUnitKind::kMma;
  read_rates(node, config);
  config.fill_cycles = cycles_up_to(node, "fill");
  config.issue_cycles = cycles_up_to(node, "issue");
  config.group_cycles = node.has("group") ? cycles_up_to(node, "group") : 0;
  config.accumulator_bytes = node.bytes("accumulators");
  if (node.has("converts_output")) {
    config.converts_output = node.flag("converts_output");
  }
  if (systolic) {
    config.rows = static_cast<std::uint32_t>(node.integer("rows", 1, 65536));
    config.columns = static_cast<std::uint32_t>(node.integer("columns", 1, 65536));
    const std::string dataflow =
        node.choice("dataflow", {"weight_stationary", "output_stationary", "input_stationary"});
    config.dataflow = dataflow == "weight_stationary"   ? Dataflow::kWeightStationary
                      : dataflow == "output_stationary" ? Dataflow::kOutputStationary
                                                        : Dataflow::kInputStationary;
    const std::string overlap = node.choice("fold_overlap", {"none", "stationary", "wavefront"});
    config.fold_overlap = overlap == "none"         ? FoldOverlap::kNone
                          : overlap == "stationary" ? FoldOverlap::kStationary
                                                    : FoldOverlap::kWavefront;
  } else {
    const ConfigNode instruction = node.map("instruction");
    config.instruction_m = static_cast<std::uint32_t>(instruction.integer("m", 1, 4096));
    config.instruction_n = static_cast<std::uint32_t>(instruction.integer("n", 1, 4096));
    config.instruction_k_bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(instruction.bytes("k"), kMostBytesPerCycle));
    instruction.finish();
    if (node.has("pairs")) {
      config.pairs = node.flag("pairs");
    }
    if (node.has("block_scale")) {
      config.block_scale_cycles = cycles_up_to(node, "block_scale");
    }
  }
  node.finish();
  return config;
}

VectorUnitConfig read_vector_unit(const ConfigNode& node) {
  VectorUnitConfig config;
  config.fp32_ops_per_cycle = node.per_cycle("fp32", "op");
  config.bf16_ops_per_cycle = node.per_cycle("bf16", "op");
  config.special_ops_per_cycle = node.per_cycle("special", "op");
  config.startup_cycles = cycles_up_to(node, "startup");
  node.finish();
  return config;
}

ScratchpadConfig read_scratchpad(const ConfigNode& node) {
  ScratchpadConfig config;
  config.capacity_bytes = node.bytes("capacity");
  config.banks = static_cast<std::uint32_t>(node.integer("banks", 1, 65536));
  config.bank_bytes_per_cycle = node.per_cycle("bank_width", "B");
  if (config.bank_bytes_per_cycle > kMostBytesPerCycle) {
    node.fail("bank_width", "at most 1048576 B/clk expected");
  }
  config.swizzle = node.flag("swizzle");
  config.fill_port = node.has("fill_port") && node.flag("fill_port");
  node.finish();
  return config;
}

DmaConfig read_dma(const ConfigNode& node) {
  DmaConfig config;
  config.outstanding_bytes = node.bytes("outstanding");
  config.issue_cycles = cycles_up_to(node, "issue");
  config.setup_cycles = cycles_up_to(node, "setup");
  config.max_transfer_bytes = node.bytes("max_transfer", 4096);
  node.finish();
  return config;
}

}  // namespace

CoreConfig read_core_config(const ConfigNode& node) {
  CoreConfig config;
  config.count = static_cast<std::uint32_t>(node.integer("count", 1, 4096));
  config.clock_hz = node.frequency_hz("clock");
  config.rated_clock_hz =
      node.has("rated_clock") ? node.frequency_hz("rated_clock") : config.clock_hz;
  config.max_contexts = static_cast<std::uint32_t>(node.integer("max_contexts", 1, 64));
  config.tensor = read_tensor_unit(node.map("tensor"));
  config.vector = read_vector_unit(node.map("vector"));
  config.scratchpad = read_scratchpad(node.map("scratchpad"));
  config.dma = read_dma(node.map("dma"));
  node.finish();
  return config;
}

DispatchConfig read_dispatch_config(const ConfigNode& node) {
  DispatchConfig config;
  config.policy = node.choice("policy", {"dynamic", "static"}) == "static"
                      ? DispatchPolicy::kStatic
                      : DispatchPolicy::kDynamic;
  config.kernel_launch_fs = node.time_fs("kernel_launch");
  config.dependent_launch_fs = node.time_fs("dependent_launch");
  if (node.has("early_launch")) {
    config.early_launch_fs = node.time_fs("early_launch");
  }
  config.kernel_end_fs = node.time_fs("kernel_end");
  config.task_launch_fs = node.time_fs("task_launch");
  config.max_cluster = static_cast<std::uint32_t>(node.integer("max_cluster", 1, 4));
  node.finish();
  return config;
}

}  // namespace orrery
