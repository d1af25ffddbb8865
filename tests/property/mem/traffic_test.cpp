// SPDX-License-Identifier: Apache-2.0
// Random traffic through whole memories: everything completes, bytes are conserved, and the order
// in which senders happen to run does not show.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

// rapidcheck does not include what it uses.
// clang-format off
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
// clang-format on

#include "mem/hbm_fast.h"
#include "mem/hbm_module.h"
#include "mem/l2_module.h"
#include "mem/matrix_blocks.h"
#include "mem/shared_sram_module.h"
#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

struct Item {
  std::uint32_t core = 0;
  Femtoseconds at_fs = 0;
  Block block;
  Access access = Access::kRead;
  Placement placement = Placement::kShared;
  std::uint32_t expected_reads = 1;
};
using Traffic = std::vector<Item>;

constexpr std::uint32_t kCores = 4;

Block random_block() {
  const std::uint32_t matrix = *rc::gen::inRange(0U, 3U);
  const std::uint32_t rows_of[] = {1, 20, 2048};
  const std::uint64_t pitch_of[] = {65536, 1056, 2048};
  Block block;
  block.base_address = std::uint64_t{matrix} << 24;
  block.pitch_bytes = pitch_of[matrix];
  block.matrix_rows = rows_of[matrix];
  block.first_row = *rc::gen::inRange(0U, block.matrix_rows);
  block.rows = std::min(block.matrix_rows - block.first_row, *rc::gen::inRange(1U, 200U));
  const auto sectors = static_cast<std::uint32_t>(block.pitch_bytes / kSectorBytes);
  const auto first = *rc::gen::inRange(0U, sectors);
  block.first_byte = std::uint64_t{first} * kSectorBytes;
  block.row_bytes = std::min(sectors - first, *rc::gen::inRange(1U, 9U)) * kSectorBytes;
  return block;
}

Traffic random_traffic() {
  Traffic traffic;
  const auto count = *rc::gen::inRange(1U, 60U);
  for (std::uint32_t i = 0; i < count; ++i) {
    Item item;
    item.core = *rc::gen::inRange(0U, kCores);
    item.at_fs = *rc::gen::inRange(0U, 20U) * 50 * kNs;  // many at one time
    item.block = random_block();
    item.access = *rc::gen::element(Access::kRead, Access::kRead, Access::kWrite);
    item.placement = *rc::gen::element(Placement::kShared, Placement::kShared, Placement::kStream,
                                       Placement::kThrough);
    item.expected_reads = *rc::gen::inRange(1U, 4U);
    traffic.push_back(item);
  }
  return traffic;
}

struct Outcome {
  std::vector<std::vector<Femtoseconds>> done_fs;  // per core, in order of sequence
  std::map<std::string, std::uint64_t> counters;
  std::uint64_t dirty_bytes = 0;
  bool operator==(const Outcome&) const = default;
};

enum class Kind { kHbm, kL2, kTwoL2, kSram };

