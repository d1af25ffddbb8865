// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mem/dram_delays.h"
#include "mem/dram_device.h"
#include "mem/dram_queue.h"
#include "mem/row_candidates.h"
#include "sim/counters.h"
#include "sim/transfer.h"

namespace orrery {

// Consecutive bursts of one row of one bank.
struct DramRun {
  std::uint32_t row = 0;
  std::uint16_t bursts = 1;
  std::uint8_t pseudo_channel = 0;
  std::uint8_t bank = 0;  // of the pseudo-channel: (stack ID * bank groups + group) * banks + bank
  Access access = Access::kRead;
  std::uint32_t tag = 0;  // the caller's, returned with every burst
};

// Bursts of a run have been served, the last of them at this tick: when its data has come in whole,
// or when a write was sent to the DRAM.
struct DramServed {
  std::uint32_t tag = 0;
  std::uint32_t bursts = 0;
  DramTick at = 0;
};

enum class DramCommandKind : std::uint8_t {
  kActivate,
  kPrecharge,
  kPrechargeAll,
  kRead,
  kWrite,
  kReadPrecharge,  // with auto-precharge, closed page
  kWritePrecharge,
  kRefreshAll,
  kRefreshBank,
};

// One command on the bus, for protocol checkers and traces.
struct DramCommand {
  DramTick at = 0;  // its first tick
  DramCommandKind kind = DramCommandKind::kActivate;
  std::uint32_t pseudo_channel = 0;
  std::uint32_t bank = 0;  // 0 for commands to all banks
  std::uint32_t row = 0;   // of an activate
};

// The controller of one HBM channel and the DRAM behind it, command by command: up to two
// pseudo-channels that share a row and a column command bus. Event-driven: `advance` goes from one
// tick at which a command is legal to the next.
//
// Each tick at most one column and one row command are sent. Column: a request whose row was just
// opened for it, oldest first; else the oldest hit of the direction in service. Row: the oldest
// request of that direction whose activate or precharge is legal. Oldest, that is, among those that
// are legal (FR-FCFS). A request whose activate was sent leaves the queue for a place at its bank,
// and its bank is not closed before it is served. Writes are drained in batches (DramController).
//
// All-bank refresh: from the tick it is due the queues stand still until both pseudo-channels have
// been precharged and refreshed, one after the other. Per-bank refresh: takes one bank at a time,
// for preference one that nobody waits for and that was used last (a stream will not be back soon),
// and keeps only that bank from work.
//
// The rules of queues, arrival and refresh of all banks are those of Ramulator 2.1's HBM
// controllers (Luo et al., IEEE CAL 2024), so that results can be held against it; per-bank refresh
// and the closed page are not.
//
// Left out: reads served from the write queue, refresh management, power-down, errors.
class HbmChannel {
 public:
  static constexpr DramTick kNeverTick = RowCandidates::kNeverTick;

  HbmChannel(const DramDevice& device, const DramController& controller);

  DramTick now() const { return now_; }
  const DramDelays& delays() const { return delays_; }

  bool has_room(Access access, std::uint32_t bursts) const {
    return queue_.has_room(direction_of(access), bursts);
  }
  // Puts a run into the queue; its commands are sent from the tick after `at` on. Needs room and
  // at == now().
  void push(const DramRun& run, DramTick at);

  // Sends what is due up to and including tick `until`. Stops early, with now() at that tick, when
  // there is room for so many more bursts of a direction.
  void advance(DramTick until) { advance(until, Access::kRead, 0); }
  void advance(DramTick until, Access access, std::uint32_t room_for);

  // No command is sent before this tick if nothing is pushed; kNeverTick when nothing waits (an
  // idle channel's refreshes are made up for by the next `advance`).
  DramTick next_event() const;
  // Bursts that wait or whose row was opened for them.
  std::uint64_t waiting() const { return queue_.bursts(0) + queue_.bursts(1) + active_count_; }

  // What has been served since the caller last took it out. A run comes in parts: bursts that its
  // row was opened for, and the rest with the last of them.
  std::vector<DramServed>& served() { return served_; }

