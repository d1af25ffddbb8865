// SPDX-License-Identifier: Apache-2.0
#include "mem/row_candidates.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include <gtest/gtest.h>

#include "sim/random.h"

namespace orrery {
namespace {

using PerPseudoChannel = RowCandidates::PerPseudoChannel;
constexpr std::int32_t kNone = RowCandidates::kNone;
constexpr DramTick kNeverTick = RowCandidates::kNeverTick;
constexpr std::uint32_t kBanks = RowCandidates::kBanks;

TEST(RowCandidates, AKeyIsAnAgeAndALane) {
  const std::uint32_t oldest = RowCandidates::kMaxAge - 1;
  EXPECT_LT(RowCandidates::key_of(oldest, 127), kNone);
  EXPECT_LT(RowCandidates::key_of(3, 127), RowCandidates::key_of(4, 0));
  for (const std::uint32_t lane : {0U, 1U, 63U, 64U, 127U}) {
    EXPECT_EQ(RowCandidates::lane_of(RowCandidates::key_of(oldest, lane)), lane);
  }
}

TEST(RowCandidates, NobodyWaitsAtFirst) {
  const RowCandidates rows(2, 64);
  for (const std::uint32_t direction : {0U, 1U}) {
    EXPECT_EQ(rows.oldest(direction, 1000, {0, 0}, {0, 0}), kNone);
    EXPECT_EQ(rows.earliest(direction, {0, 0}, {0, 0}), kNeverTick);
  }
}

TEST(RowCandidates, ClosedBanksWaitForActivatesAndOpenOnesForPrecharges) {
  RowCandidates rows(2, 16);
  const std::uint32_t closed = 3;
  const std::uint32_t open = kBanks + 5;
  rows.set_key(0, closed, RowCandidates::key_of(8, closed));
  rows.set_key(0, open, RowCandidates::key_of(7, open));
  rows.set_open(open, true);
  rows.set_ready(closed, 100);
  rows.set_ready(open, 50);
  EXPECT_EQ(rows.oldest(0, 49, {0, 0}, {0, 0}), kNone);
  EXPECT_EQ(RowCandidates::lane_of(rows.oldest(0, 50, {0, 0}, {0, 0})), open);
  // Both ready: the older one, unless its pseudo-channel may not precharge yet.
  EXPECT_EQ(RowCandidates::lane_of(rows.oldest(0, 100, {0, 0}, {0, 0})), open);
  EXPECT_EQ(RowCandidates::lane_of(rows.oldest(0, 100, {0, 101}, {0, 0})), closed);
  EXPECT_EQ(rows.oldest(0, 100, {0, 101}, {101, 0}), kNone);
  EXPECT_EQ(rows.oldest(1, 100, {0, 0}, {0, 0}), kNone);  // nobody writes
  EXPECT_EQ(rows.earliest(0, {0, 0}, {0, 0}), 50);
  EXPECT_EQ(rows.earliest(0, {0, 300}, {0, 0}), 100);
  EXPECT_EQ(rows.earliest(0, {0, 300}, {200, 0}), 200);
  EXPECT_EQ(rows.earliest(0, {0, kNeverTick}, {200, 0}), 200);
}

TEST(RowCandidates, DelayOnlyPutsOff) {
  RowCandidates rows(1, 4);
  rows.set_ready(2, 40);
  rows.delay(2, 30);
  EXPECT_EQ(rows.ready(2), 40);
  rows.delay(2, 50);
  EXPECT_EQ(rows.ready(2), 50);
  rows.set_ready(2, 10);
  EXPECT_EQ(rows.ready(2), 10);
}

TEST(RowCandidates, ClearForgetsKeysTimesAndOpenRows) {
  RowCandidates rows(1, 4);
  rows.set_key(1, 2, RowCandidates::key_of(1, 2));
  rows.set_open(2, true);
  rows.rebase(1'000'000);
  rows.set_ready(2, 2'000'000);
  rows.clear();
  EXPECT_FALSE(rows.is_open(2));
  EXPECT_EQ(rows.ready(2), 0);
  EXPECT_EQ(rows.oldest(1, 5, {0, 0}, {0, 0}), kNone);
}

TEST(RowCandidates, ARebaseKeepsTimesToComeAndLeavesPastOnesPast) {
  RowCandidates rows(1, 8);
  const DramTick now = (DramTick{1} << 30) + 77;
  rows.set_ready(0, now + 5);
  rows.set_ready(1, 10);
  EXPECT_FALSE(rows.outgrown(DramTick{1} << 30));
  EXPECT_TRUE(rows.outgrown(now));
  rows.rebase(now);
  EXPECT_FALSE(rows.outgrown(now));
  EXPECT_EQ(rows.ready(0), now + 5);
  EXPECT_LT(rows.ready(1), now);
}

// Random operations against a search over plain 64-bit times.
class PlainRows {
 public:
  PlainRows(std::uint32_t pseudo_channels, std::uint32_t banks)
      : pseudo_channels_(pseudo_channels), banks_(banks) {
    for (auto& keys : keys_) {
      keys.fill(kNone);
    }
  }

