// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string_view>

#include "report/embedded_files.h"
#include "report/page.h"
#include "report/word_list.h"
#include "sim/error.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

// Components of the timeline that are a whole chip's: `orrery run --timeline` adds thousands more.
constexpr std::array<std::string_view, 5> kWholeChip{"tensor", "vector", "hbm", "network", "chip"};

// Three decimals of a microsecond are a nanosecond.
double rounded_us(Femtoseconds time_fs) {
  return std::round(to_microseconds(time_fs) * 1e3) / 1e3;
}

// Indices of the `most` rows of greatest weight, in their order.
std::vector<std::size_t> greatest(std::size_t count,
                                  std::size_t most,
                                  const std::function<double(std::size_t)>& weight) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (count > most) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
    rows.resize(most);
    std::sort(rows.begin(), rows.end());
  }
  return rows;
}

Json summary_json(const RunRecord& record) {
  Json summary = Json::object();
  for (const SummaryValue& value : record.summary) {
    summary[value.name] = {
        {"value", value.value}, {"units", value.units}, {"long_name", value.long_name}};
  }
  return summary;
}

Json stall_shares(const OpRow& op) {
  const double all = std::accumulate(op.stall_fs.begin(), op.stall_fs.end(), 0.0);
  Json shares = Json::array();
  for (const std::uint64_t time_fs : op.stall_fs) {
    shares.push_back(all > 0 ? std::round(static_cast<double>(time_fs) / all * 1e4) / 1e4 : 0);
  }
  return shares;
}

Json ops_json(const RunRecord& record, const std::vector<std::size_t>& shown) {
  WordList kinds;
  WordList bounds;
  WordList tiles;
  WordList notes;
  Json rows = Json::array();
  for (const std::size_t i : shown) {
    const OpRow& op = record.ops[i];
    Json row = {i,
                op.name,
                kinds.index(op.kind),
                rounded_us(op.start_fs),
                rounded_us(op.end_fs - op.start_fs),
                op.flop,
                op.hbm_read_bytes,
                op.hbm_write_bytes,
                op.shared_bytes,
                op.network_bytes,
                bounds.index(op.bound),
                tiles.index(op.tile),
                op.reused ? 1 : 0,
                notes.index(op.mapping_note),
                stall_shares(op)};
    if (op.has_power()) {
      row.push_back(static_cast<double>(op.clock_hz) / 1e6);
      row.push_back(op.total_energy_j());
    }
    rows.push_back(std::move(row));
  }
  return {{"columns",
           {"index", "name", "kind", "start_us", "time_us", "flop", "hbm_read_bytes",
            "hbm_write_bytes", "shared_bytes", "network_bytes", "bound", "tile", "reused", "note",
            "stalls", "clock_mhz", "energy_j"}},
          {"kinds", kinds.words()},
          {"bounds", bounds.words()},
          {"tiles", tiles.words()},
          {"notes", notes.words()},
          {"rows", std::move(rows)}};
}

struct KindSum {
  std::uint64_t count = 0;
  Femtoseconds time_fs = 0;
  double flop = 0, hbm_bytes = 0;
  std::vector<double> stall_us = std::vector<double>(kStallCategoryCount);
  std::vector<double> energy_j = std::vector<double>(kEnergyPartNames);
};

Json kinds_json(const RunRecord& record) {
  std::map<std::string, KindSum> sums;
  for (const OpRow& op : record.ops) {
    KindSum& sum = sums[op.kind];
    ++sum.count;
    sum.time_fs += op.end_fs - op.start_fs;
    sum.flop += static_cast<double>(op.flop);
    sum.hbm_bytes += static_cast<double>(op.hbm_read_bytes + op.hbm_write_bytes);
    for (std::size_t i = 0; i < std::min(op.stall_fs.size(), kStallCategoryCount); ++i) {
      sum.stall_us[i] += to_microseconds(op.stall_fs[i]);
    }
    for (std::size_t i = 0; i < std::min(op.energy_j.size(), kEnergyPartNames); ++i) {
      sum.energy_j[i] += op.energy_j[i];
    }
  }
  std::vector<const std::pair<const std::string, KindSum>*> longest;
  for (const auto& entry : sums) {
    longest.push_back(&entry);
  }
  std::stable_sort(longest.begin(), longest.end(), [](const auto* a, const auto* b) {
    return a->second.time_fs > b->second.time_fs;
  });
  Json kinds = Json::array();
  for (const auto* entry : longest) {
    const KindSum& sum = entry->second;
    kinds.push_back({{"kind", entry->first},
                     {"count", sum.count},
                     {"time_us", rounded_us(sum.time_fs)},
                     {"flop", sum.flop},
                     {"hbm_bytes", sum.hbm_bytes},
                     {"stall_us", sum.stall_us},
                     {"energy_j", sum.energy_j}});
  }
  return kinds;
}

