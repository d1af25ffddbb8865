// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mem/hbm_channel.h"

namespace orrery {

void HbmChannel::make_refresh_due(DramTick now) {
  if (refresh_ == RefreshMode::kAllBank) {
    next_refresh_ += delays_.refresh_interval;
    refreshes_pending_ += pseudo_channel_count_;
    next_row_ = now;
    // Hits wait; requests whose row is open for them do not.
    next_column_ = active_count_ == 0 ? kNeverTick : rising(now);
    return;
  }
  next_refresh_ += delays_.refresh_bank_interval;
  for (std::uint32_t p = 0; p < pseudo_channel_count_; ++p) {
    ++pseudo_channels_[p].owed;
    choose_refresh_target(p);
  }
  next_row_ = std::min(next_row_, now);
}

void HbmChannel::all_bank_refresh_slot(DramTick now) {
  PseudoChannel& pc = pseudo_channels_[refresh_turn_];
  const Lane first = refresh_turn_ * RowCandidates::kBanks;
  if (pc.open_banks > 0) {
    if (pc.active_banks > 0) {
      next_row_ = kNeverTick;  // until the last of them is served
      return;
    }
    const DramTick from = std::max({pc.precharge_all_from, pc.precharge_from, row_bus_from_});
    if (now < from) {
      next_row_ = from;
      return;
    }
    log(now, DramCommandKind::kPrechargeAll, first);
    ++count_.precharges;
    pc.precharge_from = std::max(pc.precharge_from, now + delays_.precharge_to_precharge);
    pc.precharge_all_from = pc.precharge_from;
    pc.refresh_from = std::max(pc.refresh_from, now + delays_.precharge_to_refresh);
    for (Lane lane = first; lane < first + banks_; ++lane) {
      activate_from_[lane] = std::max(activate_from_[lane], now + delays_.precharge_to_activate);
      if (open_row_[lane] != kClosed) {
        close_bank(lane);
      } else {
        rows_.delay(lane, rising(activate_from_[lane]));
      }
    }
    next_row_ = now + 1;
    return;
  }
  const DramTick from = rising(std::max({now, pc.refresh_from, row_bus_from_}));
  if (now < from) {
    next_row_ = from;
    return;
  }
  log(now, DramCommandKind::kRefreshAll, first);
  ++count_.refreshes;
  pc.activate_from = std::max(pc.activate_from, now + delays_.refresh_to_activate);
  pc.precharge_all_from = std::max(pc.precharge_all_from, now + delays_.refresh_to_activate);
  refresh_turn_ = (refresh_turn_ + 1) % pseudo_channel_count_;
  --refreshes_pending_;
  next_row_ = now + 1;
  if (refreshes_pending_ == 0) {
    next_column_ = rising(now + 1);
  }
}

// A bank of the round that nobody waits for and that has rested for a while; among those the one
// used last: a stream will not be back soon. When as many are owed as there are banks, any that
// nobody waits for; when as many as may be (JESD235 and JESD238 let eight refreshes of all banks be
// late), any.
void HbmChannel::choose_refresh_target(std::uint32_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  if (pc.target != kNoLane || pc.owed == 0) {
    return;
  }
  const Lane first = pseudo_channel * RowCandidates::kBanks;
  const bool late = pc.owed >= 7 * banks_;
  const DramTick rest = pc.owed < banks_ ? 2 * delays_.refresh_bank_to_activate : 0;
  std::uint32_t best = kNoLane;
  for (std::uint32_t bank = 0; bank < banks_; ++bank) {
    const Lane lane = first + bank;
    const bool wanted = active_[lane].used || !queue_.empty(lane) || last_used_[lane] + rest > now_;
    if ((pc.refreshed >> bank & 1) != 0 || (wanted && !late)) {
      continue;
    }
    if (best == kNoLane || last_used_[lane] > last_used_[best]) {
      best = lane;
    }
  }
  if (best == kNoLane) {
    return;
  }
  pc.target = best;
  queue_.hide_hits(best);
  refresh_keys(best);
}

bool HbmChannel::per_bank_refresh_slot(DramTick now) {
  DramTick next = kNeverTick;
  bool sent = false;
  for (std::uint32_t p = 0; p < pseudo_channel_count_ && !sent; ++p) {
    PseudoChannel& pc = pseudo_channels_[p];
    const Lane lane = pc.target;
    pc.refresh_first = false;
    if (lane == kNoLane || active_[lane].used) {
      continue;
    }
    if (open_row_[lane] != kClosed) {
      const DramTick from = std::max(pc.precharge_from, rows_.ready(lane));
      if (now >= from) {
        send_precharge(now, lane);
        sent = true;
      }
      next = std::min(next, std::max(from, now + 1));
      continue;
    }
    // Precharged for as long as an activate would need, and as the last activates allow.
    const DramTick precharged =
        activate_from_[lane] - delays_.precharge_to_activate + delays_.precharge_to_refresh;
    const DramTick from = rising(std::max(pc.refresh_bank_from, precharged));
    if (now < from || !is_rising(now)) {
      next = std::min(next, std::max(from, rising(now + 1)));
      // Activates of other banks would put it off again and again.
      pc.refresh_first = now >= precharged;
      continue;
    }
    log(now, DramCommandKind::kRefreshBank, lane);
    ++count_.refreshes;
    sent = true;
    --pc.owed;
    pc.refreshed |= std::uint64_t{1} << bank_of(lane);
    if (pc.refreshed == (banks_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << banks_) - 1)) {
      pc.refreshed = 0;
    }
    pc.target = kNoLane;
    pc.refresh_bank_from =
        std::max(pc.refresh_bank_from, now + delays_.refresh_bank_to_refresh_bank);
    pc.activate_from = std::max(pc.activate_from, now + delays_.refresh_bank_to_activate_other);
    activate_from_[lane] = std::max(activate_from_[lane], now + delays_.refresh_bank_to_activate);
    rows_.delay(lane, rising(activate_from_[lane]));
    refresh_keys(lane);
    row_work_from(lane, now + 1);
  }
  if (sent) {
    const DramTick asked = next_row_;
    find_next_row(now);
    next_row_ = std::min({next_row_, std::max(asked, now + 1), now + 1});
    return true;
  }
  if (next != kNeverTick) {
    // row_slot looks for other work now and then comes back for the refresh.
    next_row_ = std::min(next_row_, next);
  }
  return false;
}

}  // namespace orrery
