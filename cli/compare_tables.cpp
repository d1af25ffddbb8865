// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_tables.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "cli/format.h"
#include "cli/report_tables.h"
#include "cli/terminal_text.h"

namespace orrery {

namespace {

constexpr std::size_t kMostChipValues = 8;
constexpr std::size_t kMostMaps = 3;  // of a chip, where more values differ
constexpr std::size_t kMostGroups = 30;
constexpr std::size_t kMostColumns = 100;
constexpr double kFsPerUs = static_cast<double>(kFsPerMicrosecond);

std::string us(double time_us, double whole_us) {
  const std::string text = fixed(time_us, whole_us < 100 ? 3 : 1);
  return text.find_first_of("123456789") == std::string::npos && text.starts_with('-')
             ? text.substr(1)  // no "-0.0"
             : text;
}

std::string signed_us(double time_us, double whole_us) {
  const std::string text = us(time_us, whole_us);
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return (time_us > 0 && !zero ? "+" : "") + text;
}

std::string signed_percent(double ratio) {
  const std::string text = percent(ratio);
  return (ratio > 0 && std::isfinite(ratio) ? "+" : "") + text;
}

std::string ratio(double b, double a) {
  return a > 0 && b > 0 ? significant(b / a) : "";
}

// With a prefix, in the unit that a record gives.
std::string amount(double value, const std::string& unit) {
  if (unit == "fs") {
    return engineering(value / static_cast<double>(kFsPerSecond), "s");
  }
  if (unit == "byte") {
    return engineering(value, "B");
  }
  if (unit == "byte/s") {
    return engineering(value, "B/s");
  }
  if (unit == "1/s") {
    return engineering(value, "/s");
  }
  if (unit == "1" || unit.empty()) {
    return std::abs(value) < 1e6 ? fmt::format("{:g}", value) : engineering(value, "");
  }
  return engineering(value, unit);
}

std::string amount(const std::optional<double>& value, const std::string& unit) {
  return value ? amount(*value, unit) : "none";
}

struct StepLabel {
  const char* label;
  const char* brief;  // behind an operator
};

const StepLabel& label_of(const std::string& step) {
  static const std::map<std::string, StepLabel, std::less<>> labels{
      {"tensor", {"tensor unit", "tensor"}},
      {"vector", {"vector unit alone", "vector"}},
      {"power", {"lowered clock (power)", "power"}},
      {"load_hbm", {"  in HBM", "HBM"}},
      {"load_shared", {"  in L2 or SRAM", "L2 or SRAM"}},
      {"load_network", {"  on the network", "network"}},
      {"store", {"blocked on store", "store"}},
      {"sync", {"synchronisation", "sync"}},
      {"launch", {"launch", "launch"}},
      {"idle", {"idle cores", "idle"}},
      {"unaccounted", {"not accounted for", "not accounted for"}},
      {"only_a", {"operators only in A", "only A"}},
      {"only_b", {"operators only in B", "only B"}},
      {"between_operators", {"between operators", "between"}},
  };
  static const StepLabel unknown{"?", "?"};
  const auto found = labels.find(step);
  return found == labels.end() ? unknown : found->second;
}

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
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        label_of(std::string(name_of(moves[i].second))).brief,
                        signed_us(moves[i].first, whole_us));
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
