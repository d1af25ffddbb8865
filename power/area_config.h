// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "power/area_table.h"
#include "sim/config_node.h"

namespace orrery {

// The map `area` of a chip: how it is made, and what its dies hold that nothing simulated uses.
struct AreaConfig {
  std::string table_name;
  std::string table_text;  // the table as it was read, for the result
  AreaTable table;
  ProcessNode node;
  std::uint32_t dies = 1;  // equal ones, each with its part of everything
  // Built beside what the chip uses, so that dies with defects can be sold. Of the chip.
  std::uint32_t spare_cores = 0;
  std::uint32_t spare_stacks = 0;  // HBM interfaces
  std::uint32_t spare_slices = 0;  // of an L2, or banks of an SRAM
  std::uint64_t spare_shared_bytes = 0;
  // Of a core, beside scratchpad, accumulators and lanes.
  std::uint64_t register_bytes = 0;  // registers, and first-level caches that are no scratchpad
  std::uint64_t fp64_lanes = 0;
  double control_mm2 = 0;  // at the reference node; 0: as the table says
  // To other chips and to the host.
  std::uint32_t serdes_lanes = 0;
  std::uint64_t link_bytes_per_s = 0;  // of a direction
};

// Finds the table by name in `table_folder`, or by path. Throws InputError.
AreaConfig read_area_config(const ConfigNode& node, const std::string& table_folder);

}  // namespace orrery
