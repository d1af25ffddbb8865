// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orrery {

// Whether more of a metric is better ("tokens_per_second"), less is ("total_time", "die_area"), or
// neither: how much work a point does is no merit.
enum class Direction : std::uint8_t { kNone, kLess, kMore };
Direction direction_of(const std::string& metric);

// What a point is worth, smaller better: values of `kMore` are negated.
struct Objective {
  const std::vector<double>* values = nullptr;
  Direction direction = Direction::kLess;

  double at(std::size_t point) const {
    const double value = (*values)[point];
    return direction == Direction::kMore ? -value : value;
  }
};

// Points for which no other is as good in both and better in one, by rising `x`. Of equal points
// all are there. Points with a value that is not finite are on no front.
std::vector<std::size_t> pareto_front(const Objective& x, const Objective& y);

}  // namespace orrery
