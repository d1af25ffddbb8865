// SPDX-License-Identifier: Apache-2.0
#include "cli/forked_work.h"

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace {

using ::testing::HasSubstr;

TEST(ForkedWork, EachPieceHasItsOutcomeWhateverTheJobs) {
  for (const std::size_t jobs : {1U, 3U, 20U}) {
    std::size_t calls = 0;
    const auto outcomes = run_forked(
        7, jobs, [](std::size_t i) { return std::to_string(i * i); },
        [&](std::size_t done) { EXPECT_EQ(done, ++calls); });
    ASSERT_EQ(outcomes.size(), 7U);
    EXPECT_EQ(calls, 7U);
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_EQ(outcomes[i].answer, std::to_string(i * i));
      EXPECT_EQ(outcomes[i].error, "");
    }
  }
}

TEST(ForkedWork, APieceThatThrowsOrDiesTakesNoOtherWithIt) {
  const auto outcomes = run_forked(
      3, 2,
      [](std::size_t i) -> std::string {
        if (i == 0) {
          throw std::runtime_error("too large");
        }
        if (i == 1) {
          std::raise(SIGKILL);
        }
        return "five";
      },
      [](std::size_t) {});
  EXPECT_EQ(outcomes[0].error, "too large");
  EXPECT_THAT(outcomes[1].error, HasSubstr("signal 9"));
  EXPECT_EQ(outcomes[2].answer, "five");
}

TEST(ForkedWork, ABatchSharesAProcessWhateverTheJobs) {
  for (const std::size_t jobs : {1U, 2U, 9U}) {
    int pieces_here = 0;
    const auto outcomes = run_batches(
        {{0, 1, 2}, {3}, {5, 4}}, jobs,
        [&](std::size_t i) { return std::to_string(i) + ":" + std::to_string(++pieces_here); },
        [](std::size_t) {});
    ASSERT_EQ(outcomes.size(), 6U);
    const std::vector<std::string> expected{"0:1", "1:2", "2:3", "3:1", "4:2", "5:1"};
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(outcomes[i].answer, expected[i]);
    }
  }
}

TEST(ForkedWork, TheRestOfABatchGoesOnInANewProcess) {
  int pieces_here = 0;
  std::size_t calls = 0;
  const auto outcomes = run_batches(
      {{0, 1, 2, 3, 4}}, 2,
      [&](std::size_t i) -> std::string {
        ++pieces_here;
        if (i == 1) {
          throw std::runtime_error("too large");
        }
        if (i == 3) {
          std::raise(SIGKILL);
        }
        return std::to_string(pieces_here);
      },
      [&](std::size_t done) { EXPECT_EQ(done, ++calls); });
  EXPECT_EQ(calls, 5U);
  EXPECT_EQ(outcomes[0].answer, "1");
  EXPECT_EQ(outcomes[1].error, "too large");
  EXPECT_EQ(outcomes[2].answer, "1");
  EXPECT_THAT(outcomes[3].error, HasSubstr("signal 9"));
  EXPECT_EQ(outcomes[4].answer, "1");
}

}  // namespace
}  // namespace orrery
