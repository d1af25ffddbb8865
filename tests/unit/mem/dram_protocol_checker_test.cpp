// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dram_protocol_checker.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using Kind = DramCommandKind;

// Banks 0 and 1 are one group and 2 and 3 the other of stack ID 0; 4 to 7 likewise of stack ID 1.
DramDevice device_of(DramStandard standard) {
  DramDevice device;
  device.standard = standard;
  device.clock_fs = 1'000'000;
  device.geometry = {.pseudo_channels = 2, .stack_ids = 2, .bank_groups = 2, .banks_per_group = 2};
  device.timing = {.bl = 2,
                   .cl = 10,
                   .cwl = 5,
                   .rcd_read = 10,
                   .rcd_write = 8,
                   .rp = 9,
                   .ras = 20,
                   .rc = 32,
                   .wr = 11,
                   .rtp = 6,
                   .ccd_s = 3,
                   .ccd_l = 5,
                   .ccd_r = 4,
                   .rrd_s = 4,
                   .rrd_l = 6,
                   .faw = 30,
                   .wtr_s = 4,
                   .wtr_l = 7,
                   .rtw = 12,
                   .ppd = 3,
                   .rfc = 60,
                   .rfc_pb = 40,
                   .refi = 1000,
                   .rrefd = 8};
  return device;
}

// In clocks of HBM2, and in half clocks of HBM3 and HBM4.
struct Ticks {
  Ticks(DramTick both) : hbm2(both), hbm3(both) {}
  Ticks(DramTick of_hbm2, DramTick of_hbm3) : hbm2(of_hbm2), hbm3(of_hbm3) {}
  DramTick hbm2;
  DramTick hbm3;
};
struct Step {
  Ticks at;
  Kind kind;
  std::uint32_t bank = 0;
  std::uint32_t pseudo_channel = 0;
  std::uint32_t row = 0;
};
Step activate(Ticks at, std::uint32_t bank, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kActivate, bank, pseudo_channel};
}
Step precharge(Ticks at, std::uint32_t bank, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kPrecharge, bank, pseudo_channel};
}
Step precharge_all(Ticks at, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kPrechargeAll, 0, pseudo_channel};
}
Step read(Ticks at, std::uint32_t bank, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kRead, bank, pseudo_channel};
}
Step write(Ticks at, std::uint32_t bank, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kWrite, bank, pseudo_channel};
}
Step read_precharge(Ticks at, std::uint32_t bank) {
  return {at, Kind::kReadPrecharge, bank};
}
Step write_precharge(Ticks at, std::uint32_t bank) {
  return {at, Kind::kWritePrecharge, bank};
}
Step refresh_all(Ticks at, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kRefreshAll, 0, pseudo_channel};
}
Step refresh_bank(Ticks at, std::uint32_t bank, std::uint32_t pseudo_channel = 0) {
  return {at, Kind::kRefreshBank, bank, pseudo_channel};
}

using Log = std::vector<Step>;
constexpr DramStandard kStandards[] = {DramStandard::kHbm2, DramStandard::kHbm3,
                                       DramStandard::kHbm4};

std::vector<DramCommand> commands_of(const Log& log, DramStandard standard) {
  std::vector<DramCommand> commands;
  for (const Step& step : log) {
    commands.push_back({standard == DramStandard::kHbm2 ? step.at.hbm2 : step.at.hbm3, step.kind,
                        step.pseudo_channel, step.bank, step.row});
  }
  return commands;
}

using Change = void (*)(DramTiming&);
void no_change(DramTiming&) {}

// `last` is legal after `before` at its tick; sooner it breaks `rule` and no other one.
void expect_earliest(const std::string& rule,
                     Log log,
                     const Step& last,
                     Change change = no_change) {
  log.push_back(last);
  for (const DramStandard standard : kStandards) {
    SCOPED_TRACE(rule + (standard == DramStandard::kHbm2 ? " of HBM2" : " of HBM3 or HBM4"));
    DramDevice device = device_of(standard);
    change(device.timing);
    std::vector<DramCommand> commands = commands_of(log, standard);
    EXPECT_THAT(protocol_violations(device, commands), IsEmpty());
    const DramTick legal = commands.back().at;
    const bool each_tick = standard == DramStandard::kHbm2 || last.kind == Kind::kPrecharge ||
                           last.kind == Kind::kPrechargeAll;
    commands.back().at -= each_tick ? 1 : 2;
    EXPECT_THAT(protocol_violations(device, commands),
                ElementsAre(EndsWith(": " + rule + ", not before tick " + std::to_string(legal))));
  }
}

