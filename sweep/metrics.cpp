// SPDX-License-Identifier: Apache-2.0
#include "sweep/metrics.h"

#include <array>
#include <cmath>
#include <limits>

namespace orrery {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Metrics that a run's summary has, and what it calls them.
struct Summarised {
  const char* name;
  const char* in_summary;
  const char* unit;
  const char* long_name;
};
constexpr std::array<Summarised, 10> kSummarised{{
    {"total_time", "total_time", "fs", "time of all operators"},
    {"tokens_per_second", "tokens_per_second", "1/s", "tokens a second, all sequences"},
    {"energy", "energy", "J", "energy of the chip and its board"},
    {"average_power", "power", "W", "mean power"},
    {"energy_per_token", "energy_per_token", "J", "energy a token"},
    {"flop", "flop", "1", "floating-point operations of the operators"},
    {"hbm_bytes", "hbm_bytes", "byte", "read from and written to memory"},
    {"core_clock", "mean_clock", "Hz", "mean clock of the cores"},
    {"die_area", "die_area", "mm2", "area of all dies of the chip"},
    {"chip_cost", "chip_cost", "USD", "cost of the chip with its memory"},
}};

double summary_value(const RunRecord& record, const std::string& name) {
  for (const SummaryValue& value : record.summary) {
    if (value.name == name) {
      return value.value;
    }
  }
  return kNone;
}

}  // namespace

const std::vector<Metric>& sweep_metrics() {
  static const std::vector<Metric> metrics = [] {
    std::vector<Metric> all;
    for (const Summarised& metric : kSummarised) {
      all.push_back({metric.name, metric.unit, metric.long_name});
    }
    all.push_back({"sampling_error", "1", "estimated error of the total time by sampling"});
    for (const std::string& category : stall_category_names()) {
      all.push_back({"time_" + category, "fs", "time of a core in '" + category + "', on average"});
    }
    return all;
  }();
  return metrics;
}

std::vector<double> metrics_of(const RunRecord& record) {
  std::vector<double> values;
  for (const Summarised& metric : kSummarised) {
    values.push_back(summary_value(record, metric.in_summary));
  }
  const double total_fs = values.front();
  double error_fs = 0;
  std::array<double, kStallCategoryCount> stalls_fs{};
  double all_fs = 0;
  for (const OpRow& op : record.ops) {
    error_fs += static_cast<double>(op.sampling_error_fs);
    for (std::size_t i = 0; i < stalls_fs.size(); ++i) {
      stalls_fs[i] += static_cast<double>(op.stall_fs[i]);
      all_fs += static_cast<double>(op.stall_fs[i]);
    }
  }
  values.push_back(total_fs > 0 ? error_fs / total_fs : 0);
  for (const double stall_fs : stalls_fs) {
    values.push_back(all_fs > 0 ? total_fs * (stall_fs / all_fs) : 0);
  }
  return values;
}

std::optional<Value> metric_value(const std::vector<double>& values, const std::string& name) {
  const std::vector<Metric>& metrics = sweep_metrics();
  for (std::size_t i = 0; i < metrics.size() && i < values.size(); ++i) {
    if (metrics[i].name == name) {
      const Unit unit = *find_unit(metrics[i].unit);
      return Amount{values[i] * unit.factor, unit.dimension};
    }
  }
  return std::nullopt;
}

}  // namespace orrery
