// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "results/columns.h"
#include "results/flag_column.h"
#include "results/sections.h"

// Summary, counters, events, histograms.
namespace orrery {

namespace {

constexpr std::array<TextColumn<CounterRow>, 2> kCounterTexts{{
    {"unit", "unit of the value", &CounterRow::unit},
    {"description", "what was counted", &CounterRow::description},
}};

constexpr std::array<NumberColumn<CounterRow>, 1> kCounterNumbers{{
    {"value", "1", "value at the end of the run, in the unit of its row", &CounterRow::value},
}};

constexpr std::array<NumberColumn<EventRow>, 2> kEventNumbers{{
    {"start", "fs", "start of the event since the start of the run", &EventRow::start_fs},
    {"end", "fs", "end of the event since the start of the run", &EventRow::end_fs},
}};

}  // namespace

void write_summary(hdf5::Group& root, const std::vector<SummaryValue>& summary) {
  hdf5::Group group = root.create_group("summary");
  for (const SummaryValue& value : summary) {
    hdf5::Dataset dataset = group.write<double>(value.name, {value.value}, {});
    describe(dataset, value.units, value.long_name);
  }
}

std::vector<SummaryValue> read_summary(const hdf5::Group& root) {
  const hdf5::Group group = root.group("summary");
  std::vector<SummaryValue> summary;
  for (const std::string& name : group.names()) {
    const hdf5::Dataset dataset = group.dataset(name);
    summary.push_back(
        {name, dataset.read<double>({})[0], dataset.text("units"), dataset.text("long_name")});
  }
  return summary;
}

void write_counters(hdf5::Group& root, const std::vector<CounterRow>& counters) {
  hdf5::Group group = root.create_group("counters");
  hdf5::Dataset scale = group.write_text("counter", column_of(counters, &CounterRow::path));
  scale.make_scale("counter");
  scale.set("long_name", "path of the counter");
  write_numbers<CounterRow>(group, counters, kCounterNumbers, scale);
  write_texts<CounterRow>(group, counters, kCounterTexts, scale);
}

std::vector<CounterRow> read_counters(const hdf5::Group& root) {
  const hdf5::Group group = root.group("counters");
  const hdf5::Dataset scale = group.dataset("counter");
  std::vector<CounterRow> counters(scale.length(kResultLimits.counters));
  fill_column(counters, &CounterRow::path, scale.read_text({counters.size()}));
  read_numbers<CounterRow>(group, counters, kCounterNumbers);
  read_texts<CounterRow>(group, counters, kCounterTexts);
  return counters;
}

void write_events(hdf5::Group& root, const RunRecord& record) {
  hdf5::Group group = root.create_group("events");
  group.set("capacity", record.events_capacity);
  group.set("dropped", record.events_dropped);
  const std::vector<EventRow>& events = record.events;
  const hdf5::Dataset scale = write_index(group, "event", events.size());
  write_numbers<EventRow>(group, events, kEventNumbers, scale);
  std::vector<std::uint64_t> ops(events.size());
  std::transform(events.begin(), events.end(), ops.begin(), [](const auto& e) { return e.op; });
  hdf5::Dataset op = group.write("op", ops);
  describe(op, "1", "number of the operator, as in /ops");
  op.attach(scale, 0);
  hdf5::Dataset component =
      write_flags(group, "component", column_of(events, &EventRow::component));
  component.attach(scale, 0);
  hdf5::Dataset kind = write_flags(group, "kind", column_of(events, &EventRow::kind));
  kind.attach(scale, 0);
}

void read_events(const hdf5::Group& root, RunRecord& record) {
  const hdf5::Group group = root.group("events");
  record.events_capacity = group.integer("capacity");
  record.events_dropped = group.integer("dropped");
  const std::uint64_t count = group.dataset("event").length(kResultLimits.events);
  record.events.resize(count);
  read_numbers<EventRow>(group, record.events, kEventNumbers);
  const auto ops = group.dataset("op").read<std::uint64_t>({count});
  for (std::size_t i = 0; i < ops.size(); ++i) {
    record.events[i].op = static_cast<std::uint32_t>(ops[i]);  // a lost digit fails the hash
  }
  fill_column(record.events, &EventRow::component, read_flags(group, "component", {count}));
  fill_column(record.events, &EventRow::kind, read_flags(group, "kind", {count}));
}

void write_histograms(hdf5::Group& root, const std::vector<HistogramRow>& histograms) {
  hdf5::Group all = root.create_group("histograms");
  for (const HistogramRow& histogram : histograms) {
    hdf5::Group group = all.create_group(histogram.name);
    const hdf5::Dataset scale = write_index(group, "bin", histogram.counts.size());
    hdf5::Dataset lower =
        group.write<std::uint64_t>("lower", {histogram.edges.begin(), histogram.edges.end() - 1});
    describe(lower, histogram.unit, "lower edge of the bin, included");
    lower.attach(scale, 0);
    hdf5::Dataset upper =
        group.write<std::uint64_t>("upper", {histogram.edges.begin() + 1, histogram.edges.end()});
    describe(upper, histogram.unit, "upper edge of the bin, not included");
    upper.attach(scale, 0);
    hdf5::Dataset count = group.write("count", histogram.counts);
    describe(count, "1", "values in the bin");
    count.attach(scale, 0);
  }
}

std::vector<HistogramRow> read_histograms(const hdf5::Group& root) {
  const hdf5::Group all = root.group("histograms");
  std::vector<HistogramRow> histograms;
  for (const std::string& name : all.names()) {
    const hdf5::Group group = all.group(name);
    const std::uint64_t bins = group.dataset("bin").length(kResultLimits.histogram_bins);
    const hdf5::Dataset lower = group.dataset("lower");
    HistogramRow row{name, lower.text("units"), lower.read<std::uint64_t>({bins}),
                     group.dataset("count").read<std::uint64_t>({bins})};
    const auto upper = group.dataset("upper").read<std::uint64_t>({bins});
    if (bins == 0 || !std::equal(row.edges.begin() + 1, row.edges.end(), upper.begin())) {
      throw hdf5::Error("read /histograms/" + name + ": bins do not follow each other");
    }
    row.edges.push_back(upper.back());
    histograms.push_back(std::move(row));
  }
  return histograms;
}

}  // namespace orrery
