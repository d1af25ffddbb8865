// SPDX-License-Identifier: Apache-2.0
// The waterfall of `orrery compare`, and what its steps come with.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "cli/compare_cells.h"
#include "cli/compare_tables.h"
#include "cli/format.h"

namespace orrery {

namespace {

bool is_load(const WaterfallStep& step) {
  return step.name.starts_with("load_");
}

// Where the running total stands, as a row of signs between the least and the most it ever is.
class Chart {
 public:
  explicit Chart(const Waterfall& waterfall) : at_(waterfall.a_fs), least_(at_), most_(at_) {
    double running = at_;
    for (const WaterfallStep& step : waterfall.steps) {
      running += step.difference_fs();
      least_ = std::min(least_, running);
      most_ = std::max(most_, running);
    }
  }
  // The next step.
  std::string bar(double difference_fs) {
    const double from = at_;
    at_ += difference_fs;
    if (most_ <= least_) {
      return "";
    }
    const std::size_t begin = column(std::min(from, at_));
    const std::size_t end = column(std::max(from, at_));
    return std::string(begin, ' ') + std::string(end - begin, difference_fs > 0 ? '+' : '-');
  }

 private:
  static constexpr double kColumns = 30;
  std::size_t column(double fs) const {
    const double part = std::clamp((fs - least_) / (most_ - least_), 0.0, 1.0);
    return static_cast<std::size_t>(std::round(part * kColumns));
  }
  double at_, least_, most_;
};

}  // namespace

std::string totals_line(const Waterfall& waterfall) {
  const double a_us = waterfall.a_fs / kFsPerUs;
  const double b_us = waterfall.b_fs / kFsPerUs;
  const double whole_us = std::min(a_us, b_us);
  std::string line = fmt::format("total time {} µs (A), {} µs (B): {} µs", us(a_us, whole_us),
                                 us(b_us, whole_us), signed_us(b_us - a_us, whole_us));
  if (a_us > 0) {
    line += fmt::format(", {} %", signed_percent(b_us / a_us - 1));
  }
  if (waterfall.difference_fs() != 0) {
    line += fmt::format("; explained to {} %", percent(waterfall.explained()));
  }
  return line;
}

Table waterfall_table(const Waterfall& waterfall, TableStyle style) {
  const bool chart = style == TableStyle::kText;
  std::vector<TableColumn> columns{
      {"where the time goes", Align::kLeft}, {"A µs"}, {"B µs"}, {"B - A µs"}, {"% of A"}};
  if (chart) {
    columns.push_back({"from A to B", Align::kLeft});
  }
  Table table(std::move(columns));
  const double whole_us = std::min(waterfall.a_fs, waterfall.b_fs) / kFsPerUs;
  const auto add = [&](const std::string& label, double a_fs, double b_fs, double difference_fs,
                       const std::string& bar) {
    std::vector<std::string> row{
        label, us(a_fs / kFsPerUs, whole_us), us(b_fs / kFsPerUs, whole_us),
        signed_us(difference_fs / kFsPerUs, whole_us),
        waterfall.a_fs > 0 ? signed_percent(difference_fs / waterfall.a_fs) : ""};
    if (chart) {
      row.push_back(bar);
    }
    table.add_row(std::move(row));
  };
  Chart bars(waterfall);
  const auto& steps = waterfall.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (is_load(steps[i]) && (i == 0 || !is_load(steps[i - 1]))) {  // the stages' sum before them
      double a_fs = 0;
      double b_fs = 0;
      for (std::size_t j = i; j < steps.size() && is_load(steps[j]); ++j) {
        a_fs += steps[j].a_fs;
        b_fs += steps[j].b_fs;
      }
      if (a_fs != 0 || b_fs != 0) {
        add("waiting for loads", a_fs, b_fs, b_fs - a_fs, "");
      }
    }
    const std::string bar = bars.bar(steps[i].difference_fs());
    if (steps[i].a_fs != 0 || steps[i].b_fs != 0) {
      add(label_of(steps[i].name).label, steps[i].a_fs, steps[i].b_fs, steps[i].difference_fs(),
          bar);
    }
  }
  if (waterfall.remainder_fs != 0) {
    std::vector<std::string> row{
        "remainder", "", "", signed_us(waterfall.remainder_fs / kFsPerUs, whole_us),
        waterfall.a_fs > 0 ? signed_percent(waterfall.remainder_fs / waterfall.a_fs) : ""};
    row.resize(chart ? 6 : 5);
    table.add_row(std::move(row));
  }
  table.add_rule();
  add("total", waterfall.a_fs, waterfall.b_fs, waterfall.difference_fs(), "");
  return table;
}

Table amount_table(const Waterfall& waterfall) {
  Table table({{"amounts and rates", Align::kLeft},
               {"A"},
               {"B"},
               {"B / A"},
               {"by amount µs"},
               {"by peak µs"},
               {"by use of it µs"}});
  const double whole_us = std::min(waterfall.a_fs, waterfall.b_fs) / kFsPerUs;
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.amount_unit.empty() || (step.a_fs == 0 && step.b_fs == 0)) {
      continue;
    }
    const std::string label = label_of(step.name).label;
    const bool peak = step.name == "tensor" || step.name == "load_hbm";
    table.add_row({is_load(step) ? "loads" + label.substr(1) : label,
                   amount(step.amount_a, step.amount_unit), amount(step.amount_b, step.amount_unit),
                   ratio(step.amount_b, step.amount_a),
                   signed_us(step.by_amount_fs / kFsPerUs, whole_us),
                   peak ? signed_us(step.by_peak_fs / kFsPerUs, whole_us) : "",
                   signed_us((step.by_rate_fs - step.by_peak_fs) / kFsPerUs, whole_us)});
  }
  return table;
}

}  // namespace orrery
