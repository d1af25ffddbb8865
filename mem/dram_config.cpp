// SPDX-License-Identifier: Apache-2.0
#include "mem/dram_config.h"

#include <bit>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace orrery {
namespace {

constexpr std::uint32_t kMostClocks = 1'000'000;

std::uint32_t small(const ConfigLayers& layers,
                    std::string_view key,
                    std::uint32_t least,
                    std::uint32_t most) {
  return static_cast<std::uint32_t>(layers.integer(key, least, most));
}

std::uint32_t clocks(const ConfigLayers& timing, std::string_view key, std::uint32_t least) {
  const std::uint64_t value = timing.of(key).cycles(key);
  if (value < least || value > kMostClocks) {
    timing.fail(
        key, fmt::format("'{}' is {} clk, expected {} to {} clk", key, value, least, kMostClocks));
  }
  return static_cast<std::uint32_t>(value);
}

DramTiming read_timing(const ConfigLayers& timing) {
  const auto at_least = [&](std::string_view key, std::uint32_t least) {
    return clocks(timing, key, least);
  };
  DramTiming t;
  t.bl = at_least("bl", 1);
  t.cl = at_least("cl", 1);
  t.cwl = at_least("cwl", 1);
  t.rcd_read = at_least("rcd_read", 2);
  t.rcd_write = at_least("rcd_write", 2);
  t.rp = at_least("rp", 2);
  t.ras = at_least("ras", 1);
  t.rc = at_least("rc", 1);
  t.wr = at_least("wr", 1);
  t.rtp = at_least("rtp", 1);
  t.ccd_s = at_least("ccd_s", 1);
  t.ccd_l = at_least("ccd_l", 1);
  t.ccd_r = timing.has("ccd_r") ? at_least("ccd_r", 1) : t.ccd_s;
  t.rrd_s = at_least("rrd_s", 1);
  t.rrd_l = at_least("rrd_l", 1);
  t.faw = at_least("faw", 1);
  t.wtr_s = at_least("wtr_s", 1);
  t.wtr_l = at_least("wtr_l", 1);
  t.rtw = at_least("rtw", 1);
  t.ppd = timing.has("ppd") ? at_least("ppd", 0) : 0;
  t.rfc = at_least("rfc", 2);
  t.rfc_pb = at_least("rfc_pb", 2);
  t.refi = at_least("refi", 1);
  t.rrefd = at_least("rrefd", 2);
  const auto order = [&](std::string_view small_key, std::uint32_t small_value,
                         std::string_view large_key, std::uint32_t large_value) {
    if (large_value < small_value) {
      timing.fail(large_key, fmt::format("'{}' is {} clk, less than '{}' of {} clk", large_key,
                                         large_value, small_key, small_value));
    }
  };
  if (t.rc < t.ras + t.rp) {
    timing.fail("rc",
                fmt::format("'rc' is {} clk, less than 'ras' + 'rp' = {} clk", t.rc, t.ras + t.rp));
  }
  order("ccd_s", t.ccd_s, "ccd_l", t.ccd_l);
  order("rrd_s", t.rrd_s, "rrd_l", t.rrd_l);
  order("rrd_s", t.rrd_s, "faw", t.faw);
  order("wtr_s", t.wtr_s, "wtr_l", t.wtr_l);
  order("rfc_pb", t.rfc_pb, "rfc", t.rfc);
  if (t.faw / 4 > t.rc) {
    timing.fail("faw", fmt::format("'faw' of {} clk allows an activate every {} clk, less often "
                                   "than 'rc' of {} clk does in one bank",
                                   t.faw, t.faw / 4, t.rc));
  }
  // Two pseudo-channels close their banks and are refreshed one after the other.
  const std::uint32_t refreshing = 2 * (t.rfc + t.rc + t.cwl + t.bl + t.wr + t.rp);
  if (t.refi <= refreshing) {
    timing.fail("refi", fmt::format("'refi' is {} clk, expected more than twice 'rfc' and the time "
                                    "to close banks, {} clk: the channel would do little but "
                                    "refresh",
                                    t.refi, refreshing));
  }
  timing.finish();
  return t;
}

// Dies a stack: each height may have its own stack IDs, rows and capacity.
struct Height {
  std::uint32_t stack_ids = 1;
  std::uint32_t rows = 0;
  std::uint64_t capacity_bytes = 0;
};

Height read_height(const ConfigLayers& layers) {
  return {small(layers, "stack_ids", 1, DramGeometry::kMaxStackIds),
          small(layers, "rows", 1, 1U << 22), layers.of("capacity").bytes("capacity")};
}

void check_capacity(const ConfigLayers& layers,
                    std::string_view key,
                    std::uint64_t stated,
                    const DramStack& stack,
                    const Height& height) {
  DramGeometry geometry = stack.device.geometry;
  geometry.stack_ids = height.stack_ids;
  geometry.rows = height.rows;
  const std::uint64_t made = geometry.bursts_of_channel() * geometry.burst_bytes * stack.channels;
  if (made != stated) {
    layers.fail(key, fmt::format("'{}' is {} B, but channels x pseudo-channels x stack IDs x banks "
                                 "x rows x row size = {} B",
                                 key, stated, made));
  }
}

void check_banks(const ConfigLayers& layers,
                 std::string_view key,
                 DramGeometry geometry,
                 const Height& height) {
  geometry.stack_ids = height.stack_ids;
  if (geometry.banks() > DramGeometry::kMaxBanks || geometry.groups() > DramGeometry::kMaxGroups) {
    layers.fail(key,
                fmt::format("{} stack IDs x {} bank groups x {} banks = {} banks of a "
                            "pseudo-channel, expected at most {} in {} groups",
                            geometry.stack_ids, geometry.bank_groups, geometry.banks_per_group,
                            geometry.banks(), DramGeometry::kMaxBanks, DramGeometry::kMaxGroups));
  }
}

Height choose_height(const ConfigLayers& memory, const DramStack& stack) {
  if (!memory.has("heights")) {
    Height height{small(memory, "stack_ids", 1, DramGeometry::kMaxStackIds),
                  small(memory, "rows", 1, 1U << 22),
                  memory.of("stack_capacity").bytes("stack_capacity")};
    check_banks(memory, "bank_groups", stack.device.geometry, height);
    check_capacity(memory, "stack_capacity", height.capacity_bytes, stack, height);
    return height;
  }
  const ConfigNode heights = memory.of("heights").map("heights");
  const std::vector<std::string> names = heights.keys();
  if (names.empty()) {
    memory.fail("heights", "'heights' is empty");
  }
  // A chip with other channels than the preset's has another capacity, and says which.
  const bool other_channels = memory.preset() && memory.chip().has("channels_per_stack");
  const std::string chosen = memory.of("height").choice("height", names);
  Height height;
  for (const std::string& name : names) {
    const ConfigLayers layers(heights.map(name), std::nullopt);
    const Height one = read_height(layers);
    check_banks(layers, "stack_ids", stack.device.geometry, one);
    if (!other_channels) {
      check_capacity(layers, "capacity", one.capacity_bytes, stack, one);
    }
    layers.finish();
    if (name == chosen) {
      height = one;
    }
  }
  heights.finish();
  if (other_channels && !memory.has("stack_capacity")) {
    memory.fail("channels_per_stack",
                "'channels_per_stack' is not the preset's: state 'stack_capacity' too");
  }
  if (memory.has("stack_capacity")) {
    height.capacity_bytes = memory.of("stack_capacity").bytes("stack_capacity");
    check_capacity(memory, "stack_capacity", height.capacity_bytes, stack, height);
  }
  return height;
}

bool off_by_a_thousandth(long double a, long double b) {
  return a > b * 1.001L || a < b * 0.999L;
}

void check_data_bus(const ConfigLayers& memory, const DramStack& stack) {
  const DramGeometry& geometry = stack.device.geometry;
  const std::uint64_t pins = memory.integer("pins", 8, 65536);
  const std::uint64_t buses = std::uint64_t{stack.channels} * geometry.pseudo_channels;
  const std::uint64_t length = memory.integer("burst_length", 1, 64);
  if (pins % buses != 0) {
    memory.fail("pins", fmt::format("'pins' is {}, which {} pseudo-channels do not share evenly",
                                    pins, buses));
  }
  const std::uint64_t burst_bits = pins / buses * length;
  if (burst_bits != 8 * geometry.burst_bytes) {
    memory.fail("burst", fmt::format("'burst' is {} B, but {} pins x burst length {} = {} B",
                                     geometry.burst_bytes, pins / buses, length, burst_bits / 8));
  }
  const std::uint64_t rate_hz = memory.of("pin_rate").frequency_hz("pin_rate");
  const long double by_pins =
      static_cast<long double>(length) * kFsPerSecond / static_cast<long double>(rate_hz);
  const auto by_clock = static_cast<long double>(stack.device.burst_fs());
  if (off_by_a_thousandth(by_clock, by_pins)) {
    memory.fail(
        "pin_rate",
        fmt::format("'pin_rate' moves a burst in {:.4f} ns, but 'clock' and 'bl' in {:.4f} "
                    "ns: the peak would be {:.1f} or {:.1f} GB/s",
                    static_cast<double>(by_pins / 1e6L), static_cast<double>(by_clock / 1e6L),
                    static_cast<double>(pins * rate_hz) / 8e9,
                    static_cast<double>(stack.bandwidth_bytes_per_s()) / 1e9));
  }
}

void check_refresh(const ConfigLayers& memory, const DramStack& stack) {
  const Femtoseconds window_fs = memory.of("refresh_window").time_fs("refresh_window");
  const std::uint64_t refreshes = memory.integer("refreshes", 1, 1U << 24);
  const Femtoseconds interval_fs = stack.device.timing.refi * stack.device.clock_fs;
  if (interval_fs > (window_fs + window_fs / 1000) / refreshes) {
    memory.fail("refreshes",
                fmt::format("{} refreshes every {:.3f} us take {:.3f} ms, longer than "
                            "'refresh_window' of {:.3f} ms",
                            refreshes, to_microseconds(interval_fs),
                            to_microseconds(interval_fs) * static_cast<double>(refreshes) / 1000,
                            to_microseconds(window_fs) / 1000));
  }
}

}  // namespace