  void set_key(std::uint32_t direction, std::uint32_t lane, std::int32_t key) {
    keys_[direction][lane] = key;
  }
  void set_open(std::uint32_t lane, bool open) { open_[lane] = open; }
  bool is_open(std::uint32_t lane) const { return open_[lane]; }
  void set_ready(std::uint32_t lane, DramTick at) { ready_[lane] = at; }
  DramTick ready(std::uint32_t lane) const { return ready_[lane]; }

  std::int32_t oldest(std::uint32_t direction,
                      DramTick now,
                      const PerPseudoChannel& precharge_from,
                      const PerPseudoChannel& activate_from) const {
    std::int32_t best = kNone;
    for_each(direction, precharge_from, activate_from, [&](std::int32_t key, DramTick from) {
      best = from <= now ? std::min(best, key) : best;
    });
    return best;
  }
  DramTick earliest(std::uint32_t direction,
                    const PerPseudoChannel& precharge_from,
                    const PerPseudoChannel& activate_from) const {
    DramTick best = kNeverTick;
    for_each(direction, precharge_from, activate_from,
             [&](std::int32_t /*key*/, DramTick from) { best = std::min(best, from); });
    return best;
  }

 private:
  template <typename Visit>
  void for_each(std::uint32_t direction,
                const PerPseudoChannel& precharge_from,
                const PerPseudoChannel& activate_from,
                const Visit& visit) const {
    for (std::uint32_t p = 0; p < pseudo_channels_; ++p) {
      for (std::uint32_t lane = p * kBanks; lane < p * kBanks + banks_; ++lane) {
        if (keys_[direction][lane] != kNone) {
          visit(keys_[direction][lane],
                std::max(ready_[lane], open_[lane] ? precharge_from[p] : activate_from[p]));
        }
      }
    }
  }

