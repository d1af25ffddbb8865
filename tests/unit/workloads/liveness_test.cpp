// SPDX-License-Identifier: Apache-2.0
#include "workloads/liveness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Operator op(std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
  Operator op;
  op.inputs = std::move(inputs);
  op.outputs = std::move(outputs);
  return op;
}

Workload workload(std::size_t tensors, std::vector<Operator> operators) {
  Workload work;
  work.tensors.resize(tensors);
  work.operators = std::move(operators);
  return work;
}

TEST(LivenessTest, ATensorDiesWithItsLastReader) {
  const auto dead = dead_after(workload(4, {op({0}, {1}), op({1}, {2}), op({1, 2}, {3})}));
  EXPECT_THAT(dead, ElementsAre(ElementsAre(0), IsEmpty(), IsEmpty()));
}

TEST(LivenessTest, WhatTheLastOperatorLeavesLivesOn) {
  EXPECT_THAT(dead_after(workload(2, {op({0}, {1})})), ElementsAre(IsEmpty()));
  EXPECT_THAT(dead_after(Workload{}), IsEmpty());
}

TEST(LivenessTest, ABufferThatIsMadeAnewWasDead) {
  const auto dead =
      dead_after(workload(3, {op({0}, {1}), op({1}, {2}), op({0}, {1}), op({1}, {2})}));
  EXPECT_THAT(dead, ElementsAre(IsEmpty(), UnorderedElementsAre(1, 2), ElementsAre(0), IsEmpty()));
}

TEST(LivenessTest, WhatIsChangedInPlaceLives) {
  const auto dead = dead_after(workload(2, {op({0}, {0}), op({0, 1}, {0}), op({0}, {1})}));
  EXPECT_THAT(dead, ElementsAre(IsEmpty(), ElementsAre(1), IsEmpty()));
}

TEST(LivenessTest, ACacheThatIsAppendedToKeepsItsOldRows) {
  Workload work = workload(3, {op({0}, {1}), op({2}, {1}), op({1}, {2}), op({2}, {0})});
  EXPECT_THAT(dead_after(work)[0], UnorderedElementsAre(0, 1));
  work.tensors[1].role = TensorRole::kKvCache;
  EXPECT_THAT(dead_after(work)[0], ElementsAre(0));
  EXPECT_THAT(dead_after(work)[2], ElementsAre(1));
}

TEST(LivenessTest, InputsFromOutsideAreReadBeforeTheyAreMade) {
  Workload work = workload(5, {op({0, 3}, {1}), op({1, 4, 0}, {2}), op({2}, {4})});
  work.tensors[3].role = TensorRole::kWeight;
  work.tensors[4].role = TensorRole::kKvCache;
  EXPECT_THAT(inputs_from_outside(work), ElementsAre(0, 4));
}

TEST(LivenessTest, AResultThatNobodyReadsIsDeadAtOnce) {
  EXPECT_THAT(dead_after(workload(3, {op({0}, {1}), op({0}, {2})}))[0], ElementsAre(1));
}

}  // namespace
}  // namespace orrery