DramStack read_dram_stack(const ConfigLayers& memory) {
  DramStack stack;
  DramDevice& device = stack.device;
  const std::string standard = memory.of("standard").choice("standard", {"hbm2", "hbm3", "hbm4"});
  device.standard = standard == "hbm2"   ? DramStandard::kHbm2
                    : standard == "hbm3" ? DramStandard::kHbm3
                                         : DramStandard::kHbm4;
  const std::uint64_t clock_hz = memory.of("clock").frequency_hz("clock");
  if (clock_hz < 1'000'000 || clock_hz > 100'000'000'000) {
    memory.fail("clock", "'clock' is not between 1 MHz and 100 GHz");
  }
  const std::uint32_t ticks = device.ticks_per_clock();
  device.clock_fs = (kFsPerSecond + clock_hz * ticks / 2) / (clock_hz * ticks) * ticks;
  device.timing = read_timing(memory.map("timing"));

  DramGeometry& geometry = device.geometry;
  stack.channels = small(memory, "channels_per_stack", 1, 1024);
  geometry.pseudo_channels = small(memory, "pseudo_channels", 1, 2);
  geometry.bank_groups = small(memory, "bank_groups", 1, DramGeometry::kMaxGroups);
  geometry.banks_per_group = small(memory, "banks_per_group", 1, DramGeometry::kMaxBanks);
  const std::uint64_t burst_bytes = memory.of("burst").bytes("burst");
  const std::uint64_t row_bytes = memory.of("row_size").bytes("row_size");
  if (!std::has_single_bit(burst_bytes) || burst_bytes > 4096) {
    memory.fail("burst", "'burst' is not a power of two of at most 4096 B");
  }
  geometry.burst_bytes = static_cast<std::uint32_t>(burst_bytes);
  if (row_bytes % geometry.burst_bytes != 0 || row_bytes > (1U << 20)) {
    memory.fail("row_size", fmt::format("'row_size' is {} B, expected whole bursts of {} B, at "
                                        "most 1 MiB",
                                        row_bytes, geometry.burst_bytes));
  }
  geometry.columns = static_cast<std::uint32_t>(row_bytes / geometry.burst_bytes);
  const Height height = choose_height(memory, stack);
  geometry.stack_ids = height.stack_ids;
  geometry.rows = height.rows;
  stack.capacity_bytes = height.capacity_bytes;
  // As above: late refreshes follow each other every tRREFD, and other activates wait.
  if (std::uint64_t{2} * geometry.banks() * device.timing.rrefd >= device.timing.refi) {
    memory.map("timing").fail(
        "rrefd", fmt::format("'rrefd' of {} clk and {} banks take more than half of 'refi' of {} "
                             "clk: refreshing banks one by one, the channel would do little else",
                             device.timing.rrefd, geometry.banks(), device.timing.refi));
  }
  check_data_bus(memory, stack);
  check_refresh(memory, stack);
  return stack;
}

