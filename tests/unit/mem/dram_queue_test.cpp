// SPDX-License-Identifier: Apache-2.0
#include "mem/dram_queue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <list>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/random.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Index = DramQueue::Index;

constexpr Index kNone = DramQueue::kNone;
constexpr std::int64_t kClosed = DramQueue::kClosed;
constexpr std::uint32_t kBanks = RowCandidates::kBanks;
constexpr std::uint32_t kLanes = RowCandidates::kLanes;

std::vector<std::uint32_t> hit_lanes(const DramQueue& queue,
                                     std::uint32_t direction,
                                     std::uint32_t pseudo_channel) {
  std::vector<std::uint32_t> lanes;
  for (Index lane = queue.first_hit_lane(direction, pseudo_channel); lane != kNone;
       lane = queue.next_hit_lane(direction, lane)) {
    lanes.push_back(static_cast<std::uint32_t>(lane));
  }
  return lanes;
}

// One bank: lane 3, reads.
constexpr std::uint32_t kLane = 3;
Index push(DramQueue& queue, std::uint32_t row, std::uint32_t tag, std::int64_t open) {
  return queue.push(0, kLane, row, 1, tag, 0, open);
}

TEST(DramQueue, IsEmptyAtFirst) {
  const DramQueue queue(8, 4);
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    EXPECT_TRUE(queue.empty(lane));
    EXPECT_EQ(queue.hit(0, lane), kNone);
    EXPECT_EQ(queue.miss(1, lane), kNone);
  }
  EXPECT_EQ(queue.bursts(0), 0U);
  EXPECT_THAT(hit_lanes(queue, 0, 0), IsEmpty());
}

TEST(DramQueue, HasRoomForSoManyBurstsOfEachDirection) {
  DramQueue queue(8, 4);
  EXPECT_TRUE(queue.has_room(0, 8));
  EXPECT_FALSE(queue.has_room(0, 9));
  EXPECT_TRUE(queue.has_room(1, 4));
  EXPECT_FALSE(queue.has_room(1, 5));
  EXPECT_EQ(queue.missing_room(1, 6), 2U);
  queue.push(1, 0, 7, 3, 0, 0, kClosed);
  EXPECT_EQ(queue.bursts(1), 3U);
  EXPECT_EQ(queue.bursts(0), 0U);
  EXPECT_TRUE(queue.has_room(1, 1));
  EXPECT_FALSE(queue.has_room(1, 2));
  EXPECT_EQ(queue.missing_room(1, 1), 0U);
  EXPECT_EQ(queue.missing_room(1, 3), 2U);
}

TEST(DramQueue, TheOldestOfAClosedBankNeedsARow) {
  DramQueue queue(8, 8);
  const Index first = push(queue, 5, 10, kClosed);
  push(queue, 6, 11, kClosed);
  EXPECT_EQ(queue.miss(0, kLane), first);
  EXPECT_EQ(queue.hit(0, kLane), kNone);
  EXPECT_FALSE(queue.empty(kLane));
  EXPECT_EQ(queue.at(first).row, 5U);
  EXPECT_EQ(queue.at(first).tag, 10U);
}

TEST(DramQueue, HitsOvertakeRequestsForOtherRows) {
  DramQueue queue(8, 8);
  const Index other = push(queue, 6, 0, 5);
  const Index hit = push(queue, 5, 1, 5);
  const Index next_hit = push(queue, 5, 2, 5);
  EXPECT_EQ(queue.miss(0, kLane), other);
  EXPECT_EQ(queue.hit(0, kLane), hit);
  EXPECT_EQ(queue.serve_hit(0, kLane), 1U);
  EXPECT_EQ(queue.hit(0, kLane), next_hit);
  EXPECT_EQ(queue.serve_hit(0, kLane), 1U);
  EXPECT_EQ(queue.hit(0, kLane), kNone);
  EXPECT_EQ(queue.miss(0, kLane), other);
}

TEST(DramQueue, OpeningARowSortsHitsFromMisses) {
  DramQueue queue(8, 8);
  push(queue, 5, 0, kClosed);
  const Index six = push(queue, 6, 1, kClosed);
  const Index five = push(queue, 5, 2, kClosed);
  queue.take_burst(0, kLane, queue.miss(0, kLane));  // goes on with the activate
  queue.set_open(kLane, 5);
  EXPECT_EQ(queue.hit(0, kLane), five);
  EXPECT_EQ(queue.miss(0, kLane), six);
  queue.set_open(kLane, kClosed);
  EXPECT_EQ(queue.hit(0, kLane), kNone);
  EXPECT_EQ(queue.miss(0, kLane), six);
  queue.set_open(kLane, 6);
  EXPECT_EQ(queue.hit(0, kLane), six);
  EXPECT_EQ(queue.miss(0, kLane), five);
}

