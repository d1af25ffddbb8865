// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_channel.h"

#include <algorithm>
#include <stdexcept>

namespace orrery {

HbmChannel::HbmChannel(const DramDevice& device, const DramController& controller)
    : delays_(device),
      per_clock_(device.ticks_per_clock()),
      pseudo_channel_count_(device.geometry.pseudo_channels),
      banks_(device.geometry.banks()),
      banks_per_group_(device.geometry.banks_per_group),
      scheduler_(controller.scheduler),
      closed_page_(controller.page == PagePolicy::kClosed),
      refresh_(controller.refresh),
      write_high_(controller.write_queue * controller.write_high_percent / 100),
      write_low_((controller.write_queue * controller.write_low_percent + 99) / 100),
      stacks_(device.geometry.stack_ids),
      queue_(controller.read_queue, controller.write_queue),
      rows_(pseudo_channel_count_, banks_),
      latencies_(kLatencyBins) {
  const DramGeometry& geometry = device.geometry;
  if (geometry.banks() > DramGeometry::kMaxBanks || geometry.groups() > kGroups ||
      geometry.stack_ids > kStacks || geometry.pseudo_channels < 1 ||
      geometry.pseudo_channels > 2) {
    throw std::invalid_argument(
        "a channel has 1 or 2 pseudo-channels of at most 64 banks in 16 groups and 4 stack IDs");
  }
  for (Lane lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t group = std::min(bank_of(lane), banks_ - 1) / banks_per_group_;
    group_of_[lane] = static_cast<std::uint8_t>(group);
    stack_of_[lane] = static_cast<std::uint8_t>(group / geometry.bank_groups);
  }
  open_row_.fill(kClosed);
  for (PseudoChannel& pc : pseudo_channels_) {
    pc.last_activates.fill(-delays_.four_activates);
  }
  if (refresh_ == RefreshMode::kAllBank) {
    next_refresh_ = delays_.refresh_interval;
  } else if (refresh_ == RefreshMode::kPerBank) {
    next_refresh_ = delays_.refresh_bank_interval;
  }
}

void HbmChannel::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".reads", "1", "bursts read", count_.reads);
  registry.add(path + ".writes", "1", "bursts written", count_.writes);
  registry.add(path + ".activates", "1", "rows opened", count_.activates);
  registry.add(path + ".precharges", "1", "precharges, of one bank or all", count_.precharges);
  registry.add(path + ".refreshes", "1", "refreshes, of a pseudo-channel or a bank",
               count_.refreshes);
  registry.add(path + ".row_hits", "1", "bursts that found their row open", count_.row_hits);
  registry.add(path + ".row_misses", "1", "bursts that found no row open", count_.row_misses);
  registry.add(path + ".row_conflicts", "1", "bursts that found another row open",
               count_.row_conflicts);
  registry.add(path + ".queue_ticks", "tick", "time in the queue, summed over bursts",
               count_.queue_ticks);
  registry.add(path + ".read_latency_ticks", "tick", "from queue to data, summed over reads",
               count_.read_latency_ticks);
}

void HbmChannel::push(const DramRun& run, DramTick at) {
  const std::uint32_t direction = direction_of(run.access);
  const Lane lane = run.pseudo_channel * RowCandidates::kBanks + run.bank;
  if (queue_.ages_exhausted()) {
    queue_.renumber_ages();
    for (Lane l = 0; l < kLanes; ++l) {
      refresh_keys(l);
    }
  }
  const auto had_hit = queue_.hit(direction, lane);
  const auto had_miss = queue_.miss(direction, lane);
  queue_.push(direction, lane, run.row, run.bursts, run.tag, at, open_row_[lane]);
  if (had_hit != queue_.hit(direction, lane) && direction == mode_ && refreshes_pending_ == 0) {
    next_column_ = std::min(next_column_, rising(std::max(at + 1, column_from(lane, direction))));
  }
  if (had_miss != queue_.miss(direction, lane)) {
    set_row_key(lane, direction);
    if (direction == mode_) {
      row_work_from(lane, at + 1);
    }
  }
  size_changed(at + 1);
}

DramTick HbmChannel::next_event() const {
  // Refreshes are commands too, but nobody waits for them: an idle channel makes up for them later.
  return waiting() == 0 ? kNeverTick : std::min({next_column_, next_row_, next_refresh_});
}

void HbmChannel::advance(DramTick until, Access access, std::uint32_t room_for) {
  const std::uint32_t direction = direction_of(access);
  for (;;) {
    const DramTick tick = std::min({next_column_, next_row_, next_refresh_});
    if (tick > until) {
      break;
    }
    now_ = tick;
    if (tick >= next_refresh_) {
      make_refresh_due(tick);
    }
    if (tick >= next_column_) {
      column_slot(tick);
    }
    if (tick >= next_row_) {
      row_slot(tick);
    }
    if (room_for > 0 && queue_.has_room(direction, room_for)) {
      return;
    }
  }
  now_ = std::max(now_, until);
}