// The last command of `log` and no other is wrong, and only in this.
void expect_wrong(const std::string& what, const Log& log) {
  for (const DramStandard standard : kStandards) {
    std::vector<DramCommand> commands = commands_of(log, standard);
    EXPECT_THAT(protocol_violations(device_of(standard), commands),
                ElementsAre(EndsWith(": " + what)));
    commands.pop_back();
    EXPECT_THAT(protocol_violations(device_of(standard), commands), IsEmpty());
  }
}

void expect_legal(const Log& log) {
  for (const DramStandard standard : kStandards) {
    EXPECT_THAT(protocol_violations(device_of(standard), commands_of(log, standard)), IsEmpty());
  }
}

// All banks that the tests of columns use, open since long.
Log open_banks(const Log& then) {
  Log log{activate(1, 0), activate(21, 1), activate(41, 2), activate(61, 4), activate(81, 0, 1)};
  log.insert(log.end(), then.begin(), then.end());
  return log;
}

TEST(DramProtocolChecker, ReadToRead) {
  expect_earliest("ccd_l", open_banks({read(201, 0)}), read({206, 211}, 0));
  expect_earliest("ccd_l", open_banks({read(201, 0)}), read({206, 211}, 1));
  expect_earliest("ccd_s", open_banks({read(201, 0)}), read({204, 207}, 2));
  expect_earliest("ccd_r", open_banks({read(201, 0)}), read({205, 209}, 4));
}

TEST(DramProtocolChecker, WriteToWrite) {
  expect_earliest("ccd_l", open_banks({write(201, 0)}), write({206, 211}, 0));
  expect_earliest("ccd_l", open_banks({write(201, 0)}), write({206, 211}, 1));
  expect_earliest("ccd_s", open_banks({write(201, 0)}), write({204, 207}, 2));
  expect_earliest("bl", open_banks({write(201, 0)}), write({203, 205}, 4));
}

TEST(DramProtocolChecker, ColumnsOfOneDirectionLeaveRoomForABurst) {
  const Change long_burst = [](DramTiming& timing) { timing.bl = 6; };
  for (const std::uint32_t bank : {0U, 1U, 2U, 4U}) {
    expect_earliest("bl", open_banks({read(201, 0)}), read({207, 213}, bank), long_burst);
    expect_earliest("bl", open_banks({write(201, 0)}), write({207, 213}, bank), long_burst);
  }
}

TEST(DramProtocolChecker, AnOlderColumnMayBindLonger) {
  expect_earliest("ccd_l", open_banks({read(201, 0), read({204, 207}, 2)}), read({209, 217}, 2));
  expect_earliest("ccd_l", open_banks({write(201, 0), write({203, 205}, 4)}), write({206, 211}, 1));
}

TEST(DramProtocolChecker, Turnarounds) {
  for (const std::uint32_t bank : {0U, 1U, 2U, 4U}) {
    expect_earliest("rtw", open_banks({read(201, 0)}), write({213, 225}, bank));
  }
  expect_earliest("wtr_l", open_banks({write(201, 0)}), read({215, 229}, 0));
  expect_earliest("wtr_l", open_banks({write(201, 0)}), read({215, 229}, 1));
  expect_earliest("wtr_s", open_banks({write(201, 0)}), read({212, 223}, 2));
  expect_earliest("wtr_s", open_banks({write(201, 0)}), read({212, 223}, 4));
}

