// SPDX-License-Identifier: Apache-2.0
#include "power/voltage_curve.h"

#include <stdexcept>
#include <utility>

#include "sim/units.h"

namespace orrery {

VoltageCurve::VoltageCurve(std::vector<Point> points) : points_(std::move(points)) {
  if (points_.empty()) {
    throw std::invalid_argument("at least one point expected");
  }
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (points_[i].clock_hz <= points_[i - 1].clock_hz) {
      throw std::invalid_argument("clocks must rise from point to point");
    }
    if (points_[i].millivolts < points_[i - 1].millivolts) {
      throw std::invalid_argument("voltages must not fall from point to point");
    }
  }
}

std::uint64_t VoltageCurve::millivolts_at(std::uint64_t clock_hz) const {
  if (clock_hz <= points_.front().clock_hz) {
    return points_.front().millivolts;
  }
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const Point& low = points_[i - 1];
    const Point& high = points_[i];
    if (clock_hz <= high.clock_hz) {
      return low.millivolts + scale_up(high.millivolts - low.millivolts, clock_hz - low.clock_hz,
                                       high.clock_hz - low.clock_hz);
    }
  }
  return points_.back().millivolts;
}

}  // namespace orrery