TEST(DramQueue, ARunIsServedBurstByBurst) {
  DramQueue queue(8, 8);
  const Index run = queue.push(0, kLane, 5, 4, 77, 3, 5);
  EXPECT_EQ(queue.bursts(0), 4U);
  for (std::uint32_t i = 1; i < 4; ++i) {
    EXPECT_EQ(queue.serve_hit(0, kLane), 0U);
    EXPECT_EQ(queue.hit(0, kLane), run);
    EXPECT_EQ(queue.bursts(0), 4 - i);
    EXPECT_EQ(queue.at(run).served, i);
  }
  EXPECT_EQ(queue.serve_hit(0, kLane), 4U);
  EXPECT_EQ(queue.hit(0, kLane), kNone);
  EXPECT_TRUE(queue.empty(kLane));
  EXPECT_EQ(queue.bursts(0), 0U);
}

TEST(DramQueue, ARunThatWasCutKeepsItsPlaceAndItsCount) {
  DramQueue queue(8, 8);
  const Index run = queue.push(0, kLane, 5, 4, 77, 3, 5);
  push(queue, 5, 78, 5);
  EXPECT_EQ(queue.serve_hit(0, kLane), 0U);
  queue.set_open(kLane, kClosed);
  queue.take_burst(0, kLane, run);  // taken by the next activate
  queue.set_open(kLane, 5);
  EXPECT_EQ(queue.hit(0, kLane), run);
  EXPECT_EQ(queue.at(run).served, 1U);
  EXPECT_EQ(queue.serve_hit(0, kLane), 0U);
  EXPECT_EQ(queue.serve_hit(0, kLane), 3U);  // the other burst is the activate's
  EXPECT_EQ(queue.serve_hit(0, kLane), 1U);
  EXPECT_TRUE(queue.empty(kLane));
}

TEST(DramQueue, BanksWithHitsStandInTheOrderOfTheirOldestHit) {
  DramQueue queue(16, 16);
  queue.push(0, 9, 1, 1, 0, 0, 1);
  queue.push(0, 2, 1, 1, 0, 0, 1);
  queue.push(0, kBanks + 1, 1, 1, 0, 0, 1);
  queue.push(0, 4, 1, 1, 0, 0, kClosed);
  queue.push(0, 9, 1, 1, 0, 0, 1);
  queue.push(1, 2, 1, 1, 0, 0, 1);
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(9, 2));
  EXPECT_THAT(hit_lanes(queue, 0, 1), ElementsAre(kBanks + 1));
  EXPECT_THAT(hit_lanes(queue, 1, 0), ElementsAre(2));
  queue.serve_hit(0, 9);  // its next hit is younger than the others
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(2, 9));
  queue.set_open(4, 1);  // between them
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(2, 4, 9));
  queue.hide_hits(4);
  queue.hide_hits(2);
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(9));
  EXPECT_THAT(hit_lanes(queue, 1, 0), IsEmpty());
  queue.set_open(2, 1);
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(2, 9));
  EXPECT_THAT(hit_lanes(queue, 1, 0), ElementsAre(2));
}

// A caller that hides hits pushes as if the bank were closed.
TEST(DramQueue, HiddenHitsStayHiddenWhenMoreCome) {
  DramQueue queue(8, 8);
  const Index older = push(queue, 5, 0, 5);
  queue.hide_hits(kLane);
  push(queue, 5, 1, kClosed);
  EXPECT_EQ(queue.hit(0, kLane), kNone);
  EXPECT_THAT(hit_lanes(queue, 0, 0), IsEmpty());
  queue.set_open(kLane, kClosed);
  EXPECT_EQ(queue.miss(0, kLane), older);
  queue.set_open(kLane, 5);
  EXPECT_EQ(queue.hit(0, kLane), older);
}

// Ages run out after some 16 million requests.
TEST(DramQueue, NewAgesKeepTheOrder) {
  DramQueue queue(8, 8);
  const Index first = queue.push(0, 7, 1, 2, 100, 0, 1);
  const Index second = queue.push(1, 7, 2, 1, 101, 0, 1);
  const Index third = queue.push(0, 6, 1, 1, 102, 0, 1);
  std::uint32_t pushes = 3;
  while (!queue.ages_exhausted()) {
    queue.push(0, 5, 1, 1, 0, 0, 1);
    queue.serve_hit(0, 5);
    ++pushes;
  }
  EXPECT_EQ(pushes, RowCandidates::kMaxAge - 1);
  const Index last = queue.push(0, 5, 1, 1, 103, 0, 1);
  EXPECT_LT(queue.at(last).age, RowCandidates::kMaxAge);
  EXPECT_GT(RowCandidates::kNone, RowCandidates::key_of(queue.at(last).age, kLanes - 1));
  queue.renumber_ages();
  EXPECT_FALSE(queue.ages_exhausted());
  EXPECT_EQ(queue.at(first).age, 0U);
  EXPECT_EQ(queue.at(second).age, 1U);
  EXPECT_EQ(queue.at(third).age, 2U);
  EXPECT_EQ(queue.at(last).age, 3U);
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(7, 6, 5));
  EXPECT_EQ(queue.miss(1, 7), second);
  EXPECT_EQ(queue.at(queue.push(0, 4, 1, 1, 0, 0, 1)).age, 4U);
  EXPECT_THAT(hit_lanes(queue, 0, 0), ElementsAre(7, 6, 5, 4));
}

