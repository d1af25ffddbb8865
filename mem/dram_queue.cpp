// SPDX-License-Identifier: Apache-2.0
#include "mem/dram_queue.h"

#include <algorithm>
#include <limits>

#include "mem/vector_clones.h"

namespace orrery {
namespace {

constexpr std::int32_t kNoAge = std::numeric_limits<std::int32_t>::max();

ORRERY_VECTOR_CLONES std::int32_t oldest_at(const std::int32_t* __restrict places,
                                            const std::int32_t* __restrict ages,
                                            std::size_t count,
                                            std::int32_t place) {
  std::int32_t best = kNoAge;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t there = places[i] == place ? -1 : 0;
    const std::int32_t age = (ages[i] & there) | (kNoAge & ~there);
    best = age < best ? age : best;
  }
  return best;
}

}  // namespace

DramQueue::DramQueue(std::uint32_t read_bursts, std::uint32_t write_bursts)
    : requests_(std::size_t{read_bursts} + write_bursts),
      places_(requests_.size(), -1),
      ages_(requests_.size()),
      capacity_{read_bursts, write_bursts} {
  for (auto index = static_cast<Index>(requests_.size()); index > 0; --index) {
    free_[index > static_cast<Index>(read_bursts) ? 1 : 0].push_back(index - 1);
  }
  for (std::uint32_t direction = 0; direction < 2; ++direction) {
    head_[direction].fill(kNone);
    tail_[direction].fill(kNone);
    hit_[direction].fill(kNone);
    miss_[direction].fill(kNone);
  }
}

void DramQueue::hide_hits(std::uint32_t lane) {
  for (std::uint32_t direction = 0; direction < 2; ++direction) {
    if (hit_[direction][lane] != kNone && !held_[direction][lane]) {
      remove_lane(direction, lane);
    }
    hit_[direction][lane] = kNone;
  }
}

DramQueue::Index DramQueue::find(std::uint32_t direction,
                                 std::uint32_t lane,
                                 std::uint32_t row) const {
  const std::size_t first = direction == 0 ? 0 : capacity_[0];
  const std::int32_t place = place_of(lane, row);
  const std::int32_t age =
      oldest_at(places_.data() + first, ages_.data() + first, capacity_[direction], place);
  if (age == kNoAge) {
    return kNone;
  }
  for (std::size_t i = first;; ++i) {
    if (ages_[i] == age && places_[i] == place) {
      return static_cast<Index>(i);
    }
  }
}

void DramQueue::set_open(std::uint32_t lane, std::int64_t open, std::uint32_t held) {
  hide_hits(lane);
  for (std::uint32_t direction = 0; direction < 2; ++direction) {
    held_[direction][lane] = direction == held;
    Index miss = head_[direction][lane];
    if (open != kClosed && miss != kNone) {
      const auto row = static_cast<std::uint32_t>(open);
      // The oldest of all is mostly what the row was opened for; else they are searched.
      const Index hit = get(miss).row == row             ? miss
                        : miss == tail_[direction][lane] ? kNone
                                                         : find(direction, lane, row);
      if (hit != kNone) {
        hit_[direction][lane] = hit;
        if (direction != held) {
          insert_lane(direction, lane);
        }
        while (miss != kNone && get(miss).row == row) {
          miss = get(miss).next;
        }
      }
    }
    miss_[direction][lane] = miss;
  }
}

void DramQueue::renumber_ages() {
  std::vector<Index> waiting;
  for (std::uint32_t direction = 0; direction < 2; ++direction) {
    for (const Index head : head_[direction]) {
      for (Index i = head; i != kNone; i = get(i).next) {
        waiting.push_back(i);
      }
    }
  }
  std::sort(waiting.begin(), waiting.end(),
            [this](Index a, Index b) { return get(a).age < get(b).age; });
  next_age_ = 0;
  for (const Index index : waiting) {
    ages_[static_cast<std::size_t>(index)] = static_cast<std::int32_t>(next_age_);
    get(index).age = next_age_++;
  }
}

}  // namespace orrery
