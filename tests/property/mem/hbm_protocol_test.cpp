// SPDX-License-Identifier: Apache-2.0
// Random traffic through an HBM channel: no command breaks a rule of the DRAM protocol, every burst
// is served once and from the right row, refreshes keep up, and counters tell what the log tells.
#include <algorithm>
#include <map>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// rapidcheck does not include what it uses.
// clang-format off
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
// clang-format on

#include "mem/hbm_channel.h"
#include "mem/hbm_config.h"
#include "tests/support/dram_protocol_checker.h"

namespace orrery {
namespace {

// Shapes of traffic; all draws are made from `seed`.
struct Pattern {
  std::uint32_t bursts = 3000;  // about
  std::uint32_t seed = 0;
  std::uint32_t write_percent = 0;
  std::uint32_t stay_percent = 0;  // runs that follow in the same row
  std::uint32_t banks = 1;         // of each pseudo-channel in use
  std::uint32_t rows = 1;          // of each bank in use
  std::uint32_t gap_percent = 0;   // runs that come late
  std::uint32_t longest_gap = 1;   // ticks
};
struct Scenario {
  DramDevice device;
  DramController controller;
  Pattern pattern;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  const DramTiming& t = scenario.device.timing;
  const DramGeometry& g = scenario.device.geometry;
  const DramController& c = scenario.controller;
  const Pattern& p = scenario.pattern;
  return out << "standard " << static_cast<int>(scenario.device.standard) << "; pseudo-channels "
             << g.pseudo_channels << ", stack IDs " << g.stack_ids << ", groups " << g.bank_groups
             << ", banks " << g.banks_per_group << "; bl " << t.bl << ", cl " << t.cl << ", cwl "
             << t.cwl << ", rcd_read " << t.rcd_read << ", rcd_write " << t.rcd_write << ", rp "
             << t.rp << ", ras " << t.ras << ", rc " << t.rc << ", wr " << t.wr << ", rtp " << t.rtp
             << ", ccd_s " << t.ccd_s << ", ccd_l " << t.ccd_l << ", ccd_r " << t.ccd_r
             << ", rrd_s " << t.rrd_s << ", rrd_l " << t.rrd_l << ", faw " << t.faw << ", wtr_s "
             << t.wtr_s << ", wtr_l " << t.wtr_l << ", rtw " << t.rtw << ", ppd " << t.ppd
             << ", rfc " << t.rfc << ", rfc_pb " << t.rfc_pb << ", refi " << t.refi << ", rrefd "
             << t.rrefd << "; queues " << c.read_queue << ", " << c.write_queue << ", percent "
             << c.write_high_percent << ", " << c.write_low_percent << ", scheduler "
             << static_cast<int>(c.scheduler) << ", page " << static_cast<int>(c.page)
             << ", refresh " << static_cast<int>(c.refresh) << ", run " << c.longest_run
             << "; seed " << p.seed << ", writes " << p.write_percent << " %, stay "
             << p.stay_percent << " %, banks " << p.banks << ", rows " << p.rows << ", gaps "
             << p.gap_percent << " % of up to " << p.longest_gap;
}

Pattern random_pattern(const DramGeometry& geometry) {
  Pattern pattern;
  pattern.seed = *rc::gen::arbitrary<std::uint32_t>();
  pattern.write_percent = *rc::gen::element(0U, 5U, 33U, 50U, 90U, 100U);
  pattern.stay_percent = *rc::gen::element(0U, 50U, 95U);
  pattern.banks = std::min(*rc::gen::element(1U, 2U, 4U, 5U, 64U), geometry.banks());
  pattern.rows = std::min(*rc::gen::element(1U, 2U, 4U, 1000U), geometry.rows);
  pattern.gap_percent = *rc::gen::element(0U, 0U, 1U, 10U, 50U, 100U);
  pattern.longest_gap = *rc::gen::element(2U, 20U, 200U, 2000U);
  return pattern;
}

DramController random_controller(PagePolicy page) {
  DramController controller;
  const auto queue = rc::gen::oneOf(rc::gen::element(1U, 2U, 3U, 64U),
                                    rc::gen::resize(100, rc::gen::inRange(1U, 81U)));
  controller.read_queue = *queue;
  controller.write_queue = *queue;
  controller.write_high_percent = *rc::gen::element(2U, 50U, 80U, 100U);
  controller.write_low_percent = *rc::gen::inRange(1U, controller.write_high_percent);
  controller.scheduler = *rc::gen::element(DramScheduler::kFrFcfs, DramScheduler::kRowHitFirst);
  controller.page = page;
  controller.refresh =
      *rc::gen::element(RefreshMode::kNone, RefreshMode::kAllBank, RefreshMode::kPerBank);
  controller.longest_run =
      std::min({*rc::gen::element(1U, 2U, 8U, 64U), controller.read_queue, controller.write_queue});
  return controller;
}

// As read_dram_stack allows.
DramDevice random_device() {
  const auto clocks = [](std::uint32_t least, std::uint32_t most) {
    return *rc::gen::oneOf(rc::gen::just(least),
                           rc::gen::resize(100, rc::gen::inRange(least, most + 1)));
  };
  DramDevice device;
  device.standard =
      *rc::gen::element(DramStandard::kHbm2, DramStandard::kHbm3, DramStandard::kHbm4);
  device.clock_fs = 1'000'000;
  DramGeometry& geometry = device.geometry;
  geometry.pseudo_channels = *rc::gen::element(1U, 2U);
  geometry.stack_ids = *rc::gen::inRange(1U, 5U);
  geometry.bank_groups = *rc::gen::element(1U, 2U, 3U, 4U);
  geometry.banks_per_group = *rc::gen::element(1U, 2U, 3U, 4U);
  DramTiming& t = device.timing;
  t.bl = clocks(1, 4);
  t.cl = clocks(1, 40);
  t.cwl = clocks(1, 20);
  t.rcd_read = clocks(2, 50);
  t.rcd_write = clocks(2, 30);
  t.rp = clocks(2, 40);
  t.ras = clocks(1, 70);
  t.rc = t.ras + t.rp + clocks(0, 20);
  t.wr = clocks(1, 50);
  t.rtp = clocks(1, 20);
  t.ccd_s = clocks(1, 4);
  t.ccd_l = t.ccd_s + clocks(0, 4);
  t.ccd_r = clocks(1, 5);
  t.rrd_s = clocks(1, 10);
  t.rrd_l = t.rrd_s + clocks(0, 6);
  t.faw = t.rrd_s + clocks(0, 60);
  t.wtr_s = clocks(1, 15);
  t.wtr_l = t.wtr_s + clocks(0, 8);
  t.rtw = clocks(1, 40);
  t.ppd = clocks(0, 4);
  t.rfc_pb = clocks(2, 300);
  t.rfc = t.rfc_pb + clocks(0, 300);
  t.rrefd = clocks(2, 20);
  t.refi = 2 * t.rfc + 200 + geometry.banks() * t.rrefd + clocks(1, 3000);
  return device;
}

struct Pushed {
  DramRun run;
  DramTick at = 0;
};

struct Outcome {
  std::vector<Pushed> pushed;
  std::vector<DramCommand> log;
  std::vector<DramServed> served;
  DramTick end = 0;
  HbmChannel::Counters counters;
  std::uint64_t latencies = 0;  // bursts in the histogram
  std::string failure;
};

class Driver {
 public:
  // `pieces`: ask the channel to advance in many small steps, and hold it to next_event().
  Driver(const Scenario& scenario, bool pieces)
      : pattern_(scenario.pattern),
        pieces_(pieces),
        geometry_(scenario.device.geometry),
        longest_run_(scenario.controller.longest_run),
        random_(scenario.pattern.seed),
        piece_random_(scenario.pattern.seed + 1),
        channel_(scenario.device, scenario.controller) {}

