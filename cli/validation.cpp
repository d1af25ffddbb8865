// SPDX-License-Identifier: Apache-2.0
#include "cli/validation.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace orrery {
namespace {

std::optional<ErrorFigures> figures_of(const std::vector<ValidationPoint>& points,
                                       const std::function<bool(const ValidationPoint&)>& counts) {
  ErrorFigures figures;
  std::vector<double> rising;
  double sum = 0;
  for (const ValidationPoint& point : points) {
    if (counts(point)) {
      rising.push_back(std::abs(point.error()));
      sum += rising.back();
      figures.bias += point.error();
    }
  }
  if (rising.empty()) {
    return std::nullopt;
  }
  std::sort(rising.begin(), rising.end());
  figures.points = rising.size();
  const auto count = static_cast<double>(rising.size());
  figures.mape = sum / count;
  figures.bias /= count;
  figures.median_ape = (rising[(rising.size() - 1) / 2] + rising[rising.size() / 2]) / 2;
  figures.p90_ape = percentile(rising, 90);
  figures.worst_ape = rising.back();
  return figures;
}

void add_figures(ValidationGroup& group) {
  std::stable_sort(group.points.begin(), group.points.end(),
                   [](const ValidationPoint& a, const ValidationPoint& b) {
                     return std::abs(a.error()) > std::abs(b.error());
                   });
  const auto longer_than = [](double least_us) {
    return [least_us](const ValidationPoint& point) { return point.row.latency_us > least_us; };
  };
  group.all = figures_of(group.points, longer_than(0)).value_or(ErrorFigures{});
  group.over_10us = figures_of(group.points, longer_than(10));
  group.over_100us = figures_of(group.points, longer_than(100));
  group.tested =
      figures_of(group.points, [](const ValidationPoint& point) { return point.row.tested(); });
}

}  // namespace

std::string ValidationGroup::text() const {
  return device + " " + phase + " " + dtype + (kv_dtype.empty() ? "" : ", kv " + kv_dtype);
}

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

double percentile(std::vector<double> values, std::size_t part) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const std::size_t rank = (values.size() * part + 99) / 100;
  return values[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace orrery
