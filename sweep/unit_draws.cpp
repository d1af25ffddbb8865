// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include <boost/random/sobol.hpp>

#include "sim/random.h"
#include "sweep/selection.h"

namespace orrery {
namespace {

using Draws = std::vector<std::vector<double>>;

constexpr double kTwoTo64 = 18446744073709551616.0;

double unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11U) * 0x1p-53;
}

Draws sobol(std::uint64_t seed, std::size_t dimensions, std::size_t count) {
  boost::random::sobol engine(dimensions);
  Draws draws(count, std::vector<double>(dimensions));
  for (std::vector<double>& draw : draws) {
    for (std::size_t d = 0; d < dimensions; ++d) {
      const double shift = seed == 0 ? 0 : unit(random_bits(seed, d));
      const double sum = static_cast<double>(engine()) / kTwoTo64 + shift;
      draw[d] = sum - std::floor(sum);
    }
  }
  return draws;
}

Draws latin_hypercube(std::uint64_t seed, std::size_t dimensions, std::size_t count) {
  Draws draws(count, std::vector<double>(dimensions));
  std::vector<std::size_t> slices(count);
  std::uint64_t counter = 0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    std::iota(slices.begin(), slices.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {  // Fisher and Yates
      std::swap(slices[i - 1], slices[random_below(seed, counter++, i)]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double inside = unit(random_bits(seed, counter++));
      draws[i][d] = (static_cast<double>(slices[i]) + inside) / static_cast<double>(count);
    }
  }
  return draws;
}

}  // namespace

std::vector<std::vector<double>> unit_draws(SampleMethod method,
                                            std::uint64_t seed,
                                            std::size_t dimensions,
                                            std::size_t count) {
  return method == SampleMethod::kSobol ? sobol(seed, dimensions, count)
                                        : latin_hypercube(seed, dimensions, count);
}

}  // namespace orrery
