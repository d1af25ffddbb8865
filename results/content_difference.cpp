// SPDX-License-Identifier: Apache-2.0
#include "results/content_difference.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace orrery {

namespace {

constexpr std::size_t kMostText = 28;

std::string text_of(const std::string& value) {
  return '"' + (value.size() > kMostText ? value.substr(0, kMostText) + "..." : value) + '"';
}
std::string text_of(std::uint64_t value) {
  return fmt::format("{}", value);
}
std::string text_of(double value) {
  return fmt::format("{}", value);  // the shortest that reads back as the same
}

bool equal(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
template <typename Value>
bool equal(const Value& a, const Value& b) {
  return a == b;
}

class Collector {
 public:
  explicit Collector(std::size_t most) : most_(most) {}

  // `where` makes the text of a place, which is wanted for what differs only.
  template <typename Where, typename Value>
  void value(const Where& where, const Value& a, const Value& b) {
    if (!equal(a, b)) {
      add(text_of_place(where), text_of(a), text_of(b));
    }
  }
  template <typename Where, typename Value>
  void list(const Where& where, const std::vector<Value>& a, const std::vector<Value>& b) {
    if (a.size() != b.size()) {
      length(text_of_place(where), a.size(), b.size());
    }
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (!equal(a[i], b[i])) {
        add(fmt::format("{}[{}]", text_of_place(where), i), text_of(a[i]), text_of(b[i]));
      }
    }
  }
  void length(const std::string& where, std::size_t a, std::size_t b) {
    if (a != b) {
      add(where, fmt::format("{} rows", a), fmt::format("{} rows", b));
    }
  }
  ContentDifferences take() { return std::move(found_); }

 private:
  static std::string text_of_place(const std::string& where) { return where; }
  template <typename Where>
  static std::string text_of_place(const Where& where) {
    return where();
  }
  void add(const std::string& where, std::string a, std::string b) {
    if (found_.count++ < most_) {
      found_.first.push_back({where, std::move(a), std::move(b)});
    }
  }

  std::size_t most_;
  ContentDifferences found_;
};

// Calls `compare(x, y, place)` for the rows that both have; `place("end")()` is "/ops/end[3]
// (name)".
template <typename Row, typename Name, typename Compare>
void rows(Collector& found,
          const char* group,
          const std::vector<Row>& a,
          const std::vector<Row>& b,
          Name name_of,
          Compare compare) {
  found.length(group, a.size(), b.size());
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const auto place = [&, i](const char* column) {
      return
          [&, i, column] { return fmt::format("{}/{}[{}] ({})", group, column, i, name_of(a[i])); };
    };
    compare(a[i], b[i], place);
  }
}

void ops(Collector& found, const RunRecord& a, const RunRecord& b) {
  rows(
      found, "/ops", a.ops, b.ops, [](const OpRow& op) { return op.name; },
      [&](const OpRow& x, const OpRow& y, const auto& place) {
        found.value(place("name"), x.name, y.name);
        found.value(place("kind"), x.kind, y.kind);
        found.value(place("start"), x.start_fs, y.start_fs);
        found.value(place("end"), x.end_fs, y.end_fs);
        found.value(place("flop"), x.flop, y.flop);
        found.value(place("hbm_read_bytes"), x.hbm_read_bytes, y.hbm_read_bytes);
        found.value(place("hbm_write_bytes"), x.hbm_write_bytes, y.hbm_write_bytes);
        found.value(place("shared_bytes"), x.shared_bytes, y.shared_bytes);
        found.value(place("network_bytes"), x.network_bytes, y.network_bytes);
        found.value(place("credited"), x.credited_fs, y.credited_fs);
        found.value(place("sampling_error"), x.sampling_error_fs, y.sampling_error_fs);
        found.value(place("bound"), x.bound, y.bound);
        found.value(place("tile"), x.tile, y.tile);
        found.value(place("reused"), std::uint64_t{x.reused}, std::uint64_t{y.reused});
        found.value(place("mapping_note"), x.mapping_note, y.mapping_note);
        found.list(place("stalls"), x.stall_fs, y.stall_fs);
        found.value(place("clock"), x.clock_hz, y.clock_hz);
        found.list(place("energy"), x.energy_j, y.energy_j);
      });
}

