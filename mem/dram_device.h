// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/units.h"

// What an HBM stack is made of, and how fast: the numbers of a JEDEC standard and a speed bin, as a
// file of configs/memories states them. Plain values; mem/dram_config.h reads and checks them.
namespace orrery {

enum class DramStandard : std::uint8_t { kHbm2, kHbm3, kHbm4 };

// From HBM3 on an activate takes one and a half clocks on the row bus, a precharge or refresh half
// of one, and precharges may start on a falling edge (JESD238): time counts in half clocks.
constexpr std::uint32_t ticks_per_clock(DramStandard standard) {
  return standard == DramStandard::kHbm2 ? 1 : 2;
}

// One channel: up to two pseudo-channels that share its row and column command buses, each with its
// own data bus and banks. Banks stand in bank groups, and those in stack IDs (ranks of dies).
struct DramGeometry {
  static constexpr std::uint32_t kMaxBanks = 64;   // of a pseudo-channel
  static constexpr std::uint32_t kMaxGroups = 16;  // of a pseudo-channel, over all stack IDs
  static constexpr std::uint32_t kMaxStackIds = 4;

  std::uint32_t pseudo_channels = 2;  // 1 or 2
  std::uint32_t stack_ids = 1;
  std::uint32_t bank_groups = 4;
  std::uint32_t banks_per_group = 4;
  std::uint32_t rows = 16384;  // of a bank
  std::uint32_t columns = 32;  // bursts of a row
  std::uint32_t burst_bytes = 32;

  std::uint32_t groups() const { return stack_ids * bank_groups; }  // of a pseudo-channel
  std::uint32_t banks() const { return groups() * banks_per_group; }
  std::uint64_t bursts_of_channel() const {
    return std::uint64_t{pseudo_channels} * banks() * rows * columns;
  }
};

// Clocks between commands, from the last clock of the first to the last clock of the second, as
// data sheets count. Names are JEDEC's without the t.
struct DramTiming {
  std::uint32_t bl = 2;         // a burst on the data bus
  std::uint32_t cl = 0;         // read to data
  std::uint32_t cwl = 0;        // write to data
  std::uint32_t rcd_read = 0;   // activate to read
  std::uint32_t rcd_write = 0;  // activate to write
  std::uint32_t rp = 0;         // precharge to activate
  std::uint32_t ras = 0;        // activate to precharge
  std::uint32_t rc = 0;         // activate to activate, same bank
  std::uint32_t wr = 0;         // end of write data to precharge
  std::uint32_t rtp = 0;        // read to precharge
  std::uint32_t ccd_s = 0;      // column to column of the same direction, other bank group
  std::uint32_t ccd_l = 0;      // same bank group
  std::uint32_t ccd_r = 0;      // reads of two stack IDs
  std::uint32_t rrd_s = 0;      // activate to activate, other bank group
  std::uint32_t rrd_l = 0;      // same bank group
  std::uint32_t faw = 0;        // five activates span more than this
  std::uint32_t wtr_s = 0;      // end of write data to read, other bank group
  std::uint32_t wtr_l = 0;      // same bank group
  std::uint32_t rtw = 0;        // read to write
  std::uint32_t ppd = 0;        // precharge to precharge; 0: none
  std::uint32_t rfc = 0;        // refresh of all banks
  std::uint32_t rfc_pb = 0;     // refresh of one bank
  std::uint32_t refi = 0;       // between refreshes of all banks, on average
  std::uint32_t rrefd = 0;      // refresh of one bank to an activate or refresh of another
};

struct DramDevice {
  DramStandard standard = DramStandard::kHbm3;
  Femtoseconds clock_fs = 0;  // a clock of the command bus, even where ticks are halves
  DramGeometry geometry;
  DramTiming timing;

  std::uint32_t ticks_per_clock() const { return orrery::ticks_per_clock(standard); }
  Femtoseconds tick_fs() const { return clock_fs / ticks_per_clock(); }
  // Time of a burst on its pseudo-channel's data bus.
  Femtoseconds burst_fs() const { return timing.bl * clock_fs; }
};

enum class RefreshMode : std::uint8_t { kNone, kAllBank, kPerBank };
enum class PagePolicy : std::uint8_t { kOpen, kClosed };

// Which request goes first, among those of one direction whose next command is legal now.
enum class DramScheduler : std::uint8_t {
  kFrFcfs,       // the oldest
  kRowHitFirst,  // the oldest, but no row is closed while an older request still hits it
};

// The controller of a channel.
struct DramController {
  std::uint32_t read_queue = 64;  // bursts that wait, over both pseudo-channels
  std::uint32_t write_queue = 64;
  // Writes are drained when they fill more than this share of their queue, or no read waits, until
  // they fill less than the low share and a read waits. Percent.
  std::uint32_t write_high_percent = 80;
  std::uint32_t write_low_percent = 20;
  DramScheduler scheduler = DramScheduler::kFrFcfs;
  PagePolicy page = PagePolicy::kOpen;
  RefreshMode refresh = RefreshMode::kAllBank;
  std::uint32_t longest_run = 1;  // bursts of a row that take one queue entry together
};

}  // namespace orrery
