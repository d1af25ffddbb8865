// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace orrery {

// Whole dies on a round wafer: pi (d/2)^2 / A - pi d / sqrt(2 A), rounded down. Scribe lines and
// the wafer's unusable rim are left out. 0 where the die is too large.
std::uint64_t gross_dies_per_wafer(double die_mm2, double wafer_diameter_mm);

// Equal units of a die of which some may be broken.
struct RepairableUnits {
  std::uint32_t count = 0;
  std::uint32_t spares = 0;
  double each_mm2 = 0;
};

// The share of dies that can be sold. Defects of a die are distributed as a negative binomial, of
// mean area x density and clustering alpha (C. H. Stapper, 1973), and lie anywhere with equal
// chance. A die is good if none lies in `fixed_mm2` and at most `spares` units of each kind are
// hit. Without spares it is (1 + A D / alpha)^-alpha.
double die_yield(double fixed_mm2,
                 const RepairableUnits& cores,
                 const RepairableUnits& stacks,
                 double defects_per_mm2,
                 double clustering);

}  // namespace orrery
