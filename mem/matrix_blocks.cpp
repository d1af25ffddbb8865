// SPDX-License-Identifier: Apache-2.0
#include "mem/matrix_blocks.h"

#include <array>
#include <bit>
#include <cstddef>

namespace orrery {
namespace {

SectorMask low_bits(std::uint32_t count) {
  return count >= 128 ? kAllSectors : (SectorMask{1} << count) - 1;
}

std::uint32_t first_bit(SectorMask mask) {  // of one that is not 0
  const auto low = static_cast<std::uint64_t>(mask);
  return static_cast<std::uint32_t>(
      low != 0 ? std::countr_zero(low)
               : 64 + std::countr_zero(static_cast<std::uint64_t>(mask >> 64)));
}

// A one at each row's first sector: a row's sectors times this are those sectors of every row.
SectorMask every_row(std::uint32_t columns) {
  constexpr auto kOnes = [] {
    std::array<SectorMask, 8> ones{};  // by the logarithm of the columns
    for (std::size_t log = 0; log < ones.size(); ++log) {
      for (std::uint32_t bit = 0; bit < 128; bit += 1U << log) {
        ones[log] |= SectorMask{1} << bit;
      }
    }
    return ones;
  }();
  return kOnes[static_cast<std::size_t>(std::countr_zero(columns))];
}

// Appends, or lengthens the last rectangle when this one continues it downwards or to the right.
void append_merged(const Block& next, std::vector<Block>& out) {
  if (!out.empty()) {
    Block& last = out.back();
    const bool same_matrix = last.base_address == next.base_address &&
                             last.pitch_bytes == next.pitch_bytes &&
                             last.matrix_rows == next.matrix_rows;
    if (same_matrix && last.first_byte == next.first_byte && last.row_bytes == next.row_bytes &&
        last.first_row + last.rows == next.first_row) {
      last.rows += next.rows;
      return;
    }
    if (same_matrix && last.first_row == next.first_row && last.rows == next.rows &&
        last.first_byte + last.row_bytes == next.first_byte) {
      last.row_bytes += next.row_bytes;
      return;
    }
  }
  out.push_back(next);
}

}  // namespace

SectorMask rectangle_mask(const BlockShape& shape,
                          std::uint32_t first_row,
                          std::uint32_t last_row,
                          std::uint32_t first_column,
                          std::uint32_t last_column) {
  const std::uint32_t columns = shape.row_bytes / kSectorBytes;
  if (first_column == 0 && last_column == columns) {
    return low_bits((last_row - first_row) * columns) << (first_row * columns);
  }
  const SectorMask row_mask = low_bits(last_column - first_column) << first_column;
  return (row_mask * every_row(columns)) &
         (low_bits((last_row - first_row) * columns) << (first_row * columns));
}

void append_rectangles(const MatrixBlock& block,
                       const BlockShape& shape,
                       SectorMask mask,
                       std::vector<Block>& out) {
  const std::uint32_t columns = shape.row_bytes / kSectorBytes;
  const auto emit = [&](std::uint32_t row, std::uint32_t rows, std::uint32_t column,
                        std::uint32_t end_column) {
    Block part;
    part.base_address = block.base_address;
    part.pitch_bytes = block.pitch_bytes;
    part.matrix_rows = block.matrix_rows;
    part.first_row = block.first_row + row;
    part.first_byte = block.first_byte + std::uint64_t{column} * kSectorBytes;
    part.rows = rows;
    part.row_bytes = (end_column - column) * kSectorBytes;
    if (part.pitch_bytes > part.first_byte) {
      part.row_bytes = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(part.row_bytes, part.pitch_bytes - part.first_byte));
    }
    append_merged(part, out);
  };

  while (mask != 0) {
    const std::uint32_t row = first_bit(mask) / columns;
    const SectorMask bits = (mask >> (row * columns)) & low_bits(columns);
    // Rows with the same sectors go together: up to the first sector that is another.
    const SectorMask other = (mask >> (row * columns)) ^ (bits * every_row(columns));
    const std::uint32_t end_row =
        other == 0 ? shape.rows : std::min(shape.rows, row + first_bit(other) / columns);
    for (std::uint32_t column = 0; column < columns && bits != 0; ++column) {
      if (((bits >> column) & 1) == 0) {
        continue;
      }
      std::uint32_t end_column = column + 1;
      while (end_column < columns && ((bits >> end_column) & 1) != 0) {
        ++end_column;
      }
      emit(row, end_row - row, column, end_column);
      column = end_column;
    }
    mask &= ~low_bits(end_row * columns);
  }
}

std::uint64_t blocks_touched(const Block& block) {
  if (block.rows == 0 || block.row_bytes == 0) {
    return 0;
  }
  const BlockShape shape = shape_of(block.matrix_rows, Granularity::kBlock);
  const std::uint64_t end_row = std::uint64_t{block.first_row} + block.rows;
  const std::uint64_t end_byte = block.first_byte + block.row_bytes;
  const std::uint64_t down = ceil_div(end_row, shape.rows) - block.first_row / shape.rows;
  const std::uint64_t across =
      ceil_div(end_byte, shape.row_bytes) - block.first_byte / shape.row_bytes;
  return down * across;
}

}  // namespace orrery