TEST(DramProtocolChecker, ActivateToColumn) {
  expect_earliest("rcd_read", {activate(1, 0)}, read({12, 23}, 0));
  expect_earliest("rcd_read", {activate(1, 0)}, read_precharge({12, 23}, 0));
  expect_earliest("rcd_write", {activate(1, 0)}, write({10, 19}, 0));
  expect_earliest("rcd_write", {activate(1, 0)}, write_precharge({10, 19}, 0));
}

TEST(DramProtocolChecker, Precharge) {
  expect_earliest("ras", {activate(1, 0)}, precharge({22, 43}, 0));
  expect_earliest("rtp", {activate(1, 0), read(101, 0)}, precharge({107, 114}, 0));
  expect_earliest("wr", {activate(1, 0), write(101, 0)}, precharge({119, 138}, 0));
  expect_earliest("ppd", {activate(1, 0), activate(21, 2), precharge(101, 0)},
                  precharge({104, 107}, 2));
}

TEST(DramProtocolChecker, PrechargeOfAllBanks) {
  expect_earliest("ras", {activate(1, 0), activate(51, 3)}, precharge_all({72, 93}));
  expect_earliest("rtp", {activate(1, 0), activate(21, 3), read(101, 3)},
                  precharge_all({107, 114}));
  expect_earliest("wr", {activate(1, 0), activate(21, 3), write(101, 3)},
                  precharge_all({119, 138}));
  expect_earliest("ppd", {activate(1, 0), precharge(101, 0)}, precharge_all({104, 107}));
  expect_earliest("ppd", {precharge_all(101)}, precharge_all({104, 107}));
  expect_earliest("rfc", {refresh_all(101)}, precharge_all({161, 221}));
}

TEST(DramProtocolChecker, PrechargesNeedNoDistanceWithoutPpd) {
  expect_earliest("row bus", {activate(1, 0), activate(21, 2), precharge(101, 0)},
                  precharge(102, 2), [](DramTiming& timing) { timing.ppd = 0; });
}

TEST(DramProtocolChecker, ActivateOfTheSameBank) {
  expect_earliest("rp", {activate(1, 0), precharge(101, 0)}, activate({109, 117}, 0));
  expect_earliest("rp", {activate(1, 0), precharge_all(101)}, activate({109, 117}, 0));
  expect_earliest("rp", {precharge_all(101)}, activate({109, 117}, 5));
  expect_earliest("rc", {activate(1, 0), precharge({22, 43}, 0)}, activate({33, 65}, 0));
}

TEST(DramProtocolChecker, ActivateOfAnotherBank) {
  expect_earliest("rrd_l", {activate(101, 0)}, activate({107, 113}, 1));
  expect_earliest("rrd_s", {activate(101, 0)}, activate({105, 109}, 2));
  expect_earliest("rrd_s", {activate(101, 0)}, activate({105, 109}, 4));
  expect_earliest("rrd_l", {activate(101, 0), activate({105, 109}, 2)}, activate({111, 121}, 3));
}

TEST(DramProtocolChecker, FourActivateWindow) {
  const Log four{activate(101, 0), activate({107, 113}, 2), activate({112, 123}, 4),
                 activate({116, 131}, 6)};
  expect_earliest("faw", four, activate({131, 161}, 1));
  Log five = four;
  five.push_back(activate({131, 161}, 1));
  expect_earliest("faw", five, activate({137, 173}, 3));
}

TEST(DramProtocolChecker, ABankWithAutoPrechargeClosesItself) {
  expect_earliest("rp", {activate(1, 0), read_precharge(101, 0)}, activate({115, 131}, 0));
  expect_earliest("rp", {activate(1, 0), write_precharge(101, 0)}, activate({127, 155}, 0));
  // Not before ras: at 22 and 43.
  const Change short_cycle = [](DramTiming& timing) {
    timing.rc = 29;
    timing.rp = 12;
  };
  expect_earliest("rp", {activate(1, 0), read_precharge({12, 23}, 0)}, activate({33, 65}, 0),
                  short_cycle);
  expect_earliest("ras", {activate(1, 0), read_precharge({12, 23}, 0)}, precharge_all({22, 43}));
  expect_earliest("rtp", {activate(1, 0), read_precharge(101, 0)}, precharge_all({107, 114}));
  expect_earliest("wr", {activate(1, 0), write_precharge(101, 0)}, precharge_all({119, 138}));
  // And ppd knows nothing of it: at 107 and 114.
  expect_legal({activate(1, 0), activate(21, 2), read_precharge(101, 0), precharge({107, 114}, 2)});
  expect_legal({activate(1, 0), activate(21, 2), read_precharge(101, 0), precharge({108, 115}, 2)});
}

