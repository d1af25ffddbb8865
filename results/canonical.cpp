// SPDX-License-Identifier: Apache-2.0
#include "results/canonical.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>

#include "results/clean_text.h"

namespace orrery {

namespace {

void require(bool holds, const std::string& message) {
  if (!holds) {
    throw std::invalid_argument("result: " + message);
  }
}

// A name that becomes the name of a dataset.
std::string object_name(const std::string& text) {
  std::string name = flag_word(text);
  std::replace(name.begin(), name.end(), '/', '_');
  return name == "." ? "_" : name;
}

void clean_op(OpRow& op) {
  require(op.end_fs >= op.start_fs, "operator " + op.name + " ends before it starts");
  require(op.stall_fs.size() == kStallCategoryCount,
          "operator " + op.name + " has no stall time per category");
  require(op.energy_j.empty() || op.energy_j.size() == kEnergyPartNames,
          "operator " + op.name + " has no energy per part");
  op.name = clean_text(op.name);
  op.kind = flag_word(op.kind);
  op.bound = flag_word(op.bound);
  op.tile = clean_text(op.tile);
  op.mapping_note = clean_text(op.mapping_note);
}

void clean_histogram(HistogramRow& histogram) {
  require(!histogram.counts.empty() && histogram.edges.size() == histogram.counts.size() + 1 &&
              std::is_sorted(histogram.edges.begin(), histogram.edges.end()),
          "histogram " + histogram.name + " needs n counts between n + 1 rising edges");
  histogram.name = object_name(histogram.name);
  histogram.unit = clean_text(histogram.unit);
}

template <typename Row, typename Name>
void require_distinct(const std::vector<Row>& rows, const std::string& what, Name name_of) {
  std::set<std::string> seen;
  for (const Row& row : rows) {
    require(seen.insert(name_of(row)).second, what + " " + name_of(row) + " comes twice");
  }
}

void widen_bins(TimelineRow& row, Femtoseconds bin_fs) {
  require(row.bin_fs > 0 && bin_fs % row.bin_fs == 0,
          "timeline of " + row.component + ": the widest bin is not a multiple of its bins");
  const std::uint64_t factor = bin_fs / row.bin_fs;
  std::vector<std::uint64_t> wide((row.bins.size() + factor - 1) / factor);
  for (std::size_t i = 0; i < row.bins.size(); ++i) {
    wide[i / factor] += row.bins[i];
  }
  row.bins = std::move(wide);
  row.bin_fs = bin_fs;
}

void clean_timeline(std::vector<TimelineRow>& rows) {
  Femtoseconds bin_fs = 1;
  std::size_t length = 0;
  for (TimelineRow& row : rows) {
    row.component = clean_text(row.component);
    row.counter = object_name(row.counter);
    if (row.counter == "time" || row.counter == "component") {  // the dimensions' own names
      row.counter += "_";
    }
    row.unit = clean_text(row.unit);
    bin_fs = std::max(bin_fs, row.bin_fs);
  }
  for (TimelineRow& row : rows) {
    widen_bins(row, bin_fs);
    length = std::max(length, row.bins.size());
  }
  for (TimelineRow& row : rows) {
    row.bins.resize(length);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const TimelineRow& a, const TimelineRow& b) {
    return std::tie(a.counter, a.component) < std::tie(b.counter, b.component);
  });
  for (std::size_t i = 1; i < rows.size(); ++i) {
    require(rows[i].counter != rows[i - 1].counter || rows[i].unit == rows[i - 1].unit,
            "timeline counter " + rows[i].counter + " has two units");
  }
  require_distinct(rows, "timeline",
                   [](const TimelineRow& row) { return row.counter + " of " + row.component; });
}

void clean_provenance(Provenance& provenance) {
  for (std::string* text :
       {&provenance.git_revision, &provenance.command_line, &provenance.host, &provenance.started,
        &provenance.finished, &provenance.config_resolved, &provenance.workload}) {
    *text = clean_text(*text);
  }
}

}  // namespace

RunRecord canonical(const RunRecord& record) {
  RunRecord clean = record;
  for (std::string* text : {&clean.chip, &clean.workload, &clean.phase}) {
    *text = clean_text(*text);
  }
  for (std::string& note : clean.notes) {  // stored as the lines of one text
    note = clean_text(note);
    std::replace(note.begin(), note.end(), '\n', ' ');
  }
  std::erase(clean.notes, "");
  for (SummaryValue& value : clean.summary) {
    value.name = object_name(value.name);
    value.units = clean_text(value.units);
    value.long_name = clean_text(value.long_name);
  }
  std::for_each(clean.ops.begin(), clean.ops.end(), clean_op);
  for (const OpRow& op : clean.ops) {
    require(op.has_power() == clean.ops.front().has_power(), "only some operators have an energy");
    require(op.has_power() || op.clock_hz == 0, "operator " + op.name + " has a clock, no energy");
  }
  for (CounterRow& counter : clean.counters) {
    counter.path = clean_text(counter.path);
    counter.unit = clean_text(counter.unit);
    counter.description = clean_text(counter.description);
  }
  clean_timeline(clean.timeline);
  for (EventRow& event : clean.events) {
    require(event.end_fs >= event.start_fs, "an event ends before it starts");
    event.component = flag_word(event.component);
    event.kind = flag_word(event.kind);
  }
  for (LinkRow& link : clean.links) {
    for (std::string* text : {&link.name, &link.from, &link.to}) {
      *text = clean_text(*text);
    }
  }
  std::for_each(clean.histograms.begin(), clean.histograms.end(), clean_histogram);
  clean_provenance(clean.provenance);

  require_distinct(clean.summary, "summary value", [](const auto& row) { return row.name; });
  require_distinct(clean.counters, "counter", [](const auto& row) { return row.path; });
  require_distinct(clean.histograms, "histogram", [](const auto& row) { return row.name; });
  return clean;
}

}  // namespace orrery