// Random operations against lists that are searched from the front.
class PlainQueue {
 public:
  struct Entry {
    std::uint32_t direction, lane, row, bursts, served, tag;
    DramTick arrived;
    Index index;    // in the queue under test
    bool withheld;  // came while the bank's hits were hidden
  };

  void push(const Entry& entry) { entries_.push_back(entry); }
  Entry* hit(std::uint32_t direction, std::uint32_t lane) {
    return hidden_[lane] ? nullptr : find(direction, lane, true);
  }
  Entry* miss(std::uint32_t direction, std::uint32_t lane) { return find(direction, lane, false); }
  std::int64_t open(std::uint32_t lane) const { return open_[lane] - 1; }
  bool hidden(std::uint32_t lane) const { return hidden_[lane]; }
  void set_open(std::uint32_t lane, std::int64_t row) {
    open_[lane] = row + 1;
    hidden_[lane] = false;
    for (Entry& entry : entries_) {
      entry.withheld = entry.withheld && entry.lane != lane;
    }
  }
  void hide_hits(std::uint32_t lane) { hidden_[lane] = true; }
  void take_burst(const Entry* entry) {
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& other) { return &other == entry; });
    if (--at->bursts == 0) {
      entries_.erase(at);
    }
  }
  const std::list<Entry>& entries() const { return entries_; }
  std::uint32_t bursts(std::uint32_t direction) const {
    std::uint32_t sum = 0;
    for (const Entry& entry : entries_) {
      sum += entry.direction == direction ? entry.bursts : 0;
    }
    return sum;
  }
  // Lanes by the place of their hit in the list, which is oldest first.
  std::vector<std::uint32_t> hit_lanes(std::uint32_t direction, std::uint32_t pseudo_channel) {
    std::vector<std::uint32_t> lanes;
    for (const Entry& entry : entries_) {
      if (entry.direction == direction && entry.lane / kBanks == pseudo_channel &&
          hit(direction, entry.lane) == &entry) {
        lanes.push_back(entry.lane);
      }
    }
    return lanes;
  }

 private:
  Entry* find(std::uint32_t direction, std::uint32_t lane, bool of_open_row) {
    for (Entry& entry : entries_) {
      const bool hits = static_cast<std::int64_t>(entry.row) == open(lane) && !entry.withheld;
      if (entry.direction == direction && entry.lane == lane && hits == of_open_row) {
        return &entry;
      }
    }
    return nullptr;
  }

  std::list<Entry> entries_;
  std::array<std::int64_t, kLanes> open_{};  // row + 1; 0: closed
  std::array<bool, kLanes> hidden_{};
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(random_below(seed_, next_++, bound));
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

struct QueueShape {
  std::uint32_t reads, writes, lanes, rows, longest_run;
};

class BothQueues {
 public:
  BothQueues(const QueueShape& shape, std::uint64_t seed)
      : shape_(shape), draw_(seed), queue_(shape.reads, shape.writes) {}

  void step() {
    const std::uint32_t direction = draw_.below(2);
    // Lanes of both pseudo-channels.
    const std::uint32_t lane = draw_.below(2) * kBanks + draw_.below(shape_.lanes);
    switch (draw_.below(8)) {
      case 0:
      case 1:
      case 2:
        push(direction, lane);
        break;
      case 3:
      case 4:
        serve_hit(direction, lane / kBanks);
        break;
      case 5:
        activate(direction, lane);
        break;
      case 6:
        open(lane, draw_.below(3) == 0 ? kClosed : draw_.below(shape_.rows));
        break;
      default:
        rarely(lane);
    }
    ++now_;
  }

