// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/units.h"

namespace orrery {

// When a link is taken. Messages book a link at the moment they enter the network, for the later
// time at which their head will reach it; a plain next-free time would let a message that is still
// held up elsewhere keep the link from all who reach it first. So the link remembers the idle
// spans before its bookings, and a message uses what it finds from its head's arrival on: pieces of
// idle spans, then the time after the last booking. Nothing booked is ever moved, so no message
// waits for one booked after it.
//
// Bookings come in order of `now`; spans that have passed are forgotten. A link remembers at most
// kMaxGaps spans and forgets the earliest when there are more: that time stays idle.
class LinkSchedule {
 public:
  static constexpr std::size_t kMaxGaps = 8;

  struct Slot {
    Femtoseconds start_fs = 0;  // the first piece begins
    Femtoseconds end_fs = 0;    // the last piece ends
  };

  // Takes `duration_fs` of the link's time at or after `head_fs` (itself at or after `now_fs`).
  Slot book(Femtoseconds now_fs, Femtoseconds head_fs, Femtoseconds duration_fs) {
    busy_fs_ += duration_fs;
    if (duration_fs == 0) {
      return {head_fs, head_fs};
    }
    if (gap_count_ == 0 || gaps_[gap_count_ - 1].end_fs <= head_fs) {
      return append(now_fs, head_fs, duration_fs);
    }
    return fill(now_fs, head_fs, duration_fs);
  }

  Femtoseconds next_free_fs() const { return next_free_fs_; }
  Femtoseconds busy_fs() const { return busy_fs_; }
  void reset() { *this = LinkSchedule(); }

 private:
  struct Gap {
    Femtoseconds start_fs;
    Femtoseconds end_fs;
  };

  Slot append(Femtoseconds now_fs, Femtoseconds head_fs, Femtoseconds duration_fs) {
    const Femtoseconds start_fs = std::max(head_fs, next_free_fs_);
    const Femtoseconds idle_from_fs = std::max(now_fs, next_free_fs_);
    if (idle_from_fs < start_fs) {
      if (gap_count_ == kMaxGaps) {
        forget_first();
      }
      gaps_[gap_count_++] = {idle_from_fs, start_fs};
    }
    next_free_fs_ = start_fs + duration_fs;
    return {start_fs, next_free_fs_};
  }

  Slot fill(Femtoseconds now_fs, Femtoseconds head_fs, Femtoseconds duration_fs) {
    // At most one gap more than before: only a message that fits whole into a gap's middle splits
    // it.
    std::array<Gap, kMaxGaps + 1> kept;
    std::size_t count = 0;
    Slot slot;
    Femtoseconds left_fs = duration_fs;
    for (std::size_t i = 0; i < gap_count_; ++i) {
      const Gap gap = gaps_[i];
      if (gap.end_fs <= now_fs) {
        continue;
      }
      const Femtoseconds from_fs = std::max(gap.start_fs, head_fs);
      if (left_fs == 0 || from_fs >= gap.end_fs) {
        kept[count++] = gap;
        continue;
      }
      const Femtoseconds to_fs = from_fs + std::min(left_fs, gap.end_fs - from_fs);
      if (left_fs == duration_fs) {
        slot.start_fs = from_fs;
      }
      slot.end_fs = to_fs;
      left_fs -= to_fs - from_fs;
      if (gap.start_fs < from_fs) {
        kept[count++] = {gap.start_fs, from_fs};
      }
      if (to_fs < gap.end_fs) {
        kept[count++] = {to_fs, gap.end_fs};
      }
    }
    const std::size_t dropped = count > kMaxGaps ? 1 : 0;
    gap_count_ = count - dropped;
    for (std::size_t i = 0; i < gap_count_; ++i) {
      gaps_[i] = kept[i + dropped];
    }
    if (left_fs > 0) {
      const Slot rest = append(now_fs, head_fs, left_fs);
      slot = {left_fs == duration_fs ? rest.start_fs : slot.start_fs, rest.end_fs};
    }
    return slot;
  }

  void forget_first() {
    std::move(gaps_.begin() + 1, gaps_.end(), gaps_.begin());
    --gap_count_;
  }

  Femtoseconds next_free_fs_ = 0;
  Femtoseconds busy_fs_ = 0;
  std::size_t gap_count_ = 0;
  std::array<Gap, kMaxGaps> gaps_{};
};

}  // namespace orrery
