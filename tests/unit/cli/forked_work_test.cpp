// SPDX-License-Identifier: Apache-2.0
#include "cli/forked_work.h"

#include <csignal>
#include <stdexcept>
#include <string>

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

}  // namespace
}  // namespace orrery
