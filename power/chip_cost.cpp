// SPDX-License-Identifier: Apache-2.0
#include "power/chip_cost.h"

#include <cmath>

namespace orrery {
namespace {

constexpr double kMm2PerCm2 = 100;
constexpr double kYieldSteps = 1e6;

}  // namespace

std::optional<ChipCost> chip_cost(const ChipPurchase& purchase,
                                  const AreaTable& table,
                                  const ProcessNode& node) {
  ChipCost cost;
  cost.gross_dies = gross_dies_per_wafer(purchase.die_mm2, table.wafer_diameter_mm);
  if (cost.gross_dies == 0) {
    return std::nullopt;
  }
  const double yield = die_yield(purchase.fixed_mm2, purchase.cores, purchase.stacks,
                                 node.defects_per_cm2 / kMm2PerCm2, table.clustering);
  cost.yield = std::round(yield * kYieldSteps) / kYieldSteps;
  if (cost.yield <= 0) {
    return std::nullopt;
  }
  cost.die_usd = node.wafer_usd / cost.good_dies();
  cost.dies_usd = purchase.dies * cost.die_usd;
  cost.memory_usd = purchase.memory_gb * purchase.memory_usd_per_gb;
  cost.package_usd = table.package_usd_per_mm2 *
                     (purchase.dies * purchase.die_mm2 + purchase.stack_sites * table.stack_mm2);
  return cost;
}

}  // namespace orrery
