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
// Bookings come in order of `now`. A link remembers at most kMaxGaps spans and forgets the earliest
// when there are more, those that have passed before others: that time stays idle.
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
    std::size_t first = gap_count_ - 1;  // that ends after the head has come
    while (first > 0 && gaps_[first - 1].end_fs > head_fs) {
      --first;
    }
    Slot slot;
    slot.start_fs = std::max(gaps_[first].start_fs, head_fs);
    Femtoseconds left_fs = duration_fs;
    std::size_t used_up = first;      // where those begin of which nothing is left
    std::size_t used_up_end = first;  // and end
    for (std::size_t i = first; i < gap_count_ && left_fs > 0; ++i) {
      const Gap gap = gaps_[i];
      const Femtoseconds from_fs = std::max(gap.start_fs, head_fs);
      const Femtoseconds to_fs = from_fs + std::min(left_fs, gap.end_fs - from_fs);
      slot.end_fs = to_fs;
      left_fs -= to_fs - from_fs;
      if (to_fs < gap.end_fs) {
        if (gap.start_fs < from_fs) {  // a message that fits whole into a gap's middle
          split(i, from_fs, to_fs);
          return slot;
        }
        gaps_[i].start_fs = to_fs;
      } else if (gap.start_fs < from_fs) {
        gaps_[i].end_fs = from_fs;
        used_up = used_up_end = i + 1;
      } else {
        used_up_end = i + 1;
      }
    }
    erase(used_up, used_up_end);
    if (left_fs > 0) {
      const Slot rest = append(now_fs, head_fs, left_fs);
      slot.end_fs = rest.end_fs;
    }
    return slot;
  }

  void erase(std::size_t first, std::size_t end) {
    if (first < end) {
      std::move(gaps_.begin() + static_cast<std::ptrdiff_t>(end),
                gaps_.begin() + static_cast<std::ptrdiff_t>(gap_count_),
                gaps_.begin() + static_cast<std::ptrdiff_t>(first));
      gap_count_ -= end - first;
    }
  }
  // Leaves of a gap what is before `from_fs` and behind `to_fs`.
  void split(std::size_t gap, Femtoseconds from_fs, Femtoseconds to_fs) {
    const Gap behind{to_fs, gaps_[gap].end_fs};
    if (gap_count_ == kMaxGaps) {
      if (gap == 0) {  // what is before would be the earliest
        gaps_[0] = behind;
        return;
      }
      forget_first();
      --gap;
    }
    gaps_[gap].end_fs = from_fs;
    const auto place = gaps_.begin() + static_cast<std::ptrdiff_t>(gap) + 1;
    const auto end = gaps_.begin() + static_cast<std::ptrdiff_t>(gap_count_);
    std::move_backward(place, end, end + 1);
    *place = behind;
    ++gap_count_;
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
