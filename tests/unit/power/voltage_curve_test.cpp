// SPDX-License-Identifier: Apache-2.0
#include "power/voltage_curve.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr std::uint64_t kMHz = 1'000'000;

TEST(VoltageCurve, GoesStraightFromPointToPointAndRoundsUp) {
  const VoltageCurve curve({{1000 * kMHz, 700}, {1600 * kMHz, 800}, {2000 * kMHz, 1000}});
  EXPECT_EQ(curve.millivolts_at(1000 * kMHz), 700U);
  EXPECT_EQ(curve.millivolts_at(1300 * kMHz), 750U);
  EXPECT_EQ(curve.millivolts_at(1301 * kMHz), 751U);  // 750.17
  EXPECT_EQ(curve.millivolts_at(1600 * kMHz), 800U);
  EXPECT_EQ(curve.millivolts_at(1700 * kMHz), 850U);
  EXPECT_EQ(curve.millivolts_at(2000 * kMHz), 1000U);
}

TEST(VoltageCurve, KeepsItsEndsOutsideThem) {
  const VoltageCurve curve({{1000 * kMHz, 700}, {2000 * kMHz, 1000}});
  EXPECT_EQ(curve.millivolts_at(1), 700U);
  EXPECT_EQ(curve.millivolts_at(3000 * kMHz), 1000U);
  EXPECT_EQ(VoltageCurve({{kMHz, 700}}).millivolts_at(2 * kMHz), 700U);
}

TEST(VoltageCurve, RefusesWhatIsNoCurve) {
  EXPECT_THROW(VoltageCurve(std::vector<VoltageCurve::Point>{}), std::invalid_argument);
  EXPECT_THROW(VoltageCurve({{2 * kMHz, 700}, {2 * kMHz, 800}}), std::invalid_argument);
  EXPECT_THROW(VoltageCurve({{1 * kMHz, 700}, {2 * kMHz, 699}}), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