// Runs the traffic; `reversed` constructs and starts the cores in the opposite order.
Outcome run(Kind kind, const Traffic& traffic, std::uint64_t credits, bool reversed) {
  FreshKernel kernel;
  CounterRegistry registry;
  HbmConfig hbm_config = small_hbm();
  hbm_config.outstanding_bytes = credits;
  hbm_config.activate_interval_fs = 3 * kNs;
  hbm_config.row_cycle_fs = 45 * kNs;
  hbm_config.turnaround_fs = 20 * kNs;
  hbm_config.write_batch_bytes = 1024;
  HbmModule hbm("hbm", hbm_config, 200, registry);
  std::vector<std::unique_ptr<L2Module>> l2;
  std::unique_ptr<SharedSramModule> sram;
  const std::uint32_t partitions = kind == Kind::kTwoL2 ? 2 : kind == Kind::kL2 ? 1 : 0;
  SharedMemoryConfig config =
      kind == Kind::kSram ? small_sram() : small_l2(std::max(1U, partitions));
  config.capacity_bytes = 256 * 1024;
  config.fill_outstanding_bytes = credits;
  for (std::uint32_t p = 0; p < partitions; ++p) {
    l2.push_back(std::make_unique<L2Module>(("l2_" + std::to_string(p)).c_str(), config, p, 100 + p,
                                            registry));
    l2.back()->memory_port(hbm);
  }
  if (partitions == 2) {
    for (std::size_t p = 0; p < 2; ++p) {
      l2[p]->peer_port(*l2[1 - p]);
      l2[p]->peer_copies(*l2[1 - p]);
    }
  }
  if (kind == Kind::kSram) {
    sram = std::make_unique<SharedSramModule>("sram", config, 100, registry);
    sram->memory_port(hbm);
  }
  std::vector<std::unique_ptr<Sender>> cores(kCores);
  for (std::uint32_t i = 0; i < kCores; ++i) {
    const std::uint32_t core = reversed ? kCores - 1 - i : i;
    cores[core] = std::make_unique<Sender>(("core_" + std::to_string(core)).c_str());
    if (sram) {
      cores[core]->port(*sram);
    } else if (partitions > 0) {
      cores[core]->port(*l2[core % partitions]);
    } else {
      cores[core]->port(hbm);
    }
  }
  for (const Item& item : traffic) {
    Transfer& transfer = cores[item.core]->at(item.at_fs, item.block, item.access, item.core);
    transfer.placement = item.placement;
    transfer.expected_reads = item.expected_reads;
  }
  sc_core::sc_start();
  Outcome outcome;
  for (const auto& core : cores) {
    outcome.done_fs.emplace_back();
    for (const auto& [sequence, done] : core->recorder.done_fs) {
      outcome.done_fs.back().push_back(done);
    }
    for (const Transfer& transfer : core->recorder.transfers()) {
      // The segments cover the transfer's life without gaps.
      RC_ASSERT(transfer.segment_count > 0U);
      RC_ASSERT(transfer.segments[transfer.segment_count - 1].end_fs ==
                core->recorder.done_fs[transfer.sequence]);
      for (std::uint32_t i = 1; i < transfer.segment_count; ++i) {
        RC_ASSERT(transfer.segments[i - 1].end_fs <= transfer.segments[i].end_fs);
      }
    }
  }
  for (const CounterEntry& entry : registry.entries()) {
    outcome.counters[entry.path] = entry.counter->value();
  }
  const auto add = [&](const std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
      outcome.dirty_bytes += block.bytes();
    }
  };
  for (const auto& cache : l2) {
    RC_ASSERT(cache->engine().outstanding() == 0U);
    add(cache->flush());
  }
  if (sram) {
    RC_ASSERT(sram->engine().outstanding() == 0U);
    add(sram->engine().flush());
  }
  return outcome;
}

using SectorSet = std::set<std::pair<std::uint64_t, std::uint64_t>>;  // matrix, sector

void add_sectors(const Block& block, SectorSet& set) {
  for (std::uint32_t row = 0; row < block.rows; ++row) {
    for (std::uint64_t byte = 0; byte < block.row_bytes; byte += kSectorBytes) {
      set.insert({block.base_address, (block.row_address(row) + byte) / kSectorBytes});
    }
  }
}

