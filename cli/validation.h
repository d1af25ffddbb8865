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
  double cpu_seconds = 0;                // that simulating it took; 0: not known
  double credited_share = 0;             // of its time, that sampling left out
  double sampling_error = 0;             // estimated, of its time
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

// Of some points. Ratios, not percent.
struct ErrorFigures {
  std::size_t points = 0;
  double mape = 0;        // mean absolute error
  double median_ape = 0;  // of an even number: the mean of the middle two
  double p90_ape = 0;     // nearest rank
  double worst_ape = 0;
  double bias = 0;  // mean of signed errors
};

// The points of one device, phase and pair of dtypes.
struct ValidationGroup {
  std::string device, phase, dtype, kv_dtype;
  std::vector<ValidationPoint> points;  // largest absolute error first
  ErrorFigures all;
  // Of the rows that nothing was fitted on, and of those measured above 10 and 100 µs; where there
  // are some.
  std::optional<ErrorFigures> tested, over_10us, over_100us;

  std::string text() const;  // "h100-sxm decode bf16, kv fp8"
};

// In the order in which the groups first appear.
std::vector<ValidationGroup> group_points(const std::vector<ValidationPoint>& points);

// The value at rank ceil(part * n / 100) of the rising order; 0 of none.
double percentile(std::vector<double> values, std::size_t part);

}  // namespace orrery
