// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_channel.h"

#include <algorithm>
#include <stdexcept>

namespace orrery {
namespace {

// Between two columns of one direction in a pseudo-channel, whatever their banks.
DramTick least(DramTick same_stack, DramTick other_stack, std::uint32_t stacks) {
  return stacks > 1 ? std::min(same_stack, other_stack) : same_stack;
}

}  // namespace

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
      read_to_read_least_(least(delays_.read_to_read, delays_.read_to_read_stack, stacks_)),
      write_to_write_least_(least(delays_.write_to_write, delays_.write_to_write_stack, stacks_)),
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
  const bool withheld = pseudo_channels_[run.pseudo_channel].target == lane;
  queue_.push(direction, lane, run.row, run.bursts, run.tag, at,
              withheld ? kClosed : open_row_[lane]);
  if (had_hit != queue_.hit(direction, lane) && scheduler_ == DramScheduler::kRowHitFirst) {
    set_row_key(lane, direction);  // it may hold up a miss that came in the same tick
  }
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

// Everything a tick does is inlined here: that is worth a tenth of random traffic's time.
__attribute__((flatten)) void HbmChannel::advance(DramTick until,
                                                  Access access,
                                                  std::uint32_t room_for) {
  until_ = until;
  wanted_direction_ = direction_of(access);
  wanted_room_ = room_for;
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
      column_slot(tick);  // may go on to later ticks
    }
    if (now_ >= next_row_) {
      row_slot(now_);
    }
    if (room_for > 0 && queue_.has_room(wanted_direction_, room_for)) {
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

inline void HbmChannel::send_column(DramTick now,
                                    Lane lane,
                                    std::uint32_t direction,
                                    bool last_of_row) {
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
  delay(pc.column_any_from[direction], now + (read ? read_to_read_least_ : write_to_write_least_));
  delay(pc.column_any_from[1 - direction], turned);
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
  queue_.release(direction, lane);
  --active_count_;
  --pseudo_channels_[pseudo_channel_of(lane)].active_banks;
  send_column(now, lane, direction, last_hit(lane));
  count_served(now, direction, active.arrived);
  served_.push_back({active.tag, active.bursts, direction == 0 ? now + delays_.read_latency : now});
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
      if (!queue_.any_hit(mode_)) {  // as in random traffic: then only these can be next
        next = kNeverTick;
        if (oldest_active(next_column_, next) == kNoLane) {
          next_column_ = rising(next);
        }
      }
      return;
    }
  }
  if (refreshes_pending_ > 0) {
    next_column_ = rising(next);
    return;
  }
  next_column_ = kNeverTick;
  update_mode(now);
  const DramTick end = std::min({next_row_, next_refresh_, until_ + 1, rising(next)});
  send_hits(now, end, hits_in_a_row());
  next_column_ = std::min(next_column_, rising(std::max(next, now_ + 1)));
}

// How many hits may be sent one after the other before anything but commands and time changes: the
// direction in service, or the room that `advance` was asked for.
std::uint64_t HbmChannel::hits_in_a_row() const {
  if (closed_page_ || scheduler_ != DramScheduler::kFrFcfs) {
    return 1;  // rows may close behind each
  }
  const std::uint64_t waiting = queue_.bursts(mode_);
  const std::uint64_t low = mode_ == 1 && queue_.bursts(0) > 0 ? write_low_ : 1;
  std::uint64_t most = waiting < low ? 1 : waiting - low + 1;
  if (wanted_room_ > 0 && wanted_direction_ == mode_) {
    most = std::min(most, queue_.missing_room(mode_, wanted_room_));
  }
  return std::max<std::uint64_t>(most, 1);
}

