// SPDX-License-Identifier: Apache-2.0
#include "report/least_squares.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace orrery {
namespace {

// A column of which less than this share is left, beside the constants and the columns before it,
// is rounding and says nothing of its own.
constexpr double kIndependent = 1e-15;

void subtract_group_means(std::vector<double>& values, const std::vector<std::size_t>& groups) {
  const std::size_t count =
      groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  std::vector<double> sums(count);
  std::vector<double> sizes(count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[groups[i]] += values[i];
    sizes[groups[i]] += 1;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] -= sums[groups[i]] / sizes[groups[i]];
  }
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

LinearFit fit_within_groups(std::vector<std::vector<double>> columns,
                            std::vector<double> y,
                            const std::vector<std::size_t>& groups) {
  const std::size_t count = columns.size();
  LinearFit fit;
  fit.slopes.assign(count, 0);
  fit.determined.assign(count, false);
  subtract_group_means(y, groups);
  std::vector<double> whole;
  for (std::vector<double>& column : columns) {
    whole.push_back(product(column, column));
    subtract_group_means(column, groups);
  }
  // Orthogonal columns, one after another (Gram-Schmidt, modified); `mixed[c][k]` is how much of
  // the k-th is in the c-th.
  std::vector<std::vector<double>> orthogonal = columns;
  std::vector<std::vector<double>> mixed(count, std::vector<double>(count));
  std::vector<double> shares(count);
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t k = 0; k < c; ++k) {
      if (fit.determined[k]) {
        mixed[c][k] = product(orthogonal[c], orthogonal[k]) / product(orthogonal[k], orthogonal[k]);
        for (std::size_t i = 0; i < y.size(); ++i) {
          orthogonal[c][i] -= mixed[c][k] * orthogonal[k][i];
        }
      }
    }
    const double own = product(orthogonal[c], orthogonal[c]);
    if (own > kIndependent * whole[c]) {
      fit.determined[c] = true;
      shares[c] = product(orthogonal[c], y) / own;
      fit.explained += shares[c] * shares[c] * own;
    }
  }
  for (std::size_t c = count; c-- > 0;) {
    if (fit.determined[c]) {
      fit.slopes[c] = shares[c];
      for (std::size_t later = c + 1; later < count; ++later) {
        fit.slopes[c] -= mixed[later][c] * fit.slopes[later];
      }
    }
  }
  const double all = product(y, y);
  fit.explained = all > 0 ? std::min(1.0, fit.explained / all) : 1;
  return fit;
}

}  // namespace orrery