  struct Counters {
    Counter reads, writes;  // bursts
    Counter activates;
    Counter precharges;  // of one bank, of all banks, and with a read or write
    Counter refreshes;   // of a pseudo-channel or of a bank
    Counter row_hits, row_misses, row_conflicts;  // bursts: row open; none; another one
    // Over bursts, from push to the column command: their sum over time is the queue's occupancy.
    Counter queue_ticks;
    Counter read_latency_ticks;  // over reads, from push to data
  };
  const Counters& counters() const { return count_; }
  // Reads by their latency in ticks; the last bin holds all that are longer.
  const std::vector<std::uint64_t>& read_latencies() const { return latencies_; }
  void register_counters(CounterRegistry& registry, const std::string& path);

  // Every command from now on; null for none.
  void set_log(std::vector<DramCommand>* log) { log_ = log; }

 private:
  using Lane = std::uint32_t;
  static constexpr std::uint32_t kLanes = RowCandidates::kLanes;
  static constexpr std::uint32_t kGroups = DramGeometry::kMaxGroups;
  static constexpr std::uint32_t kStacks = DramGeometry::kMaxStackIds;
  static constexpr std::int64_t kClosed = DramQueue::kClosed;
  static constexpr std::uint32_t kNoLane = ~0U;
  static constexpr std::size_t kLatencyBins = 1U << 14;

  // A request whose row was opened for it.
  struct Active {
    bool used = false;
    std::uint8_t direction = 0;
    std::uint32_t tag = 0;
    std::uint32_t bursts = 1;  // of its run, that end with it
    DramTick arrived = 0;
    DramTick activated = 0;
    std::uint32_t previous = kNoLane;  // of its direction, in the order of activates
    std::uint32_t next = kNoLane;
  };
  struct PseudoChannel {
    DramTick activate_from = 0;  // any bank: activate to activate, the four-activate window
    DramTick precharge_from = 0;
    DramTick precharge_all_from = 0;
    DramTick refresh_from = 0;       // of all banks
    DramTick refresh_bank_from = 0;  // of any bank
    std::array<DramTick, 4> last_activates{};
    std::uint32_t activates = 0;  // also the position of the oldest
    std::uint32_t open_banks = 0;
    std::uint32_t active_banks = 0;
    // No column command of direction [i] before: any, by stack ID, by bank group (stack IDs
    // included).
    std::array<DramTick, 2> column_any_from{};
    std::array<std::array<DramTick, kStacks>, 2> column_stack_from{};
    std::array<std::array<DramTick, kGroups>, 2> column_group_from{};
    std::array<DramTick, kGroups> activate_group_from{};
    // Per-bank refresh.
    std::uint64_t refreshed = 0;  // banks, in this round
    std::uint32_t owed = 0;       // refreshes that are due
    std::uint32_t target = kNoLane;
    bool refresh_first = false;  // no activates before it
  };

  static std::uint32_t direction_of(Access access) { return access == Access::kRead ? 0 : 1; }
  std::uint32_t pseudo_channel_of(Lane lane) const { return lane / RowCandidates::kBanks; }
  std::uint32_t bank_of(Lane lane) const { return lane % RowCandidates::kBanks; }
  DramTick rising(DramTick tick) const { return per_clock_ == 1 ? tick : tick | 1; }
  bool is_rising(DramTick tick) const { return per_clock_ == 1 || (tick & 1) != 0; }

  DramTick column_from(Lane lane, std::uint32_t direction) const {
    const PseudoChannel& pc = pseudo_channels_[pseudo_channel_of(lane)];
    return std::max({column_from_[direction][lane],
                     pc.column_group_from[direction][group_of_[lane]],
                     pc.column_stack_from[direction][stack_of_[lane]]});
  }

  // The slots of one tick.
  void column_slot(DramTick now);
  void row_slot(DramTick now);
  void all_bank_refresh_slot(DramTick now);
  bool per_bank_refresh_slot(DramTick now);
  void make_refresh_due(DramTick now);