Json timeline_json(const RunRecord& record) {
  Json rows = Json::array();
  Femtoseconds bin_fs = 1;
  for (const TimelineRow& row : record.timeline) {
    if (std::find(kWholeChip.begin(), kWholeChip.end(), row.component) == kWholeChip.end()) {
      continue;
    }
    bin_fs = row.bin_fs;
    rows.push_back({{"component", row.component},
                    {"counter", row.counter},
                    {"unit", row.unit},
                    {"bins", row.bins}});
  }
  return {{"bin_us", to_microseconds(bin_fs)}, {"rows", std::move(rows)}};
}

Json links_json(const RunRecord& record, Femtoseconds total_fs) {
  const auto busy_fs = [&](std::size_t i) {
    return static_cast<double>(
        std::max(record.links[i].request_busy_fs, record.links[i].response_busy_fs));
  };
  const auto share = [&](std::uint64_t time_fs) {
    return total_fs == 0
               ? 0.0
               : std::round(static_cast<double>(time_fs) / static_cast<double>(total_fs) * 1e5) /
                     1e5;
  };
  Json rows = Json::array();
  for (const std::size_t i : greatest(record.links.size(), kMostListedLinks, busy_fs)) {
    const LinkRow& link = record.links[i];
    rows.push_back({link.name, link.from, link.to, link.request_bytes, link.response_bytes,
                    share(link.request_busy_fs), share(link.response_busy_fs)});
  }
  return {{"count", record.links.size()}, {"rows", std::move(rows)}};
}

Json provenance_json(const Provenance& p) {
  return {{"command_line", p.command_line}, {"git_revision", p.git_revision},
          {"started", p.started},           {"host", p.host},
          {"cpu_seconds", p.cpu_seconds},   {"config", p.config_resolved},
          {"workload", p.workload}};
}

// Cores are not stored: the time of all of them is cores x duration.
double core_count(const RunRecord& record) {
  for (const OpRow& op : record.ops) {
    if (op.end_fs > op.start_fs) {
      const double all = std::accumulate(op.stall_fs.begin(), op.stall_fs.end(), 0.0);
      return std::round(all / static_cast<double>(op.end_fs - op.start_fs));
    }
  }
  return 0;
}

std::string title_of(const RunRecord& record) {
  std::string title = record.chip + ": " + record.workload;
  // Workloads of models are often called after their phase.
  if (!record.phase.empty() && record.workload.find(record.phase) == std::string::npos) {
    title += ", " + record.phase;
  }
  return title;
}

}  // namespace

nlohmann::ordered_json run_report_data(const RunRecord& record) {
  Femtoseconds total_fs = 0;
  std::uint64_t reused = 0;
  for (const OpRow& op : record.ops) {
    total_fs = std::max(total_fs, op.end_fs);
    reused += op.reused ? 1 : 0;
  }
  const std::vector<std::size_t> shown =
      greatest(record.ops.size(), kMostListedOps, [&](std::size_t i) {
        return static_cast<double>(record.ops[i].end_fs - record.ops[i].start_fs);
      });
  return {{"title", title_of(record)},
          {"chip", record.chip},
          {"workload", record.workload},
          {"phase", record.phase},
          {"notes", record.notes},
          {"cores", core_count(record)},
          {"total_us", to_microseconds(total_fs)},
          {"summary", summary_json(record)},
          {"op_count", record.ops.size()},
          {"reused_count", reused},
          {"ops", ops_json(record, shown)},
          {"stall_names", stall_category_names()},
          {"energy_names", energy_part_names()},
          {"has_power", !record.ops.empty() && record.ops.front().has_power()},
          {"kinds", kinds_json(record)},
          {"timeline", timeline_json(record)},
          {"links", links_json(record, total_fs)},
          {"provenance", provenance_json(record.provenance)}};
}

std::string run_report(const RunRecord& record) {
  if (record.ops.empty()) {
    throw InputError("report: the result has no operators");
  }
  return report_page(title_of(record) + " - Orrery", run_script(), run_report_data(record));
}

}  // namespace orrery
