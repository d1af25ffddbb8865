// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/sweep_record.h"

namespace orrery {

// How much a metric moves when an axis is raised by 10 %, all else equal, as a share of the metric:
// -0.05 is 5 % less.
//
// kNeighbours: from pairs of points that are neighbours on the axis and equal on all others. A pair
// gives an elasticity ln(metric ratio) / ln(axis ratio), and 1.1 to that power a change; `typical`
// is the median of the pairs, `least` and `greatest` their ends. Axes that always move together
// (linked ones of a plan) are one, and are varied together. kFit: where there are no such pairs (a
// sample of a grid): least squares of ln(metric) on the logarithms of all axes at once, apart for
// each combination of words; `fit` is the share of the variance that it explains, and `least`,
// `greatest` are `typical`.
struct Sensitivity {
  enum class Method : std::uint8_t { kNeighbours, kFit };
  std::string axis;
  std::vector<std::string> linked;  // other axes that move with it
  double typical = 0, least = 0, greatest = 0;
  std::size_t pairs = 0;  // of points; for a fit, points
  double fit = 1;
  Method method = Method::kNeighbours;
};

// Among some points, for the axes of positive numbers with more than one value; the strongest
// first. Empty where the metric has no positive values. Axes that cannot be told apart from others
// are left out.
std::vector<Sensitivity> sensitivities(const SweepRecord& record,
                                       const SweepColumn& metric,
                                       std::span<const std::size_t> points);

}  // namespace orrery