DramController read_dram_controller(const ConfigLayers& memory) {
  DramController controller;
  if (!memory.has("controller")) {
    return controller;
  }
  const ConfigLayers layers = memory.map("controller");
  const auto optional = [&](std::string_view key, std::uint32_t& value, std::uint32_t least,
                            std::uint32_t most) {
    if (layers.has(key)) {
      value = small(layers, key, least, most);
    }
  };
  optional("read_queue", controller.read_queue, 1, 4096);
  optional("write_queue", controller.write_queue, 1, 4096);
  optional("write_high_percent", controller.write_high_percent, 1, 100);
  optional("write_low_percent", controller.write_low_percent, 1, 100);
  optional("longest_run", controller.longest_run, 1, 64);
  if (controller.write_low_percent >= controller.write_high_percent) {
    layers.fail("write_low_percent",
                fmt::format("'write_low_percent' is {}, expected less than "
                            "'write_high_percent' of {}",
                            controller.write_low_percent, controller.write_high_percent));
  }
  if (controller.longest_run > std::min(controller.read_queue, controller.write_queue)) {
    layers.fail("longest_run", fmt::format("'longest_run' is {}, more than a queue holds",
                                           controller.longest_run));
  }
  if (layers.has("scheduler")) {
    controller.scheduler =
        layers.of("scheduler").choice("scheduler", {"fr_fcfs", "row_hit_first"}) == "fr_fcfs"
            ? DramScheduler::kFrFcfs
            : DramScheduler::kRowHitFirst;
  }
  if (layers.has("page")) {
    controller.page = layers.of("page").choice("page", {"open", "closed"}) == "open"
                          ? PagePolicy::kOpen
                          : PagePolicy::kClosed;
  }
  if (layers.has("refresh")) {
    const std::string refresh =
        layers.of("refresh").choice("refresh", {"all_bank", "per_bank", "none"});
    controller.refresh = refresh == "all_bank"   ? RefreshMode::kAllBank
                         : refresh == "per_bank" ? RefreshMode::kPerBank
                                                 : RefreshMode::kNone;
  }
  layers.finish();
  return controller;
}

}  // namespace orrery