// Whether the direction in service would be another if it were looked at now.
bool HbmChannel::mode_would_change() const {
  return mode_ == 0 ? queue_.bursts(1) > write_high_ || queue_.bursts(0) == 0
                    : queue_.bursts(1) < write_low_ && queue_.bursts(0) > 0;
}

// The direction in service is looked at when a slot turns to the queue. Slots with nothing to send
// are skipped, so wake for it where it matters.
void HbmChannel::size_changed(DramTick next_slots) {
  if (refreshes_pending_ == 0 && mode_would_change()) {
    next_row_ = std::min(next_row_, next_slots);
    next_column_ = std::min(next_column_, rising(std::max(next_slots, now_ + 1)));
  }
}

void HbmChannel::update_mode(DramTick now) {
  if (mode_would_change()) {
    mode_ ^= 1;
    next_column_ = std::min(next_column_, rising(now + 1));
    next_row_ = std::min(next_row_, now);
  }
}

namespace {

// By arrival, and of those that came in one tick, by activate.
bool older(const auto& a, const auto& b) {
  return a.arrived != b.arrived ? a.arrived < b.arrived : a.activated < b.activated;
}

}  // namespace

// The oldest request whose row is open for it and whose column command is legal. Those of one
// direction stand in the order of their activates, so that all behind one that is too young are.
HbmChannel::Lane HbmChannel::oldest_active(DramTick now, DramTick& next) const {
  Lane best = kNoLane;
  for (std::uint32_t direction = 0; direction < 2; ++direction) {
    for (Lane lane = first_active_[direction]; lane != kNoLane; lane = active_[lane].next) {
      const DramTick from = column_from(lane, direction);
      if (from <= now) {
        if (best == kNoLane || older(active_[lane], active_[best])) {
          best = lane;
        }
        continue;
      }
      if (column_from_[direction][lane] > now) {
        next = std::min(next, column_from_[direction][lane]);
        break;
      }
      next = std::min(next, from);
    }
  }
  return best;
}

void HbmChannel::send_active(DramTick now, Lane lane) {
  Active& active = active_[lane];
  const std::uint32_t direction = active.direction;
  (active.previous == kNoLane ? first_active_[direction] : active_[active.previous].next) =
      active.next;
  (active.next == kNoLane ? last_active_[direction] : active_[active.next].previous) =
      active.previous;
  active.used = false;
  --active_count_;
  --pseudo_channels_[pseudo_channel_of(lane)].active_banks;
  send_column(now, lane, direction, last_hit(lane));
  serve(now, direction, active.tag, active.arrived);
  if (open_row_[lane] != kClosed) {  // it may be closed again
    refresh_keys(lane);
    row_work_from(lane, now + 1);
  }
  if (refreshes_pending_ > 0) {
    next_row_ = std::min(next_row_, now);
  }
  next_column_ = now + delays_.column_bus;
}

void HbmChannel::column_slot(DramTick now) {
  DramTick next = kNeverTick;
  if (active_count_ > 0) {
    const Lane lane = oldest_active(now, next);
    if (lane != kNoLane) {
      send_active(now, lane);
      return;
    }
  }
  if (refreshes_pending_ > 0) {
    next_column_ = rising(next);
    return;
  }
  next_column_ = kNeverTick;
  update_mode(now);
  const std::uint32_t direction = mode_;
  for (auto i = queue_.first_hit_lane(direction); i != DramQueue::kNone;
       i = queue_.next_hit_lane(direction, i)) {
    const auto lane = static_cast<Lane>(i);
    const DramTick from = column_from(lane, direction);
    if (from > now) {
      next = std::min(next, from);
      continue;
    }
    const DramQueue::Index index = queue_.hit(direction, lane);
    const DramQueue::Request& request = queue_.at(index);
    const std::uint32_t tag = request.tag;
    const DramTick arrived = request.arrived;
    ++count_.row_hits;
    queue_.take_burst(direction, lane, index);
    send_column(now, lane, direction, last_hit(lane));
    serve(now, direction, tag, arrived);
    if (scheduler_ == DramScheduler::kRowHitFirst && open_row_[lane] != kClosed) {
      refresh_keys(lane);
      row_work_from(lane, now);
    }
    next_column_ = now + delays_.column_bus;
    size_changed(now);
    return;
  }
  next_column_ = std::min(next_column_, rising(std::max(next, now + 1)));
}

