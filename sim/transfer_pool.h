// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "sim/transfer.h"

namespace orrery {

// Transfers for reuse: an initiator takes one, sends it, and gives it back when the last receiver
// has taken delivery. Addresses stay valid for the pool's life.
class TransferPool {
 public:
  Transfer& acquire() {
    if (free_.empty()) {
      storage_.emplace_back();
      free_.push_back(&storage_.back());
    }
    Transfer* const transfer = free_.back();
    free_.pop_back();
    std::vector<Block> blocks = std::move(transfer->blocks);  // keep their memory
    std::vector<Share> shares = std::move(transfer->shares);
    *transfer = Transfer{};
    blocks.clear();
    shares.clear();
    transfer->blocks = std::move(blocks);
    transfer->shares = std::move(shares);
    return *transfer;
  }
  void release(Transfer& transfer) { free_.push_back(&transfer); }
  std::size_t in_use() const { return storage_.size() - free_.size(); }

 private:
  std::deque<Transfer> storage_;
  std::vector<Transfer*> free_;
};

}  // namespace orrery
