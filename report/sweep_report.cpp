// SPDX-License-Identifier: Apache-2.0
#include "report/sweep_report.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>

#include "report/embedded_files.h"
#include "report/linked_axes.h"
#include "report/page.h"
#include "report/pareto.h"
#include "report/sensitivity.h"
#include "report/word_list.h"
#include "sim/error.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostReasons = 200;
constexpr std::size_t kMostContexts = 32;  // words with sensitivities of their own

std::vector<Objective> objectives(const SweepRecord& record) {
  std::vector<Objective> all;
  for (const SweepColumn& metric : record.metrics) {
    if (direction_of(metric.name) != Direction::kNone) {
      all.push_back({&metric.values, direction_of(metric.name)});
    }
  }
  return all;
}

// Indices of the points that are drawn, rising.
std::vector<std::size_t> drawn_points(const SweepRecord& record) {
  const std::size_t count = record.point_count();
  std::vector<bool> drawn(count, count <= kMostListedPoints);
  if (count > kMostListedPoints) {
    const std::vector<Objective> all = objectives(record);
    std::size_t chosen = 0;
    const auto choose = [&](std::size_t point) {
      if (!drawn[point] && chosen < kMostListedPoints) {
        drawn[point] = true;
        ++chosen;
      }
    };
    for (std::size_t a = 0; a < all.size(); ++a) {
      for (std::size_t b = a + 1; b < all.size(); ++b) {
        for (const std::size_t point : pareto_front(all[a], all[b])) {
          choose(point);
        }
      }
    }
    // A stride over a grid would always meet the same values of the axes that vary fastest; steps
    // of the golden ratio meet all.
    constexpr double kGolden = 0.6180339887498949;
    double place = 0;
    for (std::size_t tries = 0; tries < 3 * kMostListedPoints; ++tries) {
      place += kGolden;
      place -= std::floor(place);
      choose(std::min(count - 1, static_cast<std::size_t>(place * static_cast<double>(count))));
    }
  }
  std::vector<std::size_t> points;
  for (std::size_t i = 0; i < count; ++i) {
    if (drawn[i]) {
      points.push_back(i);
    }
  }
  return points;
}