void HbmChannel::serve(DramTick now, std::uint32_t direction, std::uint32_t tag, DramTick arrived) {
  count_.queue_ticks += static_cast<std::uint64_t>(now - arrived);
  if (direction == 1) {
    served_.push_back({tag, now});
    return;
  }
  const DramTick at = now + delays_.read_latency;
  const auto latency = static_cast<std::uint64_t>(at - arrived);
  count_.read_latency_ticks += latency;
  ++latencies_[std::min<std::uint64_t>(latency, kLatencyBins - 1)];
  served_.push_back({tag, at});
}

void HbmChannel::send_column(DramTick now, Lane lane, std::uint32_t direction, bool last_of_row) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  const bool read = direction == 0;
  const std::uint32_t stack = stack_of_[lane];
  const std::uint32_t group = group_of_[lane];
  const DramTick same_stack = now + (read ? delays_.read_to_read : delays_.write_to_write);
  const DramTick stacks = now + (read ? delays_.read_to_read_stack : delays_.write_to_write_stack);
  const DramTick turned = now + (read ? delays_.read_to_write : delays_.write_to_read);
  const auto delay = [](DramTick& from, DramTick until) { from = std::max(from, until); };
  for (std::uint32_t i = 0; i < stacks_; ++i) {
    delay(pc.column_stack_from[direction][i], i == stack ? same_stack : stacks);
    delay(pc.column_stack_from[1 - direction][i], turned);
  }
  delay(pc.column_group_from[direction][group],
        now + (read ? delays_.read_to_read_group : delays_.write_to_write_group));
  if (!read) {
    delay(pc.column_group_from[0][group], now + delays_.write_to_read_group);
  }
  ++(read ? count_.reads : count_.writes);
  const DramTick precharge_from =
      now + (read ? delays_.read_to_precharge : delays_.write_to_precharge);
  last_used_[lane] = now;
  rows_.delay(lane, precharge_from);
  pc.precharge_all_from = std::max(pc.precharge_all_from, precharge_from);
  if (!last_of_row) {
    log(now, direction == 0 ? DramCommandKind::kRead : DramCommandKind::kWrite, lane);
    return;
  }
  // Auto-precharge: the bank closes by itself when it may.
  log(now, direction == 0 ? DramCommandKind::kReadPrecharge : DramCommandKind::kWritePrecharge,
      lane);
  ++count_.precharges;
  const DramTick closes = rows_.ready(lane);
  pc.refresh_from = std::max(pc.refresh_from, closes + delays_.precharge_to_refresh);
  activate_from_[lane] = std::max(activate_from_[lane], closes + delays_.precharge_to_activate);
  close_bank(lane);
}

void HbmChannel::close_bank(Lane lane) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  open_row_[lane] = kClosed;
  --pc.open_banks;
  rows_.set_open(lane, false);
  rows_.set_ready(lane,
                  rising(std::max(activate_from_[lane], pc.activate_group_from[group_of_[lane]])));
  queue_.set_open(lane, kClosed);
  refresh_keys(lane);
  row_work_from(lane, now_ + 1);
}

void HbmChannel::send_precharge(DramTick now, Lane lane) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  log(now, DramCommandKind::kPrecharge, lane);
  ++count_.precharges;
  pc.precharge_from = std::max(pc.precharge_from, now + delays_.precharge_to_precharge);
  pc.precharge_all_from = std::max(pc.precharge_all_from, now + delays_.precharge_to_precharge);
  pc.refresh_from = std::max(pc.refresh_from, now + delays_.precharge_to_refresh);
  activate_from_[lane] = std::max(activate_from_[lane], now + delays_.precharge_to_activate);
  close_bank(lane);
}

void HbmChannel::send_activate(DramTick now, Lane lane) {
  const std::uint32_t direction = mode_;
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  const DramQueue::Index index = queue_.miss(direction, lane);
  const DramQueue::Request& request = queue_.at(index);
  const std::uint32_t row = request.row;
  log(now, DramCommandKind::kActivate, lane, row);
  ++count_.activates;
  if (!request.counted) {
    ++count_.row_misses;
  }
  // The first burst leaves the queue for a place at the bank.
  Active& active = active_[lane];
  active = {true,        static_cast<std::uint8_t>(direction),
            request.tag, request.arrived,
            now,         last_active_[direction],
            kNoLane};
  (active.previous == kNoLane ? first_active_[direction] : active_[active.previous].next) = lane;
  last_active_[direction] = lane;
  ++active_count_;
  ++pc.active_banks;

  queue_.take_burst(direction, lane, index);
  open_row_[lane] = row;
  ++pc.open_banks;
  queue_.set_open(lane, row);
  rows_.set_open(lane, true);
  rows_.set_ready(lane, now + delays_.activate_to_precharge);
  refresh_keys(lane);

  column_from_[0][lane] = now + delays_.activate_to_read;
  column_from_[1][lane] = now + delays_.activate_to_write;
  last_used_[lane] = now;
  activate_from_[lane] = now + delays_.activate_to_activate_bank;
  const std::uint32_t group = group_of_[lane];
  const DramTick group_from = rising(now + delays_.activate_to_activate_group);
  pc.activate_group_from[group] = group_from;
  const Lane first = lane - bank_of(lane) + group * banks_per_group_;
  for (Lane other = first; other < first + banks_per_group_; ++other) {
    if (open_row_[other] == kClosed) {
      rows_.delay(other, group_from);
    }
  }
  pc.last_activates[pc.activates % 4] = now;
  ++pc.activates;
  pc.activate_from = std::max({pc.activate_from, now + delays_.activate_to_activate,
                               pc.last_activates[pc.activates % 4] + delays_.four_activates});
  pc.precharge_all_from = std::max(pc.precharge_all_from, now + delays_.activate_to_precharge);
  pc.refresh_from = std::max(pc.refresh_from, now + delays_.activate_to_refresh);
  pc.refresh_bank_from = std::max(pc.refresh_bank_from, now + delays_.activate_to_refresh_bank);
  row_bus_from_ = now + delays_.activate_bus;

  next_column_ = std::min(next_column_, rising(column_from(lane, direction)));
  size_changed(now + 1);
}