TEST(DramProtocolChecker, ColumnsWithAutoPrechargeCountAsColumns) {
  expect_earliest("ccd_s", open_banks({read_precharge(201, 0)}), read({204, 207}, 2));
  expect_earliest("rtw", open_banks({read_precharge(201, 0)}), write_precharge({213, 225}, 4));
  expect_earliest("wtr_l", open_banks({write_precharge(201, 0)}), read_precharge({215, 229}, 1));
  expect_earliest("column bus", open_banks({read_precharge(201, 1)}), read({202, 203}, 0, 1));
}

TEST(DramProtocolChecker, RefreshOfAllBanks) {
  expect_earliest("rp", {activate(1, 3), precharge(101, 3)}, refresh_all({110, 119}));
  expect_earliest("rp", {activate(1, 3), precharge_all(101)}, refresh_all({110, 119}));
  expect_earliest("rp", {activate(1, 3), read_precharge(101, 3)}, refresh_all({116, 133}));
  expect_earliest("rp", {activate(1, 3), write_precharge(101, 3)}, refresh_all({128, 157}));
  expect_earliest("rc", {activate(1, 3), precharge({22, 43}, 3)}, refresh_all({34, 67}));
}

TEST(DramProtocolChecker, AfterARefreshOfAllBanks) {
  expect_earliest("rfc", {refresh_all(101)}, activate({160, 219}, 3));
  expect_earliest("rfc", {refresh_all(101)}, refresh_all({161, 221}));
  expect_earliest("rfc", {refresh_all(101)}, refresh_bank({161, 221}, 5));
}

TEST(DramProtocolChecker, RefreshOfOneBank) {
  expect_earliest("rp", {activate(1, 3), precharge(101, 3)}, refresh_bank({110, 119}, 3));
  expect_earliest("rp", {precharge_all(101)}, refresh_bank({110, 119}, 3));
  expect_earliest("rp", {activate(1, 3), read_precharge(101, 3)}, refresh_bank({116, 133}, 3));
  expect_earliest("rc", {activate(1, 3), precharge({22, 43}, 3)}, refresh_bank({34, 67}, 3));
  for (const std::uint32_t bank : {1U, 2U, 4U}) {
    expect_earliest("rrd_s", {activate(101, 0)}, refresh_bank({106, 111}, bank));
  }
  // Another bank may be on its way to closed.
  expect_legal({activate(1, 3), precharge(101, 3), refresh_bank({102, 103}, 2)});
}

TEST(DramProtocolChecker, AfterARefreshOfOneBank) {
  expect_earliest("rfc_pb", {refresh_bank(101, 0)}, activate({140, 179}, 0));
  expect_earliest("rfc_pb", {refresh_bank(101, 0)}, refresh_bank({141, 181}, 0));
  expect_earliest("rfc_pb", {refresh_bank(101, 3)}, refresh_all({141, 181}));
  for (const std::uint32_t bank : {1U, 2U, 4U}) {
    expect_earliest("rrefd", {refresh_bank(101, 0)}, activate({108, 115}, bank));
    expect_earliest("rrefd", {refresh_bank(101, 0)}, refresh_bank({109, 117}, bank));
  }
  // Columns and precharges of other banks do not wait.
  expect_legal(open_banks({refresh_bank(201, 3), read(201, 0), precharge(207, 1)}));
}

TEST(DramProtocolChecker, PseudoChannelsShareTheRowBus) {
  expect_earliest("row bus", {activate(101, 0)}, activate({103, 105}, 0, 1));
  expect_earliest("row bus", {activate(1, 0, 1), activate(101, 0)}, precharge({103, 104}, 0, 1));
  expect_earliest("row bus", {activate(101, 0)}, refresh_bank({103, 105}, 0, 1));
  expect_earliest("row bus", {precharge_all(101)}, precharge_all(102, 1));
  expect_earliest("row bus", {refresh_all(101)}, refresh_all({102, 103}, 1));
  expect_earliest("row bus", {refresh_bank(101, 0)}, activate({102, 103}, 1, 1));
}

