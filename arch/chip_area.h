// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "arch/chip_config.h"
#include "power/chip_cost.h"
#include "power/die_area.h"

namespace orrery {

// What a chip's dies take and what it costs, by the table that its map `area` names.
struct ChipArea {
  AreaSplit parts{};  // of all dies
  double total_mm2 = 0;
  std::uint32_t dies = 1;
  double reticle_mm2 = 0;        // the most that a scanner exposes at once
  std::optional<ChipCost> cost;  // none where no good die comes off a wafer

  double die_mm2() const { return total_mm2 / dies; }
  bool exceeds_reticle() const { return die_mm2() > reticle_mm2; }
};

// What the dies hold: the simulated parts, spare ones and those that only `area` knows of.
ChipContents chip_contents(const ChipConfig& chip);

// None where the chip has no map `area`.
std::optional<ChipArea> chip_area(const ChipConfig& chip);

// "a die of 912 mm2 exceeds a reticle's 858 mm2: it cannot be exposed at once", that no wafer gives
// a good die, or nothing.
std::string area_warning(const ChipArea& area);

// Whether the map `area` fits the rest of the chip: the border between two dies, a price for the
// memory. Throws InputError at `node`, that map.
void check_area(const ConfigNode& node, const ChipConfig& chip);

}  // namespace orrery
