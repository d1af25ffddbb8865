// SPDX-License-Identifier: Apache-2.0
#include "sweep/collect.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <system_error>

#include "results/host_name.h"
#include "results/sweep_file.h"
#include "sim/error.h"
#include "sweep/metrics.h"

namespace orrery {
namespace {

// A network file system may list a folder as it was a minute ago, without the shards of chunks that
// have just ended elsewhere. Who changes a folder is shown it anew.
void list_anew(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / (".collection-" + process_name());
  std::ofstream(path).put('\n');
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace

SweepRecord points_record(const std::string& name,
                          std::vector<std::string> notes,
                          std::vector<SweepColumn> axes,
                          std::vector<std::string> identities,
                          std::vector<std::string> infeasible) {
  SweepRecord record;
  record.name = name;
  record.notes = std::move(notes);
  record.axes = std::move(axes);
  record.identities = std::move(identities);
  record.reasons = std::move(infeasible);
  for (std::string& reason : record.reasons) {
    record.status.push_back(reason.empty() ? PointStatus::kFailed : PointStatus::kInfeasible);
    if (reason.empty()) {
      reason = kNotRun;
    }
  }
  return record;
}

Counts counts_of(const SweepRecord& record) {
  Counts counts;
  for (std::size_t i = 0; i < record.point_count(); ++i) {
    switch (record.status[i]) {
      case PointStatus::kComplete:
        ++counts.complete;
        break;
      case PointStatus::kInfeasible:
        ++counts.infeasible;
        break;
      case PointStatus::kFailed:
        ++(record.reasons[i] == kNotRun ? counts.not_run : counts.failed);
        break;
    }
  }
  return counts;
}

SweepRecord collected(SweepRecord points, const KnownPoints& known) {
  SweepRecord record = std::move(points);
  const std::size_t count = record.point_count();
  record.metrics.clear();
  for (const Metric& metric : sweep_metrics()) {
    record.metrics.push_back({metric.name,
                              metric.unit,
                              metric.long_name,
                              std::vector<double>(count, std::numeric_limits<double>::quiet_NaN()),
                              {}});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const PointRecord* const found = known.find(record.identities[i]);
    if (record.status[i] == PointStatus::kInfeasible || found == nullptr) {
      continue;
    }
    record.status[i] = found->status;
    record.reasons[i] = found->reason;
    for (std::size_t m = 0; m < found->values.size(); ++m) {
      record.metrics[m].values[i] = found->values[m];
    }
  }
  std::erase_if(record.metrics, [](const SweepColumn& column) {
    return std::all_of(column.values.begin(), column.values.end(),
                       [](double value) { return std::isnan(value); });
  });
  return record;
}

Counts collect_sweep(const SweepFolder& folder) {
  if (!folder.has_points()) {
    throw InputError(fmt::format("{}: holds no sweep", folder.path().string()));
  }
  KnownPoints known;
  SweepRecord points = read_sweep(folder.points_file());
  list_anew(folder.shards());
  known.read(folder);
  const SweepRecord record = collected(std::move(points), known);
  write_sweep(record, folder.sweep_file());
  return counts_of(record);
}

}  // namespace orrery
