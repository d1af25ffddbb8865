// SPDX-License-Identifier: Apache-2.0
#include "results/moved_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "results/op_groups.h"

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
  using Origin = MovedValue::Origin;
  std::vector<MovedValue> found;
  const auto check = [&](const ComparedValue& value, Origin origin) {
    if (moved(value, tolerance)) {
      found.push_back({value, origin});
    }
  };
  for (const ComparedValue& value : compare_summaries(a, b)) {
    check(value, value.name == "total_time" ? Origin::kTotal : Origin::kSummary);
  }
  for (const OpPair& pair : pairs) {
    const OpRow& op = pair.a ? a.ops[*pair.a] : b.ops[*pair.b];
    for (const OpFigure& figure : kOpFigures) {
      ComparedValue value{op.name + " " + figure.name, figure.unit, std::nullopt, std::nullopt};
      value.a = pair.a ? std::optional(figure.of(a.ops[*pair.a])) : std::nullopt;
      value.b = pair.b ? std::optional(figure.of(b.ops[*pair.b])) : std::nullopt;
      const bool is_time = &figure == kOpFigures.data();
      check(value, is_time ? Origin::kOperatorTime : Origin::kOperator);
      if (!pair.a || !pair.b) {
        break;  // one line is enough for an operator that is not there
      }
    }
  }
  for (ComparedValue value : compare_counters(a, b)) {
    value.name = "counter " + value.name;
    check(value, Origin::kCounter);
  }
  const auto distance = [](const MovedValue& value) {
    return value.origin == Origin::kOperatorTime
               ? std::abs(value.b.value_or(0) - value.a.value_or(0))
               : std::abs(value.relative());
  };
  std::stable_sort(found.begin(), found.end(), [&](const MovedValue& x, const MovedValue& y) {
    return x.origin != y.origin ? x.origin < y.origin : distance(x) > distance(y);
  });
  return found;
}

std::vector<MovedValue> layers_together(const std::vector<MovedValue>& moved) {
  const auto is_of_operator = [](const MovedValue& value) {
    return value.origin == MovedValue::Origin::kOperatorTime ||
           value.origin == MovedValue::Origin::kOperator;
  };
  std::map<std::string, std::size_t> counts;
  for (const MovedValue& value : moved) {
    counts[layers_name(value.name)] += is_of_operator(value) ? 1 : 0;
  }
  std::vector<MovedValue> together;
  for (const MovedValue& value : moved) {
    if (!is_of_operator(value)) {
      together.push_back(value);
      continue;
    }
    std::size_t& count = counts[layers_name(value.name)];
    if (count > 0) {  // the first of its layers
      together.push_back(value);
      if (count > 1) {
        together.back().name = layers_name(value.name) + " (" + std::to_string(count) + ")";
      }
      count = 0;
    }
  }
  return together;
}

}  // namespace orrery
