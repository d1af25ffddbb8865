// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <rapidcheck.h>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sim/timeline.h"

namespace orrery {
namespace {

struct Piece {
  Femtoseconds start_fs, end_fs;
  std::uint64_t amount;
};

std::vector<Piece> draw_pieces() {
  // Lengths of every magnitude, so that bins merge early, late and not at all.
  const auto magnitude = *rc::gen::inRange(1, 40);
  const auto limit = std::uint64_t{1} << magnitude;
  const auto tuples =
      *rc::gen::container<std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>>>(
          rc::gen::tuple(rc::gen::inRange<std::uint64_t>(0, limit),
                         rc::gen::inRange<std::uint64_t>(0, limit),
                         rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 40)));
  std::vector<Piece> pieces;
  for (const auto& [start, length, amount] : tuples) {
    pieces.push_back({start, start + length, amount});
  }
  return pieces;
}

TEST(TimelineProperty, ConservesTheSumWhateverIsAdded) {
  EXPECT_TRUE(rc::check("sum of the bins = sum of the amounts", [] {
    Timeline timeline(2 * *rc::gen::inRange<std::size_t>(1, 40), *rc::gen::inRange(1U, 5000U));
    std::uint64_t sum = 0;
    for (const Piece& piece : draw_pieces()) {
      timeline.add(piece.start_fs, piece.end_fs, piece.amount);
      sum += piece.amount;
      RC_ASSERT(timeline.sum() == sum);
    }
  }));
}

TEST(TimelineProperty, TheOrderOfAddingChangesNothing) {
  // Not even when bins merge between two additions: what is due at an edge of wide bins is what is
  // due at the same edge of narrow ones.
  EXPECT_TRUE(rc::check("same bins forwards and backwards", [] {
    const auto bins = 2 * *rc::gen::inRange<std::size_t>(1, 40);
    auto pieces = draw_pieces();
    Timeline forwards(bins, 100);
    Timeline backwards(bins, 100);
    for (const Piece& piece : pieces) {
      forwards.add(piece.start_fs, piece.end_fs, piece.amount);
    }
    std::reverse(pieces.begin(), pieces.end());
    for (const Piece& piece : pieces) {
      backwards.add(piece.start_fs, piece.end_fs, piece.amount);
    }
    RC_ASSERT(forwards.bin_fs() == backwards.bin_fs());
    RC_ASSERT(forwards.bins() == backwards.bins());
  }));
}

TEST(TimelineProperty, NothingIsCountedOutsideItsInterval) {
  EXPECT_TRUE(rc::check("bins before the start and behind the end stay 0", [] {
    Timeline timeline(2 * *rc::gen::inRange<std::size_t>(1, 40), *rc::gen::inRange(1U, 5000U));
    for (const Piece& piece : draw_pieces()) {
      timeline.reset();
      timeline.add(piece.start_fs, piece.end_fs, piece.amount);
      for (std::size_t i = 0; i < timeline.bins().size(); ++i) {
        const bool before = (i + 1) * timeline.bin_fs() <= piece.start_fs;
        const bool behind = i * timeline.bin_fs() >= std::max(piece.end_fs, piece.start_fs + 1);
        RC_ASSERT(timeline.bins()[i] == 0 || (!before && !behind));
      }
    }
  }));
}

}  // namespace
}  // namespace orrery
