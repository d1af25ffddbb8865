// SPDX-License-Identifier: Apache-2.0
#include "report/pareto.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace orrery {
namespace {

constexpr std::array<std::string_view, 3> kMoreIsBetter{"tokens_per_second", "achieved_flop_per_s",
                                                        "achieved_hbm_bytes_per_s"};
constexpr std::array<std::string_view, 9> kLessIsBetter{"total_time",
                                                        "time_to_first_token",
                                                        "time_per_output_token",
                                                        "energy",
                                                        "energy_per_token",
                                                        "power",
                                                        "average_power",
                                                        "die_area",
                                                        "chip_cost"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Direction direction_of(const std::string& metric) {
  if (contains(kMoreIsBetter, metric)) {
    return Direction::kMore;
  }
  return contains(kLessIsBetter, metric) ? Direction::kLess : Direction::kNone;
}

std::vector<std::size_t> pareto_front(const Objective& x, const Objective& y) {
  std::vector<std::size_t> points;
  for (std::size_t i = 0; i < x.values->size(); ++i) {
    if (std::isfinite(x.at(i)) && std::isfinite(y.at(i))) {
      points.push_back(i);
    }
  }
  std::stable_sort(points.begin(), points.end(), [&](std::size_t a, std::size_t b) {
    return x.at(a) != x.at(b) ? x.at(a) < x.at(b) : y.at(a) < y.at(b);
  });
  std::vector<std::size_t> front;
  double best = std::numeric_limits<double>::infinity();
  double best_x = 0;
  for (const std::size_t point : points) {
    const bool equal = !front.empty() && y.at(point) == best && x.at(point) == best_x;
    if (y.at(point) < best || equal) {
      front.push_back(point);
      best = y.at(point);
      best_x = x.at(point);
    }
  }
  return front;
}

}  // namespace orrery
