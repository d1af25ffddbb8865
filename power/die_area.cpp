// SPDX-License-Identifier: Apache-2.0
#include "power/die_area.h"

#include <algorithm>

namespace orrery {
namespace {

constexpr double kBytesPerMib = 1048576;
constexpr double kBytesPerGb = 1e9;
constexpr double kBytesPerTb = 1e12;

// The format that needs most builds the array; the others use its multipliers and add a share.
double tensor_unit_mm2(const ChipContents& contents, const PartAreas& parts) {
  double sum = 0;
  double largest = 0;
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    auto flop_per_cycle = static_cast<double>(contents.tensor_flop_per_cycle[i]);
    if (i == static_cast<std::size_t>(Dtype::kFp32)) {
      // A rate of fp32 may stand for the vector lanes' own multiply-adds, which are built once.
      flop_per_cycle = std::max(0.0, flop_per_cycle - 2 * contents.vector_lanes);
    }
    const double alone = flop_per_cycle * parts.tensor_flop_per_cycle[i];
    sum += alone;
    largest = std::max(largest, alone);
  }
  return largest + parts.further_formats * (sum - largest);
}

}  // namespace

std::string_view name_of(AreaPart part) {
  switch (part) {
    case AreaPart::kTensor:
      return "tensor units";
    case AreaPart::kVector:
      return "vector lanes";
    case AreaPart::kScratchpad:
      return "scratchpads";
    case AreaPart::kRegisters:
      return "registers and accumulators";
    case AreaPart::kControl:
      return "control of the cores";
    case AreaPart::kNetwork:
      return "network";
    case AreaPart::kShared:
      return "shared memory";
    case AreaPart::kHbm:
      return "HBM interfaces";
    case AreaPart::kLinks:
      return "links";
    case AreaPart::kDieToDie:
      return "die to die";
    case AreaPart::kOverhead:
      return "overhead";
  }
  return "";
}

CircuitArea& CircuitArea::operator+=(const CircuitArea& other) {
  logic += other.logic;
  sram += other.sram;
  phy += other.phy;
  return *this;
}

double total_of(const AreaSplit& split) {
  double sum = 0;
  for (const CircuitArea& part : split) {
    sum += part.total();
  }
  return sum;
}

AreaSplit die_area(const ChipContents& contents, const AreaTable& table, const ProcessNode& node) {
  const PartAreas& each = table.parts;
  AreaSplit split{};
  const auto part = [&](AreaPart which) -> CircuitArea& {
    return split[static_cast<std::size_t>(which)];
  };
  const double cores = contents.cores;
  part(AreaPart::kTensor).logic = cores * tensor_unit_mm2(contents, each);
  part(AreaPart::kVector).logic =
      cores * (contents.vector_lanes * each.vector_lane + contents.bf16_lanes * each.bf16_lane +
               contents.fp64_lanes * each.fp64_lane + contents.special_lanes * each.special_lane);
  part(AreaPart::kScratchpad) = {cores * contents.scratchpad_bytes_per_cycle * each.sram_port,
                                 cores * contents.scratchpad_bytes / kBytesPerMib * each.sram_mib,
                                 0};
  part(AreaPart::kRegisters).sram =
      cores * contents.register_bytes / kBytesPerMib * each.register_mib;
  part(AreaPart::kControl).logic =
      cores * (contents.control_mm2 > 0 ? contents.control_mm2 : each.core_control);
  part(AreaPart::kNetwork).logic = contents.crossbar_bytes_per_cycle * each.crossbar_port +
                                   contents.router_bytes_per_cycle * each.router_port;
  part(AreaPart::kShared) = {contents.cache_slices * each.cache_slice +
                                 contents.cache_bytes_per_cycle * each.cache_port +
                                 contents.bank_bytes_per_cycle * each.sram_port,
                             contents.shared_bytes / kBytesPerMib * each.sram_mib, 0};
  part(AreaPart::kHbm) = {contents.stacks * each.hbm_controller, 0, contents.stacks * each.hbm_phy};
  part(AreaPart::kLinks) = {contents.link_bytes_per_s / kBytesPerGb * each.link_control_gb_per_s, 0,
                            contents.serdes_lanes * each.serdes_lane};
  part(AreaPart::kDieToDie).phy =
      contents.die_to_die_bytes_per_s / kBytesPerTb * each.die_to_die_tb_per_s;
  CircuitArea listed;
  for (CircuitArea& area : split) {
    area.logic *= node.logic;
    area.sram *= node.sram;
    area.phy *= node.phy;
    listed += area;
  }
  part(AreaPart::kOverhead).logic = listed.total() * table.overhead / (1 - table.overhead);
  return split;
}

}  // namespace orrery