  Outcome run() {
    channel_.set_log(&outcome_.log);
    choose_banks();
    for (std::uint32_t bursts = 0; bursts < pattern_.bursts && outcome_.failure.empty();) {
      DramRun next = next_run();
      if (draw(100) < pattern_.gap_percent) {
        advance(channel_.now() + 1 + draw(pattern_.longest_gap));
      }
      wait_for_room(next);
      outcome_.pushed.push_back({next, channel_.now()});
      channel_.push(next, channel_.now());
      bursts += next.bursts;
    }
    const DramTick latest = channel_.now() + kLongEnough;
    while (channel_.waiting() > 0 && outcome_.failure.empty()) {
      if (channel_.now() > latest) {
        outcome_.failure = "bursts wait for ever";
      }
      advance(channel_.now() + 1000);
    }
    advance(channel_.now() + draw(20'000));
    take_served();
    outcome_.end = channel_.now();
    outcome_.counters = channel_.counters();
    for (const std::uint64_t count : channel_.read_latencies()) {
      outcome_.latencies += count;
    }
    return outcome_;
  }

 private:
  static constexpr DramTick kLongEnough = 200'000;  // ticks

  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  void choose_banks() {
    for (std::uint32_t bank = 0; bank < geometry_.banks(); ++bank) {
      banks_.push_back(bank);
    }
    std::shuffle(banks_.begin(), banks_.end(), random_);
    banks_.resize(pattern_.banks);
  }

  DramRun next_run() {
    DramRun run = outcome_.pushed.empty() ? DramRun{} : outcome_.pushed.back().run;
    if (outcome_.pushed.empty() || draw(100) >= pattern_.stay_percent) {
      run.row = draw(pattern_.rows) * 7 % geometry_.rows;
      run.pseudo_channel = static_cast<std::uint8_t>(draw(geometry_.pseudo_channels));
      run.bank = static_cast<std::uint8_t>(banks_[draw(pattern_.banks)]);
    }
    run.access = draw(100) < pattern_.write_percent ? Access::kWrite : Access::kRead;
    run.bursts = static_cast<std::uint16_t>(1 + draw(longest_run_));
    run.tag = static_cast<std::uint32_t>(outcome_.pushed.size());
    return run;
  }

  void wait_for_room(const DramRun& run) {
    const DramTick latest = channel_.now() + kLongEnough;
    while (!channel_.has_room(run.access, run.bursts)) {
      if (channel_.now() > latest) {
        outcome_.failure = "no room for ever";
        return;
      }
      step(pieces_ ? channel_.now() + piece() : latest + 1, run.access, run.bursts);
    }
  }

  void advance(DramTick until) {
    while (pieces_ && channel_.now() < until) {
      step(std::min(until, channel_.now() + piece()), Access::kRead, 0);
    }
    step(until, Access::kRead, 0);
  }

  void step(DramTick until, Access access, std::uint32_t room_for) {
    const DramTick from = channel_.now();
    const DramTick next = channel_.waiting() > 0 ? channel_.next_event() : from;
    const std::size_t sent = outcome_.log.size();
    channel_.advance(until, access, room_for);
    if (outcome_.log.size() > sent && outcome_.log[sent].at < std::max(next, from)) {
      outcome_.failure = "a command at " + std::to_string(outcome_.log[sent].at) +
                         ", before the next event at " + std::to_string(next);
    }
    const bool early = room_for > 0 && channel_.has_room(access, room_for);
    if (channel_.now() > until || (channel_.now() < until && !early)) {
      outcome_.failure =
          "advance to " + std::to_string(until) + " ends at " + std::to_string(channel_.now());
    }
    if (!outcome_.log.empty() && outcome_.log.back().at > channel_.now()) {
      outcome_.failure = "a command after now";
    }
    take_served();
  }

  DramTick piece() { return static_cast<DramTick>(1 + piece_random_() % 40); }

  void take_served() {
    outcome_.served.insert(outcome_.served.end(), channel_.served().begin(),
                           channel_.served().end());
    channel_.served().clear();
  }

  const Pattern pattern_;
  const bool pieces_;
  const DramGeometry geometry_;
  const std::uint32_t longest_run_;
  std::mt19937 random_;
  std::mt19937 piece_random_;
  HbmChannel channel_;
  std::vector<std::uint32_t> banks_;
  Outcome outcome_;
};

bool is_read(const DramCommand& command) {
  return command.kind == DramCommandKind::kRead || command.kind == DramCommandKind::kReadPrecharge;
}
bool is_column(const DramCommand& command) {
  return is_read(command) || command.kind == DramCommandKind::kWrite ||
         command.kind == DramCommandKind::kWritePrecharge;
}
// The end of a read's data, counted from the first tick of its command; a write's command.
DramTick served_at(const DramCommand& command, const DramDevice& device) {
  const std::uint32_t clocks = is_read(command) ? device.timing.cl + device.timing.bl : 0;
  return command.at + DramTick{clocks} * device.ticks_per_clock();
}

// Bursts that the same column commands serve.
using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, bool>;  // row, bank, pc, read
Key key_of(const DramRun& run) {
  return {run.row, run.bank, run.pseudo_channel, run.access == Access::kRead};
}

// Replays the log: its violations, and whom its column commands serve.
class Replay {
 public:
  Replay(const Scenario& scenario, const Outcome& outcome)
      : device_(scenario.device), outcome_(outcome) {
    for (const Pushed& pushed : outcome.pushed) {
      std::vector<DramTick>& ticks = pushed_at_[key_of(pushed.run)];
      ticks.insert(ticks.end(), pushed.run.bursts, pushed.at);
    }
    DramProtocolChecker checker(device_);
    for (const DramCommand& command : outcome.log) {
      const auto row = checker.open_row(command.pseudo_channel, command.bank);
      checker.check(command);
      if (is_column(command) && row.has_value()) {
        check_column(command, *row);
      }
    }
    check_served();
    faults_.insert(faults_.end(), checker.violations().begin(), checker.violations().end());
  }

  const std::vector<std::string>& faults() const { return faults_; }

 private:
  void fault(DramTick at, const std::string& what) {
    faults_.push_back("tick " + std::to_string(at) + ": " + what);
  }

  // The k-th command of a key is later than the k-th push, whichever burst it serves.
  void check_column(const DramCommand& command, std::uint32_t row) {
    const Key key{row, command.bank, command.pseudo_channel, is_read(command)};
    const std::vector<DramTick>& ticks = pushed_at_[key];
    const std::size_t sent = sent_[key]++;
    if (sent >= ticks.size() || ticks[sent] >= command.at) {
      fault(command.at, "a column command that nobody asked for");
    }
    ends_[{is_read(command), served_at(command, device_)}] = key;
  }

  // Each run in parts, each of which ends with a command of its own.
  void check_served() {
    std::vector<std::uint32_t> bursts(outcome_.pushed.size());
    for (const DramServed& served : outcome_.served) {
      const DramRun& run = outcome_.pushed.at(served.tag).run;
      bursts[served.tag] += served.bursts;
      const auto end = ends_.find({run.access == Access::kRead, served.at});
      if (end == ends_.end() || end->second != key_of(run)) {
        fault(served.at, "no command ends what tag " + std::to_string(served.tag) + " is told");
      } else {
        ends_.erase(end);
      }
    }
    for (std::size_t tag = 0; tag < bursts.size(); ++tag) {
      if (bursts[tag] != outcome_.pushed[tag].run.bursts) {
        faults_.push_back("tag " + std::to_string(tag) + " of " +
                          std::to_string(outcome_.pushed[tag].run.bursts) + " bursts served " +
                          std::to_string(bursts[tag]) + " times");
      }
    }
    for (const auto& [key, ticks] : pushed_at_) {
      if (sent_[key] != ticks.size()) {
        faults_.push_back(std::to_string(ticks.size()) + " bursts of a row served by " +
                          std::to_string(sent_[key]) + " commands");
      }
    }
  }

  const DramDevice& device_;
  const Outcome& outcome_;
  std::map<Key, std::vector<DramTick>> pushed_at_;
  std::map<Key, std::size_t> sent_;
  std::map<std::pair<bool, DramTick>, Key> ends_;  // by direction and DramServed::at
  std::vector<std::string> faults_;
};

void check_counters(const DramDevice& device, const Outcome& outcome) {
  std::uint64_t reads = 0, writes = 0, activates = 0, precharges = 0, refreshes = 0;
  DramTick queue_ticks = 0, read_latency_ticks = 0;
  for (const Pushed& pushed : outcome.pushed) {
    queue_ticks -= pushed.at * pushed.run.bursts;
    read_latency_ticks -= pushed.run.access == Access::kRead ? pushed.at * pushed.run.bursts : 0;
  }
  for (const DramCommand& command : outcome.log) {
    if (is_column(command)) {
      (is_read(command) ? reads : writes) += 1;
      queue_ticks += command.at;
      read_latency_ticks += is_read(command) ? served_at(command, device) : 0;
    }
    switch (command.kind) {
      case DramCommandKind::kActivate:
        ++activates;
        break;
      case DramCommandKind::kPrecharge:
      case DramCommandKind::kPrechargeAll:
      case DramCommandKind::kReadPrecharge:
      case DramCommandKind::kWritePrecharge:
        ++precharges;
        break;
      case DramCommandKind::kRefreshAll:
      case DramCommandKind::kRefreshBank:
        ++refreshes;
        break;
      case DramCommandKind::kRead:
      case DramCommandKind::kWrite:
        break;
    }
  }
  const HbmChannel::Counters& counters = outcome.counters;
  RC_ASSERT(counters.reads.value() == reads);
  RC_ASSERT(counters.writes.value() == writes);
  RC_ASSERT(counters.activates.value() == activates);
  RC_ASSERT(counters.precharges.value() == precharges);
  RC_ASSERT(counters.refreshes.value() == refreshes);
  RC_ASSERT(counters.row_hits.value() == reads + writes - activates);  // one is for one burst
  RC_ASSERT(static_cast<DramTick>(counters.queue_ticks.value()) == queue_ticks);
  RC_ASSERT(static_cast<DramTick>(counters.read_latency_ticks.value()) == read_latency_ticks);
  RC_ASSERT(outcome.latencies == reads);
}

// Only commands that the controller was asked for.
void check_policy(const Scenario& scenario, const Outcome& outcome) {
  for (const DramCommand& command : outcome.log) {
    const RefreshMode refresh = scenario.controller.refresh;
    switch (command.kind) {
      case DramCommandKind::kReadPrecharge:
      case DramCommandKind::kWritePrecharge:
        RC_ASSERT(scenario.controller.page == PagePolicy::kClosed);
        break;
      case DramCommandKind::kRefreshAll:
        RC_ASSERT(refresh == RefreshMode::kAllBank);
        break;
      case DramCommandKind::kRefreshBank:
        RC_ASSERT(refresh == RefreshMode::kPerBank);
        break;
      default:
        break;
    }
  }
}

bool same_command(const DramCommand& a, const DramCommand& b) {
  return a.at == b.at && a.kind == b.kind && a.pseudo_channel == b.pseudo_channel &&
         a.bank == b.bank && a.row == b.row;
}

std::string first_of(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : lines.front() + ", one of " + std::to_string(lines.size());
}

void check_refreshes(const Scenario& scenario, const Outcome& outcome) {
  RC_ASSERT(first_of(missed_refreshes(scenario.device, scenario.controller.refresh, outcome.log,
                                      outcome.end)) == "");
}

Outcome run_and_check(const Scenario& scenario) {
  RC_LOG() << scenario << "\n";
  const Outcome outcome = Driver(scenario, false).run();
  RC_ASSERT(outcome.failure == "");
  const Replay replay(scenario, outcome);
  RC_ASSERT(first_of(replay.faults()) == "");
  check_counters(scenario.device, outcome);
  check_policy(scenario, outcome);
  return outcome;
}

const std::string kFolder = ORRERY_SOURCE_DIR "/configs/memories";
// All stacks that we ship, in each height that changes the banks of a channel.
const std::vector<std::string> kStacks{
    "preset: hbm2-2000",
    "preset: hbm2-2400",
    "preset: hbm2e-3200",
    "preset: hbm2e-3600",
    "preset: hbm3-5200",
    "preset: hbm3-5200\nheight: 12-high",
    "preset: hbm3-6400",
    "preset: hbm3-6400\nheight: 12-high",
    "preset: hbm3e-9600",
    "preset: hbm3e-9600\nheight: 12-high",
    "preset: hbm3e-9600\nheight: 16-high",
    "preset: hbm4-8000",
    "preset: hbm4-8000\nheight: 12-high",
    "preset: hbm4-8000\nheight: 16-high",
};

DramDevice read_device(const std::string& stack) {
  return read_hbm_config(parse_config(stack + "\nstacks: 1\n", "chip.yaml"), kFolder)
      .dram.value()
      .device;
}

// Whether banks can be refreshed in turn, one after the other, within half of the time.
bool has_time_for_refresh(const DramDevice& device) {
  const DramTiming& t = device.timing;
  const std::uint32_t to_precharge =
      std::max({t.ras, t.rcd_write + t.cwl + t.bl + t.wr, t.rcd_read + t.rtp, t.rc - t.rp});
  const std::uint32_t of_bank = to_precharge + t.rp + t.rrd_s + t.rrefd + 6;
  return t.refi >= 2 * t.rfc + 2 * of_bank * device.geometry.banks();
}

void check_random_timings(PagePolicy page) {
  Scenario scenario{random_device(), random_controller(page), {}};
  scenario.pattern = random_pattern(scenario.device.geometry);
  const Outcome outcome = run_and_check(scenario);
  if (has_time_for_refresh(scenario.device)) {
    check_refreshes(scenario, outcome);
  }
}

void check_shipped_stacks(PagePolicy page) {
  Scenario scenario{read_device(*rc::gen::elementOf(kStacks)), random_controller(page), {}};
  scenario.pattern = random_pattern(scenario.device.geometry);
  const Outcome outcome = run_and_check(scenario);
  check_refreshes(scenario, outcome);
}

RC_GTEST_PROP(HbmProtocol, HoldsForRandomTimingsWithOpenPages, ()) {
  check_random_timings(PagePolicy::kOpen);
}
RC_GTEST_PROP(HbmProtocol, HoldsForRandomTimingsWithClosedPages, ()) {
  check_random_timings(PagePolicy::kClosed);
}
RC_GTEST_PROP(HbmProtocol, HoldsForShippedStacksWithOpenPages, ()) {
  check_shipped_stacks(PagePolicy::kOpen);
}
RC_GTEST_PROP(HbmProtocol, HoldsForShippedStacksWithClosedPages, ()) {
  check_shipped_stacks(PagePolicy::kClosed);
}

RC_GTEST_PROP(HbmProtocol, AdvancingInPiecesChangesNothing, ()) {
  const auto page = *rc::gen::element(PagePolicy::kOpen, PagePolicy::kClosed);
  Scenario scenario{random_device(), random_controller(page), {}};
  scenario.pattern = random_pattern(scenario.device.geometry);
  scenario.pattern.bursts = 500;
  RC_LOG() << scenario << "\n";
  const Outcome whole = Driver(scenario, false).run();
  const Outcome pieces = Driver(scenario, true).run();
  RC_ASSERT(whole.failure == "");
  RC_ASSERT(pieces.failure == "");
  RC_ASSERT(whole.end == pieces.end);
  RC_ASSERT(std::equal(whole.log.begin(), whole.log.end(), pieces.log.begin(), pieces.log.end(),
                       same_command));
}

// Long streams with full queues, over all banks and over so few that these are never idle.
TEST(HbmProtocol, RefreshesKeepUp) {
  for (const std::string& stack : kStacks) {
    const DramDevice device = read_device(stack);
    const DramTick interval = DramTick{device.timing.refi} * device.ticks_per_clock();
    const Pattern patterns[] = {
        {.bursts = 120'000, .write_percent = 33, .stay_percent = 50, .banks = 64, .rows = 1000},
        {.bursts = 60'000, .write_percent = 0, .stay_percent = 95, .banks = 1, .rows = 1},
        {.bursts = 60'000, .write_percent = 100, .stay_percent = 0, .banks = 1, .rows = 1},
        {.bursts = 60'000, .write_percent = 50, .stay_percent = 0, .banks = 2, .rows = 1},
    };
    for (Pattern pattern : patterns) {
      for (const RefreshMode refresh : {RefreshMode::kAllBank, RefreshMode::kPerBank}) {
        pattern.banks = std::min(pattern.banks, device.geometry.banks());
        Scenario scenario{device, {}, pattern};
        scenario.controller.refresh = refresh;
        SCOPED_TRACE(::testing::Message() << stack << ": " << scenario);
        const Outcome outcome = Driver(scenario, false).run();
        ASSERT_EQ(outcome.failure, "");
        ASSERT_GT(outcome.end, 12 * interval);
        EXPECT_EQ(first_of(protocol_violations(device, outcome.log)), "");
        EXPECT_EQ(first_of(missed_refreshes(device, refresh, outcome.log, outcome.end)), "");
      }
    }
  }
}

// An engine that believes in a device a clock faster breaks the true one's rule, which shows that
// traffic gets to each rule's limit.
TEST(HbmProtocol, ATimingTakenTooShortIsSeen) {
  struct Field {
    const char* rule;
    std::uint32_t DramTiming::*clocks;
  };
  const Field fields[] = {
      {"bl", &DramTiming::bl},         {"ccd_s", &DramTiming::ccd_s},
      {"ccd_l", &DramTiming::ccd_l},   {"ccd_r", &DramTiming::ccd_r},
      {"rtw", &DramTiming::rtw},       {"wtr_s", &DramTiming::wtr_s},
      {"wtr_l", &DramTiming::wtr_l},   {"wtr_s", &DramTiming::cwl},
      {"wtr_l", &DramTiming::cwl},     {"wr", &DramTiming::cwl},
      {"wr", &DramTiming::wr},         {"rcd_read", &DramTiming::rcd_read},
      {"ras", &DramTiming::ras},       {"rcd_write", &DramTiming::rcd_write},
      {"rtp", &DramTiming::rtp},       {"rp", &DramTiming::rp},
      {"ppd", &DramTiming::ppd},       {"rc", &DramTiming::rc},
      {"rrd_s", &DramTiming::rrd_s},   {"rrd_l", &DramTiming::rrd_l},
      {"faw", &DramTiming::faw},       {"rfc", &DramTiming::rfc},
      {"rfc_pb", &DramTiming::rfc_pb}, {"rrefd", &DramTiming::rrefd},
  };
  for (const DramStandard standard : {DramStandard::kHbm2, DramStandard::kHbm3}) {
    DramDevice device;
    device.standard = standard;
    device.clock_fs = 1'000'000;
    device.geometry = {
        .pseudo_channels = 2, .stack_ids = 2, .bank_groups = 2, .banks_per_group = 4};
    device.timing = {.bl = 2,
                     .cl = 10,
                     .cwl = 5,
                     .rcd_read = 10,
                     .rcd_write = 8,
                     .rp = 9,
                     .ras = 24,
                     .rc = 37,
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
    for (const Field& field : fields) {
      DramDevice believed = device;
      believed.timing.*field.clocks -= 1;
      std::set<std::string> broken;
      for (const RefreshMode refresh : {RefreshMode::kAllBank, RefreshMode::kPerBank}) {
        for (const std::uint32_t rows : {1U, 1000U}) {
          for (const std::uint32_t gap_percent : {0U, 50U}) {
            Scenario scenario{believed, {}, {}};
            scenario.controller.refresh = refresh;
            scenario.pattern = {.bursts = 5'000,
                                .write_percent = 33,
                                .banks = 16,
                                .rows = rows,
                                .gap_percent = gap_percent,
                                .longest_gap = 100};
            for (const std::string& line :
                 protocol_violations(device, Driver(scenario, false).run().log)) {
              broken.insert(line.substr(line.find(": ", line.find(": ") + 2)));
            }
          }
        }
      }
      const std::string start = std::string(": ") + field.rule + ", not before";
      EXPECT_TRUE(std::any_of(broken.begin(), broken.end(),
                              [&](const std::string& line) { return line.starts_with(start); }))
          << field.rule << ::testing::PrintToString(broken);
    }
  }
}

}  // namespace
}  // namespace orrery
