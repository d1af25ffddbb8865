// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

// Shared memory keeps track of data by aligned rectangles of a matrix ("blocks"), and DMA engines
// split transfers along their edges.
namespace orrery {

inline constexpr std::uint32_t kBlockBytes = 4096;
inline constexpr std::uint32_t kMaxBlockRows = 32;

struct BlockShape {
  std::uint32_t rows = 1;
  std::uint32_t row_bytes = kBlockBytes;
};

// r rows of 4096 / r bytes, r = min(32, greatest power of two <= rows of the matrix).
constexpr BlockShape block_shape(std::uint32_t matrix_rows) {
  const std::uint32_t rows =
      std::bit_floor(std::clamp(matrix_rows, std::uint32_t{1}, kMaxBlockRows));
  return {rows, kBlockBytes / rows};
}

}  // namespace orrery
