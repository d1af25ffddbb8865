// SPDX-License-Identifier: Apache-2.0
#include "sweep/axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<AxisGroup> groups(const std::string& text) {
  return read_axes(parse_config(text, "plan.yaml"));
}
std::vector<std::string> values(const std::string& text) {
  return groups("axes:\n  a.b: " + text + "\n").at(0).axes.at(0).values;
}
void expect_refused(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { groups(text); }, ThrowsMessage<InputError>(HasSubstr(message))) << text;
}

TEST(Axis, AListIsTakenAsItStands) {
  EXPECT_THAT(values("[32, 48, 64]"), ElementsAre("32", "48", "64"));
  EXPECT_THAT(values("[mesh, torus]"), ElementsAre("mesh", "torus"));
  EXPECT_THAT(values("[[[0, 1], [3, 2]], [[0, 1]]]"), ElementsAre("[[0, 1], [3, 2]]", "[[0, 1]]"));
}

TEST(Axis, ALinearRangeKeepsItsUnit) {
  EXPECT_THAT(values("{from: 1.2 GHz, to: 1.8 GHz, steps: 5}"),
              ElementsAre("1.2 GHz", "1.35 GHz", "1.5 GHz", "1.65 GHz", "1.8 GHz"));
  EXPECT_THAT(values("{from: 500 MHz, to: 1 GHz, steps: 3}"),
              ElementsAre("500 MHz", "750 MHz", "1000 MHz"));
}

TEST(Axis, ALogarithmicRangeHasEqualRatios) {
  EXPECT_THAT(values("{from: 96 MiB, to: 768 MiB, steps: 4, scale: log}"),
              ElementsAre("96 MiB", "192 MiB", "384 MiB", "768 MiB"));
}

TEST(Axis, CountsAreRoundedAndThoseThatMeetCountOnce) {
  EXPECT_THAT(values("{from: 1, to: 4, steps: 7}"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(values("{from: 64 B/clk, to: 96 B/clk, steps: 4}"),
              ElementsAre("64 B/clk", "75 B/clk", "85 B/clk", "96 B/clk"));
  EXPECT_THAT(values("{from: 10, to: 100, steps: 3, multiple: 8}"), ElementsAre("8", "56", "104"));
  EXPECT_THAT(values("{from: 96 MiB, to: 768 MiB, steps: 3, scale: log, multiple: 16 MiB}"),
              ElementsAre("96 MiB", "272 MiB", "768 MiB"));
}

TEST(Axis, ZippedAxesAreOneGroup) {
  const auto all = groups("axes: {c: [1]}\nzip:\n- {a: [1, 2], b: [x, y]}\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].size(), 2U);
  EXPECT_EQ(all[1].axes[1].values[1], "y");
  EXPECT_TRUE(groups("axes: {workload.batch: [1, 2]}")[0].of_workload());
  EXPECT_FALSE(groups("zip: [{workload.batch: [1], core.count: [2]}]")[0].of_workload());
}

TEST(Axis, SaysWhatIsWrongAndWhere) {
  expect_refused("axes:\n  a: []\n", "plan.yaml:2:6: axis 'a' has an empty list, expected values");
  expect_refused("axes:\n  a: [1, 2, 1]\n", "plan.yaml:2:6: axis 'a' has '1' twice");
  expect_refused("axes:\n  a: 3\n", "'axes.a' is a single value, expected a list");
  expect_refused("axes:\n  a: [1 GHz, 2 W]\n",
                 "the values of axis 'a' are of two kinds, '1 GHz' and '2 W'");
  expect_refused("axes: {a: {from: 1, to: x, steps: 2}}", "'x' is not a number with a known unit");
  expect_refused("axes: {a: {from: 1 GHz, to: 2 W, steps: 2}}", "'2 W' is not of the kind of");
  expect_refused("axes: {a: {from: 2, to: 1, steps: 2}}", "'1' is not more than '2'");
  expect_refused("axes: {a: {from: 1, to: 2, steps: 1}}", "expected an integer from 2");
  expect_refused("axes: {a: {from: 0, to: 2, steps: 3, scale: log}}", "begins above zero");
  expect_refused("axes: {a: {from: 1, to: 2, steps: 3, scale: cubic}}", "expected one of: linear");
  expect_refused("axes: {a: {from: 1, to: 2, steps: 3, stride: 4}}", "unknown key 'stride'");
  expect_refused("axes: {a: {from: 1, to: 9, steps: 3, multiple: 2 W}}",
                 "'2 W' is not of the kind");
  expect_refused("zip: [{a: [1, 2], b: [1]}]",
                 "zipped axes differ in length: 'a' has 2 values, 'b' has 1");
  expect_refused("zip: [{a: [1, 2]}]", "at least two axes");
  expect_refused("zip: [{a: [1, 1], b: [2, 2]}]", "the zipped axes repeat a row");
  expect_refused("axes: {a: [1]}\nzip: [{a: [1], b: [2]}]", "axis 'a' comes twice");
}

}  // namespace
}  // namespace orrery
