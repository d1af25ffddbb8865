// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mem/dram_device.h"
#include "mem/hbm_channel.h"

namespace orrery {

// Replays the commands of one channel in the order of their ticks and holds each against the rules
// of JESD235 (HBM2), JESD238 (HBM3) and JESD270 (HBM4), which it derives from the device's clocks
// on its own: it shares nothing with the engine but the form of a command.
//
// A distance between two commands counts from the last tick that the first occupies its bus to the
// last tick of the second. The channel has one row and one column bus:
//
//   ticks on the bus     activate   other row commands   columns   may start
//   HBM2, tick = clock       2              1               1      at each tick
//   HBM3, HBM4, half         3              1               2      at odd ticks (rising edges);
//                                                                  precharges at each
//
// Read from the standards where the clocks alone do not say:
//  - A bank group lies in one stack ID. Columns of two stack IDs: reads bl and ccd_r apart, writes
//    bl; between directions, groups of other stack IDs are as other groups of the same one.
//  - A bank with auto-precharge closes itself as soon as ras and rtp or wr allow. It takes no
//    command for that, so ppd does not know it.
//  - A precharge of all banks is allowed with banks closed, for which rp starts afresh; not while a
//    bank closes itself, nor during a refresh of all banks.
//  - A refresh of all banks waits for refreshes of one bank to end (rfc_pb) and the reverse (rfc).
//
// A command that breaks rules still takes effect, so that later ones are judged.
class DramProtocolChecker {
 public:
  explicit DramProtocolChecker(const DramDevice& device);

  void check(const DramCommand& command);

  // A line for each rule that a command breaks: "tick 41: activate pseudo-channel 0 bank 3 row 7:
  // rrd_s, not before tick 44", or what is wrong in place of the tick.
  const std::vector<std::string>& violations() const { return violations_; }
  // None where the bank is closed.
  std::optional<std::uint32_t> open_row(std::uint32_t pseudo_channel, std::uint32_t bank) const;

 private:
  enum Rule : std::uint32_t {
    kBl,
    kCcdS,
    kCcdL,
    kCcdR,
    kRtw,
    kWtrS,
    kWtrL,
    kRcdRead,
    kRcdWrite,
    kRas,
    kRtp,
    kWr,
    kRp,
    kPpd,
    kRc,
    kRrdS,
    kRrdL,
    kFaw,
    kRfc,
    kRfcPb,
    kRrefd,
    kRowBus,
    kColumnBus,
    kOrder,
    kRules,
  };
  static constexpr DramTick kLongAgo = -(DramTick{1} << 60);

  // Last ticks of the last commands of each kind.
  struct Bank {
    bool open = false;
    std::uint32_t row = 0;
    DramTick activate = kLongAgo;
    DramTick read = kLongAgo;
    DramTick write = kLongAgo;
    DramTick precharge = kLongAgo;  // by command or by itself
    DramTick refresh = kLongAgo;    // of this bank alone
  };
  struct PseudoChannel {
    std::vector<Bank> banks;
    std::array<DramTick, 4> activates{kLongAgo, kLongAgo, kLongAgo, kLongAgo};  // newest first
    DramTick precharge = kLongAgo;                                              // a command
    DramTick refresh = kLongAgo;                                                // of all banks
  };

  std::uint32_t group(std::uint32_t bank) const { return bank / banks_per_group_; }
  std::uint32_t stack(std::uint32_t bank) const { return group(bank) / bank_groups_; }

  // The command under check may not end less than `clocks` after `from`.
  void require(Rule rule, DramTick from, std::uint32_t clocks);
  void fail(std::string_view what);

  void check_bus(const DramCommand& command);
  void check_column(const PseudoChannel& pc, std::uint32_t bank, bool read);
  void check_activate(const PseudoChannel& pc, std::uint32_t bank);
  void check_precharge(const PseudoChannel& pc, const Bank& bank);
  void check_refresh(const PseudoChannel& pc, const Bank& bank);
  void check_refresh_bank(const PseudoChannel& pc, std::uint32_t bank);
  void apply(const DramCommand& command, PseudoChannel& pc);
  void report();

  const DramStandard standard_;
  const DramTiming timing_;
  const DramTick per_clock_;
  const std::uint32_t bank_groups_;
  const std::uint32_t banks_per_group_;
  const std::uint32_t rows_;
  std::vector<PseudoChannel> pseudo_channels_;

  DramTick last_start_ = kLongAgo;
  DramTick row_bus_from_ = kLongAgo;
  DramTick column_bus_from_ = kLongAgo;

  // The command under check.
  const DramCommand* command_ = nullptr;
  bool rising_only_ = false;
  DramTick ticks_ = 1;  // on its bus
  std::array<DramTick, kRules> earliest_{};

  std::vector<std::string> violations_;
};

// All that the checker says of a log.
std::vector<std::string> protocol_violations(const DramDevice& device,
                                             const std::vector<DramCommand>& log);

// Where a pseudo-channel (refresh of all banks) or a bank (refresh per bank) falls behind one
// refresh each refi by more than the eight that may be late, at any time within the first `length`
// ticks: a line for each. Banks are refreshed in turn, which costs up to one more.
std::vector<std::string> missed_refreshes(const DramDevice& device,
                                          RefreshMode mode,
                                          const std::vector<DramCommand>& log,
                                          DramTick length);

}  // namespace orrery
