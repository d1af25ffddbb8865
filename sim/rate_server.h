// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/units.h"

namespace orrery {

// A rate as a ratio of integers: `amount` units every `period_fs`. 64 B/clk at 1.755 GHz is
// {64, 569801}; 614 GB/s is {614, 1'000'000}. Exact where a double of fs per byte would drift.
struct Rate {
  std::uint64_t amount = 1;
  Femtoseconds period_fs = 1;

  constexpr Femtoseconds time_for(std::uint64_t units) const {
    return scale_up(units, period_fs, amount);
  }
  static constexpr Rate per_second(std::uint64_t units) { return {units, kFsPerSecond}; }
};

// Next-free-time arithmetic: a resource that serves requests in the order in which they are
// booked, at a fixed rate. Book at the event at which a request arrives, never ahead of it: a
// booking made early blocks requests that come first.
class RateServer {
 public:
  constexpr RateServer() = default;
  constexpr explicit RateServer(Rate rate) : rate_(rate) {}

  // When `units` arriving at `now_fs` have been served.
  constexpr Femtoseconds book(Femtoseconds now_fs, std::uint64_t units) {
    const Femtoseconds start_fs = std::max(now_fs, next_free_fs_);
    next_free_fs_ = start_fs + rate_.time_for(units);
    busy_fs_ += next_free_fs_ - start_fs;
    return next_free_fs_;
  }
  constexpr Femtoseconds next_free_fs() const { return next_free_fs_; }
  constexpr Femtoseconds busy_fs() const { return busy_fs_; }
  constexpr const Rate& rate() const { return rate_; }
  // For what is booked from now on.
  constexpr void set_rate(Rate rate) { rate_ = rate; }
  constexpr void reset() { next_free_fs_ = busy_fs_ = 0; }

 private:
  Rate rate_;
  Femtoseconds next_free_fs_ = 0;
  Femtoseconds busy_fs_ = 0;
};

}  // namespace orrery
