// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dram_protocol_checker.h"

#include <algorithm>

namespace orrery {
namespace {

std::string_view name_of(DramCommandKind kind) {
  switch (kind) {
    case DramCommandKind::kActivate:
      return "activate";
    case DramCommandKind::kPrecharge:
      return "precharge";
    case DramCommandKind::kPrechargeAll:
      return "precharge of all banks";
    case DramCommandKind::kRead:
      return "read";
    case DramCommandKind::kWrite:
      return "write";
    case DramCommandKind::kReadPrecharge:
      return "read with auto-precharge";
    case DramCommandKind::kWritePrecharge:
      return "write with auto-precharge";
    case DramCommandKind::kRefreshAll:
      return "refresh of all banks";
    case DramCommandKind::kRefreshBank:
      return "refresh of one bank";
  }
  return "unknown command";
}

bool is_read(DramCommandKind kind) {
  return kind == DramCommandKind::kRead || kind == DramCommandKind::kReadPrecharge;
}
bool is_column(DramCommandKind kind) {
  return is_read(kind) || kind == DramCommandKind::kWrite ||
         kind == DramCommandKind::kWritePrecharge;
}
bool is_precharge(DramCommandKind kind) {
  return kind == DramCommandKind::kPrecharge || kind == DramCommandKind::kPrechargeAll;
}
bool is_of_all_banks(DramCommandKind kind) {
  return kind == DramCommandKind::kPrechargeAll || kind == DramCommandKind::kRefreshAll;
}

std::string text_of(const DramCommand& command) {
  std::string text = "tick " + std::to_string(command.at) + ": ";
  text += name_of(command.kind);
  text += " pseudo-channel " + std::to_string(command.pseudo_channel);
  if (!is_of_all_banks(command.kind)) {
    text += " bank " + std::to_string(command.bank);
  }
  if (command.kind == DramCommandKind::kActivate) {
    text += " row " + std::to_string(command.row);
  }
  return text;
}

DramTick ticks_on_bus(DramCommandKind kind, DramStandard standard) {
  const bool hbm2 = standard == DramStandard::kHbm2;
  if (kind == DramCommandKind::kActivate) {
    return hbm2 ? 2 : 3;
  }
  return is_column(kind) && !hbm2 ? 2 : 1;
}

}  // namespace

DramProtocolChecker::DramProtocolChecker(const DramDevice& device)
    : standard_(device.standard),
      timing_(device.timing),
      per_clock_(device.standard == DramStandard::kHbm2 ? 1 : 2),
      bank_groups_(device.geometry.bank_groups),
      banks_per_group_(device.geometry.banks_per_group),
      rows_(device.geometry.rows),
      pseudo_channels_(device.geometry.pseudo_channels) {
  for (PseudoChannel& pc : pseudo_channels_) {
    pc.banks.resize(device.geometry.banks());
  }
}

std::optional<std::uint32_t> DramProtocolChecker::open_row(std::uint32_t pseudo_channel,
                                                           std::uint32_t bank) const {
  const Bank& state = pseudo_channels_.at(pseudo_channel).banks.at(bank);
  return state.open ? std::optional(state.row) : std::nullopt;
}

void DramProtocolChecker::require(Rule rule, DramTick from, std::uint32_t clocks) {
  const DramTick start = from + clocks * per_clock_ - (ticks_ - 1);
  earliest_[rule] = std::max(earliest_[rule], start);
}

void DramProtocolChecker::fail(std::string_view what) {
  violations_.push_back(text_of(*command_) + ": " + std::string(what));
}

void DramProtocolChecker::check(const DramCommand& command) {
  command_ = &command;
  ticks_ = ticks_on_bus(command.kind, standard_);
  rising_only_ = per_clock_ == 2 && !is_precharge(command.kind);
  earliest_.fill(kLongAgo);
  check_bus(command);
  if (command.pseudo_channel >= pseudo_channels_.size()) {
    fail("no such pseudo-channel");
    return;
  }
  PseudoChannel& pc = pseudo_channels_[command.pseudo_channel];
  if (command.bank >= pc.banks.size()) {
    fail("no such bank");
    return;
  }
  const Bank& bank = pc.banks[command.bank];
  switch (command.kind) {
    case DramCommandKind::kRead:
    case DramCommandKind::kReadPrecharge:
    case DramCommandKind::kWrite:
    case DramCommandKind::kWritePrecharge:
      check_column(pc, command.bank, is_read(command.kind));
      break;
    case DramCommandKind::kActivate:
      check_activate(pc, command.bank);
      break;
    case DramCommandKind::kPrecharge:
      if (!bank.open) {
        fail("the bank is closed");
      }
      check_precharge(pc, bank);
      break;
    case DramCommandKind::kPrechargeAll:
      require(kRfc, pc.refresh, timing_.rfc);
      for (const Bank& each : pc.banks) {
        check_precharge(pc, each);
      }
      break;
    case DramCommandKind::kRefreshAll:
      for (const Bank& each : pc.banks) {
        check_refresh(pc, each);
      }
      break;
    case DramCommandKind::kRefreshBank:
      check_refresh_bank(pc, command.bank);
      break;
  }
  report();
  apply(command, pc);
}

void DramProtocolChecker::check_bus(const DramCommand& command) {
  if (rising_only_ && command.at % 2 == 0) {
    fail("starts on a falling edge");
  }
  earliest_[kOrder] = last_start_;
  last_start_ = std::max(last_start_, command.at);
  const bool column = is_column(command.kind);
  DramTick& bus_from = column ? column_bus_from_ : row_bus_from_;
  earliest_[column ? kColumnBus : kRowBus] = bus_from;
  bus_from = std::max(bus_from, command.at + ticks_);
}

void DramProtocolChecker::check_column(const PseudoChannel& pc, std::uint32_t bank, bool read) {
  const Bank& state = pc.banks[bank];
  if (!state.open) {
    fail("the bank is closed");
  }
  require(read ? kRcdRead : kRcdWrite, state.activate, read ? timing_.rcd_read : timing_.rcd_write);
  for (std::uint32_t other = 0; other < pc.banks.size(); ++other) {
    const Bank& from = pc.banks[other];
    const DramTick same_direction = read ? from.read : from.write;
    require(kBl, same_direction, timing_.bl);
    if (stack(other) != stack(bank)) {
      if (read) {
        require(kCcdR, same_direction, timing_.ccd_r);
      }
    } else {
      require(kCcdS, same_direction, timing_.ccd_s);
    }
    if (group(other) == group(bank)) {
      require(kCcdL, same_direction, timing_.ccd_l);
    }
    if (!read) {
      require(kRtw, from.read, timing_.rtw);
    } else if (group(other) == group(bank)) {
      require(kWtrL, from.write, timing_.cwl + timing_.bl + timing_.wtr_l);
    } else {
      require(kWtrS, from.write, timing_.cwl + timing_.bl + timing_.wtr_s);
    }
  }
}

void DramProtocolChecker::check_activate(const PseudoChannel& pc, std::uint32_t bank) {
  const Bank& state = pc.banks[bank];
  if (state.open) {
    fail("the bank is open");
  }
  if (command_->row >= rows_) {
    fail("no such row");
  }
  require(kRc, state.activate, timing_.rc);
  require(kRp, state.precharge, timing_.rp);
  require(kFaw, pc.activates.back(), timing_.faw);
  require(kRfc, pc.refresh, timing_.rfc);
  require(kRfcPb, state.refresh, timing_.rfc_pb);
  for (std::uint32_t other = 0; other < pc.banks.size(); ++other) {
    if (other == bank) {
      continue;
    }
    const bool same_group = group(other) == group(bank);
    require(same_group ? kRrdL : kRrdS, pc.banks[other].activate,
            same_group ? timing_.rrd_l : timing_.rrd_s);
    require(kRrefd, pc.banks[other].refresh, timing_.rrefd);
  }
}

void DramProtocolChecker::check_precharge(const PseudoChannel& pc, const Bank& bank) {
  require(kRas, bank.activate, timing_.ras);
  require(kRtp, bank.read, timing_.rtp);
  require(kWr, bank.write, timing_.cwl + timing_.bl + timing_.wr);
  require(kPpd, pc.precharge, timing_.ppd);
}

void DramProtocolChecker::check_refresh(const PseudoChannel& pc, const Bank& bank) {
  if (bank.open) {
    fail("bank " + std::to_string(&bank - pc.banks.data()) + " is open");
  }
  require(kRp, bank.precharge, timing_.rp);
  require(kRc, bank.activate, timing_.rc);
  require(kRfc, pc.refresh, timing_.rfc);
  require(kRfcPb, bank.refresh, timing_.rfc_pb);
}

void DramProtocolChecker::check_refresh_bank(const PseudoChannel& pc, std::uint32_t bank) {
  check_refresh(pc, pc.banks[bank]);
  for (std::uint32_t other = 0; other < pc.banks.size(); ++other) {
    require(kRrdS, pc.banks[other].activate, timing_.rrd_s);
    if (other != bank) {
      require(kRrefd, pc.banks[other].refresh, timing_.rrefd);
    }
  }
}

void DramProtocolChecker::report() {
  static constexpr std::array<std::string_view, kRules> kNames{
      "bl",        "ccd_s", "ccd_l", "ccd_r",  "rtw",   "wtr_s",   "wtr_l",      "rcd_read",
      "rcd_write", "ras",   "rtp",   "wr",     "rp",    "ppd",     "rc",         "rrd_s",
      "rrd_l",     "faw",   "rfc",   "rfc_pb", "rrefd", "row bus", "column bus", "order of ticks"};
  for (std::uint32_t rule = 0; rule < kRules; ++rule) {
    DramTick earliest = earliest_[rule];
    if (command_->at >= earliest) {
      continue;
    }
    if (rising_only_) {
      earliest |= 1;
    }
    fail(std::string(kNames[rule]) + ", not before tick " + std::to_string(earliest));
  }
}

void DramProtocolChecker::apply(const DramCommand& command, PseudoChannel& pc) {
  const DramTick last = command.at + ticks_ - 1;
  Bank& bank = pc.banks[command.bank];
  const auto close = [](Bank& closing, DramTick at) {
    closing.open = false;
    closing.precharge = std::max(closing.precharge, at);
  };
  switch (command.kind) {
    case DramCommandKind::kActivate:
      bank.open = true;
      bank.row = command.row;
      bank.activate = last;
      std::rotate(pc.activates.begin(), pc.activates.end() - 1, pc.activates.end());
      pc.activates.front() = last;
      break;
    case DramCommandKind::kRead:
    case DramCommandKind::kReadPrecharge:
      bank.read = last;
      break;
    case DramCommandKind::kWrite:
    case DramCommandKind::kWritePrecharge:
      bank.write = last;
      break;
    case DramCommandKind::kPrecharge:
      close(bank, last);
      pc.precharge = last;
      break;
    case DramCommandKind::kPrechargeAll:
      for (Bank& each : pc.banks) {
        close(each, last);
      }
      pc.precharge = last;
      break;
    case DramCommandKind::kRefreshAll:
      pc.refresh = last;
      break;
    case DramCommandKind::kRefreshBank:
      bank.refresh = last;
      break;
  }
  if (command.kind == DramCommandKind::kReadPrecharge ||
      command.kind == DramCommandKind::kWritePrecharge) {
    close(bank,
          std::max({bank.activate + timing_.ras * per_clock_, bank.read + timing_.rtp * per_clock_,
                    bank.write + (timing_.cwl + timing_.bl + timing_.wr) * per_clock_}));
  }
}

std::vector<std::string> protocol_violations(const DramDevice& device,
                                             const std::vector<DramCommand>& log) {
  DramProtocolChecker checker(device);
  for (const DramCommand& command : log) {
    checker.check(command);
  }
  return checker.violations();
}

std::vector<std::string> missed_refreshes(const DramDevice& device,
                                          RefreshMode mode,
                                          const std::vector<DramCommand>& log,
                                          DramTick length) {
  std::vector<std::string> missed;
  if (mode == RefreshMode::kNone) {
    return missed;
  }
  const bool all = mode == RefreshMode::kAllBank;
  const DramTick interval = DramTick{device.timing.refi} * device.ticks_per_clock();
  const DramTick late = all ? 8 : 9;
  const std::uint32_t banks = all ? 1 : device.geometry.banks();
  const DramCommandKind kind = all ? DramCommandKind::kRefreshAll : DramCommandKind::kRefreshBank;
  std::vector<DramTick> done(std::size_t{device.geometry.pseudo_channels} * banks, 0);
  const auto check = [&](std::size_t which, DramTick at) {
    const DramTick least = at / interval - late;
    if (done[which] < least) {
      missed.push_back("tick " + std::to_string(at) + ": pseudo-channel " +
                       std::to_string(which / banks) +
                       (all ? "" : " bank " + std::to_string(which % banks)) + " has had " +
                       std::to_string(done[which]) + " refreshes, not " + std::to_string(least));
    }
  };
  for (const DramCommand& command : log) {
    if (command.kind == kind && command.at <= length) {
      const std::size_t which =
          std::size_t{command.pseudo_channel} * banks + (all ? 0 : command.bank);
      check(which, command.at - 1);
      ++done[which];
    }
  }
  for (std::size_t which = 0; which < done.size(); ++which) {
    check(which, length);
  }
  return missed;
}

}  // namespace orrery
