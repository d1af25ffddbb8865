// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/format.h"
#include "cli/kind_totals.h"
#include "cli/report_tables.h"

// Tables with a column a run; the ratio columns compare each run with the first.
namespace orrery {

namespace {

struct Figure {
  const char* name;  // in the summary
  const char* label;
  const char* unit;       // of engineering()
  double scale;           // from the summary's unit; 0 for a plain number
  const char* peak_name;  // what it is a part of; "" for none
};

constexpr std::array<Figure, 15> kFigures{{
    {"total_time", "total time", "s", 1e-15, ""},
    {"time_to_first_token", "time to first token", "s", 1e-15, ""},
    {"time_per_output_token", "time per output token", "s", 1e-15, ""},
    {"tokens_per_second", "tokens per second", "tok/s", 0, ""},
    {"flop", "work", "FLOP", 1, ""},
    {"achieved_flop_per_s", "compute", "FLOP/s", 1, "peak_flop_per_s"},
    {"hbm_bytes", "HBM traffic", "B", 1, ""},
    {"achieved_hbm_bytes_per_s", "HBM bandwidth", "B/s", 1, "peak_hbm_bytes_per_s"},
    {"transfers", "transfers", "", 0, ""},
    {"mean_clock", "clock of the cores", "Hz", 1, ""},
    {"power", "power", "W", 1, ""},
    {"energy", "energy", "J", 1, ""},
    {"energy_per_token", "energy per token", "J", 1, ""},
    {"die_area", "die area", "mm²", 0, ""},
    {"chip_cost", "cost of the chip", "USD", 0, ""},
}};

constexpr std::array<const char*, kStallCategoryCount> kStallLabels{"tensor unit",
                                                                    "vector unit alone",
                                                                    "waiting for HBM",
                                                                    "waiting for L2 or SRAM",
                                                                    "waiting for network",
                                                                    "blocked on store",
                                                                    "synchronisation",
                                                                    "launch",
                                                                    "idle"};

bool has_figure(const RunRecord& record, const std::string& name) {
  return std::any_of(record.summary.begin(), record.summary.end(),
                     [&](const SummaryValue& value) { return value.name == name; });
}

std::string figure_cell(const RunRecord& record, const Figure& figure) {
  if (!has_figure(record, figure.name)) {
    return "";
  }
  const double value = summary_value(record, figure.name, 0);
  if (figure.scale == 0) {
    return significant(value) + (*figure.unit == '\0' ? "" : " ") + figure.unit;
  }
  std::string cell = engineering(value * figure.scale, figure.unit);
  const double peak = summary_value(record, figure.peak_name, 0);
  if (peak > 0) {
    cell += " (" + percent(value / peak) + " % of peak)";
  }
  return cell;
}

std::string ratio_cell(double value, double first) {
  return first > 0 && value > 0 ? significant(value / first) : "";
}

void add_ratio_columns(std::vector<TableColumn>& columns, const std::vector<LabelledRecord>& runs) {
  for (std::size_t i = 1; i < runs.size(); ++i) {
    columns.push_back({runs[i].label + " / " + runs[0].label});
  }
}

// Kinds of all runs, by their time in the first that has them.
std::vector<std::string> kinds_of(const std::vector<std::vector<KindTotal>>& totals) {
  std::vector<std::string> kinds;
  for (const auto& run : totals) {
    for (const KindTotal& total : run) {
      if (std::find(kinds.begin(), kinds.end(), total.kind) == kinds.end()) {
        kinds.push_back(total.kind);
      }
    }
  }
  return kinds;
}

std::array<double, kStallCategoryCount> stall_shares(const RunRecord& record) {
  std::array<double, kStallCategoryCount> sums{};
  double whole = 0;
  for (const OpRow& op : record.ops) {
    for (std::size_t i = 0; i < std::min(op.stall_fs.size(), sums.size()); ++i) {
      sums[i] += to_seconds(op.stall_fs[i]);
      whole += to_seconds(op.stall_fs[i]);
    }
  }
  for (double& sum : sums) {
    sum = whole > 0 ? sum / whole : 0;
  }
  return sums;
}

}  // namespace

Table figure_table(const std::vector<LabelledRecord>& runs) {
  std::vector<TableColumn> columns{{"figure", Align::kLeft}};
  for (const LabelledRecord& run : runs) {
    columns.push_back({run.label});
  }
  add_ratio_columns(columns, runs);
  Table table(std::move(columns));
  for (const Figure& figure : kFigures) {
    std::vector<std::string> row{figure.label};
    bool any = false;
    for (const LabelledRecord& run : runs) {
      row.push_back(figure_cell(run.record, figure));
      any = any || !row.back().empty();
    }
    for (std::size_t i = 1; i < runs.size(); ++i) {
      row.push_back(ratio_cell(summary_value(runs[i].record, figure.name, 0),
                               summary_value(runs[0].record, figure.name, 0)));
    }
    if (any) {
      table.add_row(std::move(row));
    }
  }
  return table;
}

Table stall_table(const std::vector<LabelledRecord>& runs) {
  std::vector<TableColumn> columns{{"time of the cores", Align::kLeft}};
  std::vector<std::array<double, kStallCategoryCount>> shares;
  for (const LabelledRecord& run : runs) {
    columns.push_back({run.label + " %"});
    shares.push_back(stall_shares(run.record));
  }
  Table table(std::move(columns));
  for (std::size_t i = 0; i < kStallCategoryCount; ++i) {
    std::vector<std::string> row{kStallLabels[i]};
    for (const auto& share : shares) {
      row.push_back(percent(share[i]));
    }
    if (std::any_of(shares.begin(), shares.end(), [&](const auto& s) { return s[i] > 0; })) {
      table.add_row(std::move(row));
    }
  }
  return table;
}

Table kind_comparison(const std::vector<LabelledRecord>& runs) {
  std::vector<TableColumn> columns{{"operator", Align::kLeft}};
  std::vector<std::vector<KindTotal>> totals;
  for (const LabelledRecord& run : runs) {
    columns.push_back({run.label + " µs"});
    totals.push_back(kind_totals(run.record.ops));
  }
  add_ratio_columns(columns, runs);
  for (const LabelledRecord& run : runs) {
    columns.push_back({run.label + " bound by", Align::kLeft});
  }
  Table table(std::move(columns));
  std::vector<KindTotal> whole;
  Femtoseconds shortest_fs = ~Femtoseconds{0};
  for (const LabelledRecord& run : runs) {
    whole.push_back(total_of(run.record.ops));
    whole.back().time_fs = std::max(whole.back().time_fs, total_time_fs(run.record));
    shortest_fs = std::min(shortest_fs, whole.back().time_fs);
  }
  const auto add_row = [&](const std::string& name, const std::vector<KindTotal>& row_totals) {
    std::vector<std::string> row{name};
    for (const KindTotal& total : row_totals) {
      row.push_back(total.count == 0 ? "" : microseconds(total.time_fs, shortest_fs));
    }
    for (std::size_t i = 1; i < row_totals.size(); ++i) {
      row.push_back(
          ratio_cell(to_seconds(row_totals[i].time_fs), to_seconds(row_totals[0].time_fs)));
    }
    for (const KindTotal& total : row_totals) {
      row.push_back(total.bound_text());
    }
    table.add_row(std::move(row));
  };
  for (const std::string& kind : kinds_of(totals)) {
    std::vector<KindTotal> row_totals;
    for (const auto& run : totals) {
      const auto found = std::find_if(run.begin(), run.end(),
                                      [&](const KindTotal& total) { return total.kind == kind; });
      row_totals.push_back(found == run.end() ? KindTotal{} : *found);
    }
    add_row(kind, row_totals);
  }
  table.add_rule();
  add_row("total", whole);
  return table;
}

}  // namespace orrery
