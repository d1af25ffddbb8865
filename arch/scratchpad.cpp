// SPDX-License-Identifier: Apache-2.0
#include "arch/scratchpad.h"

#include <algorithm>
#include <vector>

namespace orrery {

std::uint32_t bank_conflict_degree(const ScratchpadConfig& config, std::uint64_t row_pitch_bytes) {
  constexpr std::uint64_t kRows = 8;
  constexpr std::uint64_t kPieceBytes = 16;
  const std::uint64_t line_bytes = config.bytes_per_cycle();
  if (config.swizzle || line_bytes <= kPieceBytes) {
    return 1;
  }
  std::vector<std::uint32_t> pieces_in_slot(ceil_div(line_bytes, kPieceBytes));
  for (std::uint64_t row = 0; row < kRows; ++row) {
    ++pieces_in_slot[row * row_pitch_bytes % line_bytes / kPieceBytes];
  }
  // A line narrower than the whole matrix takes several cycles even without a conflict.
  const std::uint64_t least = ceil_div(kRows * kPieceBytes, line_bytes);
  const std::uint64_t worst = *std::max_element(pieces_in_slot.begin(), pieces_in_slot.end());
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, worst / least));
}

}  // namespace orrery
