// SPDX-License-Identifier: Apache-2.0
#include "results/canonical.h"
#include "results/hasher.h"

namespace orrery {

namespace {

class RecordHasher : public Hasher {
 public:
  using Hasher::add;
  template <typename Item>
  void add(const std::vector<Item>& items) {
    add(std::uint64_t{items.size()});
    for (const Item& item : items) {
      add(item);
    }
  }
  template <typename First, typename Second, typename... More>
  void add(const First& first, const Second& second, const More&... more) {
    add(first);
    add(second, more...);
  }
  void add(const SummaryValue& v) { add(v.name, v.value, v.units, v.long_name); }
  void add(const OpRow& op) {
    add(op.name, op.kind, op.start_fs, op.end_fs, op.flop);
    add(op.hbm_read_bytes, op.hbm_write_bytes, op.shared_bytes, op.network_bytes);
    add(op.credited_fs, op.sampling_error_fs);
    add(op.bound, op.tile, std::uint64_t{op.reused}, op.mapping_note, op.stall_fs);
    if (op.has_power()) {  // as in files that were written before there was power
      add(op.clock_hz, op.energy_j);
    }
  }
  void add(const CounterRow& c) { add(c.path, c.unit, c.description, c.value); }
  void add(const TimelineRow& t) { add(t.component, t.counter, t.unit, t.bin_fs, t.bins); }
  void add(const EventRow& e) {
    add(e.start_fs, e.end_fs, e.component, e.kind, std::uint64_t{e.op});
  }
  void add(const LinkRow& l) {
    add(l.name, l.from, l.to);
    add(l.request_bytes, l.response_bytes, l.request_busy_fs, l.response_busy_fs);
  }
  void add(const HistogramRow& h) { add(h.name, h.unit, h.edges, h.counts); }
};

}  // namespace

std::string content_hash(const RunRecord& record) {
  RecordHasher hasher;
  hasher.add(record.chip, record.workload, record.phase, record.notes);
  hasher.add(record.summary, record.ops, record.counters, record.timeline);
  hasher.add(record.events, record.events_capacity, record.events_dropped, record.histograms);
  if (!record.links.empty()) {  // as in files that were written before there were links
    hasher.add(record.links);
  }
  return hasher.text();
}

}  // namespace orrery
