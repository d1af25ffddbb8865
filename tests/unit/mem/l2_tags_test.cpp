// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_tags.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

BlockPiece piece_at(std::uint32_t row_block) {
  BlockPiece result;
  for_each_piece(tile(row_block * 32, 0, 32, 128), Granularity::kBlock,
                 [&](const BlockPiece& piece) { result = piece; });
  return result;
}

L2Tags::Entry& insert(L2Tags& tags, std::uint32_t row_block) {
  L2Tags::Entry victim;
  bool evicted = false;
  return tags.insert(piece_at(row_block), victim, evicted);
}

class L2TagsOfOneSet : public ::testing::Test {
 protected:
  L2Tags tags_{4 * 4096, 4, Granularity::kBlock};
};

TEST_F(L2TagsOfOneSet, FindsWhatWasInserted) {
  EXPECT_EQ(tags_.find(piece_at(0)), nullptr);
  insert(tags_, 0).valid = 5;
  ASSERT_NE(tags_.find(piece_at(0)), nullptr);
  EXPECT_TRUE(tags_.find(piece_at(0))->valid == 5);
}

TEST_F(L2TagsOfOneSet, TheLeastRecentlyUsedGoesFirst) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    insert(tags_, i);
  }
  tags_.find(piece_at(0));
  L2Tags::Entry victim;
  bool evicted = false;
  tags_.insert(piece_at(4), victim, evicted);
  EXPECT_TRUE(evicted);
  EXPECT_EQ(victim.block.first_row, 32U);
  EXPECT_NE(tags_.find(piece_at(0)), nullptr);
  EXPECT_EQ(tags_.find(piece_at(1)), nullptr);
}

TEST_F(L2TagsOfOneSet, StreamsGoBeforeOlderData) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    insert(tags_, i);
  }
  tags_.set_evict_first(*tags_.peek(piece_at(2)), true);
  insert(tags_, 4);
  EXPECT_EQ(tags_.peek(piece_at(2)), nullptr);
  EXPECT_NE(tags_.peek(piece_at(0)), nullptr);
}

TEST_F(L2TagsOfOneSet, WhatWaitsForDataGoesLast) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    insert(tags_, i);
  }
  tags_.peek(piece_at(0))->pending = 3;
  tags_.set_evict_first(*tags_.peek(piece_at(0)), true);
  insert(tags_, 4);
  EXPECT_NE(tags_.peek(piece_at(0)), nullptr);
  EXPECT_EQ(tags_.peek(piece_at(1)), nullptr);
}

TEST_F(L2TagsOfOneSet, ClearForgetsAll) {
  insert(tags_, 0);
  tags_.clear();
  EXPECT_EQ(tags_.find(piece_at(0)), nullptr);
}

TEST(L2Tags, RefusesTooSmallACapacity) {
  EXPECT_THROW(L2Tags(4095, 4, Granularity::kBlock), std::invalid_argument);
  EXPECT_THROW(L2Tags(4096, 0, Granularity::kBlock), std::invalid_argument);
}

TEST_F(L2TagsOfOneSet, AgeingLosesTheOldestToOthersLikeTheNewest) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    L2Tags::Entry& entry = insert(tags_, i);
    entry.valid = 1;
    entry.dirty = i == 3 ? 1 : 0;
  }
  tags_.age({0, 2}, {0, 1});
  EXPECT_EQ(tags_.peek(piece_at(0)), nullptr);
  EXPECT_EQ(tags_.peek(piece_at(1)), nullptr);
  EXPECT_NE(tags_.peek(piece_at(2)), nullptr);
  EXPECT_NE(tags_.peek(piece_at(3)), nullptr);
  int dirty = 0;
  for (std::uint32_t i = 4; i < 8; ++i) {  // their places are taken, by data that must be written
    L2Tags::Entry victim;
    bool evicted = false;
    tags_.insert(piece_at(i), victim, evicted);
    EXPECT_TRUE(evicted);
    dirty += victim.dirty == 1 ? 1 : 0;
  }
  EXPECT_EQ(dirty, 3);
}

TEST_F(L2TagsOfOneSet, WhatStreamsByDisplacesOnlyItsLike) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    tags_.set_evict_first(insert(tags_, i), i >= 2);
  }
  tags_.age({100, 0}, {1, 0});
  EXPECT_NE(tags_.peek(piece_at(0)), nullptr);
  EXPECT_NE(tags_.peek(piece_at(1)), nullptr);
  EXPECT_EQ(tags_.peek(piece_at(2)), nullptr);
  EXPECT_EQ(tags_.peek(piece_at(3)), nullptr);
  tags_.age({0, 3}, {0, 1});  // two take the places of what streams, one that of the oldest
  EXPECT_EQ(tags_.peek(piece_at(0)), nullptr);
  EXPECT_NE(tags_.peek(piece_at(1)), nullptr);
}

TEST_F(L2TagsOfOneSet, WhatWaitsForDataDoesNotAge) {
  insert(tags_, 0).pending = 7;
  insert(tags_, 1);
  tags_.age({0, 100}, {0, 1});
  EXPECT_NE(tags_.peek(piece_at(0)), nullptr);
  EXPECT_EQ(tags_.peek(piece_at(1)), nullptr);
}

}  // namespace
}  // namespace orrery
