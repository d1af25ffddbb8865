// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "power/area_table.h"

namespace orrery {

// What the silicon of a chip went to.
enum class AreaPart : std::uint8_t {
  kTensor,      // tensor units
  kVector,      // vector lanes, fp64 and special functions among them
  kScratchpad,  // of all cores
  kRegisters,   // register files and accumulators of all cores
  kControl,     // of all cores
  kNetwork,
  kShared,  // L2 or SRAM
  kHbm,     // PHYs and controllers
  kLinks,   // lanes to other chips and to the host, with their controllers
  kDieToDie,
  kOverhead,
};
inline constexpr std::size_t kAreaPartCount = 11;
std::string_view name_of(AreaPart part);  // "tensor units", "shared memory", ...

// An area by kind of circuit, in mm2. Defects hurt logic and PHYs; arrays have spare rows.
struct CircuitArea {
  double logic = 0, sram = 0, phy = 0;

  double total() const { return logic + sram + phy; }
  CircuitArea& operator+=(const CircuitArea& other);
};
using AreaSplit = std::array<CircuitArea, kAreaPartCount>;
double total_of(const AreaSplit& split);

// What is built, all dies of a chip together and spare parts included.
struct ChipContents {
  double cores = 0;
  // Of a core
  std::array<std::uint64_t, kDtypeCount> tensor_flop_per_cycle{};
  double vector_lanes = 0;  // each an fp32 multiply-add, or two bf16
  double bf16_lanes = 0;    // bf16 multiply-adds beyond those
  double special_lanes = 0;
  double fp64_lanes = 0;
  double scratchpad_bytes = 0, scratchpad_bytes_per_cycle = 0;
  double register_bytes = 0;  // accumulators included
  double control_mm2 = 0;     // at the reference node; 0: what the table says
  // Of the chip
  double crossbar_bytes_per_cycle = 0;  // of the cores' ports on crossbars
  double router_bytes_per_cycle = 0;    // of all ports of routers, and memory's on crossbars
  double shared_bytes = 0;
  double cache_slices = 0, cache_bytes_per_cycle = 0;  // of an L2
  double bank_bytes_per_cycle = 0;                     // of an SRAM
  double stacks = 0;
  double serdes_lanes = 0, link_bytes_per_s = 0;  // the latter of a direction
  double die_to_die_bytes_per_s = 0;              // both directions, counted on each die
};

// The area of the chip's dies together: counts x area each x scale of the node, and the overhead.
AreaSplit die_area(const ChipContents& contents, const AreaTable& table, const ProcessNode& node);

}  // namespace orrery