TEST(DramProtocolChecker, PseudoChannelsShareTheColumnBus) {
  expect_earliest("column bus", open_banks({read(201, 0)}), read({202, 203}, 0, 1));
  expect_earliest("column bus", open_banks({read(201, 0)}), write({202, 203}, 0, 1));
  expect_earliest("column bus", open_banks({write(201, 0)}), read({202, 203}, 0, 1));
  // The row bus is another one.
  expect_legal(open_banks({read(201, 0), precharge(201, 0, 1)}));
}

TEST(DramProtocolChecker, PseudoChannelsShareNothingElse) {
  Log activates;
  for (const std::uint32_t i : {0U, 1U, 2U, 3U}) {
    activates.push_back(activate({101 + 4 * i, 101 + 8 * i}, 2 * i, 0));
    activates.push_back(activate({103 + 4 * i, 105 + 8 * i}, 2 * i, 1));
  }
  expect_legal(activates);
  expect_legal({precharge_all(101), activate({102, 103}, 0, 1)});
  expect_legal({activate(1, 0), activate(21, 0, 1), precharge(101, 0), refresh_all(201),
                read(201, 0, 1), precharge(215, 0, 1)});
}

TEST(DramProtocolChecker, CommandsStandInTheOrderOfTheirTicks) {
  expect_earliest("order of ticks", open_banks({precharge(201, 1)}), read(201, 0));
}

TEST(DramProtocolChecker, StateOfABank) {
  expect_wrong("the bank is closed", {read(101, 0)});
  expect_wrong("the bank is closed", {write(101, 0)});
  expect_wrong("the bank is closed", {activate(1, 0), read(101, 1)});
  expect_wrong("the bank is closed", {activate(1, 0), precharge(101, 0), read(201, 0)});
  expect_wrong("the bank is closed", {activate(1, 0), precharge_all(101), write(201, 0)});
  expect_wrong("the bank is closed", {activate(1, 0), read_precharge(101, 0), read(111, 0)});
  expect_wrong("the bank is closed", {precharge(101, 0)});
  expect_wrong("the bank is closed", {activate(1, 0), read_precharge(101, 0), precharge(201, 0)});
  expect_wrong("the bank is open", {activate(1, 0), activate(101, 0)});
  expect_wrong("bank 3 is open", {activate(1, 3), refresh_all(101)});
  expect_wrong("bank 3 is open", {activate(1, 3), refresh_bank(101, 3)});
  expect_legal({precharge_all(101)});
  expect_legal({activate(1, 3), refresh_bank(101, 2)});
}

TEST(DramProtocolChecker, OnlyPrechargesStartOnAFallingEdge) {
  for (const Step& last : {read(202, 0), write(202, 0), read_precharge(202, 0),
                           write_precharge(202, 0), activate(202, 3), refresh_all(202, 1),
                           refresh_bank(202, 3), precharge(202, 0), precharge_all(202)}) {
    Log log = open_banks({precharge(161, 0, 1), last});
    EXPECT_THAT(
        protocol_violations(device_of(DramStandard::kHbm2), commands_of(log, DramStandard::kHbm2)),
        IsEmpty());
    const auto violations =
        protocol_violations(device_of(DramStandard::kHbm3), commands_of(log, DramStandard::kHbm3));
    if (last.kind == Kind::kPrecharge || last.kind == Kind::kPrechargeAll) {
      EXPECT_THAT(violations, IsEmpty());
    } else {
      EXPECT_THAT(violations, ElementsAre(EndsWith(": starts on a falling edge")));
    }
  }
}

