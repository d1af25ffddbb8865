// SPDX-License-Identifier: Apache-2.0
#include "sweep/selection.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sim/error.h"
#include "sweep/derived_values.h"

namespace orrery {
namespace {

// Whether points meet the constraints of a plan, and how many met each.
class Constraints {
 public:
  Constraints(const Plan& plan, const PointNames& names)
      : plan_(plan), names_(names), met_(plan.constraints.size()) {
    for (const Constraint& constraint : plan.constraints) {
      const std::vector<std::string>& used = constraint.expression.names();
      needs_chip_.push_back(std::any_of(used.begin(), used.end(), is_derived));
    }
  }

  bool hold(const Choice& choice) {
    ++seen_;
    bool all = true;
    for (std::size_t i = 0; i < met_.size(); ++i) {
      const Constraint& constraint = plan_.constraints[i];
      try {
        // Of a chip that is refused nothing follows. It stays, to be told of with the reason.
        const bool holds = (needs_chip_[i] && names_.chip_is_refused(choice)) ||
                           constraint.expression.holds(
                               [&](const std::string& name) { return names_.find(choice, name); });
        met_[i] += holds ? 1 : 0;
        all = all && holds;
      } catch (const InputError& error) {
        throw InputError(constraint.location, error.what());
      }
    }
    return all;
  }

  [[noreturn]] void fail() const {
    std::string counts;
    for (std::size_t i = 0; i < met_.size(); ++i) {
      counts += fmt::format("{}'{}' holds for {}", counts.empty() ? "" : ", ",
                            plan_.constraints[i].expression.text(), met_[i]);
    }
    throw InputError(
        plan_.constraints.front().location,
        fmt::format("no point meets the constraints: of {} combinations {}", seen_, counts));
  }

 private:
  const Plan& plan_;
  const PointNames& names_;
  std::vector<bool> needs_chip_;  // because what follows from it is named
  std::vector<std::uint64_t> met_;
  std::uint64_t seen_ = 0;
};

// The points of one chip configuration, the first of which is at `first`.
std::size_t add_points(Selection& selection,
                       const Grid& grid,
                       Constraints& constraints,
                       std::uint64_t first) {
  std::size_t added = 0;
  for (std::uint64_t i = 0; i < grid.per_chip(); ++i) {
    if (constraints.hold(grid.at(first + i))) {
      selection.points.push_back(first + i);
      ++added;
    } else {
      ++selection.excluded;
    }
  }
  return added;
}

void draw(const SampleRequest& sample,
          const Grid& grid,
          Constraints& constraints,
          Selection& selection) {
  // A round draws as many as are asked; later rounds fill up what repeats or constraints took.
  constexpr int kMostRounds = 64;
  const std::uint64_t wanted = sample.points / grid.per_chip();
  const std::vector<std::uint64_t>& sizes = grid.chip_sizes();
  std::set<std::uint64_t> seen;
  std::uint64_t found = 0;
  const auto take = [&](const std::vector<double>& coordinates) {
    std::vector<std::uint64_t> parts(sizes.size());
    for (std::size_t d = 0; d < sizes.size(); ++d) {
      const auto part = static_cast<std::uint64_t>(coordinates[d] * static_cast<double>(sizes[d]));
      parts[d] = std::min(part, sizes[d] - 1);
    }
    const std::uint64_t first = grid.index_of(parts);
    if (seen.insert(first).second && add_points(selection, grid, constraints, first) > 0) {
      ++found;
    }
  };
  for (int round = 0; round < kMostRounds && found < wanted; ++round) {
    const bool sobol = sample.method == SampleMethod::kSobol;
    // One sequence, longer each time; hypercubes of their own.
    const std::size_t count =
        static_cast<std::size_t>(wanted) * (sobol ? std::size_t{1} << std::min(round, 8) : 1);
    const std::uint64_t seed = sample.seed + (sobol ? 0 : static_cast<std::uint64_t>(round));
    for (const std::vector<double>& coordinates :
         unit_draws(sample.method, seed, sizes.size(), count)) {
      if (found < wanted) {
        take(coordinates);
      }
    }
    if (sobol && round >= 8) {
      break;
    }
  }
  std::sort(selection.points.begin(), selection.points.end());
}

}  // namespace

void check_names(const Expression& expression,
                 const PointNames& names,
                 const std::vector<std::string>& more,
                 const SourceLocation& location) {
  std::vector<std::string> known = names.known();
  known.insert(known.end(), more.begin(), more.end());
  for (const std::string& name : expression.names()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = suggest(name, known);
      throw InputError(location, fmt::format("'{}': nothing is called '{}'{}{}", expression.text(),
                                             name, near.empty() ? "" : ", ", near));
    }
  }
}

Selection select_points(const Plan& plan, const Grid& grid, const PointNames& names, bool agreed) {
  for (const Constraint& constraint : plan.constraints) {
    check_names(constraint.expression, names, {}, constraint.location);
  }
  Selection selection;
  selection.combinations = grid.size();
  Constraints constraints(plan, names);
  if (plan.sample && plan.sample->points < grid.per_chip()) {
    throw InputError(
        fmt::format("{}: a sample of {} points is less than the {} workloads that each "
                    "chip configuration is run with",
                    plan.file, plan.sample->points, grid.per_chip()));
  }
  if (plan.sample && plan.sample->points < grid.size()) {
    draw(*plan.sample, grid, constraints, selection);
  } else if (grid.size() > (agreed ? kMostPoints : kLargestUnaskedGrid)) {
    throw InputError(
        agreed ? fmt::format("{}: {} combinations, a sweep has at most {}; --sample N draws N",
                             plan.file, grid.size(), kMostPoints)
               : fmt::format("{}: {} combinations, more than {}; --sample N draws N of them, --yes "
                             "runs them all",
                             plan.file, grid.size(), kLargestUnaskedGrid));
  } else {
    for (std::uint64_t first = 0; first < grid.size(); first += grid.per_chip()) {
      add_points(selection, grid, constraints, first);
    }
  }
  if (selection.points.empty()) {
    constraints.fail();
  }
  return selection;
}

}  // namespace orrery
