// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/error_bands.h"
#include "cli/format.h"
#include "cli/kind_totals.h"
#include "cli/report_tables.h"

namespace orrery {
namespace {

std::string cell(const RunRecord& record, const std::string& name) {
  const double value = summary_value(record, name, -1);
  return value < 0 ? "" : percent(value);
}

}  // namespace

Table band_table(const std::vector<LabelledRecord>& runs) {
  const bool alone = runs.size() == 1;
  std::vector<TableColumn> columns{{"error of time, ± %", Align::kLeft}};
  if (alone) {
    columns.insert(columns.end(), {{"as measured GPUs"}, {"assumed constants"}, {"together"}});
  } else {
    for (const LabelledRecord& run : runs) {
      columns.push_back({run.label});
    }
  }
  Table table(std::move(columns));
  for (const std::string& name : error_classes()) {
    std::vector<std::string> row{name};
    if (alone) {
      for (const char* part : {"error_residual_", "error_spread_", "error_band_"}) {
        row.push_back(cell(runs[0].record, part + name));
      }
    } else {
      for (const LabelledRecord& run : runs) {
        row.push_back(cell(run.record, "error_band_" + name));
      }
    }
    if (std::any_of(row.begin() + 1, row.end(), [](const std::string& c) { return !c.empty(); })) {
      table.add_row(std::move(row));
    }
  }
  return table;
}

}  // namespace orrery
