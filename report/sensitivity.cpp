// SPDX-License-Identifier: Apache-2.0
#include "report/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "report/least_squares.h"
#include "report/linked_axes.h"

namespace orrery {
namespace {

constexpr double kRaise = 1.1;  // by 10 %

double change_of(double elasticity) {
  return std::pow(kRaise, elasticity) - 1;
}

bool is_usable(double value) {
  return std::isfinite(value) && value > 0;
}

// An axis of numbers and those that always move with it.
struct Knob {
  std::vector<std::size_t> axes;  // the first names it
};

class Analysis {
 public:
  Analysis(const SweepRecord& record,
           const SweepColumn& metric,
           std::span<const std::size_t> points)
      : record_(record), metric_(metric), linked_(record.axes.size()) {
    std::copy_if(points.begin(), points.end(), std::back_inserter(points_),
                 [&](std::size_t point) { return is_usable(metric.values[point]); });
    find_knobs();
  }

  std::vector<Sensitivity> run() const {
    std::vector<Sensitivity> found;
    std::vector<std::size_t> unpaired;
    for (std::size_t k = 0; k < knobs_.size(); ++k) {
      Sensitivity one = by_neighbours(knobs_[k]);
      if (one.pairs > 0) {
        found.push_back(std::move(one));
      } else {
        unpaired.push_back(k);
      }
    }
    if (!unpaired.empty()) {
      add_fit(unpaired, found);
    }
    std::stable_sort(found.begin(), found.end(), [](const Sensitivity& a, const Sensitivity& b) {
      return std::abs(a.typical) > std::abs(b.typical);
    });
    return found;
  }

 private:
  double value(std::size_t axis, std::size_t point) const {
    return record_.axes[axis].values[point];
  }

  std::size_t distinct(std::size_t axis) const {
    std::set<double> values;
    for (const std::size_t point : points_) {
      values.insert(value(axis, point));
    }
    return values.size();
  }

  // Knobs are the axes of positive numbers that are not led by another.
  void find_knobs() {
    const std::vector<std::size_t> leaders = axis_leaders(record_, points_);
    for (std::size_t axis = 0; axis < record_.axes.size(); ++axis) {
      const bool numbers = record_.axes[axis].words.empty() &&
                           std::all_of(points_.begin(), points_.end(),
                                       [&](std::size_t p) { return is_usable(value(axis, p)); });
      if (!numbers || leaders[axis] != axis || distinct(axis) < 2) {
        continue;
      }
      Knob knob{{axis}};
      for (std::size_t other = 0; other < leaders.size(); ++other) {
        if (other != axis && leaders[other] == axis) {
          knob.axes.push_back(other);
          linked_[other] = true;
        }
      }
      knobs_.push_back(std::move(knob));
    }
  }

  Sensitivity named(const Knob& knob) const {
    Sensitivity one;
    one.axis = record_.axes[knob.axes[0]].name;
    for (std::size_t i = 1; i < knob.axes.size(); ++i) {
      one.linked.push_back(record_.axes[knob.axes[i]].name);
    }
    return one;
  }

  Sensitivity by_neighbours(const Knob& knob) const {
    Sensitivity one = named(knob);
    // Points that are equal on all other axes stand together, by rising value of this one.
    const auto is_others = [&](std::size_t axis) {
      return std::find(knob.axes.begin(), knob.axes.end(), axis) == knob.axes.end();
    };
    const auto compare_others = [&](std::size_t a, std::size_t b) {
      for (std::size_t axis = 0; axis < record_.axes.size(); ++axis) {
        if (is_others(axis) && value(axis, a) != value(axis, b)) {
          return value(axis, a) < value(axis, b) ? -1 : 1;
        }
      }
      return 0;
    };
    const std::size_t own = knob.axes[0];
    std::vector<std::size_t> sorted = points_;
    std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
      const int others = compare_others(a, b);
      return others != 0 ? others < 0 : value(own, a) < value(own, b);
    });
    std::vector<double> changes;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      const std::size_t a = sorted[i - 1];
      const std::size_t b = sorted[i];
      if (compare_others(a, b) == 0 && value(own, a) < value(own, b)) {
        changes.push_back(change_of(std::log(metric_.values[b] / metric_.values[a]) /
                                    std::log(value(own, b) / value(own, a))));
      }
    }
    if (!changes.empty()) {
      std::sort(changes.begin(), changes.end());
      const std::size_t half = changes.size() / 2;
      one.typical =
          changes.size() % 2 == 1 ? changes[half] : (changes[half - 1] + changes[half]) / 2;
      one.least = changes.front();
      one.greatest = changes.back();
      one.pairs = changes.size();
    }
    return one;
  }

  // Points with the same words on the axes of words, one number a combination.
  std::vector<std::size_t> word_groups() const {
    std::map<std::vector<double>, std::size_t> numbers;
    std::vector<std::size_t> groups;
    for (const std::size_t point : points_) {
      std::vector<double> words;
      for (std::size_t axis = 0; axis < record_.axes.size(); ++axis) {
        if (!record_.axes[axis].words.empty() && !linked_[axis]) {
          words.push_back(value(axis, point));
        }
      }
      groups.push_back(numbers.try_emplace(std::move(words), numbers.size()).first->second);
    }
    return groups;
  }

  void add_fit(const std::vector<std::size_t>& wanted, std::vector<Sensitivity>& found) const {
    const std::vector<std::size_t> groups = word_groups();
    std::vector<std::vector<double>> columns;
    for (const Knob& knob : knobs_) {
      std::vector<double>& column = columns.emplace_back();
      for (const std::size_t point : points_) {
        column.push_back(std::log(value(knob.axes[0], point)));
      }
    }
    std::vector<double> logs;
    for (const std::size_t point : points_) {
      logs.push_back(std::log(metric_.values[point]));
    }
    const LinearFit fit = fit_within_groups(columns, logs, groups);
    for (const std::size_t k : wanted) {
      if (!fit.determined[k]) {
        continue;
      }
      Sensitivity one = named(knobs_[k]);
      one.typical = one.least = one.greatest = change_of(fit.slopes[k]);
      one.pairs = points_.size();
      one.fit = fit.explained;
      one.method = Sensitivity::Method::kFit;
      found.push_back(std::move(one));
    }
  }

  const SweepRecord& record_;
  const SweepColumn& metric_;
  std::vector<std::size_t> points_;  // those with a value
  std::vector<bool> linked_;         // axes that another leads
  std::vector<Knob> knobs_;
};

}  // namespace

std::vector<Sensitivity> sensitivities(const SweepRecord& record,
                                       const SweepColumn& metric,
                                       std::span<const std::size_t> points) {
  return Analysis(record, metric, points).run();
}

}  // namespace orrery
