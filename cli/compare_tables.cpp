// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_tables.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "cli/compare_cells.h"
#include "cli/report_tables.h"
#include "cli/terminal_text.h"

namespace orrery {

namespace {

constexpr std::size_t kMostChipValues = 8;
constexpr std::size_t kMostMaps = 3;  // of a chip, where more values differ
constexpr std::size_t kMostGroups = 30;
constexpr std::size_t kMostColumns = 100;

std::string counts(const OpGroup& group) {
  return group.count_a == group.count_b ? std::to_string(group.count_a)
                                        : fmt::format("{} / {}", group.count_a, group.count_b);
}

// "HBM -94.5, launch +3.1": the parts that moved most, as far as they matter.
std::string mostly(const OpGroup& group, double whole_us) {
  std::vector<std::pair<double, TimePart>> moves;
  double all_us = 0;
  for (std::size_t i = 0; i < kTimePartCount; ++i) {
    const double move_us = (group.b_fs[i] - group.a_fs[i]) / kFsPerUs;
    moves.emplace_back(move_us, static_cast<TimePart>(i));
    all_us += std::abs(move_us);
  }
  std::stable_sort(moves.begin(), moves.end(), [](const auto& x, const auto& y) {
    return std::abs(x.first) > std::abs(y.first);
  });
  std::string text;
  for (std::size_t i = 0; i < 2 && std::abs(moves[i].first) > 0.1 * all_us; ++i) {
    const std::string move = signed_us(moves[i].first, whole_us);
    if (move.find_first_of("+-") == 0) {  // not zero
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                          label_of(std::string(name_of(moves[i].second))).brief, move);
    }
  }
  return text;
}

void print_title(std::ostream& out, const std::string& title, TableStyle style) {
  if (style == TableStyle::kMarkdown) {
    out << "#### " << printable(title) << "\n\n";
  }
}

void print_table(std::ostream& out,
                 const std::string& title,
                 const Table& table,
                 TableStyle style) {
  if (!table.empty()) {
    print_title(out, title, style);
    table.print(out, style);
    out << '\n';
  }
}

void print_chip_values(std::ostream& out, std::vector<ConfigDifference> values) {
  std::erase_if(values, [](const auto& value) { return value.key == "power.cap"; });  // an aspect
  const auto shown = [](const std::string& value) { return value.empty() ? "none" : value; };
  if (values.size() <= kMostChipValues) {
    for (const ConfigDifference& value : values) {
      out << printable(fmt::format("different {}: {} (A), {} (B)", value.key, shown(value.a),
                                   shown(value.b)))
          << '\n';
    }
    return;
  }
  std::map<std::string, std::size_t> maps;  // by their first word
  for (const ConfigDifference& value : values) {
    ++maps[value.key.substr(0, value.key.find('.'))];
  }
  std::vector<std::pair<std::string, std::size_t>> most(maps.begin(), maps.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& x, const auto& y) { return x.second > y.second; });
  std::string line;
  for (std::size_t i = 0; i < std::min(kMostMaps, most.size()); ++i) {
    line += fmt::format(", {} in {}", most[i].second, most[i].first);
  }
  out << printable(
             fmt::format("different values of the chip: {}{} (in --json)", values.size(), line))
      << '\n';
}

std::size_t simulated(const RunRecord& record) {
  return static_cast<std::size_t>(std::count_if(record.ops.begin(), record.ops.end(),
                                                [](const OpRow& op) { return !op.reused; }));
}

// Tiles decide amounts and rates: they are the mapping's answer to another chip.
void print_other_tiles(std::ostream& out,
                       const ComparedFiles& files,
                       const std::vector<OpPair>& pairs) {
  std::size_t both = 0;
  std::size_t other = 0;
  for (const OpPair& pair : pairs) {
    if (pair.a && pair.b) {
      ++both;
      other += files.a.record.ops[*pair.a].tile != files.b.record.ops[*pair.b].tile ? 1 : 0;
    }
  }
  if (other > 0) {
    out << fmt::format("{} of {} operators are cut into other tiles\n\n", other, both);
  }
}

void print_counters(std::ostream& out,
                    const ComparedFiles& files,
                    const Comparison& comparison,
                    TableStyle style,
                    bool all) {
  const Table table = counter_table(comparison.counters, all);
  print_table(out, "Counters", table, style);
  const std::size_t of_a = simulated(files.a.record);
  const std::size_t of_b = simulated(files.b.record);
  if (!table.empty() && (of_a < files.a.record.ops.size() || of_b < files.b.record.ops.size())) {
    out << fmt::format(
        "counters are of simulated operators, {} of {} in A and {} of {} in B; the others are "
        "copies\n\n",
        of_a, files.a.record.ops.size(), of_b, files.b.record.ops.size());
  }
}

}  // namespace