TEST(DramProtocolChecker, PlacesExist) {
  expect_wrong("no such bank", {activate(101, 8)});
  expect_wrong("no such pseudo-channel", {activate(101, 0, 2)});
  const std::uint32_t rows = DramGeometry{}.rows;
  expect_wrong("no such row", {{101, Kind::kActivate, 0, 0, rows}});
  expect_legal({{101, Kind::kActivate, 7, 1, rows - 1}});
}

TEST(DramProtocolChecker, SaysWhichCommand) {
  const Log log{activate(101, 0, 1), {103, Kind::kActivate, 5, 1, 77}, precharge(111, 0, 1)};
  EXPECT_THAT(
      protocol_violations(device_of(DramStandard::kHbm2), commands_of(log, DramStandard::kHbm2)),
      ElementsAre("tick 103: activate pseudo-channel 1 bank 5 row 77: rrd_s, not before "
                  "tick 105",
                  "tick 111: precharge pseudo-channel 1 bank 0: ras, not before tick 122"));
}

TEST(DramProtocolChecker, KnowsTheOpenRow) {
  DramProtocolChecker checker(device_of(DramStandard::kHbm2));
  EXPECT_EQ(checker.open_row(1, 5), std::nullopt);
  checker.check({1, Kind::kActivate, 1, 5, 77});
  EXPECT_EQ(checker.open_row(1, 5), 77U);
  checker.check({101, Kind::kReadPrecharge, 1, 5, 0});
  EXPECT_EQ(checker.open_row(1, 5), std::nullopt);
}

// One refresh each interval of 1000 clocks in each of two pseudo-channels.
std::vector<DramCommand> refreshes(std::uint32_t count, std::uint32_t of_second) {
  std::vector<DramCommand> log;
  for (std::uint32_t i = 0; i < count; ++i) {
    log.push_back({1000 * (i + 1), Kind::kRefreshAll, 0, 0, 0});
    if (i < of_second) {
      log.push_back({1000 * (i + 1) + 1, Kind::kRefreshAll, 1, 0, 0});
    }
  }
  return log;
}

TEST(MissedRefreshes, EightMayBeLate) {
  const DramDevice device = device_of(DramStandard::kHbm2);
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, {}, 8999), IsEmpty());
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, {}, 9000),
              ElementsAre("tick 9000: pseudo-channel 0 has had 0 refreshes, not 1",
                          "tick 9000: pseudo-channel 1 has had 0 refreshes, not 1"));
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, refreshes(20, 12), 20999), IsEmpty());
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, refreshes(20, 12), 21000),
              ElementsAre("tick 21000: pseudo-channel 1 has had 12 refreshes, not 13"));
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kNone, {}, 100'000), IsEmpty());
}

TEST(MissedRefreshes, LateOnesDoNotMakeUpForAGap) {
  const DramDevice device = device_of(DramStandard::kHbm2);
  std::vector<DramCommand> log;
  for (std::uint32_t i = 0; i < 10; ++i) {
    log.push_back({9000 + 100 * i, Kind::kRefreshAll, 0, 0, 0});
    log.push_back({9001 + 100 * i, Kind::kRefreshAll, 1, 0, 0});
  }
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, log, 10'000),
              ElementsAre("tick 9000: pseudo-channel 1 has had 0 refreshes, not 1"));
}

TEST(MissedRefreshes, CountsInClocks) {
  const DramDevice device = device_of(DramStandard::kHbm3);
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, {}, 17'999), IsEmpty());
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kAllBank, {}, 18'000), ::testing::SizeIs(2));
}

TEST(MissedRefreshes, EachBankHasItsOwn) {
  const DramDevice device = device_of(DramStandard::kHbm2);
  std::vector<DramCommand> log;
  for (std::uint32_t round = 0; round < 20; ++round) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      if (i != 13 || round < 11) {
        log.push_back({1000 * (round + 1) + 10 * i, Kind::kRefreshBank, i / 8, i % 8, 0});
      }
    }
  }
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kPerBank, log, 20'999), IsEmpty());
  EXPECT_THAT(missed_refreshes(device, RefreshMode::kPerBank, log, 21'000),
              ElementsAre("tick 21000: pseudo-channel 1 bank 5 has had 11 refreshes, not 12"));
}

}  // namespace
}  // namespace orrery
