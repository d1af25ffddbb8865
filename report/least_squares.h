// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace orrery {

// A least-squares fit y = constant of its group + sum of slope x column.
struct LinearFit {
  std::vector<double> slopes;    // by column; 0 where it is not determined
  std::vector<bool> determined;  // false: the column is constant, or a combination of those before
  double explained = 0;          // share of the variance within groups, 0 to 1
};

// `columns[c][i]` and `y[i]` are of row i, `groups[i]` is its group.
LinearFit fit_within_groups(std::vector<std::vector<double>> columns,
                            std::vector<double> y,
                            const std::vector<std::size_t>& groups);

}  // namespace orrery
