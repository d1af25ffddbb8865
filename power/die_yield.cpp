// SPDX-License-Identifier: Apache-2.0
#include "power/die_yield.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace orrery {
namespace {

constexpr double kNegligible = 1e-12;  // of all dies
constexpr std::uint32_t kMostDefects = 4096;

// Chances that so many units of two kinds are hit and nothing else, for a growing number of
// defects.
class HitUnits {
 public:
  HitUnits(const RepairableUnits& cores, const RepairableUnits& stacks, double total_mm2)
      : cores_(cores),
        stacks_(stacks),
        core_share_(cores.each_mm2 / total_mm2),
        stack_share_(stacks.each_mm2 / total_mm2),
        columns_(std::min(stacks.spares, stacks.count) + 1),
        chances_(std::size_t{std::min(cores.spares, cores.count) + 1} * columns_) {
    chances_.front() = 1;
  }

  double total() const {
    double sum = 0;
    for (const double chance : chances_) {
      sum += chance;
    }
    return sum;
  }

  // From the last state down: each takes over from states with fewer hit units, still unchanged.
  void add_defect() {
    const std::size_t rows = chances_.size() / columns_;
    for (std::size_t row = rows; row-- > 0;) {
      for (std::size_t column = columns_; column-- > 0;) {
        double chance = at(row, column) * (static_cast<double>(row) * core_share_ +
                                           static_cast<double>(column) * stack_share_);
        if (row > 0) {
          chance += at(row - 1, column) * static_cast<double>(cores_.count - row + 1) * core_share_;
        }
        if (column > 0) {
          chance +=
              at(row, column - 1) * static_cast<double>(stacks_.count - column + 1) * stack_share_;
        }
        at(row, column) = chance;
      }
    }
  }

 private:
  double& at(std::size_t row, std::size_t column) { return chances_[row * columns_ + column]; }

  RepairableUnits cores_, stacks_;
  double core_share_, stack_share_;
  std::size_t columns_;
  std::vector<double> chances_;
};

}  // namespace

std::uint64_t gross_dies_per_wafer(double die_mm2, double wafer_diameter_mm) {
  const double radius_mm = wafer_diameter_mm / 2;
  const double dies = std::numbers::pi * radius_mm * radius_mm / die_mm2 -
                      std::numbers::pi * wafer_diameter_mm / std::sqrt(2 * die_mm2);
  return dies < 1 ? 0 : static_cast<std::uint64_t>(dies);
}

double die_yield(double fixed_mm2,
                 const RepairableUnits& cores,
                 const RepairableUnits& stacks,
                 double defects_per_mm2,
                 double clustering) {
  const double total_mm2 =
      fixed_mm2 + cores.count * cores.each_mm2 + stacks.count * stacks.each_mm2;
  const double mean = total_mm2 * defects_per_mm2;
  if (mean <= 0) {
    return 1;
  }
  HitUnits hit(cores, stacks, total_mm2);
  double chance_of_number = std::pow(1 + mean / clustering, -clustering);
  double seen = 0;
  double good = 0;
  for (std::uint32_t number = 0; number < kMostDefects; ++number) {
    const double good_if_so_many = hit.total();
    good += chance_of_number * good_if_so_many;
    seen += chance_of_number;
    if (good_if_so_many < kNegligible || 1 - seen < kNegligible) {
      break;
    }
    chance_of_number *= (number + clustering) / (number + 1) * mean / (mean + clustering);
    hit.add_defect();
  }
  return good;
}

}  // namespace orrery
