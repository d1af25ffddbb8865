// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mem/dram_delays.h"
#include "mem/row_candidates.h"

namespace orrery {

// The requests that wait in a channel's controller: reads and writes (directions 0 and 1), each a
// first-in, first-out list per bank (a lane, see RowCandidates). Knows for each bank its oldest
// request for the open row (a hit) and its oldest for another, and keeps the banks with hits of
// each pseudo-channel in the order of their ages.
//
// A request is a run: bursts of one row that came together. It is as if each of its bursts had a
// place in the queue, one after the other.
class DramQueue {
 public:
  using Index = std::int32_t;
  static constexpr Index kNone = -1;
  static constexpr std::uint32_t kLanes = RowCandidates::kLanes;

  struct Request {
    std::uint32_t row = 0;
    std::uint32_t age = 0;  // smaller is older, over all requests here
    DramTick arrived = 0;
    std::uint32_t tag = 0;
    std::uint16_t bursts = 0;
    std::uint16_t served = 0;  // before those
    Index next = kNone;        // of its bank and direction
    Index previous = kNone;
  };

  // Room for so many bursts a direction.
  DramQueue(std::uint32_t read_bursts, std::uint32_t write_bursts);

  const Request& at(Index index) const { return requests_[static_cast<std::size_t>(index)]; }
  std::uint32_t bursts(std::uint32_t direction) const { return bursts_[direction]; }
  bool has_room(std::uint32_t direction, std::uint32_t bursts) const {
    return bursts_[direction] + bursts <= capacity_[direction];
  }

  // Bursts that must leave before there is room for so many.
  std::uint64_t missing_room(std::uint32_t direction, std::uint32_t bursts) const {
    const std::uint32_t wanted = bursts_[direction] + bursts;
    return wanted > capacity_[direction] ? wanted - capacity_[direction] : 0;
  }

  // Oldest first; kNone at the end. Banks are given as lanes.
  Index first_hit_lane(std::uint32_t direction, std::uint32_t pseudo_channel) const {
    return first_lane_[direction][pseudo_channel];
  }
  bool any_hit(std::uint32_t direction) const {
    return first_lane_[direction][0] != kNone || first_lane_[direction][1] != kNone;
  }
  Index next_hit_lane(std::uint32_t direction, Index lane) const {
    return order_[direction][static_cast<std::size_t>(lane)].next;
  }
  Index hit(std::uint32_t direction, std::uint32_t lane) const { return hit_[direction][lane]; }
  // Oldest request that needs a row command: any while the bank is closed, one for another row
  // while it is open.
  Index miss(std::uint32_t direction, std::uint32_t lane) const { return miss_[direction][lane]; }
  bool empty(std::uint32_t lane) const {
    return head_[0][lane] == kNone && head_[1][lane] == kNone;
  }

  // `open` is the bank's open row, or kClosed (also where its hits are hidden). The caller has
  // checked that there is room.
  static constexpr std::int64_t kClosed = -1;
  Index push(std::uint32_t direction,
             std::uint32_t lane,
             std::uint32_t row,
             std::uint32_t bursts,
             std::uint32_t tag,
             DramTick now,
             std::int64_t open);
  // One burst of it is served (or moves on to be served first); forgets it with its last.
  void take_burst(std::uint32_t direction, std::uint32_t lane, Index index);
  // One burst of a hit is served: how many have been, when it is the last, else 0.
  std::uint32_t serve_hit(std::uint32_t direction, std::uint32_t lane) {
    const Index index = hit_[direction][lane];
    Request& request = get(index);
    ++request.served;
    const std::uint32_t served = request.bursts == 1 ? request.served : 0;
    take_burst(direction, lane, index);
    return served;
  }
  static constexpr std::uint32_t kNoDirection = 2;
  // The bank has opened a row or closed (kClosed). Hits of the direction `held`, if there is one,
  // stay out of the order until `release`: the request that the row was opened for goes first.
  void set_open(std::uint32_t lane, std::int64_t open, std::uint32_t held = kNoDirection);
  void release(std::uint32_t direction, std::uint32_t lane) {
    held_[direction][lane] = false;
    if (hit_[direction][lane] != kNone) {
      insert_lane(direction, lane);
    }
  }
  // Takes the bank's hits out of the order, until the next `set_open`.
  void hide_hits(std::uint32_t lane);

  // Ages are small numbers. When they run out, all requests get new ones in the same order; the
  // caller asks before it pushes, and refreshes what it derived from ages.
  bool ages_exhausted() const { return next_age_ + 1 >= RowCandidates::kMaxAge; }
  void renumber_ages();

 private:
  struct Link {
    Index previous = kNone;
    Index next = kNone;
  };
  Request& get(Index index) { return requests_[static_cast<std::size_t>(index)]; }
  static std::int32_t place_of(std::uint32_t lane, std::uint32_t row) {
    return static_cast<std::int32_t>(row * kLanes + lane);
  }
  // The oldest request of the direction for the row, or kNone.
  Index find(std::uint32_t direction, std::uint32_t lane, std::uint32_t row) const;
  void insert_lane(std::uint32_t direction, std::uint32_t lane);
  void remove_lane(std::uint32_t direction, std::uint32_t lane);