void tables(Collector& found, const RunRecord& a, const RunRecord& b) {
  rows(
      found, "/counters", a.counters, b.counters, [](const CounterRow& row) { return row.path; },
      [&](const CounterRow& x, const CounterRow& y, const auto& place) {
        found.value(place("counter"), x.path, y.path);
        found.value(place("unit"), x.unit, y.unit);
        found.value(place("description"), x.description, y.description);
        found.value(place("value"), x.value, y.value);
      });
  rows(
      found, "/timeline", a.timeline, b.timeline,
      [](const TimelineRow& row) { return row.component + " " + row.counter; },
      [&](const TimelineRow& x, const TimelineRow& y, const auto& place) {
        found.value(place("component"), x.component, y.component);
        found.value(place("counter"), x.counter, y.counter);
        found.value(place("unit"), x.unit, y.unit);
        found.value(place("bin_width"), x.bin_fs, y.bin_fs);
        found.list(place("bins"), x.bins, y.bins);
      });
  rows(
      found, "/events", a.events, b.events, [](const EventRow& row) { return row.kind; },
      [&](const EventRow& x, const EventRow& y, const auto& place) {
        found.value(place("start"), x.start_fs, y.start_fs);
        found.value(place("end"), x.end_fs, y.end_fs);
        found.value(place("component"), x.component, y.component);
        found.value(place("kind"), x.kind, y.kind);
        found.value(place("op"), std::uint64_t{x.op}, std::uint64_t{y.op});
      });
  found.value(std::string("/events @capacity"), a.events_capacity, b.events_capacity);
  found.value(std::string("/events @dropped"), a.events_dropped, b.events_dropped);
  rows(
      found, "/histograms", a.histograms, b.histograms,
      [](const HistogramRow& row) { return row.name; },
      [&](const HistogramRow& x, const HistogramRow& y, const auto& place) {
        found.value(place("name"), x.name, y.name);
        found.value(place("unit"), x.unit, y.unit);
        found.list(place("edges"), x.edges, y.edges);
        found.list(place("count"), x.counts, y.counts);
      });
  rows(
      found, "/links", a.links, b.links, [](const LinkRow& row) { return row.name; },
      [&](const LinkRow& x, const LinkRow& y, const auto& place) {
        found.value(place("name"), x.name, y.name);
        found.value(place("from"), x.from, y.from);
        found.value(place("to"), x.to, y.to);
        found.value(place("request_bytes"), x.request_bytes, y.request_bytes);
        found.value(place("response_bytes"), x.response_bytes, y.response_bytes);
        found.value(place("request_busy"), x.request_busy_fs, y.request_busy_fs);
        found.value(place("response_busy"), x.response_busy_fs, y.response_busy_fs);
      });
}

}  // namespace

ContentDifferences content_differences(const RunRecord& a, const RunRecord& b, std::size_t most) {
  Collector found(most);
  using Text = std::string;
  found.value(Text("/@chip"), a.chip, b.chip);
  found.value(Text("/@workload"), a.workload, b.workload);
  found.value(Text("/@phase"), a.phase, b.phase);
  found.list(Text("/@notes"), a.notes, b.notes);
  found.length("/summary", a.summary.size(), b.summary.size());
  for (std::size_t i = 0; i < std::min(a.summary.size(), b.summary.size()); ++i) {
    const SummaryValue& x = a.summary[i];
    const SummaryValue& y = b.summary[i];
    found.value(fmt::format("/summary[{}] name", i), x.name, y.name);
    found.value("/summary/" + x.name, x.value, y.value);
    found.value("/summary/" + x.name + " @units", x.units, y.units);
    found.value("/summary/" + x.name + " @long_name", x.long_name, y.long_name);
  }
  ops(found, a, b);
  tables(found, a, b);
  return found.take();
}

}  // namespace orrery
