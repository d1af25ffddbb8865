// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace orrery {

// The voltage that a clock needs: points of rising clock and voltage, straight lines between them.
// Integers, so that a chip settles at the same clock on every machine.
class VoltageCurve {
 public:
  struct Point {
    std::uint64_t clock_hz = 0;
    std::uint64_t millivolts = 0;
  };

  VoltageCurve() = default;
  // Throws std::invalid_argument unless there is a point, clocks rise and voltages do not fall.
  explicit VoltageCurve(std::vector<Point> points);

  // Rounded up; outside the points that of the nearest.
  std::uint64_t millivolts_at(std::uint64_t clock_hz) const;
  const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
};

}  // namespace orrery