  std::vector<Request> requests_;  // reads, then writes
  std::array<std::vector<Index>, 2> free_;
  // Beside the requests, to be searched: place_of its bank and row (-1: none), and its age.
  std::vector<std::int32_t> places_;
  std::vector<std::int32_t> ages_;
  std::array<std::uint32_t, 2> capacity_;
  std::array<std::uint32_t, 2> bursts_{};
  std::uint32_t next_age_ = 0;
  std::array<std::array<Index, kLanes>, 2> head_{};
  std::array<std::array<Index, kLanes>, 2> tail_{};
  std::array<std::array<Index, kLanes>, 2> hit_{};
  std::array<std::array<Index, kLanes>, 2> miss_{};
  std::array<std::array<Link, kLanes>, 2> order_{};  // of lanes with hits, by the age of the hit
  std::array<std::array<bool, kLanes>, 2> held_{};
  // By direction and pseudo-channel.
  std::array<std::array<Index, 2>, 2> first_lane_{{{kNone, kNone}, {kNone, kNone}}};
  std::array<std::array<Index, 2>, 2> last_lane_{{{kNone, kNone}, {kNone, kNone}}};
};

inline void DramQueue::insert_lane(std::uint32_t direction, std::uint32_t lane) {
  const std::uint32_t age = get(hit_[direction][lane]).age;
  Index& first = first_lane_[direction][lane / RowCandidates::kBanks];
  Index& last = last_lane_[direction][lane / RowCandidates::kBanks];
  auto& order = order_[direction];
  Index after = last;  // new hits are mostly the youngest
  while (after != kNone && get(hit_[direction][static_cast<std::size_t>(after)]).age > age) {
    after = order[static_cast<std::size_t>(after)].previous;
  }
  const auto self = static_cast<Index>(lane);
  const Index before = after == kNone ? first : order[static_cast<std::size_t>(after)].next;
  order[lane] = {after, before};
  (after == kNone ? first : order[static_cast<std::size_t>(after)].next) = self;
  (before == kNone ? last : order[static_cast<std::size_t>(before)].previous) = self;
}

inline void DramQueue::remove_lane(std::uint32_t direction, std::uint32_t lane) {
  auto& order = order_[direction];
  const Link link = order[lane];
  Index& first = first_lane_[direction][lane / RowCandidates::kBanks];
  Index& last = last_lane_[direction][lane / RowCandidates::kBanks];
  (link.previous == kNone ? first : order[static_cast<std::size_t>(link.previous)].next) =
      link.next;
  (link.next == kNone ? last : order[static_cast<std::size_t>(link.next)].previous) = link.previous;
}

inline DramQueue::Index DramQueue::push(std::uint32_t direction,
                                        std::uint32_t lane,
                                        std::uint32_t row,
                                        std::uint32_t bursts,
                                        std::uint32_t tag,
                                        DramTick now,
                                        std::int64_t open) {
  const Index index = free_[direction].back();
  free_[direction].pop_back();
  Request& request = get(index);
  const Index last = tail_[direction][lane];
  places_[static_cast<std::size_t>(index)] = place_of(lane, row);
  ages_[static_cast<std::size_t>(index)] = static_cast<std::int32_t>(next_age_);
  request = {row, next_age_++, now, tag, static_cast<std::uint16_t>(bursts), 0, kNone, last};
  bursts_[direction] += bursts;
  (last == kNone ? head_[direction][lane] : get(last).next) = index;
  tail_[direction][lane] = index;
  if (open == static_cast<std::int64_t>(row)) {
    if (hit_[direction][lane] == kNone) {
      hit_[direction][lane] = index;
      if (!held_[direction][lane]) {
        insert_lane(direction, lane);
      }
    }
  } else if (miss_[direction][lane] == kNone) {
    miss_[direction][lane] = index;
  }
  return index;
}

inline void DramQueue::take_burst(std::uint32_t direction, std::uint32_t lane, Index index) {
  Request& request = get(index);
  --bursts_[direction];
  if (--request.bursts > 0) {
    return;
  }
  if (hit_[direction][lane] == index) {
    remove_lane(direction, lane);
    Index next = request.next;
    while (next != kNone && get(next).row != request.row) {
      next = get(next).next;
    }
    hit_[direction][lane] = next;
    if (next != kNone) {
      insert_lane(direction, lane);
    }
  }
  if (miss_[direction][lane] == index) {  // taken by the activate that serves it
    miss_[direction][lane] = request.next;
  }
  (request.previous == kNone ? head_[direction][lane] : get(request.previous).next) = request.next;
  (request.next == kNone ? tail_[direction][lane] : get(request.next).previous) = request.previous;
  places_[static_cast<std::size_t>(index)] = -1;
  free_[direction].push_back(index);
}

}  // namespace orrery
