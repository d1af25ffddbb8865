// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/block_shape.h"
#include "sim/transfer.h"

// Shared memory keeps track of data by blocks of a matrix (sim/block_shape.h), cut into sectors of
// 32 B; a mask tells which are meant. A tile of 128 rows x 128 B costs 4 look-ups instead of 512.
// Two views of the same memory with different base, pitch or matrix_rows are different matrices
// here: software must not mix them.
namespace orrery {

inline constexpr std::uint32_t kSectorBytes = 32;
inline constexpr std::uint32_t kLineBytes = 128;

__extension__ using SectorMask =
    unsigned __int128;  // sector (row, column) is bit row * columns + c
inline constexpr SectorMask kAllSectors = ~SectorMask{0};

// Ones of each four bits, in place. (std::popcount is a library call where the compiler may not
// assume the instruction.)
constexpr std::uint64_t count_of_fours(std::uint64_t bits) {
  bits -= (bits >> 1) & 0x5555555555555555ULL;
  return (bits & 0x3333333333333333ULL) + ((bits >> 2) & 0x3333333333333333ULL);
}
constexpr std::uint32_t sector_count(SectorMask mask) {
  const std::uint64_t fours = count_of_fours(static_cast<std::uint64_t>(mask)) +
                              count_of_fours(static_cast<std::uint64_t>(mask >> 64));
  const std::uint64_t eights =
      (fours & 0x0F0F0F0F0F0F0F0FULL) + ((fours >> 4) & 0x0F0F0F0F0F0F0F0FULL);
  return static_cast<std::uint32_t>((eights * 0x0101010101010101ULL) >> 56);
}
constexpr std::uint64_t sector_bytes(SectorMask mask) {
  return std::uint64_t{sector_count(mask)} * kSectorBytes;
}

// What a tag stands for: a block, or (the slow oracle) a line of 128 B.
enum class Granularity : std::uint8_t { kBlock, kLine };

constexpr BlockShape shape_of(std::uint32_t matrix_rows, Granularity granularity) {
  return granularity == Granularity::kLine ? BlockShape{1, kLineBytes} : block_shape(matrix_rows);
}

// Which block of which matrix.
struct MatrixBlock {
  std::uint64_t base_address = 0;
  std::uint64_t pitch_bytes = 0;
  std::uint32_t matrix_rows = 1;
  std::uint32_t first_row = 0;
  std::uint64_t first_byte = 0;

  bool operator==(const MatrixBlock&) const = default;
};

// The part of a transfer that lies in one block. `id` is a hash of the block's identity, not 0;
// `number` counts blocks along the rows of the matrix, from a start that depends on the matrix.
struct BlockPiece {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  MatrixBlock block;
  SectorMask mask = 0;
};

constexpr std::uint64_t mix64(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// Maps a hash evenly to [0, count).
constexpr std::uint32_t reduce(std::uint64_t hash, std::uint32_t count) {
  return static_cast<std::uint32_t>(((hash >> 32) * count) >> 32);
}

// Sectors [first_column, last_column) of rows [first_row, last_row) of a block.
SectorMask rectangle_mask(const BlockShape& shape,
                          std::uint32_t first_row,
                          std::uint32_t last_row,
                          std::uint32_t first_column,
                          std::uint32_t last_column);

// The rectangles a mask consists of, appended to `out`; a rectangle that continues the one before
// it is merged with it. Bytes beyond the matrix's pitch are cut off.
void append_rectangles(const MatrixBlock& block,
                       const BlockShape& shape,
                       SectorMask mask,
                       std::vector<Block>& out);

// Look-ups that a transfer of this block costs.
std::uint64_t blocks_touched(const Block& block);

// Calls take(const BlockPiece&) for every block that `block` touches, row by row of blocks.
template <typename Take>
void for_each_piece(const Block& block, Granularity granularity, Take&& take) {
  if (block.rows == 0 || block.row_bytes == 0) {
    return;
  }
  const BlockShape shape = shape_of(block.matrix_rows, granularity);
  const std::uint64_t end_row = std::uint64_t{block.first_row} + block.rows;
  const std::uint64_t end_byte = block.first_byte + block.row_bytes;
  const std::uint64_t matrix = mix64(block.base_address ^ mix64(block.pitch_bytes) ^
                                     (std::uint64_t{block.matrix_rows} << 40));
  const std::uint64_t start = mix64(block.base_address) >> 40;
  const std::uint64_t blocks_per_row = ceil_div(block.pitch_bytes, shape.row_bytes);
  BlockPiece piece;
  piece.block = {block.base_address, block.pitch_bytes, block.matrix_rows, 0, 0};
  for (std::uint64_t row = block.first_row / shape.rows * shape.rows; row < end_row;
       row += shape.rows) {
    const std::uint64_t from_row = std::max<std::uint64_t>(row, block.first_row);
    const std::uint64_t to_row = std::min(row + shape.rows, end_row);
    piece.block.first_row = static_cast<std::uint32_t>(row);
    for (std::uint64_t byte = block.first_byte / shape.row_bytes * shape.row_bytes; byte < end_byte;
         byte += shape.row_bytes) {
      const std::uint64_t from_byte = std::max(byte, block.first_byte) - byte;
      const std::uint64_t to_byte = std::min(byte + shape.row_bytes, end_byte) - byte;
      piece.block.first_byte = byte;
      piece.id = mix64(matrix + row * 0x9E3779B97F4A7C15ULL + byte * 0xD1B54A32D192ED03ULL) | 1;
      piece.number = start + row / shape.rows * blocks_per_row + byte / shape.row_bytes;
      piece.mask = rectangle_mask(shape, static_cast<std::uint32_t>(from_row - row),
                                  static_cast<std::uint32_t>(to_row - row),
                                  static_cast<std::uint32_t>(from_byte / kSectorBytes),
                                  static_cast<std::uint32_t>(ceil_div(to_byte, kSectorBytes)));
      take(static_cast<const BlockPiece&>(piece));
    }
  }
}

}  // namespace orrery
