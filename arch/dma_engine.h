// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "arch/core_config.h"
#include "arch/program.h"
#include "sim/clock.h"
#include "sim/transfer.h"

namespace orrery {

inline constexpr std::uint64_t kMaxLookupsPerTransfer = 64;

// Splits what a command moves along the edges of shared memory's blocks (sim/block_shape.h), into
// pieces of at most `max_bytes` that cost at most kMaxLookupsPerTransfer look-ups.
void split_block(const Block& block, std::uint64_t max_bytes, std::vector<Block>& pieces);

// One direction of a core's DMA: takes a command at a time, splits it, and lets the pieces go in
// order, one every `issue_cycles`, `setup_cycles` after the command came, each when it can take
// credit for its bytes. Credits come back when the answer does. A piece that has its credit is
// handed out at once with the time at which it leaves.
class DmaEngine {
 public:
  struct Piece {
    Block block;
    std::uint64_t command = 0;  // the caller's number
    Femtoseconds asked_fs = 0;
    Femtoseconds leaves_fs = 0;
  };

  DmaEngine(const DmaConfig& config, const Clock& clock);

  void set_clock(const Clock& clock) { clock_ = clock; }
  bool is_idle() const { return pieces_.empty(); }
  // Returns the number of pieces. Only when idle.
  std::uint32_t start(const Block& block, std::uint64_t command, Femtoseconds now_fs);
  // The next piece, if it can have its credit.
  bool try_take(Femtoseconds now_fs, Piece& piece);
  void return_credit(std::uint64_t bytes) { outstanding_bytes_ -= bytes; }

  bool waits_for_credit() const { return !pieces_.empty() && !has_credit(); }
  std::uint64_t outstanding_bytes() const { return outstanding_bytes_; }
  void reset();

 private:
  bool has_credit() const {
    return outstanding_bytes_ == 0 ||
           outstanding_bytes_ + pieces_.front().block.bytes() <= config_.outstanding_bytes;
  }

  DmaConfig config_;
  Clock clock_;
  std::deque<Piece> pieces_;
  std::vector<Block> split_;
  std::uint64_t outstanding_bytes_ = 0;
  Femtoseconds next_issue_fs_ = 0;
};

}  // namespace orrery
