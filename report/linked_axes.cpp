// SPDX-License-Identifier: Apache-2.0
#include "report/linked_axes.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

namespace orrery {
namespace {

constexpr std::array<std::string_view, 3> kNeverLinked{"workload", "phase", "chip"};

using Points = std::span<const std::size_t>;

bool can_be_linked(const SweepColumn& axis, Points points) {
  if (std::find(kNeverLinked.begin(), kNeverLinked.end(), axis.name) != kNeverLinked.end()) {
    return false;
  }
  std::set<double> values;
  for (const std::size_t point : points) {
    values.insert(axis.values[point]);
  }
  return values.size() > 1 && (values.size() * 2 <= points.size() || points.size() <= 4);
}

// A value of one goes with one value of the other, and back.
bool move_together(const SweepColumn& a, const SweepColumn& b, Points points) {
  std::map<double, double> forth;
  std::map<double, double> back;
  return std::all_of(points.begin(), points.end(), [&](std::size_t point) {
    const double x = a.values[point];
    const double y = b.values[point];
    return forth.try_emplace(x, y).first->second == y && back.try_emplace(y, x).first->second == x;
  });
}

}  // namespace

std::vector<std::size_t> axis_leaders(const SweepRecord& record, Points points) {
  std::vector<std::size_t> leaders(record.axes.size());
  std::iota(leaders.begin(), leaders.end(), std::size_t{0});
  std::vector<std::size_t> order = leaders;  // axes of numbers first
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t axis) { return record.axes[axis].words.empty(); });
  std::vector<std::size_t> leading;
  for (const std::size_t axis : order) {
    if (!can_be_linked(record.axes[axis], points)) {
      continue;
    }
    const auto leader = std::find_if(leading.begin(), leading.end(), [&](std::size_t other) {
      return move_together(record.axes[other], record.axes[axis], points);
    });
    if (leader == leading.end()) {
      leading.push_back(axis);
    } else {
      leaders[axis] = *leader;
    }
  }
  return leaders;
}

}  // namespace orrery
