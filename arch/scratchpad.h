// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "arch/core_config.h"
#include "sim/clock.h"
#include "sim/rate_server.h"

namespace orrery {

// How many times longer an access takes that reads 8 rows x 16 B (the 8x8 matrix of 16-bit
// elements that tensor units fetch) from rows `row_pitch_bytes` apart, because several of the 16-B
// pieces lie in the same banks. 1 is free of conflicts, 8 the worst.
std::uint32_t bank_conflict_degree(const ScratchpadConfig& config, std::uint64_t row_pitch_bytes);

// The bandwidth of a core's scratchpad, which DMA (unless it fills by a port of its own), tensor
// and vector unit share: next-free-time arithmetic, booked at the event at which an access starts.
// Capacity is checked once per kernel.
class Scratchpad {
 public:
  Scratchpad(const ScratchpadConfig& config, const Clock& clock)
      : config_(config),
        server_({config.bytes_per_cycle(), clock.period_fs()}),
        fills_({config.bytes_per_cycle(), clock.period_fs()}) {}

  // An engine starts at `now_fs` to read or write `bytes` while it works; when the banks are done.
  // Work in registers, of no bytes, does not queue behind what others have booked.
  Femtoseconds access(Femtoseconds now_fs, std::uint64_t bytes) {
    bytes_ += bytes;
    return bytes == 0 ? now_fs : server_.book(now_fs, bytes);
  }
  // The same for a matrix operand whose rows lie `row_pitch_bytes` apart.
  Femtoseconds access_rows(Femtoseconds now_fs,
                           std::uint64_t bytes,
                           std::uint64_t row_pitch_bytes) {
    bytes_ += bytes;
    return server_.book(now_fs, bytes * bank_conflict_degree(config_, row_pitch_bytes));
  }
  // Data that streamed in while it was on the network: done now, unless the banks are behind.
  Femtoseconds absorb(Femtoseconds now_fs, std::uint64_t bytes) {
    bytes_ += bytes;
    RateServer& server = config_.fill_port ? fills_ : server_;
    const Femtoseconds duration = server.rate().time_for(bytes);
    return server.book(now_fs - std::min(now_fs, duration), bytes);
  }
  void set_clock(const Clock& clock) {
    server_.set_rate({config_.bytes_per_cycle(), clock.period_fs()});
    fills_.set_rate({config_.bytes_per_cycle(), clock.period_fs()});
  }
  std::uint64_t bytes() const { return bytes_; }
  Femtoseconds busy_fs() const { return server_.busy_fs(); }

  void reset() {
    server_.reset();
    fills_.reset();
    bytes_ = 0;
  }

 private:
  ScratchpadConfig config_;
  RateServer server_;
  RateServer fills_;  // what streams in, where that has a port of its own
  std::uint64_t bytes_ = 0;
};

}  // namespace orrery
