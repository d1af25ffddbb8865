// SPDX-License-Identifier: Apache-2.0
#include "mem/matrix_blocks.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

TEST(MatrixBlocks, ShapeFollowsTheRowsOfTheMatrix) {
  EXPECT_EQ(shape_of(1, Granularity::kBlock).row_bytes, 4096U);
  EXPECT_EQ(shape_of(7, Granularity::kBlock).rows, 4U);
  EXPECT_EQ(shape_of(4096, Granularity::kBlock).rows, 32U);
  EXPECT_EQ(shape_of(4096, Granularity::kBlock).row_bytes, 128U);
  EXPECT_EQ(shape_of(0, Granularity::kBlock).rows, 1U);
  EXPECT_EQ(shape_of(4096, Granularity::kLine).row_bytes, 128U);
}

TEST(MatrixBlocks, ATileOfAGemmTouchesFewBlocks) {
  EXPECT_EQ(blocks_touched(tile(0, 0, 128, 128)), 4U);
  EXPECT_EQ(blocks_touched(tile(128, 256, 256, 128)), 8U);
  EXPECT_EQ(blocks_touched(tile(32, 0, 32, 1024)), 8U);
  EXPECT_EQ(blocks_touched(tile(31, 64, 2, 128)), 4U);
  EXPECT_EQ(blocks_touched({0, 32768, 1, 0, 0, 1, 32768}), 8U);
  EXPECT_EQ(blocks_touched(tile(0, 0, 0, 128)), 0U);
}

TEST(MatrixBlocks, PiecesAreAsManyAsBlocksTouchedAndHaveTheTransfersBytes) {
  for (const Block& block : {tile(0, 0, 128, 128), tile(13, 96, 77, 544), tile(4095, 8160, 1, 32),
                             Block{0, 32768, 3, 1, 4096, 2, 9000 / 32 * 32}}) {
    std::uint64_t pieces = 0;
    std::uint64_t bytes = 0;
    std::set<std::uint64_t> ids;
    for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
      ++pieces;
      bytes += sector_bytes(piece.mask);
      ids.insert(piece.id);
    });
    EXPECT_EQ(pieces, blocks_touched(block));
    EXPECT_EQ(ids.size(), pieces);
    EXPECT_EQ(bytes, block.bytes());
  }
}

TEST(MatrixBlocks, RectanglesOfAllPiecesMakeTheBlockAgain) {
  const Block block = tile(32, 256, 64, 128);
  std::vector<Block> out;
  for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
    append_rectangles(piece.block, shape_of(block.matrix_rows, Granularity::kBlock), piece.mask,
                      out);
  });
  EXPECT_EQ(out, std::vector{block});
}

TEST(MatrixBlocks, NeighboursInARowMergeToo) {
  const Block block = tile(32, 256, 32, 1024);
  std::vector<Block> out;
  for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
    append_rectangles(piece.block, shape_of(block.matrix_rows, Granularity::kBlock), piece.mask,
                      out);
  });
  EXPECT_EQ(out, std::vector{block});
}

TEST(MatrixBlocks, AMaskWithHolesBecomesSeveralRectangles) {
  const BlockShape shape = shape_of(4096, Granularity::kBlock);
  const SectorMask mask = rectangle_mask(shape, 2, 5, 0, 1) | rectangle_mask(shape, 2, 5, 3, 4) |
                          rectangle_mask(shape, 9, 10, 0, 4);
  std::vector<Block> out;
  append_rectangles({0, 8192, 4096, 32, 128}, shape, mask, out);
  EXPECT_EQ(out, (std::vector{tile(34, 128, 3, 32), tile(34, 224, 3, 32), tile(41, 128, 1, 128)}));
}

TEST(MatrixBlocks, WhatLiesBeyondThePitchIsCutOff) {
  std::vector<Block> out;
  append_rectangles({0, 144, 4096, 0, 128}, shape_of(4096, Granularity::kBlock), 1, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].row_bytes, 16U);
}

}  // namespace
}  // namespace orrery
