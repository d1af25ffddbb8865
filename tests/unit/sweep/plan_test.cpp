// SPDX-License-Identifier: Apache-2.0
#include "sweep/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class PlanTest : public ::testing::Test {
 protected:
  Plan read(const std::string& text) {
    write_text(folder_.file("p.yaml"), text);
    return read_plan(folder_.file("p.yaml"), kSourceConfigs);
  }
  void expect_refused(const std::string& text, const std::string& message) {
    EXPECT_THAT([&] { read(text); }, ThrowsMessage<InputError>(HasSubstr(message))) << text;
  }
  ScratchFolder folder_;
};

TEST_F(PlanTest, ReadsAllThatItCanSay) {
  const Plan plan = read(
      "name: all\nchips: [tiny, npu4]\nset: {power.cap: 700 W, network.x: [[0, 1]], power: null}\n"
      "fidelity: {memory: detailed}\n"
      "workloads: [gemm-4096, {name: d, model: llama-3.1-8b, phase: decode, batch: 8, context: "
      "9}]\n"
      "axes: {workload.batch: [1, 2], core.count: [2, 4]}\n"
      "constraints: [core.count < 3]\nkeep: total_time < 1 ms\nsampling: true\nreuse: false\n"
      "power_mode: burst\noperands: zeros\ntimeout: 90 s\n"
      "sample: {points: 10, method: latin, seed: 5}\n");
  EXPECT_EQ(plan.name, "all");
  EXPECT_THAT(plan.chips, ElementsAre("tiny", "npu4"));
  EXPECT_THAT(plan.overrides, ElementsAre("power.cap=700 W", "network.x=[[0, 1]]", "power=null",
                                          "memory.fidelity=detailed"));
  ASSERT_EQ(plan.workloads.size(), 2U);
  EXPECT_EQ(plan.workloads[0].name, "gemm-4096");
  EXPECT_EQ(plan.workloads[1].name, "d");
  ASSERT_EQ(plan.groups.size(), 2U);
  EXPECT_EQ(plan.groups[0].axes[0].key, "core.count") << "what changes the chip comes first";
  EXPECT_EQ(plan.chip_group_count(), 1U);
  EXPECT_EQ(plan.constraints.size(), 1U);
  EXPECT_TRUE(plan.keep);
  EXPECT_TRUE(plan.sampling);
  EXPECT_FALSE(plan.reuse);
  EXPECT_EQ(plan.power.mode, PowerMode::kBurst);
  EXPECT_EQ(plan.power.operands, Operands::kZeros);
  EXPECT_EQ(plan.timeout_s, 90);
  EXPECT_EQ(plan.sample->points, 10U);
  EXPECT_EQ(plan.sample->method, SampleMethod::kLatinHypercube);
  EXPECT_EQ(plan.sample->seed, 5U);
}

TEST_F(PlanTest, AWorkloadIsNamedAfterItsModelAndPhase) {
  const Plan plan =
      read("chips: [tiny]\nworkloads: [{model: llama-3.1-8b, phase: decode, context: 9}]\n");
  EXPECT_EQ(plan.workloads[0].name, "llama-3.1-8b-decode");
  EXPECT_EQ(plan.name, "p");
}

TEST_F(PlanTest, FilesAreRelativeToThePlan) {
  const Plan plan = read("chips: [mine.yaml, sub/other.yaml]\nworkloads: [gemm-4096]\n");
  EXPECT_THAT(plan.chips, ElementsAre(folder_.file("mine.yaml"), folder_.file("sub/other.yaml")));
}

TEST_F(PlanTest, SaysWhatIsWrongAndWhere) {
  const std::string good = "chips: [tiny]\nworkloads: [gemm-4096]\n";
  expect_refused("workloads: [gemm-4096]\n", "missing key 'chips'");
  expect_refused("chips: []\nworkloads: [gemm-4096]\n",
                 "p.yaml:1:8: an empty list, expected chips");
  expect_refused("chips: [tiny]\nworkloads: []\n",
                 "p.yaml:2:12: an empty list, expected workloads");
  expect_refused("chips: [tiny, tiny]\nworkloads: [gemm-4096]\n", "chip 'tiny' comes twice");
  expect_refused("chips: [tiny]\nworkloads: [gemm-4095]\n", "did you mean 'gemm-4096'?");
  expect_refused("chips: [tiny]\nworkloads: [gemm-4096, gemm-4096]\n",
                 "a second workload 'gemm-4096'");
  expect_refused(good + "axis: {}\n", "unknown key 'axis', did you mean 'axes'?");
  expect_refused(good + "constraints: [core.count = 3]\n", "p.yaml:3:15: 'core.count = 3'");
  expect_refused(good + "keep: 1 <\n", "p.yaml:3:7: '1 <'");
  expect_refused(good + "power_mode: both\n", "expected one of: burst, sustained");
  expect_refused(good + "operands: ones\n", "expected one of: random, zeros");
  expect_refused(good + "fidelity: best\n", "expected one of: fast, detailed");
  expect_refused(good + "fidelity: {cores: fast}\n", "unknown key 'cores'");
  expect_refused(good + "timeout: 0 s\n", "expected 1 ms to 17000 s");
  expect_refused(good + "timeout: 60\n", "the unit is missing");
  expect_refused(good + "sample: {points: 0}\n", "expected an integer from 1");
  expect_refused(good + "sample: {points: 3, method: grid}\n", "expected one of: sobol, latin");
}

}  // namespace
}  // namespace orrery
