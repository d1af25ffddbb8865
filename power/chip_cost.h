// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "power/area_table.h"
#include "power/die_yield.h"

namespace orrery {

// A chip as its maker buys it: equal dies from a foundry, HBM stacks and a package. Test, losses of
// assembly, design, masks and margins are left out.
struct ChipPurchase {
  std::uint32_t dies = 1;
  double die_mm2 = 0;
  // Of a die, as defects meet it (die_yield.h).
  double fixed_mm2 = 0;
  RepairableUnits cores, stacks;
  double memory_gb = 0;  // of the chip, in 2^30 B
  double memory_usd_per_gb = 0;
  double stack_sites = 0;  // of the package, dummies included
};

struct ChipCost {
  std::uint64_t gross_dies = 0;  // of a wafer
  double yield = 0;
  double die_usd = 0;  // of a good die: wafer / (gross dies x yield)
  // Of the chip
  double dies_usd = 0;
  double memory_usd = 0;
  double package_usd = 0;

  double good_dies() const { return static_cast<double>(gross_dies) * yield; }
  double total_usd() const { return dies_usd + memory_usd + package_usd; }
};

// None where no good die comes off a wafer. Yield is rounded to millionths, so that the digits do
// not depend on a machine's exponential function.
std::optional<ChipCost> chip_cost(const ChipPurchase& purchase,
                                  const AreaTable& table,
                                  const ProcessNode& node);

}  // namespace orrery
