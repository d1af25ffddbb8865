// SPDX-License-Identifier: Apache-2.0
#include "cli/validation.h"

#include <algorithm>
#include <cmath>

namespace orrery {
namespace {

std::optional<double> mape_over(const std::vector<ValidationPoint>& points, double least_us) {
  double sum = 0;
  std::size_t count = 0;
  for (const ValidationPoint& point : points) {
    if (point.row.latency_us > least_us) {
      sum += std::abs(point.error());
      ++count;
    }
  }
  return count == 0 ? std::nullopt : std::optional<double>(sum / static_cast<double>(count));
}

void add_figures(ValidationGroup& group) {
  std::stable_sort(group.points.begin(), group.points.end(),
                   [](const ValidationPoint& a, const ValidationPoint& b) {
                     return std::abs(a.error()) > std::abs(b.error());
                   });
  std::vector<double> rising;
  for (const ValidationPoint& point : group.points) {
    group.bias += point.error();
    rising.push_back(std::abs(point.error()));
  }
  std::reverse(rising.begin(), rising.end());
  const std::size_t count = rising.size();
  group.bias /= static_cast<double>(count);
  group.median_ape = (rising[(count - 1) / 2] + rising[count / 2]) / 2;
  group.p90_ape = rising[(count * 9 + 9) / 10 - 1];
  group.mape = mape_over(group.points, 0).value_or(0);
  group.mape_over_10us = mape_over(group.points, 10);
  group.mape_over_100us = mape_over(group.points, 100);
}

}  // namespace

std::vector<ValidationGroup> group_points(const std::vector<ValidationPoint>& points) {
  std::vector<ValidationGroup> groups;
  for (const ValidationPoint& point : points) {
    const MeasuredRow& row = point.row;
    auto at = std::find_if(groups.begin(), groups.end(), [&](const ValidationGroup& group) {
      return group.device == row.device && group.phase == row.phase && group.dtype == row.dtype &&
             group.kv_dtype == row.kv_dtype;
    });
    if (at == groups.end()) {
      ValidationGroup group;
      group.device = row.device;
      group.phase = row.phase;
      group.dtype = row.dtype;
      group.kv_dtype = row.kv_dtype;
      at = groups.insert(groups.end(), std::move(group));
    }
    at->points.push_back(point);
  }
  for (ValidationGroup& group : groups) {
    add_figures(group);
  }
  return groups;
}

}  // namespace orrery
