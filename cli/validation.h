// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/measured_rows.h"

// How far simulated times are from measured ones.
namespace orrery {

struct ValidationPoint {
  MeasuredRow row;
  double simulated_us = 0;
  double simulated_w = 0;                // 0 where power is not modelled
  std::uint64_t simulated_clock_hz = 0;  // mean of the cores

  // (simulated - measured) / measured.
  double error() const { return simulated_us / row.latency_us - 1; }
  // The same of the power, where the row states one and the chip's is modelled.
  std::optional<double> power_error() const {
    return row.power_w && simulated_w > 0 ? std::optional(simulated_w / *row.power_w - 1)
                                          : std::nullopt;
  }
};

// The points of one device, phase and pair of dtypes. Ratios, not percent.
struct ValidationGroup {
  std::string device, phase, dtype, kv_dtype;
  std::vector<ValidationPoint> points;  // largest absolute error first
  double mape = 0;                      // mean absolute error
  double median_ape = 0;                // of an even number: the mean of the middle two
  double p90_ape = 0;                   // nearest rank
  double bias = 0;                      // mean of signed errors
  // Of the points that were measured above 10 and 100 µs, where there are some.
  std::optional<double> mape_over_10us, mape_over_100us;
};

// In the order in which the groups first appear.
std::vector<ValidationGroup> group_points(const std::vector<ValidationPoint>& points);

}  // namespace orrery
