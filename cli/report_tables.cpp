// SPDX-License-Identifier: Apache-2.0
#include "cli/report_tables.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "cli/format.h"
#include "cli/kind_totals.h"
#include "cli/terminal_text.h"

namespace orrery {

namespace {

std::string share_of(Femtoseconds part_fs, Femtoseconds whole_fs) {
  return whole_fs == 0 ? "" : percent(to_seconds(part_fs) / to_seconds(whole_fs));
}

std::vector<std::string> kind_row(const KindTotal& total, Femtoseconds whole_fs, bool power) {
  std::vector<std::string> row{total.kind,
                               std::to_string(total.count),
                               microseconds(total.time_fs, whole_fs),
                               share_of(total.time_fs, whole_fs),
                               significant(total.flop_per_s() / 1e12),
                               significant(total.hbm_bytes_per_s() / 1e9)};
  if (power) {
    row.push_back(fixed(total.clock_hz() / 1e6, 0));
    row.push_back(fixed(total.power_w(), 0));
  }
  row.push_back(total.bound_text());
  return row;
}

// Phases in the order in which they appear.
std::vector<std::string> phases_of(const std::vector<LabelledRecord>& runs) {
  std::vector<std::string> phases;
  for (const LabelledRecord& run : runs) {
    if (std::find(phases.begin(), phases.end(), run.record.phase) == phases.end()) {
      phases.push_back(run.record.phase);
    }
  }
  return phases;
}

void print_title(std::ostream& out, const std::string& title, TableStyle style) {
  out << (style == TableStyle::kMarkdown ? "### " : "") << printable(title) << "\n\n";
}

void print_table(std::ostream& out, const Table& table, TableStyle style) {
  if (!table.empty()) {
    table.print(out, style);
    out << '\n';
  }
}

void print_notes(std::ostream& out,
                 const std::string& label,
                 const std::vector<std::string>& notes) {
  std::string line;
  for (const std::string& note : notes) {
    line += (line.empty() ? "" : "; ") + note;
  }
  if (!line.empty()) {
    out << printable((label.empty() ? "" : label + ": ") + line) << '\n';
  }
}

// The distinct ones of `words`, in their order, with " and " between.
std::string all_of_them(const std::vector<std::string>& words) {
  std::string text;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (std::find(words.begin(), word, *word) == word) {
      text += (text.empty() ? "" : " and ") + *word;
    }
  }
  return text;
}

std::string comparison_title(const std::vector<LabelledRecord>& runs) {
  std::vector<std::string> labels;
  std::vector<std::string> workloads;
  for (const LabelledRecord& run : runs) {
    labels.push_back(run.label);
    workloads.push_back(run.record.workload);
  }
  const std::string& phase = runs[0].record.phase;
  return all_of_them(labels) + ": " + all_of_them(workloads) + (phase.empty() ? "" : ", ") + phase;
}

// Whether runs say different things of their tiers.
bool tiers_differ(const std::vector<LabelledRecord>& runs) {
  const auto tiers = [](const LabelledRecord& run) {
    const auto& notes = run.record.notes;
    const auto note = std::find_if(notes.begin(), notes.end(), [](const std::string& text) {
      return text.starts_with("tiers:");
    });
    return note == notes.end() ? std::string() : *note;
  };
  return std::any_of(runs.begin(), runs.end(),
                     [&](const LabelledRecord& run) { return tiers(run) != tiers(runs[0]); });
}

void print_comparison(std::ostream& out,
                      const std::vector<LabelledRecord>& runs,
                      TableStyle style) {
  print_title(out, comparison_title(runs), style);
  for (const LabelledRecord& run : runs) {
    print_notes(out, run.label, run.record.notes);
  }
  if (tiers_differ(runs)) {
    out << "warning: these runs used different tiers; differences may be the models'\n";
  }
  out << '\n';
  print_table(out, kind_comparison(runs), style);
  print_table(out, figure_table(runs), style);
  print_table(out, stall_table(runs), style);
  print_table(out, band_table(runs), style);
}

}  // namespace

std::string title_of(const RunRecord& record) {
  std::string title;
  for (const std::string& part : {record.chip, record.workload, record.phase}) {
    title += (title.empty() || part.empty() ? "" : ", ") + part;
  }
  return title;
}

void set_labels(std::vector<LabelledRecord>& runs, const std::vector<std::string>& names) {
  std::set<std::pair<std::string, std::string>> seen;
  bool distinct = true;
  for (const LabelledRecord& run : runs) {
    distinct = seen.emplace(run.record.phase, run.record.chip).second && distinct;
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].label = distinct ? runs[i].record.chip : names.at(i);
  }
}

Table kind_table(const RunRecord& record) {
  const bool power = !record.ops.empty() && record.ops.front().has_power();
  std::vector<TableColumn> columns{
      {"operator", Align::kLeft}, {"count"}, {"time µs"}, {"share %"}, {"TFLOP/s"}, {"HBM GB/s"}};
  if (power) {
    columns.push_back({"clock MHz"});
    columns.push_back({"power W"});
  }
  columns.push_back({"bound by", Align::kLeft});
  Table table(std::move(columns));
  const Femtoseconds whole_fs = total_time_fs(record);
  const KindTotal all = total_of(record.ops);
  for (const KindTotal& total : kind_totals(record.ops)) {
    table.add_row(kind_row(total, whole_fs, power));
  }
  // Time that belongs to no operator, when it would show.
  if (whole_fs > all.time_fs && (whole_fs - all.time_fs) * 1000 > whole_fs) {
    std::vector<std::string> row{"(between operators)", "",
                                 microseconds(whole_fs - all.time_fs, whole_fs),
                                 share_of(whole_fs - all.time_fs, whole_fs)};
    row.resize(power ? 9 : 7);
    table.add_row(std::move(row));
  }
  KindTotal total = all;
  total.kind = "total";
  total.time_fs = std::max(whole_fs, all.time_fs);
  table.add_rule();
  table.add_row(kind_row(total, whole_fs, power));
  return table;
}

void print_run(std::ostream& out, const RunRecord& record, TableStyle style) {
  print_title(out, title_of(record), style);
  print_notes(out, "", record.notes);
  out << (record.notes.empty() ? "" : "\n");
  print_table(out, kind_table(record), style);
  const std::vector<LabelledRecord> alone{{record.chip, record}};
  print_table(out, figure_table(alone), style);
  print_table(out, stall_table(alone), style);
  print_table(out, band_table(alone), style);
}

void print_side_by_side(std::ostream& out,
                        const std::vector<LabelledRecord>& runs,
                        TableStyle style) {
  for (const std::string& phase : phases_of(runs)) {
    std::vector<LabelledRecord> same;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(same),
                 [&](const LabelledRecord& run) { return run.record.phase == phase; });
    if (same.size() == 1) {
      print_run(out, same[0].record, style);
    } else {
      print_comparison(out, same, style);
    }
  }
}

}  // namespace orrery
