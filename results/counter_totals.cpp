// SPDX-License-Identifier: Apache-2.0
#include "results/counter_totals.h"

#include <cctype>
#include <unordered_map>

namespace orrery {

namespace {

class ValueTable {
 public:
  // `side` is &ComparedValue::a or b.
  void add(const std::string& name,
           const std::string& unit,
           double value,
           std::optional<double> ComparedValue::*side) {
    const auto [place, is_new] = index_.try_emplace(name, rows_.size());
    if (is_new) {
      rows_.push_back({name, unit, std::nullopt, std::nullopt});
    }
    std::optional<double>& sum = rows_[place->second].*side;
    sum = sum.value_or(0) + value;
  }
  std::vector<ComparedValue> take() { return std::move(rows_); }

 private:
  std::vector<ComparedValue> rows_;
  std::unordered_map<std::string, std::size_t> index_;
};

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

std::string instances_name(const std::string& path) {
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool numbers_a_part = i > 0 && (path[i - 1] == '_' || path[i - 1] == '[');
    if (!is_digit(path[i]) || !numbers_a_part) {
      name += path[i];
      continue;
    }
    std::size_t end = i;
    while (end < path.size() && is_digit(path[end])) {
      ++end;
    }
    const bool is_whole = end == path.size() || path[end] == '.' || path[end] == ']';
    name += is_whole ? "*" : path.substr(i, end - i);
    i = end - 1;
  }
  return name;
}

std::vector<ComparedValue> compare_counters(const RunRecord& a, const RunRecord& b) {
  ValueTable table;
  for (const CounterRow& row : a.counters) {
    table.add(instances_name(row.path), row.unit, static_cast<double>(row.value),
              &ComparedValue::a);
  }
  for (const CounterRow& row : b.counters) {
    table.add(instances_name(row.path), row.unit, static_cast<double>(row.value),
              &ComparedValue::b);
  }
  return table.take();
}

std::vector<ComparedValue> compare_summaries(const RunRecord& a, const RunRecord& b) {
  ValueTable table;
  for (const SummaryValue& value : a.summary) {
    table.add(value.name, value.units, value.value, &ComparedValue::a);
  }
  for (const SummaryValue& value : b.summary) {
    table.add(value.name, value.units, value.value, &ComparedValue::b);
  }
  return table.take();
}

}  // namespace orrery
