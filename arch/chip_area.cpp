// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_area.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace orrery {
namespace {

constexpr double kBytesPerGb = 1073741824;  // as memory vendors count

double as_double(std::uint64_t value) {
  return static_cast<double>(value);
}

// Links between neighbouring routers of a grid, each of both directions.
std::uint64_t grid_links(const NetworkConfig& network) {
  const std::uint64_t columns = network.columns;
  const std::uint64_t rows = network.rows;
  // A line of routers that is closed to a ring, as soon as that is no second link to a neighbour.
  const auto line = [](std::uint64_t routers, bool closed) {
    return closed && routers >= 3 ? routers : routers - 1;
  };
  switch (network.topology) {
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
      return rows * line(columns, false) + columns * line(rows, false);
    case TopologyKind::kTorus:
      return rows * line(columns, true) + columns * line(rows, true);
    case TopologyKind::kRing:
      return line(columns, true);
    case TopologyKind::kDualDie:
      return 2 * (rows * line(columns, false) + columns * line(rows, false));
    case TopologyKind::kIdeal:
    case TopologyKind::kCrossbar:
    case TopologyKind::kPartitionedCrossbar:
    case TopologyKind::kCustom:
      return 0;
  }
  return 0;
}

std::uint64_t die_links(const NetworkConfig& network) {
  return network.die_link_rows.empty() ? network.rows : network.die_link_rows.size();
}

// Widths of one direction over the border between dies.
double border_bytes_per_cycle(const NetworkConfig& network) {
  switch (network.topology) {
    case TopologyKind::kPartitionedCrossbar:
      return as_double(network.partition_link_bytes_per_cycle);
    case TopologyKind::kDualDie:
      return as_double(die_links(network)) * as_double(network.die_link_bytes_per_cycle);
    case TopologyKind::kIdeal:
    case TopologyKind::kCrossbar:
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
    case TopologyKind::kRing:
    case TopologyKind::kTorus:
    case TopologyKind::kCustom:
      return 0;
  }
  return 0;
}

// Nodes beside the cores that hang on the network: HBM only where no cache stands before it.
double memory_side_nodes(const ChipConfig& chip) {
  const bool cached = chip.shared.kind == SharedMemoryKind::kL2;
  return as_double(chip.shared.node_count()) + (cached ? 0 : as_double(chip.memory.node_count()));
}

void add_network(const ChipConfig& chip, ChipContents& contents) {
  const NetworkConfig& network = chip.network;
  if (network.topology == TopologyKind::kIdeal) {
    return;
  }
  const bool crossbar = network.topology == TopologyKind::kCrossbar ||
                        network.topology == TopologyKind::kPartitionedCrossbar;
  const double core_ports = contents.cores * as_double(network.core_port_bytes_per_cycle);
  (crossbar ? contents.crossbar_bytes_per_cycle : contents.router_bytes_per_cycle) += core_ports;
  contents.router_bytes_per_cycle +=
      memory_side_nodes(chip) * as_double(network.memory_port_bytes_per_cycle);
  constexpr double kEnds = 2;  // of a link, a port in and out each
  contents.router_bytes_per_cycle +=
      kEnds * (as_double(grid_links(network)) * as_double(network.link_bytes_per_cycle) +
               border_bytes_per_cycle(network));
  for (const CustomNetwork::Wire& wire : network.custom.wires) {
    contents.router_bytes_per_cycle += as_double(wire.bytes_per_cycle);  // two halves of a port
  }
}

void add_shared(const ChipConfig& chip, ChipContents& contents) {
  const SharedMemoryConfig& shared = chip.shared;
  if (shared.kind == SharedMemoryKind::kNone) {
    return;
  }
  const double spare = chip.area->spare_slices;
  contents.shared_bytes =
      as_double(shared.capacity_bytes) + as_double(chip.area->spare_shared_bytes);
  if (shared.kind == SharedMemoryKind::kL2) {
    contents.cache_slices = shared.slices + spare;
    contents.cache_bytes_per_cycle =
        contents.cache_slices * as_double(shared.slice_bytes_per_cycle);
  } else {
    contents.bank_bytes_per_cycle = (shared.banks + spare) * as_double(shared.bank_bytes_per_cycle);
  }
}

bool has_hbm(const ChipConfig& chip) {
  return chip.memory.kind == MemoryKind::kHbm;
}

double memory_gb(const HbmConfig& memory) {
  // Stacks are bought whole, whatever of them is used.
  const double bytes = memory.dram
                           ? as_double(memory.dram->capacity_bytes) * as_double(memory.stacks)
                           : as_double(memory.capacity_bytes);
  return bytes / kBytesPerGb;
}

// Units of one die of those that a chip has. A border that cuts a unit leaves the part to both.
RepairableUnits units_of_die(std::uint64_t built,
                             std::uint64_t spares,
                             std::uint32_t dies,
                             double each_mm2) {
  return {static_cast<std::uint32_t>(built / dies), static_cast<std::uint32_t>(spares / dies),
          each_mm2};
}

ChipPurchase purchase_of(const ChipConfig& chip, const ChipArea& area) {
  const AreaConfig& config = *chip.area;
  const double spread = 1 / (1 - config.table.overhead);  // overhead lies around all parts alike
  const auto logic_mm2 = [&](AreaPart part) {
    const CircuitArea& circuit = area.parts[static_cast<std::size_t>(part)];
    return (circuit.logic + circuit.phy) * spread;
  };
  const std::uint64_t cores = std::uint64_t{chip.core.count} + config.spare_cores;
  const std::uint64_t stacks =
      has_hbm(chip) ? std::uint64_t{chip.memory.stacks} + config.spare_stacks : 0;
  const double of_cores_mm2 = logic_mm2(AreaPart::kTensor) + logic_mm2(AreaPart::kVector) +
                              logic_mm2(AreaPart::kScratchpad) + logic_mm2(AreaPart::kRegisters) +
                              logic_mm2(AreaPart::kControl);
  double arrays_mm2 = 0;
  for (const CircuitArea& part : area.parts) {
    arrays_mm2 += part.sram;
  }
  ChipPurchase purchase;
  purchase.dies = config.dies;
  purchase.die_mm2 = area.die_mm2();
  purchase.cores =
      units_of_die(cores, config.spare_cores, config.dies, of_cores_mm2 / as_double(cores));
  if (stacks > 0) {
    purchase.stacks = units_of_die(stacks, config.spare_stacks, config.dies,
                                   logic_mm2(AreaPart::kHbm) / as_double(stacks));
  }
  purchase.fixed_mm2 = std::max(0.0, area.die_mm2() - arrays_mm2 / config.dies -
                                         purchase.cores.count * purchase.cores.each_mm2 -
                                         purchase.stacks.count * purchase.stacks.each_mm2);
  if (has_hbm(chip)) {
    purchase.memory_gb = memory_gb(chip.memory);
    purchase.memory_usd_per_gb = config.table.memory_price.at(chip.memory.product);
  }
  purchase.stack_sites = as_double(stacks);
  return purchase;
}

}  // namespace

