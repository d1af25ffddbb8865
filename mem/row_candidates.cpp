// SPDX-License-Identifier: Apache-2.0
#include "mem/row_candidates.h"

#include "mem/vector_clones.h"

namespace orrery {
namespace {

constexpr std::int32_t kNone = RowCandidates::kNone;

// Of `banks` lanes; times from a base.
struct Lanes {
  const std::int32_t* keys;
  const std::int32_t* ready;
  const std::int32_t* open;
};
using Times = std::array<std::int32_t, 2>;  // of each pseudo-channel

ORRERY_VECTOR_CLONES std::int32_t oldest_key(const Lanes& all,
                                             std::uint32_t pseudo_channels,
                                             std::uint32_t banks,
                                             std::int32_t now,
                                             const Times& precharge_from,
                                             const Times& activate_from) {
  std::int32_t best = kNone;
  for (std::uint32_t p = 0; p < pseudo_channels; ++p) {
    const std::int32_t precharges = precharge_from[p] <= now ? -1 : 0;
    const std::int32_t activates = activate_from[p] <= now ? -1 : 0;
    if ((precharges | activates) == 0) {
      continue;
    }
    const std::int32_t* const keys = all.keys + p * RowCandidates::kBanks;
    const std::int32_t* const ready = all.ready + p * RowCandidates::kBanks;
    const std::int32_t* const open = all.open + p * RowCandidates::kBanks;
    for (std::uint32_t i = 0; i < banks; ++i) {
      const std::int32_t allowed = (open[i] & precharges) | (~open[i] & activates);
      const std::int32_t legal = ready[i] <= now ? allowed : 0;
      const std::int32_t key = (keys[i] & legal) | (kNone & ~legal);
      best = key < best ? key : best;
    }
  }
  return best;
}

ORRERY_VECTOR_CLONES std::int32_t earliest_ready(const Lanes& all,
                                                 std::uint32_t pseudo_channels,
                                                 std::uint32_t banks,
                                                 const Times& precharge_from,
                                                 const Times& activate_from) {
  std::int32_t best = kNone;
  for (std::uint32_t p = 0; p < pseudo_channels; ++p) {
    const std::int32_t precharges = precharge_from[p];
    const std::int32_t activates = activate_from[p];
    const std::int32_t* const keys = all.keys + p * RowCandidates::kBanks;
    const std::int32_t* const ready = all.ready + p * RowCandidates::kBanks;
    const std::int32_t* const open = all.open + p * RowCandidates::kBanks;
    for (std::uint32_t i = 0; i < banks; ++i) {
      const std::int32_t from = (open[i] & precharges) | (~open[i] & activates);
      const std::int32_t at = ready[i] > from ? ready[i] : from;
      const std::int32_t wanted = keys[i] != kNone ? -1 : 0;
      const std::int32_t candidate = (at & wanted) | (kNone & ~wanted);
      best = candidate < best ? candidate : best;
    }
  }
  return best;
}

Times relative(const RowCandidates::PerPseudoChannel& times, DramTick base) {
  constexpr DramTick kFar = kNone - 1;
  const auto one = [&](DramTick at) {
    return static_cast<std::int32_t>(std::clamp<DramTick>(at - base, 0, kFar));
  };
  return {one(times[0]), one(times[1])};
}

}  // namespace

void RowCandidates::rebase(DramTick now) {
  const DramTick base = now - now % 2;
  for (std::int32_t& ready : ready_) {
    // A time long past stays past.
    ready = static_cast<std::int32_t>(std::max<DramTick>(base_ + ready - base, -1));
  }
  base_ = base;
}

std::int32_t RowCandidates::oldest(std::uint32_t direction,
                                   DramTick now,
                                   const PerPseudoChannel& precharge_from,
                                   const PerPseudoChannel& activate_from) const {
  return oldest_key({keys_[direction].data(), ready_.data(), open_.data()}, pseudo_channels_,
                    banks_, static_cast<std::int32_t>(now - base_), relative(precharge_from, base_),
                    relative(activate_from, base_));
}

DramTick RowCandidates::earliest(std::uint32_t direction,
                                 const PerPseudoChannel& precharge_from,
                                 const PerPseudoChannel& activate_from) const {
  const std::int32_t at =
      earliest_ready({keys_[direction].data(), ready_.data(), open_.data()}, pseudo_channels_,
                     banks_, relative(precharge_from, base_), relative(activate_from, base_));
  return at == kNone ? kNeverTick : base_ + at;
}

}  // namespace orrery