// Seven digits are more than a chart shows, and a third of the text of all.
double shortened(double value) {
  if (!std::isfinite(value) || value == 0) {
    return value;
  }
  const double scale = std::pow(10.0, 6 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

const char* direction_name(Direction direction) {
  switch (direction) {
    case Direction::kNone:
      return "none";
    case Direction::kLess:
      return "less";
    case Direction::kMore:
      return "more";
  }
  return "none";
}

// Axes are stated, metrics measured: only these may lose digits.
Json column_json(const SweepColumn& column, const std::vector<std::size_t>& points, bool is_axis) {
  Json values = Json::array();
  for (const std::size_t point : points) {
    const double value = is_axis ? column.values[point] : shortened(column.values[point]);
    if (std::isfinite(value)) {
      values.push_back(value);
    } else {
      values.push_back(nullptr);
    }
  }
  return {{"name", column.name},
          {"unit", column.unit},
          {"long_name", column.long_name},
          {"words", column.words},
          {"direction", direction_name(direction_of(column.name))},
          {"values", std::move(values)}};
}

// The axis that says what a point ran: points that differ in it are not to be set against each
// other. Null where there is none with more than one word.
const SweepColumn* context_axis(const SweepRecord& record) {
  for (const char* name : {"workload", "phase"}) {
    for (const SweepColumn& axis : record.axes) {
      if (axis.name == name && axis.words.size() > 1) {
        return &axis;
      }
    }
  }
  return nullptr;
}

Json rows_json(const std::vector<Sensitivity>& sensitivities) {
  Json rows = Json::array();
  for (const Sensitivity& one : sensitivities) {
    rows.push_back({{"axis", one.axis},
                    {"linked", one.linked},
                    {"typical", one.typical},
                    {"least", one.least},
                    {"greatest", one.greatest},
                    {"pairs", one.pairs},
                    {"fit", one.fit},
                    {"method", one.method == Sensitivity::Method::kFit ? "fit" : "neighbours"}});
  }
  return rows;
}

// Of all points, and of those with each word of the context.
Json sensitivity_json(const SweepRecord& record) {
  Json all = Json::array();
  const auto add = [&](const std::vector<std::size_t>& points, const Json& context) {
    for (const SweepColumn& metric : record.metrics) {
      if (direction_of(metric.name) == Direction::kNone) {
        continue;
      }
      Json rows = rows_json(sensitivities(record, metric, points));
      if (!rows.empty()) {
        all.push_back({{"metric", metric.name}, {"context", context}, {"rows", std::move(rows)}});
      }
    }
  };
  std::vector<std::size_t> every(record.point_count());
  std::iota(every.begin(), every.end(), std::size_t{0});
  add(every, nullptr);
  if (const SweepColumn* axis = context_axis(record)) {
    for (std::size_t word = 0; word < std::min(axis->words.size(), kMostContexts); ++word) {
      std::vector<std::size_t> points;
      std::copy_if(every.begin(), every.end(), std::back_inserter(points), [&](std::size_t point) {
        return axis->values[point] == static_cast<double>(word);
      });
      add(points, word);
    }
  }
  return all;
}

// Reasons of all points, the most frequent first.
Json reasons_json(const SweepRecord& record) {
  WordList reasons;
  std::vector<std::size_t> counts;
  std::vector<PointStatus> statuses;
  for (std::size_t i = 0; i < record.point_count(); ++i) {
    if (record.status[i] != PointStatus::kComplete) {
      const std::size_t index = reasons.index(record.reasons[i]);
      if (index == counts.size()) {
        counts.push_back(0);
        statuses.push_back(record.status[i]);
      }
      ++counts[index];
    }
  }
  std::vector<std::size_t> order(counts.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  order.resize(std::min(order.size(), kMostReasons));
  Json rows = Json::array();
  for (const std::size_t index : order) {
    rows.push_back({{"status", point_status_names()[static_cast<std::size_t>(statuses[index])]},
                    {"count", counts[index]},
                    {"reason", reasons.words()[index]}});
  }
  return rows;
}

Json points_json(const SweepRecord& record, const std::vector<std::size_t>& points) {
  WordList reasons;
  Json status = Json::array();
  Json reason = Json::array();
  Json identity = Json::array();
  for (const std::size_t point : points) {
    status.push_back(static_cast<int>(record.status[point]));
    reason.push_back(reasons.index(record.reasons[point]));
    identity.push_back(record.identities[point].substr(0, 12));
  }
  return {{"index", points},
          {"status", std::move(status)},
          {"reason", std::move(reason)},
          {"reasons", reasons.words()},
          {"identity", std::move(identity)}};
}

std::string title_of(const SweepRecord& record) {
  return record.name.empty() ? "Sweep" : "Sweep: " + record.name;
}

}  // namespace

nlohmann::ordered_json sweep_report_data(const SweepRecord& record) {
  const std::vector<std::size_t> points = drawn_points(record);
  std::vector<std::size_t> counts(kPointStatusCount);
  for (const PointStatus status : record.status) {
    ++counts[static_cast<std::size_t>(status)];
  }
  std::vector<std::size_t> every(record.point_count());
  std::iota(every.begin(), every.end(), std::size_t{0});
  const std::vector<std::size_t> leaders = axis_leaders(record, every);
  Json axes = Json::array();
  for (const SweepColumn& axis : record.axes) {
    axes.push_back(column_json(axis, points, true));
    axes.back()["leader"] = record.axes[leaders[axes.size() - 1]].name;
  }
  Json metrics = Json::array();
  for (const SweepColumn& metric : record.metrics) {
    metrics.push_back(column_json(metric, points, false));
  }
  const Provenance& p = record.provenance;
  const SweepColumn* const context = context_axis(record);
  return {{"title", title_of(record)},
          {"notes", record.notes},
          {"point_count", record.point_count()},
          {"context", context ? Json(context->name) : Json(nullptr)},
          {"status_names", point_status_names()},
          {"status_counts", counts},
          {"axes", std::move(axes)},
          {"metrics", std::move(metrics)},
          {"points", points_json(record, points)},
          {"reasons", reasons_json(record)},
          {"sensitivity", sensitivity_json(record)},
          {"provenance",
           {{"command_line", p.command_line},
            {"git_revision", p.git_revision},
            {"started", p.started},
            {"cpu_seconds", p.cpu_seconds},
            {"config", p.config_resolved}}}};
}

std::string sweep_report(const SweepRecord& record) {
  if (record.point_count() == 0) {
    throw InputError("report: the sweep has no points");
  }
  return report_page(title_of(record) + " - Orrery", sweep_script(), sweep_report_data(record));
}

}  // namespace orrery
