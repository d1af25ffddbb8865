// SPDX-License-Identifier: Apache-2.0
#include "sweep/submission.h"

#include <algorithm>
#include <rapidcheck.h>

#include <gtest/gtest.h>

namespace orrery {
namespace {

// A sweep as far as its points are numbered.
PreparedSweep numbered_sweep(std::size_t count) {
  PreparedSweep sweep;
  for (std::size_t i = 0; i < count; ++i) {
    sweep.selection.points.push_back(2 * i);
    sweep.points.choices.emplace_back();
    sweep.points.identities.push_back(std::to_string(i));
    sweep.points.infeasible.emplace_back();
  }
  return sweep;
}

TEST(SubmissionProperty, EachPointIsInOneChunkAndChunksAreEqual) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 300);
    const auto chunks = *rc::gen::inRange<std::size_t>(1, 400);
    const PreparedSweep sweep = numbered_sweep(count);
    std::vector<std::size_t> todo;
    for (std::size_t point = 0; point < count; ++point) {
      if (*rc::gen::arbitrary<bool>()) {
        todo.push_back(point);
      }
    }
    const Submission submission = make_submission(sweep, todo, chunks, 1);
    RC_ASSERT(submission.chunks.size() == std::min(chunks, todo.size()));
    std::vector<SubmittedPoint> found;
    std::size_t least = count, most = 0;
    for (const auto& chunk : submission.chunks) {
      found.insert(found.end(), chunk.begin(), chunk.end());
      least = std::min(least, chunk.size());
      most = std::max(most, chunk.size());
    }
    RC_ASSERT(found.size() == todo.size());
    for (std::size_t i = 0; i < todo.size(); ++i) {
      RC_ASSERT((found[i] == SubmittedPoint{2 * todo[i], std::to_string(todo[i])}));
    }
    RC_ASSERT(todo.empty() || (least >= 1 && most - least <= 1));
  }));
}

}  // namespace
}  // namespace orrery