  std::uint32_t pseudo_channels_;
  std::uint32_t banks_;
  std::array<std::array<std::int32_t, RowCandidates::kLanes>, 2> keys_{};
  std::array<DramTick, RowCandidates::kLanes> ready_{};
  std::array<bool, RowCandidates::kLanes> open_{};
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

// Mostly near; sometimes far off, on either side.
DramTick random_tick(Draw& draw, DramTick now) {
  switch (draw.below(8)) {
    case 0:
      return std::max<DramTick>(0, now - draw.below(1U << 29));
    case 1:
      return now + draw.below(1U << 29);
    default:
      return std::max<DramTick>(0, now - 40 + draw.below(80));
  }
}

TEST(RowCandidates, FindTheOldestAndTheEarliestAsAPlainSearchDoes) {
  std::uint32_t rebases = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Draw draw(seed);
    const std::uint32_t pseudo_channels = 1 + draw.below(2);
    const std::uint32_t banks = std::vector<std::uint32_t>{1, 4, 7, 16, 32, 48, 64}.at(seed % 7);
    SCOPED_TRACE(fmt::format("seed {}, {} x {} banks", seed, pseudo_channels, banks));
    RowCandidates rows(pseudo_channels, banks);
    PlainRows plain(pseudo_channels, banks);
    DramTick now = 0;
    std::uint32_t age = 0;
    for (int step = 0; step < 5000; ++step) {
      const std::uint32_t lane = draw.below(pseudo_channels) * kBanks + draw.below(banks);
      const std::uint32_t direction = draw.below(2);
      switch (draw.below(6)) {
        case 0: {
          const std::int32_t key = RowCandidates::key_of(age++, lane);
          rows.set_key(direction, lane, key);
          plain.set_key(direction, lane, key);
          break;
        }
        case 1:
          rows.set_key(direction, lane, kNone);
          plain.set_key(direction, lane, kNone);
          break;
        case 2: {
          const bool open = draw.below(2) == 0;
          rows.set_open(lane, open);
          plain.set_open(lane, open);
          break;
        }
        case 3: {
          const DramTick at = random_tick(draw, now);
          rows.set_ready(lane, at);
          plain.set_ready(lane, at);
          break;
        }
        case 4: {
          const DramTick at = random_tick(draw, now);
          rows.delay(lane, at);
          plain.set_ready(lane, std::max(plain.ready(lane), at));
          break;
        }
        default:
          now += draw.below(20) == 0 ? draw.below(1U << 29) : draw.below(30);
          if (rows.outgrown(now)) {
            rows.rebase(now);
            ++rebases;
          }
      }
      ASSERT_EQ(rows.is_open(lane), plain.is_open(lane));
      ASSERT_EQ(std::max(rows.ready(lane), now), std::max(plain.ready(lane), now));
      const auto times = [&] {
        const auto one = [&] { return draw.below(10) == 0 ? kNeverTick : random_tick(draw, now); };
        return PerPseudoChannel{one(), one()};
      };
      const PerPseudoChannel precharge_from = times();
      const PerPseudoChannel activate_from = times();
      for (const std::uint32_t of : {0U, 1U}) {
        ASSERT_EQ(rows.oldest(of, now, precharge_from, activate_from),
                  plain.oldest(of, now, precharge_from, activate_from))
            << "step " << step << " at " << now;
        const DramTick found = rows.earliest(of, precharge_from, activate_from);
        const DramTick expected = plain.earliest(of, precharge_from, activate_from);
        if (found > now && expected > now + (DramTick{1} << 29)) {
          // Beyond the reach of 32 bits "never" is a time far off.
          ASSERT_GE(found, now + (DramTick{1} << 29));
        } else {
          ASSERT_EQ(std::max(found, now), std::max(expected, now))
              << "step " << step << " at " << now;
        }
      }
    }
  }
  EXPECT_GT(rebases, 30U);
}

TEST(RowCandidates, TheEarliestIsWhenTheOldestIsFound) {
  Draw draw(99);
  for (int n = 0; n < 300; ++n) {
    RowCandidates rows(2, 32);
    for (std::uint32_t i = 0; i < 20; ++i) {
      const std::uint32_t lane = draw.below(2) * kBanks + draw.below(32);
      rows.set_key(0, lane, RowCandidates::key_of(i, lane));
      rows.set_open(lane, draw.below(2) == 0);
      rows.set_ready(lane, draw.below(100));
    }
    const PerPseudoChannel precharge_from{draw.below(100), draw.below(100)};
    const PerPseudoChannel activate_from{draw.below(100), draw.below(100)};
    const DramTick earliest = rows.earliest(0, precharge_from, activate_from);
    EXPECT_NE(rows.oldest(0, earliest, precharge_from, activate_from), kNone);
    if (earliest > 0) {
      EXPECT_EQ(rows.oldest(0, earliest - 1, precharge_from, activate_from), kNone);
    }
  }
}

}  // namespace
}  // namespace orrery