// Sends the oldest legal hit at `now`, and goes on so as long as no other command can come between:
// before tick `end`, at most so many.
void HbmChannel::send_hits(DramTick now, DramTick end, std::uint64_t most) {
  const std::uint32_t direction = mode_;
  DramTick tick = now;
  do {
    DramTick next = kNeverTick;
    Lane lane = kNoLane;
    std::uint32_t age = 0;
    for (std::uint32_t p = 0; p < pseudo_channel_count_; ++p) {
      DramQueue::Index i = queue_.first_hit_lane(direction, p);
      const DramTick bus_from = pseudo_channels_[p].column_any_from[direction];
      if (bus_from > tick) {
        next = i == DramQueue::kNone ? next : std::min(next, bus_from);
        continue;
      }
      for (; i != DramQueue::kNone; i = queue_.next_hit_lane(direction, i)) {
        const DramTick from = column_from(static_cast<Lane>(i), direction);
        if (from > tick) {
          next = std::min(next, from);
          continue;
        }
        const auto found = static_cast<Lane>(i);
        const std::uint32_t found_age = queue_.at(queue_.hit(direction, found)).age;
        if (lane == kNoLane || found_age < age) {
          lane = found;
          age = found_age;
        }
        break;
      }
    }
    if (lane == kNoLane) {
      tick = rising(next);
      continue;
    }
    const DramQueue::Request& request = queue_.at(queue_.hit(direction, lane));
    const std::uint32_t tag = request.tag;
    now_ = tick;
    ++count_.row_hits;
    count_served(tick, direction, request.arrived);
    if (const std::uint32_t served = queue_.serve_hit(direction, lane); served > 0) {
      served_.push_back({tag, served, direction == 0 ? tick + delays_.read_latency : tick});
    }
    send_column(tick, lane, direction, last_hit(lane));
    if (scheduler_ == DramScheduler::kRowHitFirst && open_row_[lane] != kClosed) {
      refresh_keys(lane);
      row_work_from(lane, tick);
    }
    tick += delays_.column_bus;
    --most;
  } while (tick < end && most > 0);
  next_column_ = std::min(next_column_, tick);
  size_changed(now_);
}

void HbmChannel::close_bank(Lane lane) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  closed_for_another_[lane] = false;
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
  closed_for_another_[lane] = true;
}

void HbmChannel::send_activate(DramTick now, Lane lane) {
  const std::uint32_t direction = mode_;
  PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
  const DramQueue::Index index = queue_.miss(direction, lane);
  const DramQueue::Request& request = queue_.at(index);
  const std::uint32_t row = request.row;
  log(now, DramCommandKind::kActivate, lane, row);
  ++count_.activates;
  ++(closed_for_another_[lane] ? count_.row_conflicts : count_.row_misses);
  // The first burst leaves the queue for a place at the bank.
  Active& active = active_[lane];
  active = {true, static_cast<std::uint8_t>(direction), request.tag,
            // With its last burst goes what was served before the row was closed for another.
            request.bursts == 1 ? request.served + 1U : 1U, request.arrived, now,
            last_active_[direction], kNoLane};
  (active.previous == kNoLane ? first_active_[direction] : active_[active.previous].next) = lane;
  last_active_[direction] = lane;
  ++active_count_;
  ++pc.active_banks;

  queue_.take_burst(direction, lane, index);
  open_row_[lane] = row;
  ++pc.open_banks;
  queue_.set_open(lane, row, direction);
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
    const PseudoChannel& pc = pseudo_channels_[p];
    activate_from[p] = is_rising(now) && !pc.refresh_first ? pc.activate_from : kNeverTick;
  }
  const std::int32_t key = rows_.oldest(mode_, now, precharge_from, activate_from);
  if (key != RowCandidates::kNone) {
    const Lane lane = RowCandidates::lane_of(key);
    if (open_row_[lane] == kClosed) {
      send_activate(now, lane);
    } else {
      send_precharge(now, lane);
    }
  }
  const DramTick check = next_row_;  // what sending asked for
  find_next_row(now);
  next_row_ = std::min(next_row_, std::max(check, now + 1));
}

}  // namespace orrery
