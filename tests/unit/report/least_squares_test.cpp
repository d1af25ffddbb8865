// SPDX-License-Identifier: Apache-2.0
#include "report/least_squares.h"

#include <cmath>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(LeastSquaresTest, FindsThePlaneThatPointsLieOn) {
  const std::vector<double> a{0, 1, 2, 3, 5};
  const std::vector<double> b{1, 0, 4, 2, 2};
  std::vector<double> y;
  for (std::size_t i = 0; i < a.size(); ++i) {
    y.push_back(7 + 2 * a[i] - 3 * b[i]);
  }
  const LinearFit fit = fit_within_groups({a, b}, y, {0, 0, 0, 0, 0});
  EXPECT_NEAR(fit.slopes[0], 2, 1e-12);
  EXPECT_NEAR(fit.slopes[1], -3, 1e-12);
  EXPECT_NEAR(fit.explained, 1, 1e-12);
}

TEST(LeastSquaresTest, GroupsHaveConstantsOfTheirOwn) {
  const LinearFit fit = fit_within_groups({{0, 1, 0, 1}}, {0, 2, 100, 102}, {0, 0, 1, 1});
  EXPECT_NEAR(fit.slopes[0], 2, 1e-12);
  EXPECT_NEAR(fit.explained, 1, 1e-12);
}

TEST(LeastSquaresTest, SaysWhatItCannotTellApart) {
  const LinearFit fit = fit_within_groups({{1, 2, 3}, {2, 4, 6}, {5, 5, 5}}, {1, 2, 3}, {0, 0, 0});
  EXPECT_TRUE(fit.determined[0]);
  EXPECT_FALSE(fit.determined[1]);
  EXPECT_FALSE(fit.determined[2]);
  EXPECT_NEAR(fit.slopes[0], 1, 1e-12);
}

TEST(LeastSquaresTest, RoundingOfAConstantColumnIsNoColumn) {
  const double constant = std::log(3.2e10);
  const LinearFit fit =
      fit_within_groups({{constant, constant, constant, constant, constant, constant}},
                        {1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 1});
  EXPECT_FALSE(fit.determined[0]);
}

TEST(LeastSquaresTest, SaysHowMuchItExplains) {
  // The best line through these is level.
  const LinearFit fit = fit_within_groups({{-1, 0, 1}}, {1, 0, 1}, {0, 0, 0});
  EXPECT_NEAR(fit.slopes[0], 0, 1e-12);
  EXPECT_NEAR(fit.explained, 0, 1e-12);
}

}  // namespace
}  // namespace orrery
