// SPDX-License-Identifier: Apache-2.0
#include "mem/stream_source.h"

#include <algorithm>

#include "sim/sim_time.h"

namespace orrery {

StreamSource::StreamSource(const sc_core::sc_module_name& name,
                           const RequestStream& stream,
                           const StreamSourceConfig& config,
                           CounterRegistry& registry)
    : sc_module(name), stream_(stream), config_(config), wake_up_(this->name(), registry) {
  SC_HAS_PROCESS(StreamSource);
  SC_METHOD(process);
  wake_up_.wakes_on(sensitive);
}

// The next requests of one direction, as one transfer: neighbours in memory as one block.
void StreamSource::send_next(Femtoseconds at_fs) {
  const std::uint64_t most =
      stream_.one_at_a_time() || config_.gap_fs > 0 ? 1 : config_.bursts_of_transfer;
  Transfer& transfer = pool_.acquire();
  RequestStream::Item item = stream_.at(next_);
  transfer.access = item.access;
  transfer.issued_fs = at_fs;
  transfer.sequence = sequence_++;
  std::uint64_t bursts = 0;
  std::uint64_t following = item.burst + 1;  // would continue the block
  while (true) {
    if (bursts > 0 && item.burst == following) {
      transfer.blocks.back().row_bytes += config_.burst_bytes;
    } else {
      Block block;
      block.first_byte = item.burst * config_.burst_bytes;
      block.row_bytes = config_.burst_bytes;
      transfer.blocks.push_back(block);
    }
    following = item.burst + 1;
    ++bursts;
    ++next_;
    if (bursts == most || next_ == config_.requests) {
      break;
    }
    item = stream_.at(next_);
    if (item.access != transfer.access) {
      break;
    }
  }
  transfer.tag = bursts;
  outstanding_ += bursts;
  memory_port->send(transfer, *this, at_fs);
}

void StreamSource::complete(Transfer& transfer, Femtoseconds at_fs) {
  returns_.push_back({at_fs, &transfer});
  std::push_heap(returns_.begin(), returns_.end());
  wake_up_.at(returns_.front().at_fs);
}

void StreamSource::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  while (!returns_.empty() && returns_.front().at_fs <= now) {
    std::pop_heap(returns_.begin(), returns_.end());
    Transfer& transfer = *returns_.back().transfer;
    last_completion_fs_ = returns_.back().at_fs;
    returns_.pop_back();
    if (transfer.access == Access::kRead) {
      latencies_fs_.push_back(last_completion_fs_ - transfer.issued_fs);
    }
    outstanding_ -= transfer.tag;
    completed_ += transfer.tag;
    pool_.release(transfer);
  }
  const std::uint64_t limit = stream_.one_at_a_time() ? 1 : config_.outstanding_bursts;
  while (next_ < config_.requests && outstanding_ < limit) {
    const Femtoseconds due_fs = next_ * config_.gap_fs;
    send_next(std::max(now, due_fs));
  }
  wake_up_.at(returns_.empty() ? kNever : returns_.front().at_fs);
}

}  // namespace orrery
