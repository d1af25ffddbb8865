// SPDX-License-Identifier: Apache-2.0
#include "cli/kind_totals.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace orrery {

namespace {

double per_second(double amount, Femtoseconds time_fs) {
  return time_fs == 0 ? 0 : amount / to_seconds(time_fs);
}

KindTotal sum(const std::string& kind, const std::vector<const OpRow*>& ops) {
  KindTotal total;
  total.kind = kind;
  std::map<std::string, Femtoseconds> bounds;
  for (const OpRow* op : ops) {
    const Femtoseconds time_fs = op->end_fs - op->start_fs;
    total.count += 1;
    total.time_fs += time_fs;
    total.flop += static_cast<double>(op->flop);
    total.hbm_bytes += static_cast<double>(op->hbm_read_bytes);
    total.hbm_bytes += static_cast<double>(op->hbm_write_bytes);
    total.energy_j += op->total_energy_j();
    total.cycles += static_cast<double>(op->clock_hz) * to_seconds(time_fs);
    bounds[op->bound] += time_fs;
  }
  total.bounds.assign(bounds.begin(), bounds.end());
  std::stable_sort(total.bounds.begin(), total.bounds.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return total;
}

}  // namespace

double KindTotal::flop_per_s() const {
  return per_second(flop, time_fs);
}

double KindTotal::hbm_bytes_per_s() const {
  return per_second(hbm_bytes, time_fs);
}

double KindTotal::power_w() const {
  return per_second(energy_j, time_fs);
}

double KindTotal::clock_hz() const {
  return per_second(cycles, time_fs);
}

std::string KindTotal::bound_text() const {
  std::string text;
  for (const auto& [bound, bound_fs] : bounds) {
    const double share = time_fs == 0 ? 1 : to_seconds(bound_fs) / to_seconds(time_fs);
    if (text.empty() && share > 0.995) {
      return bound;
    }
    if (text.empty() || share >= 0.1) {
      text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", bound, 100 * share);
    }
  }
  return text;
}

std::vector<KindTotal> kind_totals(const std::vector<OpRow>& ops) {
  std::map<std::string, std::vector<const OpRow*>> by_kind;
  for (const OpRow& op : ops) {
    by_kind[op.kind].push_back(&op);
  }
  std::vector<KindTotal> totals;
  for (const auto& [kind, rows] : by_kind) {
    totals.push_back(sum(kind, rows));
  }
  std::stable_sort(totals.begin(), totals.end(),
                   [](const KindTotal& a, const KindTotal& b) { return a.time_fs > b.time_fs; });
  return totals;
}

KindTotal total_of(const std::vector<OpRow>& ops) {
  std::vector<const OpRow*> all;
  for (const OpRow& op : ops) {
    all.push_back(&op);
  }
  return sum("all", all);
}

}  // namespace orrery