  Lane oldest_active(DramTick now, DramTick& next) const;
  void send_active(DramTick now, Lane lane);
  void send_hits(DramTick now, DramTick end, std::uint64_t most);
  void send_column(DramTick now, Lane lane, std::uint32_t direction, bool last_of_row);
  void send_activate(DramTick now, Lane lane);
  void send_precharge(DramTick now, Lane lane);
  void close_bank(Lane lane);
  void count_served(DramTick now, std::uint32_t direction, DramTick arrived);
  std::uint64_t hits_in_a_row() const;
  bool last_hit(Lane lane) const {
    return closed_page_ && !active_[lane].used && queue_.hit(0, lane) == DramQueue::kNone &&
           queue_.hit(1, lane) == DramQueue::kNone;
  }

  void update_mode(DramTick now);
  bool mode_would_change() const;
  void size_changed(DramTick next_slots);
  void refresh_keys(Lane lane);
  void set_row_key(Lane lane, std::uint32_t direction);
  void row_work_from(Lane lane, DramTick earliest);
  void find_next_row(DramTick now);
  void choose_refresh_target(std::uint32_t pseudo_channel);

  void log(DramTick at, DramCommandKind kind, Lane lane, std::uint32_t row = 0) {
    if (log_ != nullptr) {
      log_->push_back({at, kind, pseudo_channel_of(lane), bank_of(lane), row});
    }
  }

  const DramDelays delays_;
  const DramTick per_clock_;
  const std::uint32_t pseudo_channel_count_;
  const std::uint32_t banks_;  // of a pseudo-channel
  const std::uint32_t banks_per_group_;
  const DramScheduler scheduler_;
  const bool closed_page_;
  const RefreshMode refresh_;
  const std::uint32_t write_high_;  // more bursts than this start a drain
  const std::uint32_t write_low_;   // fewer than this end it
  std::array<std::uint8_t, kLanes> group_of_{};
  std::array<std::uint8_t, kLanes> stack_of_{};
  const std::uint32_t stacks_;
  const DramTick read_to_read_least_;
  const DramTick write_to_write_least_;

  DramTick now_ = 0;
  // Of the `advance` under way.
  DramTick until_ = 0;
  std::uint32_t wanted_direction_ = 0;
  std::uint32_t wanted_room_ = 0;
  DramTick next_column_ = kNeverTick;  // no column command before
  DramTick next_row_ = 1;              // no row command before; the first look finds no reads
  DramTick next_refresh_ = kNeverTick;
  DramTick row_bus_from_ = 0;
  std::uint32_t mode_ = 0;               // direction in service
  std::uint32_t refreshes_pending_ = 0;  // all-bank
  std::uint32_t refresh_turn_ = 0;       // pseudo-channel

  DramQueue queue_;
  RowCandidates rows_;
  std::array<PseudoChannel, 2> pseudo_channels_{};
  std::array<std::int64_t, kLanes> open_row_{};
  std::array<DramTick, kLanes> activate_from_{};  // its row cycle
  std::array<std::array<DramTick, kLanes>, 2> column_from_{};
  std::array<DramTick, kLanes> last_used_{};
  std::array<bool, kLanes> closed_for_another_{};  // by a precharge, not by a refresh or itself
  std::array<Active, kLanes> active_{};
  std::array<std::uint32_t, 2> first_active_{kNoLane, kNoLane};
  std::array<std::uint32_t, 2> last_active_{kNoLane, kNoLane};
  std::uint64_t active_count_ = 0;

  std::vector<DramServed> served_;
  Counters count_;
  std::vector<std::uint64_t> latencies_;
  std::vector<DramCommand>* log_ = nullptr;
};

inline void HbmChannel::count_served(DramTick now, std::uint32_t direction, DramTick arrived) {
  count_.queue_ticks += static_cast<std::uint64_t>(now - arrived);
  if (direction == 0) {
    const auto latency = static_cast<std::uint64_t>(now + delays_.read_latency - arrived);
    count_.read_latency_ticks += latency;
    ++latencies_[std::min<std::uint64_t>(latency, kLatencyBins - 1)];
  }
}

}  // namespace orrery
