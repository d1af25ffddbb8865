// SPDX-License-Identifier: Apache-2.0
#include "arch/dma_engine.h"

#include <algorithm>

#include "sim/block_shape.h"

namespace orrery {

void split_block(const Block& block, std::uint64_t max_bytes, std::vector<Block>& pieces) {
  const BlockShape shape = block_shape(block.matrix_rows);
  const std::uint64_t end_byte = block.first_byte + block.row_bytes;
  const std::uint64_t columns =
      ceil_div(end_byte, shape.row_bytes) - block.first_byte / shape.row_bytes;
  const std::uint64_t used_bytes =  // of one block, at most
      std::clamp(block.rows, 1U, shape.rows) * std::uint64_t{shape.row_bytes};
  // Columns of blocks that a piece may span, then rows of blocks: both at least one.
  const std::uint64_t blocks_by_size = std::max<std::uint64_t>(1, max_bytes / used_bytes);
  const std::uint64_t blocks = std::min(kMaxLookupsPerTransfer, blocks_by_size);
  const std::uint64_t piece_columns = std::min(columns, blocks);
  const std::uint64_t piece_rows = std::max<std::uint64_t>(1, blocks / piece_columns);

  const std::uint32_t end_row = block.first_row + block.rows;
  for (std::uint32_t row = block.first_row; row < end_row;) {
    const std::uint64_t next_row =
        (row / shape.rows + piece_rows) * shape.rows;  // the edge that ends this piece
    const auto row_end = static_cast<std::uint32_t>(std::min<std::uint64_t>(next_row, end_row));
    for (std::uint64_t byte = block.first_byte; byte < end_byte;) {
      const std::uint64_t byte_end =
          std::min((byte / shape.row_bytes + piece_columns) * shape.row_bytes, end_byte);
      Block piece = block;
      piece.first_row = row;
      piece.rows = row_end - row;
      piece.first_byte = byte;
      piece.row_bytes = static_cast<std::uint32_t>(byte_end - byte);
      pieces.push_back(piece);
      byte = byte_end;
    }
    row = row_end;
  }
}

DmaEngine::DmaEngine(const DmaConfig& config, const Clock& clock)
    : config_(config), clock_(clock) {}

std::uint32_t DmaEngine::start(const Block& block, std::uint64_t command, Femtoseconds now_fs) {
  split_.clear();
  split_block(block, config_.max_transfer_bytes, split_);
  for (const Block& piece : split_) {
    pieces_.push_back({piece, command, now_fs, 0});
  }
  next_issue_fs_ = std::max(next_issue_fs_, now_fs + clock_.to_fs(config_.setup_cycles));
  return static_cast<std::uint32_t>(split_.size());
}

bool DmaEngine::try_take(Femtoseconds now_fs, Piece& piece) {
  if (pieces_.empty() || !has_credit()) {
    return false;
  }
  piece = pieces_.front();
  pieces_.pop_front();
  piece.leaves_fs = std::max(now_fs, next_issue_fs_);
  outstanding_bytes_ += piece.block.bytes();
  next_issue_fs_ = piece.leaves_fs + clock_.to_fs(config_.issue_cycles);
  return true;
}

void DmaEngine::reset() {
  pieces_.clear();
  outstanding_bytes_ = 0;
  next_issue_fs_ = 0;
}

}  // namespace orrery
