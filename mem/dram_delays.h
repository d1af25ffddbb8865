// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "mem/dram_device.h"

namespace orrery {

// Ticks of the command bus: clocks for HBM2, half clocks from HBM3 on.
using DramTick = std::int64_t;

// DramTiming as the controller needs it: ticks from the first tick of one command to the first tick
// of another. Data sheets count from the last clock of the first to the last of the second, so a
// command that takes longer to send moves its successors back and itself forward.
struct DramDelays {
  explicit DramDelays(const DramDevice& device)
      : per_clock(device.ticks_per_clock()),
        activate_bus(device.standard == DramStandard::kHbm2 ? 2 : 3),
        column_bus(per_clock) {
    const DramTiming& t = device.timing;
    const auto ticks = [&](std::uint32_t clocks) { return DramTick{clocks} * per_clock; };
    const DramTick act = activate_bus - 1;
    const DramTick col = column_bus - 1;
    const std::uint32_t write_data = t.cwl + t.bl;
    read_latency = ticks(t.cl + t.bl);
    read_to_read_group = ticks(std::max({t.bl, t.ccd_s, t.ccd_l}));
    read_to_read = ticks(std::max(t.bl, t.ccd_s));
    read_to_read_stack = ticks(std::max(t.bl, t.ccd_r));
    write_to_write_group = read_to_read_group;
    write_to_write = read_to_read;
    write_to_write_stack = ticks(t.bl);
    read_to_write = ticks(t.rtw);
    write_to_read_group = ticks(write_data + std::max(t.wtr_s, t.wtr_l));
    write_to_read = ticks(write_data + t.wtr_s);
    activate_to_read = ticks(t.rcd_read) + act - col;
    activate_to_write = ticks(t.rcd_write) + act - col;
    activate_to_precharge = ticks(t.ras) + act;
    activate_to_activate_bank = ticks(t.rc);
    activate_to_activate_group = ticks(t.rrd_l);
    activate_to_activate = ticks(t.rrd_s);
    four_activates = ticks(t.faw);
    read_to_precharge = ticks(t.rtp) + col;
    write_to_precharge = ticks(write_data + t.wr) + col;
    precharge_to_activate = ticks(t.rp) - act;
    precharge_to_precharge = ticks(t.ppd);
    precharge_to_refresh = ticks(t.rp);
    activate_to_refresh = ticks(t.rc) + act;
    refresh_to_activate = ticks(t.rfc) - act;
    refresh_bank_to_activate = ticks(t.rfc_pb) - act;
    activate_to_refresh_bank = ticks(t.rrd_s) + act;
    refresh_bank_to_refresh_bank = ticks(t.rrefd);
    refresh_bank_to_activate_other = ticks(t.rrefd) - act;
    refresh_interval = ticks(t.refi);
    refresh_bank_interval = std::max<DramTick>(1, ticks(t.refi) / device.geometry.banks());
  }

  DramTick per_clock;
  DramTick activate_bus;  // an activate keeps the row bus so long; other row commands take a tick
  DramTick column_bus;    // a read or write keeps the column bus so long
  DramTick read_latency;  // read to the end of its data
  DramTick read_to_read_group, read_to_read, read_to_read_stack;
  DramTick write_to_write_group, write_to_write, write_to_write_stack;
  DramTick read_to_write, write_to_read_group, write_to_read;
  DramTick activate_to_read, activate_to_write, activate_to_precharge;
  DramTick activate_to_activate_bank, activate_to_activate_group, activate_to_activate;
  DramTick four_activates;
  DramTick read_to_precharge, write_to_precharge;
  DramTick precharge_to_activate, precharge_to_precharge, precharge_to_refresh;
  DramTick activate_to_refresh, refresh_to_activate;
  // Of one bank: the same bank's refresh to its activate; an activate and a refresh of other banks.
  DramTick refresh_bank_to_activate, activate_to_refresh_bank, refresh_bank_to_refresh_bank;
  DramTick refresh_bank_to_activate_other;
  DramTick refresh_interval, refresh_bank_interval;
};

}  // namespace orrery