void check(Kind kind) {
  const Traffic traffic = random_traffic();
  const std::uint64_t credits = *rc::gen::element<std::uint64_t>(32, 4096, 65536, 1 << 20);
  const Outcome outcome = run(kind, traffic, credits, false);

  std::size_t done = 0;
  for (const auto& times : outcome.done_fs) {
    done += times.size();
  }
  RC_ASSERT(done == traffic.size());

  std::uint64_t read = 0;
  std::uint64_t written = 0;
  SectorSet read_sectors;
  SectorSet written_sectors;
  for (const Item& item : traffic) {
    const bool is_read = item.access == Access::kRead;
    (is_read ? read : written) += item.block.bytes();
    add_sectors(item.block, is_read ? read_sectors : written_sectors);
  }
  const std::uint64_t hbm_read = outcome.counters.at("hbm.read_bytes");
  const std::uint64_t hbm_written = outcome.counters.at("hbm.write_bytes");
  if (kind == Kind::kHbm) {
    RC_ASSERT(hbm_read == read);
    RC_ASSERT(hbm_written == written);
  } else {
    std::uint64_t compulsory = 0;
    for (const auto& sector : read_sectors) {
      compulsory += written_sectors.count(sector) == 0 ? kSectorBytes : 0;
    }
    RC_ASSERT(hbm_read >= compulsory);
    RC_ASSERT(hbm_read <= read);
    RC_ASSERT(hbm_written + outcome.dirty_bytes <= written);
    if (kind != Kind::kSram) {  // whose dead data is never written
      RC_ASSERT(hbm_written + outcome.dirty_bytes >= written_sectors.size() * kSectorBytes);
    }
  }
  std::uint64_t of_channels = 0;
  for (std::uint32_t channel = 0; channel < 4; ++channel) {
    of_channels += outcome.counters.at("hbm.channel[" + std::to_string(channel) + "].bytes");
  }
  RC_ASSERT(of_channels == hbm_read + hbm_written + outcome.counters.at("hbm.padding_bytes"));

  RC_ASSERT(run(kind, traffic, credits, true) == outcome);
}

RC_GTEST_PROP(HbmTraffic, CompletesConservesBytesAndIsDeterministic, ()) {
  check(Kind::kHbm);
}
RC_GTEST_PROP(L2Traffic, CompletesConservesBytesAndIsDeterministic, ()) {
  check(Kind::kL2);
}
RC_GTEST_PROP(TwoPartitionTraffic, CompletesConservesBytesAndIsDeterministic, ()) {
  check(Kind::kTwoL2);
}
RC_GTEST_PROP(SramTraffic, CompletesConservesBytesAndIsDeterministic, ()) {
  check(Kind::kSram);
}

RC_GTEST_PROP(HbmFast, IsNeverFasterThanItsPeak, ()) {
  HbmConfig config = small_hbm();
  config.stacks = *rc::gen::inRange(1U, 7U);
  config.bandwidth_bytes_per_s = *rc::gen::inRange<std::uint64_t>(1, 5000) * 1'000'000'000;
  HbmFast hbm(config);
  std::uint64_t bytes = 0;
  Femtoseconds done = 0;
  const auto count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    const Transfer transfer = transfer_of(random_block());
    bytes += transfer.bytes();
    done = std::max(done, hbm.accept(transfer, 0));
  }
  const Femtoseconds least =
      bytes * (kFsPerSecond / 1'000'000'000) / (config.bandwidth_bytes_per_s / 1'000'000'000);
  RC_ASSERT(done >= least + config.array_latency_fs + config.front_end_latency_fs);
}

RC_GTEST_PROP(MatrixBlocks, PiecesCoverEachSectorOnceAndRectanglesGiveThemBack, ()) {
  const Block block = random_block();
  const auto granularity = *rc::gen::element(Granularity::kBlock, Granularity::kLine);
  SectorSet wanted;
  SectorSet got;
  add_sectors(block, wanted);
  std::uint64_t bytes = 0;
  std::vector<Block> parts;
  for_each_piece(block, granularity, [&](const BlockPiece& piece) {
    bytes += sector_bytes(piece.mask);
    append_rectangles(piece.block, shape_of(block.matrix_rows, granularity), piece.mask, parts);
  });
  for (const Block& part : parts) {
    add_sectors(part, got);
  }
  RC_ASSERT(bytes == block.bytes());
  RC_ASSERT(got == wanted);
}

}  // namespace
}  // namespace orrery
