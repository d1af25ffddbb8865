// SPDX-License-Identifier: Apache-2.0
#include "sim/transfer.h"

#include <gtest/gtest.h>

#include "sim/transfer_pool.h"

namespace orrery {
namespace {

TEST(Block, RowsLieAPitchApart) {
  const Block block{.base_address = 4096,
                    .pitch_bytes = 256,
                    .matrix_rows = 64,
                    .first_row = 2,
                    .first_byte = 32,
                    .rows = 3,
                    .row_bytes = 64};
  EXPECT_EQ(block.row_address(0), 4096U + 2 * 256 + 32);
  EXPECT_EQ(block.row_address(2), 4096U + 4 * 256 + 32);
  EXPECT_EQ(block.bytes(), 192U);
}

TEST(Block, SizesDoNotOverflow32Bits) {
  const Block block{.pitch_bytes = 1U << 20, .rows = 1U << 20, .row_bytes = 1U << 20};
  EXPECT_EQ(block.bytes(), std::uint64_t{1} << 40);
  EXPECT_EQ(block.row_address((1U << 20) - 1), ((std::uint64_t{1} << 20) - 1) << 20);
}

TEST(Transfer, CarriesTheSumOfItsBlocks) {
  Transfer transfer;
  EXPECT_EQ(transfer.bytes(), 0U);
  transfer.blocks = {{.rows = 2, .row_bytes = 8}, {.rows = 1, .row_bytes = 5}};
  EXPECT_EQ(transfer.bytes(), 21U);
}

TEST(Transfer, MarksOfOneStageBecomeOneSegment) {
  Transfer transfer;
  transfer.mark(Stage::kNetwork, 10);
  transfer.mark(Stage::kNetwork, 25);
  transfer.mark(Stage::kMemory, 40);
  ASSERT_EQ(transfer.segment_count, 2U);
  EXPECT_EQ(transfer.segments[0].stage, Stage::kNetwork);
  EXPECT_EQ(transfer.segments[0].end_fs, 25U);
  EXPECT_EQ(transfer.segments[1].end_fs, 40U);
}

TEST(Transfer, TheLastSegmentGrowsWhenAllAreTaken) {
  Transfer transfer;
  for (Femtoseconds t = 1; t <= 20; ++t) {
    transfer.mark(t % 2 == 0 ? Stage::kNetwork : Stage::kShared, t);
  }
  EXPECT_EQ(transfer.segment_count, transfer.segments.size());
  EXPECT_EQ(transfer.segments.back().end_fs, 20U);
}

TEST(TransferPool, GivesBackCleanTransfersInPlace) {
  TransferPool pool;
  Transfer& first = pool.acquire();
  first.blocks.push_back({.rows = 1, .row_bytes = 8});
  first.shares.push_back({3, 8});
  first.mark(Stage::kMemory, 7);
  first.tag = 5;
  Transfer& second = pool.acquire();
  EXPECT_NE(&first, &second);
  EXPECT_EQ(pool.in_use(), 2U);
  pool.release(first);
  EXPECT_EQ(pool.in_use(), 1U);
  Transfer& again = pool.acquire();
  EXPECT_EQ(&again, &first);
  EXPECT_TRUE(again.blocks.empty());
  EXPECT_TRUE(again.shares.empty());
  EXPECT_EQ(again.segment_count + again.tag, 0U);
}

}  // namespace
}  // namespace orrery
