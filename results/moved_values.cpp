// SPDX-License-Identifier: Apache-2.0
#include "results/moved_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace orrery {

namespace {

struct OpFigure {
  const char* name;
  const char* unit;
  double (*of)(const OpRow&);
};

constexpr std::array<OpFigure, 7> kOpFigures{{
    {"time", "fs", [](const OpRow& op) { return static_cast<double>(op.end_fs - op.start_fs); }},
    {"flop", "1", [](const OpRow& op) { return static_cast<double>(op.flop); }},
    {"hbm_read_bytes", "byte",
     [](const OpRow& op) { return static_cast<double>(op.hbm_read_bytes); }},
    {"hbm_write_bytes", "byte",
     [](const OpRow& op) { return static_cast<double>(op.hbm_write_bytes); }},
    {"shared_bytes", "byte", [](const OpRow& op) { return static_cast<double>(op.shared_bytes); }},
    {"network_bytes", "byte",
     [](const OpRow& op) { return static_cast<double>(op.network_bytes); }},
    {"energy", "J", [](const OpRow& op) { return op.total_energy_j(); }},
}};

bool moved(const ComparedValue& value, double tolerance) {
  if (!value.a || !value.b) {
    return true;
  }
  if (std::isnan(*value.a) || std::isnan(*value.b)) {
    return std::isnan(*value.a) != std::isnan(*value.b);
  }
  // Not the difference of infinities, which is no number.
  return *value.a != *value.b && !(std::abs(*value.b - *value.a) <= tolerance * std::abs(*value.a));
}

}  // namespace

double MovedValue::relative() const {
  if (!a || !b || *a == 0 || !std::isfinite(*a) || !std::isfinite(*b)) {
    return std::numeric_limits<double>::infinity();
  }
  return (*b - *a) / std::abs(*a);
}

std::vector<MovedValue> moved_values(const RunRecord& a,
                                     const RunRecord& b,
                                     const std::vector<OpPair>& pairs,
                                     double tolerance) {
  std::vector<MovedValue> found;
  const auto check = [&](const ComparedValue& value) {
    if (moved(value, tolerance)) {
      found.push_back({value});
    }
  };
  for (const ComparedValue& value : compare_summaries(a, b)) {
    check(value);
  }
  for (const OpPair& pair : pairs) {
    const OpRow& op = pair.a ? a.ops[*pair.a] : b.ops[*pair.b];
    for (const OpFigure& figure : kOpFigures) {
      ComparedValue value{op.name + " " + figure.name, figure.unit, std::nullopt, std::nullopt};
      value.a = pair.a ? std::optional(figure.of(a.ops[*pair.a])) : std::nullopt;
      value.b = pair.b ? std::optional(figure.of(b.ops[*pair.b])) : std::nullopt;
      check(value);
      if (!pair.a || !pair.b) {
        break;  // one line is enough for an operator that is not there
      }
    }
  }
  for (ComparedValue value : compare_counters(a, b)) {
    value.name = "counter " + value.name;
    check(value);
  }
  std::stable_sort(found.begin(), found.end(), [](const MovedValue& x, const MovedValue& y) {
    if ((x.name == "total_time") != (y.name == "total_time")) {
      return x.name == "total_time";
    }
    return std::abs(x.relative()) > std::abs(y.relative());
  });
  return found;
}

}  // namespace orrery
