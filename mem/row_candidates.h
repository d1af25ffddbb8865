// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "mem/dram_delays.h"

namespace orrery {

// Which bank gets the next row command: a precharge where a row is open that nobody of the asked
// direction waits for first, an activate where none is. Random traffic spends its time in this
// search, so banks are lanes of plain 32-bit arrays that compilers turn into vector code.
//
// A lane is a bank: pseudo-channel * DramGeometry::kMaxBanks + bank. For each direction (0 reads,
// 1 writes) a lane has a key, its oldest request that needs a row command, or kNone. Older requests
// have smaller keys; a key ends in its lane. A lane's ready time is that of its precharge while it
// is open, of its activate while it is closed.
class RowCandidates {
 public:
  static constexpr std::uint32_t kBanks = DramGeometry::kMaxBanks;
  static constexpr std::uint32_t kLanes = 2 * kBanks;
  static constexpr std::int32_t kNone = std::numeric_limits<std::int32_t>::max();
  static constexpr std::uint32_t kLaneBits = 7;
  static constexpr std::uint32_t kMaxAge = (1U << (31 - kLaneBits)) - 1;  // exclusive
  static constexpr DramTick kNeverTick = std::numeric_limits<DramTick>::max() / 4;

  static std::int32_t key_of(std::uint32_t age, std::uint32_t lane) {
    return static_cast<std::int32_t>(age << kLaneBits | lane);
  }
  static std::uint32_t lane_of(std::int32_t key) {
    return static_cast<std::uint32_t>(key) & (kLanes - 1);
  }

  RowCandidates(std::uint32_t pseudo_channels, std::uint32_t banks)
      : pseudo_channels_(pseudo_channels), banks_((banks + 7) / 8 * 8) {
    clear();
  }

  void clear() {
    for (auto& keys : keys_) {
      keys.fill(kNone);
    }
    ready_.fill(0);
    open_.fill(0);
    base_ = 0;
  }

  void set_key(std::uint32_t direction, std::uint32_t lane, std::int32_t key) {
    keys_[direction][lane] = key;
  }
  void set_open(std::uint32_t lane, bool open) { open_[lane] = open ? -1 : 0; }
  bool is_open(std::uint32_t lane) const { return open_[lane] != 0; }
  DramTick ready(std::uint32_t lane) const { return base_ + ready_[lane]; }
  void set_ready(std::uint32_t lane, DramTick at) {
    ready_[lane] = static_cast<std::int32_t>(at - base_);
  }
  void delay(std::uint32_t lane, DramTick until) {
    ready_[lane] = std::max(ready_[lane], static_cast<std::int32_t>(until - base_));
  }

  // Times are kept as 32 bits from a base; call this before `now` outgrows them.
  bool outgrown(DramTick now) const { return now - base_ > kReach; }
  void rebase(DramTick now);

  // The oldest request whose row command is legal at `now`, as far as its bank goes; kNone when
  // there is none. `precharge_from` and `activate_from` say from when on each pseudo-channel allows
  // either command.
  using PerPseudoChannel = std::array<DramTick, 2>;
  std::int32_t oldest(std::uint32_t direction,
                      DramTick now,
                      const PerPseudoChannel& precharge_from,
                      const PerPseudoChannel& activate_from) const;

  // The first tick at which `oldest` finds something, as long as nothing here changes.
  DramTick earliest(std::uint32_t direction,
                    const PerPseudoChannel& precharge_from,
                    const PerPseudoChannel& activate_from) const;

 private:
  static constexpr DramTick kReach = DramTick{1} << 30;

  std::uint32_t pseudo_channels_;
  std::uint32_t banks_;  // in use of each pseudo-channel, in whole vectors
  DramTick base_ = 0;
  alignas(64) std::array<std::array<std::int32_t, kLanes>, 2> keys_{};
  alignas(64) std::array<std::int32_t, kLanes> ready_{};
  alignas(64) std::array<std::int32_t, kLanes> open_{};  // -1 or 0
};

}  // namespace orrery