  void check() {
    for (std::uint32_t direction = 0; direction < 2; ++direction) {
      const std::uint32_t capacity = direction == 0 ? shape_.reads : shape_.writes;
      const std::uint32_t bursts = plain_.bursts(direction);
      ASSERT_EQ(queue_.bursts(direction), bursts);
      ASSERT_EQ(queue_.has_room(direction, 3), bursts + 3 <= capacity);
      ASSERT_EQ(queue_.missing_room(direction, 5),
                bursts + 5 > capacity ? bursts + 5 - capacity : 0);
      for (std::uint32_t p = 0; p < 2; ++p) {
        ASSERT_EQ(hit_lanes(queue_, direction, p), plain_.hit_lanes(direction, p));
        for (std::uint32_t lane = p * kBanks; lane < p * kBanks + shape_.lanes; ++lane) {
          ASSERT_EQ(queue_.hit(direction, lane), index_of(plain_.hit(direction, lane)));
          ASSERT_EQ(queue_.miss(direction, lane), index_of(plain_.miss(direction, lane)));
        }
      }
    }
    std::vector<bool> used(kLanes);
    std::int64_t age = -1;
    for (const PlainQueue::Entry& entry : plain_.entries()) {
      const DramQueue::Request& request = queue_.at(entry.index);
      ASSERT_GT(static_cast<std::int64_t>(request.age), age);
      age = request.age;
      ASSERT_EQ(request.row, entry.row);
      ASSERT_EQ(request.bursts, entry.bursts);
      ASSERT_EQ(request.served, entry.served);
      ASSERT_EQ(request.tag, entry.tag);
      ASSERT_EQ(request.arrived, entry.arrived);
      used[entry.lane] = true;
    }
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      ASSERT_EQ(queue_.empty(lane), !used[lane]);
    }
  }

  std::uint32_t served() const { return served_; }

 private:
  static Index index_of(const PlainQueue::Entry* entry) {
    return entry == nullptr ? kNone : entry->index;
  }

  void push(std::uint32_t direction, std::uint32_t lane) {
    const std::uint32_t row = draw_.below(shape_.rows);
    const std::uint32_t bursts = 1 + draw_.below(shape_.longest_run);
    if (!queue_.has_room(direction, bursts)) {
      return;
    }
    const std::uint32_t tag = draw_.below(1000);
    const bool withheld = plain_.hidden(lane);
    const Index index = queue_.push(direction, lane, row, bursts, tag, now_,
                                    withheld ? kClosed : plain_.open(lane));
    plain_.push({direction, lane, row, bursts, 0, tag, now_, index, withheld});
  }
  void serve_hit(std::uint32_t direction, std::uint32_t pseudo_channel) {
    const std::vector<std::uint32_t> lanes = plain_.hit_lanes(direction, pseudo_channel);
    if (lanes.empty()) {
      return;
    }
    const std::uint32_t lane = lanes[draw_.below(static_cast<std::uint32_t>(lanes.size()))];
    PlainQueue::Entry* const hit = plain_.hit(direction, lane);
    if (draw_.below(4) == 0) {  // moves on without being counted as served
      queue_.take_burst(direction, lane, hit->index);
    } else {
      ++hit->served;
      ASSERT_EQ(queue_.serve_hit(direction, lane), hit->bursts == 1 ? hit->served : 0);
      ++served_;
    }
    plain_.take_burst(hit);
  }
  // Its first burst leaves with the activate.
  void activate(std::uint32_t direction, std::uint32_t lane) {
    const PlainQueue::Entry* const miss = plain_.miss(direction, lane);
    if (miss == nullptr || plain_.open(lane) != kClosed) {
      return;
    }
    const std::uint32_t row = miss->row;
    queue_.take_burst(direction, lane, miss->index);
    plain_.take_burst(miss);
    open(lane, row);
  }
  void open(std::uint32_t lane, std::int64_t row) {
    queue_.set_open(lane, row);
    plain_.set_open(lane, row);
  }
  void rarely(std::uint32_t lane) {
    if (draw_.below(2) == 0) {
      queue_.renumber_ages();
    } else {
      queue_.hide_hits(lane);
      plain_.hide_hits(lane);
    }
  }

  QueueShape shape_;
  Draw draw_;
  DramQueue queue_;
  PlainQueue plain_;
  DramTick now_ = 0;
  std::uint32_t served_ = 0;
};

TEST(DramQueue, AnswersAsPlainListsDo) {
  const std::vector<QueueShape> shapes{{64, 64, 16, 4, 1},
                                       {32, 48, 4, 2, 8},
                                       {8, 4, 2, 3, 3},
                                       {128, 128, 64, 5, 8},
                                       {1, 1, 1, 2, 1}};
  std::uint32_t served = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    BothQueues both(shapes.at(seed % shapes.size()), seed);
    for (int step = 0; step < 4000; ++step) {
      both.step();
      if (step % 7 == 0) {
        both.check();
      }
      if (::testing::Test::HasFatalFailure()) {
        FAIL() << "step " << step;
      }
    }
    served += both.served();
  }
  EXPECT_GT(served, 4000U);
}

}  // namespace
}  // namespace orrery
