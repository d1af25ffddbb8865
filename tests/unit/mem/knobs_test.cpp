// SPDX-License-Identifier: Apache-2.0
// No inert knob: every number of a memory's configuration moves some time or counter.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mem/hbm_module.h"
#include "mem/l2_module.h"
#include "mem/shared_sram_module.h"
#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

struct Knobs {
  HbmConfig hbm;
  SharedMemoryConfig shared;
};

Knobs all_in_play(SharedMemoryKind kind) {
  Knobs knobs;
  knobs.hbm = small_hbm();
  knobs.hbm.refresh_interval_fs = 3900 * kNs;
  knobs.hbm.refresh_busy_fs = 200 * kNs;
  knobs.hbm.activate_interval_fs = 5 * kNs;
  knobs.hbm.banks = 4;
  knobs.hbm.row_cycle_fs = 45 * kNs;
  knobs.hbm.turnaround_fs = 27 * kNs;
  knobs.hbm.write_batch_bytes = 2048;
  knobs.hbm.outstanding_bytes = 24 * 1024;
  knobs.shared = kind == SharedMemoryKind::kSram ? small_sram() : small_l2(2);
  knobs.shared.capacity_bytes = 512 * 1024;
  knobs.shared.fill_outstanding_bytes = 48 * 1024;
  return knobs;
}

using Fingerprint = std::vector<std::uint64_t>;

Fingerprint run(const Knobs& knobs) {
  FreshKernel kernel;
  CounterRegistry registry;
  HbmModule hbm("hbm", knobs.hbm, 200, registry);
  Sender core("core");
  std::vector<std::unique_ptr<L2Module>> l2;
  std::unique_ptr<SharedSramModule> sram;
  if (knobs.shared.kind == SharedMemoryKind::kSram) {
    sram = std::make_unique<SharedSramModule>("sram", knobs.shared, 100, registry);
    sram->memory_port(hbm);
    core.port(*sram);
  } else {
    for (std::uint32_t p = 0; p < knobs.shared.partitions; ++p) {
      l2.push_back(std::make_unique<L2Module>(("l2_" + std::to_string(p)).c_str(), knobs.shared, p,
                                              100 + p, registry));
      l2[p]->memory_port(hbm);
    }
    if (l2.size() == 2) {
      l2[0]->peer_port(*l2[1]);
      l2[1]->peer_port(*l2[0]);
      l2[0]->peer_copies(*l2[1]);
      l2[1]->peer_copies(*l2[0]);
    }
    core.port(*l2[0]);
  }
  std::uint64_t state = 1;
  for (std::uint32_t i = 0; i < 200; ++i) {
    state = mix64(state + i);
    const auto row = static_cast<std::uint32_t>(state % 32) * 32;
    const std::uint64_t byte = (state >> 8) % 16 * 128;
    core.at(i * 200 * kNs, tile(row, byte, 64, 256), i % 4 == 3 ? Access::kWrite : Access::kRead)
        .expected_reads = 3;
  }
  for (std::uint32_t i = 0; i < 50; ++i) {  // narrow rows: activates and row cycles
    core.at((45 + i) * 1000 * kNs, tile(1024 + i * 32, 4096, 32, 32));
  }
  sc_core::sc_start();
  Fingerprint fingerprint;
  for (const auto& [sequence, done] : core.recorder.done_fs) {
    fingerprint.push_back(done);
  }
  for (const CounterEntry& entry : registry.entries()) {
    fingerprint.push_back(entry.counter->value());
  }
  return fingerprint;
}

using Turn = std::pair<std::string, std::function<void(Knobs&)>>;

void expect_all_move(SharedMemoryKind kind, const std::vector<Turn>& turns) {
  const Fingerprint base = run(all_in_play(kind));
  EXPECT_EQ(run(all_in_play(kind)), base);
  for (const auto& [name, turn] : turns) {
    Knobs knobs = all_in_play(kind);
    turn(knobs);
    EXPECT_NE(run(knobs), base) << name << " is inert";
  }
}