ChipContents chip_contents(const ChipConfig& chip) {
  const AreaConfig& config = *chip.area;
  const CoreConfig& core = chip.core;
  ChipContents contents;
  contents.cores = as_double(core.count) + as_double(config.spare_cores);
  contents.tensor_flop_per_cycle = core.tensor.flop_per_cycle;
  contents.vector_lanes = as_double(core.vector.fp32_ops_per_cycle);
  contents.bf16_lanes =
      std::max(0.0, as_double(core.vector.bf16_ops_per_cycle) - 2 * contents.vector_lanes);
  contents.special_lanes = as_double(core.vector.special_ops_per_cycle);
  contents.fp64_lanes = as_double(config.fp64_lanes);
  contents.scratchpad_bytes = as_double(core.scratchpad.capacity_bytes);
  contents.scratchpad_bytes_per_cycle = as_double(core.scratchpad.bytes_per_cycle());
  contents.register_bytes =
      as_double(core.tensor.accumulator_bytes) + as_double(config.register_bytes);
  contents.control_mm2 = config.control_mm2;
  add_network(chip, contents);
  add_shared(chip, contents);
  if (has_hbm(chip)) {
    contents.stacks = as_double(chip.memory.stacks) + as_double(config.spare_stacks);
  }
  contents.serdes_lanes = as_double(config.serdes_lanes);
  contents.link_bytes_per_s = as_double(config.link_bytes_per_s);
  if (config.dies > 1) {
    constexpr double kDirections = 2;
    contents.die_to_die_bytes_per_s = config.dies * kDirections *
                                      border_bytes_per_cycle(chip.network) *
                                      as_double(chip.network.clock_hz);
  }
  return contents;
}

std::optional<ChipArea> chip_area(const ChipConfig& chip) {
  if (!chip.area) {
    return std::nullopt;
  }
  ChipArea area;
  area.parts = die_area(chip_contents(chip), chip.area->table, chip.area->node);
  area.total_mm2 = total_of(area.parts);
  area.dies = chip.area->dies;
  area.reticle_mm2 = chip.area->table.reticle_mm2;
  area.cost = chip_cost(purchase_of(chip, area), chip.area->table, chip.area->node);
  return area;
}

std::string area_warning(const ChipArea& area) {
  if (!area.cost) {
    return fmt::format("a die of {:.0f} mm2: no wafer gives a good one, so the chip has no cost",
                       area.die_mm2());
  }
  if (area.exceeds_reticle()) {
    return fmt::format("a die of {:.0f} mm2 exceeds a reticle's {:.0f} mm2: it cannot be made",
                       area.die_mm2(), area.reticle_mm2);
  }
  return "";
}

void check_area(const ConfigNode& node, const ChipConfig& chip) {
  const AreaConfig& area = *chip.area;
  if (area.dies > 1 && border_bytes_per_cycle(chip.network) == 0) {
    node.fail("dies",
              "two dies expect network.topology partitioned_crossbar or dual_die, whose halves "
              "are the dies");
  }
  if (area.dies == 1 && chip.network.topology == TopologyKind::kDualDie) {
    node.fail("network.topology is dual_die, so 'dies: 2' is expected");
  }
  if (has_hbm(chip) && !area.table.memory_price.contains(chip.memory.product)) {
    std::vector<std::string> known;
    for (const auto& [product, price] : area.table.memory_price) {
      known.push_back(product);
    }
    node.fail("table", fmt::format("area table '{}' has no price for memory of product '{}'; "
                                   "known: {}",
                                   area.table_name, chip.memory.product, fmt::join(known, ", ")));
  }
}

}  // namespace orrery