// Row keys: which banks want a row command for a request of either direction.
void HbmChannel::set_row_key(Lane lane, std::uint32_t direction) {
  const DramQueue::Index miss = queue_.miss(direction, lane);
  bool wanted = miss != DramQueue::kNone && !active_[lane].used &&
                pseudo_channels_[pseudo_channel_of(lane)].target != lane;
  if (wanted && scheduler_ == DramScheduler::kRowHitFirst) {
    const DramQueue::Index hit = queue_.hit(direction, lane);
    wanted = hit == DramQueue::kNone || queue_.at(hit).arrived > queue_.at(miss).arrived;
  }
  rows_.set_key(direction, lane,
                wanted ? RowCandidates::key_of(queue_.at(miss).age, lane) : RowCandidates::kNone);
}

void HbmChannel::refresh_keys(Lane lane) {
  set_row_key(lane, 0);
  set_row_key(lane, 1);
}

// The bank may have become a candidate for a row command.
void HbmChannel::row_work_from(Lane lane, DramTick earliest) {
  if (refreshes_pending_ > 0) {
    return;
  }
  const PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  const DramTick from = rows_.is_open(lane) ? pc.precharge_from : pc.activate_from;
  next_row_ = std::min(next_row_, std::max({earliest, row_bus_from_, from, rows_.ready(lane)}));
}

void HbmChannel::find_next_row(DramTick now) {
  RowCandidates::PerPseudoChannel precharge_from{};
  RowCandidates::PerPseudoChannel activate_from{};
  const DramTick from = std::max(now + 1, row_bus_from_);
  for (std::uint32_t p = 0; p < pseudo_channel_count_; ++p) {
    const PseudoChannel& pc = pseudo_channels_[p];
    precharge_from[p] = std::max(from, pc.precharge_from);
    activate_from[p] = rising(std::max(from, pc.activate_from));
  }
  next_row_ = rows_.earliest(mode_, precharge_from, activate_from);
}

void HbmChannel::row_slot(DramTick now) {
  if (rows_.outgrown(now)) {
    rows_.rebase(now);
  }
  if (refreshes_pending_ > 0) {
    all_bank_refresh_slot(now);
    return;
  }
  next_row_ = kNeverTick;
  update_mode(now);
  if (now < row_bus_from_) {
    next_row_ = row_bus_from_;
    return;
  }
  if (refresh_ == RefreshMode::kPerBank && per_bank_refresh_slot(now)) {
    return;
  }
  RowCandidates::PerPseudoChannel precharge_from{};
  RowCandidates::PerPseudoChannel activate_from{};
  for (std::uint32_t p = 0; p < pseudo_channel_count_; ++p) {
    precharge_from[p] = pseudo_channels_[p].precharge_from;
    activate_from[p] = is_rising(now) ? pseudo_channels_[p].activate_from : kNeverTick;
  }
  const std::int32_t key = rows_.oldest(mode_, now, precharge_from, activate_from);
  if (key != RowCandidates::kNone) {
    const Lane lane = RowCandidates::lane_of(key);
    if (open_row_[lane] == kClosed) {
      send_activate(now, lane);
    } else {
      const DramQueue::Index index = queue_.miss(mode_, lane);
      if (!queue_.at(index).counted) {
        ++count_.row_conflicts;
        queue_.mark_counted(index);
      }
      send_precharge(now, lane);
    }
  }
  const DramTick check = next_row_;  // what sending asked for
  find_next_row(now);
  next_row_ = std::min(next_row_, std::max(check, now + 1));
}

}  // namespace orrery