TEST(Knobs, EveryNumberOfTheHbmMoves) {
  expect_all_move(
      SharedMemoryKind::kL2,
      {{"stacks", [](Knobs& k) { k.hbm.stacks = 3; }},
       {"channels_per_stack", [](Knobs& k) { k.hbm.channels_per_stack = 3; }},
       {"bandwidth", [](Knobs& k) { k.hbm.bandwidth_bytes_per_s += 1'000'000'000; }},
       {"burst", [](Knobs& k) { k.hbm.burst_bytes = 64; }},
       {"row_size", [](Knobs& k) { k.hbm.row_bytes = 2048; }},
       {"banks", [](Knobs& k) { k.hbm.banks = 8; }},
       {"interleave", [](Knobs& k) { k.hbm.interleave_bytes = 512; }},
       {"array_latency", [](Knobs& k) { k.hbm.array_latency_fs += kNs; }},
       {"front_end_latency", [](Knobs& k) { k.hbm.front_end_latency_fs += kNs; }},
       {"refresh_interval", [](Knobs& k) { k.hbm.refresh_interval_fs += 100 * kNs; }},
       {"refresh_busy", [](Knobs& k) { k.hbm.refresh_busy_fs += 10 * kNs; }},
       {"activate_interval", [](Knobs& k) { k.hbm.activate_interval_fs += kNs; }},
       {"read_activate_interval",
        [](Knobs& k) { k.hbm.read_activate_interval_fs = k.hbm.activate_interval_fs + kNs; }},
       {"row_cycle", [](Knobs& k) { k.hbm.row_cycle_fs += 5 * kNs; }},
       {"turnaround", [](Knobs& k) { k.hbm.turnaround_fs += kNs; }},
       {"write_batch", [](Knobs& k) { k.hbm.write_batch_bytes *= 2; }},
       {"outstanding", [](Knobs& k) { k.hbm.outstanding_bytes /= 2; }}});
}

TEST(Knobs, EveryNumberOfTheL2Moves) {
  expect_all_move(
      SharedMemoryKind::kL2,
      {{"clock", [](Knobs& k) { k.shared.clock_hz = 1'100'000'000; }},
       {"capacity", [](Knobs& k) { k.shared.capacity_bytes = 640 * 1024; }},
       {"latency", [](Knobs& k) { ++k.shared.latency_cycles; }},
       {"fill_outstanding", [](Knobs& k) { k.shared.fill_outstanding_bytes = 16 * 1024; }},
       {"partitions", [](Knobs& k) { k.shared.partitions = 1; }},
       {"slices", [](Knobs& k) { k.shared.slices = 18; }},
       {"slice_bandwidth", [](Knobs& k) { k.shared.slice_bytes_per_cycle = 80; }},
       {"ways", [](Knobs& k) { k.shared.ways = 8; }},
       {"keep_far_copies", [](Knobs& k) { k.shared.keep_far_copies = false; }},
       {"per_sector_tags", [](Knobs& k) { k.shared.per_sector_tags = true; }}});
}

TEST(Knobs, EveryNumberOfTheSramMoves) {
  expect_all_move(
      SharedMemoryKind::kSram,
      {{"clock", [](Knobs& k) { k.shared.clock_hz = 1'100'000'000; }},
       {"capacity", [](Knobs& k) { k.shared.capacity_bytes = 640 * 1024; }},
       {"latency", [](Knobs& k) { ++k.shared.latency_cycles; }},
       {"fill_outstanding", [](Knobs& k) { k.shared.fill_outstanding_bytes = 8 * 1024; }},
       {"banks", [](Knobs& k) { k.shared.banks = 5; }},
       {"bank_bandwidth", [](Knobs& k) { k.shared.bank_bytes_per_cycle += 16; }}});
}

}  // namespace
}  // namespace orrery