void print_aspects(std::ostream& out, const ComparedFiles& files, const Comparison& comparison) {
  out << printable(fmt::format("A  {}: {}", files.a_path, title_of(files.a.record))) << '\n'
      << printable(fmt::format("B  {}: {}", files.b_path, title_of(files.b.record))) << "\n\n";
  for (const AspectDifference& aspect : comparison.aspects) {
    const std::string line =
        printable(fmt::format("different {}: {} (A), {} (B)", aspect.aspect, aspect.a, aspect.b));
    if (display_width(line) <= kMostColumns) {
      out << line << '\n';
    } else {
      out << printable(fmt::format("different {}:", aspect.aspect)) << '\n'
          << printable("  A  " + aspect.a) << '\n'
          << printable("  B  " + aspect.b) << '\n';
    }
  }
  print_chip_values(out, comparison.chip_values);
  if (comparison.of_another_kind()) {
    out << "warning: not runs of one kind; what differs may not be the chips'\n";
  }
  if (!comparison.aspects.empty() || !comparison.chip_values.empty()) {
    out << '\n';
  }
}

Table group_table(std::vector<OpGroup> groups, double whole_us, std::size_t most) {
  std::stable_sort(groups.begin(), groups.end(), [](const OpGroup& x, const OpGroup& y) {
    return std::abs(x.difference_fs()) > std::abs(y.difference_fs());
  });
  Table table({{"operator", Align::kLeft},
               {"count"},
               {"A µs"},
               {"B µs"},
               {"B - A µs"},
               {"B / A"},
               {"mostly", Align::kLeft}});
  for (std::size_t i = 0; i < std::min(most, groups.size()); ++i) {
    const OpGroup& group = groups[i];
    const double a_us = sum_of(group.a_fs) / kFsPerUs;
    const double b_us = sum_of(group.b_fs) / kFsPerUs;
    const bool both = group.count_a > 0 && group.count_b > 0;
    table.add_row(
        {group.name, counts(group), group.count_a > 0 ? us(a_us, whole_us) : "",
         group.count_b > 0 ? us(b_us, whole_us) : "", signed_us(b_us - a_us, whole_us),
         ratio(b_us, a_us),
         both ? mostly(group, whole_us) : (group.count_a > 0 ? "only in A" : "only in B")});
  }
  return table;
}

Table counter_table(const std::vector<ComparedValue>& counters, bool all) {
  Table table({{"counter", Align::kLeft}, {"A"}, {"B"}, {"B / A"}});
  for (const ComparedValue& counter : counters) {
    if (all || counter.a != counter.b) {
      table.add_row({counter.name, amount(counter.a, counter.unit), amount(counter.b, counter.unit),
                     ratio(counter.b.value_or(0), counter.a.value_or(0))});
    }
  }
  return table;
}

Table moved_table(const std::vector<MovedValue>& moved, std::size_t most) {
  Table table({{"value", Align::kLeft}, {"A"}, {"B"}, {"moved %"}});
  for (std::size_t i = 0; i < std::min(most, moved.size()); ++i) {
    const MovedValue& value = moved[i];
    const double relative = value.relative();
    table.add_row({value.name, amount(value.a, value.unit), amount(value.b, value.unit),
                   std::isfinite(relative) ? signed_percent(relative) : ""});
  }
  return table;
}

void print_compared(std::ostream& out,
                    const ComparedFiles& files,
                    const Comparison& comparison,
                    TableStyle style,
                    bool all) {
  const Waterfall& waterfall = comparison.waterfall;
  const double whole_us = std::min(waterfall.a_fs, waterfall.b_fs) / kFsPerUs;
  out << totals_line(waterfall) << "\n\n";
  print_table(out, "Where the difference comes from", waterfall_table(waterfall, style), style);
  print_table(out, "Amounts and rates", amount_table(waterfall), style);
  const std::vector<OpGroup> groups =
      all ? single_ops(files.a.record, files.b.record, comparison.pairs) : comparison.groups;
  const std::size_t most = all ? groups.size() : kMostGroups;
  print_table(out, "Operators", group_table(groups, whole_us, most), style);
  if (groups.size() > most) {
    out << fmt::format("and {} more that moved less (--all lists them)\n\n", groups.size() - most);
  }
  print_other_tiles(out, files, comparison.pairs);
  print_table(out, "Figures", figure_table({{"A", files.a.record}, {"B", files.b.record}}), style);
  print_counters(out, files, comparison, style, all);
}

}  // namespace orrery
