// SPDX-License-Identifier: Apache-2.0
#include "arch/dma_engine.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sim/block_shape.h"

namespace orrery {
namespace {

constexpr Femtoseconds kCycle = kFsPerNanosecond;

Block block(std::uint32_t matrix_rows,
            std::uint32_t first_row,
            std::uint32_t rows,
            std::uint64_t first_byte,
            std::uint32_t row_bytes) {
  Block result;
  result.pitch_bytes = 65536;
  result.matrix_rows = matrix_rows;
  result.first_row = first_row;
  result.rows = rows;
  result.first_byte = first_byte;
  result.row_bytes = row_bytes;
  return result;
}

std::uint64_t tags_of(const Block& piece) {
  const BlockShape tag = block_shape(piece.matrix_rows);
  const std::uint64_t rows =
      (piece.first_row + piece.rows - 1) / tag.rows - piece.first_row / tag.rows + 1;
  const std::uint64_t columns = (piece.first_byte + piece.row_bytes - 1) / tag.row_bytes -
                                piece.first_byte / tag.row_bytes + 1;
  return rows * columns;
}

const std::vector<Block>& blocks() {
  static const std::vector<Block> all{
      block(1, 0, 1, 0, 1),         block(1, 0, 1, 4095, 2),       block(1, 0, 1, 100, 60000),
      block(32, 0, 32, 0, 128),     block(32, 1, 31, 127, 2),      block(4096, 0, 128, 0, 128),
      block(4096, 31, 2, 120, 300), block(4096, 64, 256, 64, 192), block(7, 3, 4, 1000, 5000),
      block(4096, 5, 300, 3, 2047), block(2, 0, 2, 0, 65536),      block(100, 99, 1, 65535, 1),
  };
  return all;
}

TEST(BlockShapeTest, ABlockHas4KibOfUpTo32Rows) {
  EXPECT_EQ(block_shape(1).rows, 1U);
  EXPECT_EQ(block_shape(1).row_bytes, 4096U);
  EXPECT_EQ(block_shape(7).rows, 4U);
  EXPECT_EQ(block_shape(7).row_bytes, 1024U);
  EXPECT_EQ(block_shape(100000).rows, 32U);
  EXPECT_EQ(block_shape(100000).row_bytes, 128U);
  EXPECT_EQ(block_shape(0).rows, 1U);
}

TEST(SplitBlockTest, PiecesCoverTheBlockExactlyOnce) {
  for (const Block& whole : blocks()) {
    for (const std::uint64_t most : {4096U, 16384U, 32768U}) {
      std::vector<Block> pieces;
      split_block(whole, most, pieces);
      std::vector<int> seen(whole.bytes(), 0);
      for (const Block& piece : pieces) {
        EXPECT_EQ(piece.base_address, whole.base_address);
        EXPECT_EQ(piece.pitch_bytes, whole.pitch_bytes);
        EXPECT_EQ(piece.matrix_rows, whole.matrix_rows);
        ASSERT_GE(piece.first_row, whole.first_row);
        ASSERT_LE(piece.first_row + piece.rows, whole.first_row + whole.rows);
        ASSERT_GE(piece.first_byte, whole.first_byte);
        ASSERT_LE(piece.first_byte + piece.row_bytes, whole.first_byte + whole.row_bytes);
        for (std::uint32_t row = 0; row < piece.rows; ++row) {
          const std::uint64_t start =
              std::uint64_t{piece.first_row + row - whole.first_row} * whole.row_bytes +
              (piece.first_byte - whole.first_byte);
          for (std::uint64_t i = 0; i < piece.row_bytes; ++i) {
            ++seen[start + i];
          }
        }
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<long>(whole.bytes()));
    }
  }
}

TEST(SplitBlockTest, APieceTouchesFewTagsAndFewBytes) {
  for (const Block& whole : blocks()) {
    for (const std::uint64_t most : {4096U, 16384U, 32768U, 1U << 20}) {
      std::vector<Block> pieces;
      split_block(whole, most, pieces);
      for (const Block& piece : pieces) {
        EXPECT_LE(tags_of(piece), kMaxLookupsPerTransfer);
        EXPECT_LE(piece.bytes(), most);
      }
    }
  }
}

TEST(SplitBlockTest, NoTagIsTouchedByTwoPieces) {
  for (const Block& whole : blocks()) {
    std::vector<Block> pieces;
    split_block(whole, 8192, pieces);
    std::uint64_t tags = 0;
    for (const Block& piece : pieces) {
      tags += tags_of(piece);
    }
    EXPECT_EQ(tags, tags_of(whole));
  }
}

class DmaEngineTest : public ::testing::Test {
 protected:
  DmaEngineTest() {
    config_.outstanding_bytes = 8192;
    config_.issue_cycles = 8;
    config_.setup_cycles = 40;
    config_.max_transfer_bytes = 4096;
  }
  bool takes(DmaEngine& dma, std::uint64_t cycle) { return dma.try_take(cycle * kCycle, piece_); }
  std::uint64_t leaves() const { return piece_.leaves_fs / kCycle; }

  DmaConfig config_;
  const Clock clock_{1'000'000'000};
  DmaEngine::Piece piece_;
};

TEST_F(DmaEngineTest, PiecesLeaveAfterTheSetUpOneAnIssueInterval) {
  DmaEngine dma(config_, clock_);
  EXPECT_TRUE(dma.is_idle());
  EXPECT_EQ(dma.start(block(1, 0, 1, 0, 12288), 7, 100 * kCycle), 3U);
  EXPECT_FALSE(dma.is_idle());
  ASSERT_TRUE(takes(dma, 100));
  EXPECT_EQ(leaves(), 140U);
  EXPECT_EQ(piece_.command, 7U);
  EXPECT_EQ(piece_.asked_fs, 100 * kCycle);
  EXPECT_EQ(piece_.block.first_byte, 0U);
  ASSERT_TRUE(takes(dma, 100));
  EXPECT_EQ(leaves(), 148U);
  EXPECT_EQ(piece_.block.first_byte, 4096U);
}

TEST_F(DmaEngineTest, WithoutCreditNothingLeavesUntilSomeComesBack) {
  DmaEngine dma(config_, clock_);
  dma.start(block(1, 0, 1, 0, 12288), 0, 0);
  ASSERT_TRUE(takes(dma, 0));
  ASSERT_TRUE(takes(dma, 0));
  EXPECT_EQ(dma.outstanding_bytes(), 8192U);
  EXPECT_TRUE(dma.waits_for_credit());
  EXPECT_FALSE(takes(dma, 1000));
  dma.return_credit(4096);
  EXPECT_FALSE(dma.waits_for_credit());
  EXPECT_TRUE(takes(dma, 1001));
  EXPECT_EQ(leaves(), 1001U);
  EXPECT_TRUE(dma.is_idle());
}

TEST_F(DmaEngineTest, APieceBeyondAllCreditGoesAlone) {
  config_.outstanding_bytes = 1000;
  DmaEngine dma(config_, clock_);
  dma.start(block(1, 0, 1, 0, 8192), 0, 0);
  EXPECT_TRUE(takes(dma, 0));
  EXPECT_FALSE(takes(dma, 100));
  dma.return_credit(4096);
  EXPECT_TRUE(takes(dma, 100));
}

}  // namespace
}  // namespace orrery
