// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sweep/point_names.h"

namespace orrery {

// A grid larger than this is taken for an accident.
inline constexpr std::uint64_t kLargestUnaskedGrid = 100'000;
inline constexpr std::uint64_t kMostPoints = std::uint64_t{1} << 22;

struct Selection {
  std::vector<std::uint64_t> points;  // indices of the grid, rising
  std::uint64_t combinations = 0;     // of the grid
  std::uint64_t excluded = 0;         // of those looked at, by constraints
};

// The points of a plan: all combinations that meet its constraints or, where it asks for a sample,
// chip configurations drawn evenly from them, each with every workload, `points` in all at most.
// Sobol draws follow Joe and Kuo's direction numbers (Boost.Random), shifted modulo 1 by the seed;
// a Latin hypercube has one draw in each of n equal slices of every axis. A draw that repeats one
// or that meets no constraint is made again, so a sample may cover most of a small grid; where the
// grid is not larger than the sample it is taken whole.
//
// Throws InputError: a grid over kLargestUnaskedGrid without a sample and without `agreed`, more
// than kMostPoints, names that nothing has, conditions that do not compare, constraints that
// nothing meets.
Selection select_points(const Plan& plan, const Grid& grid, const PointNames& names, bool agreed);

// Throws InputError where a condition names what neither a point nor `more` has.
void check_names(const Expression& expression,
                 const PointNames& names,
                 const std::vector<std::string>& more,
                 const SourceLocation& location);

// A coordinate in [0, 1) of draw `draw` in each dimension, for tests and select_points().
std::vector<std::vector<double>> unit_draws(SampleMethod method,
                                            std::uint64_t seed,
                                            std::size_t dimensions,
                                            std::size_t count);

}  // namespace orrery
