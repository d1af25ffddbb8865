// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_fast.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

// `bytes` in one row from `address`.
Block stretch(std::uint64_t address, std::uint32_t bytes) {
  return {0, 0, 1, 0, address, 1, bytes};
}
Transfer read_of(std::uint64_t address, std::uint32_t bytes) {
  return transfer_of(stretch(address, bytes));
}
Transfer write_of(std::uint64_t address, std::uint32_t bytes) {
  return transfer_of(stretch(address, bytes), Access::kWrite);
}
std::uint64_t random_address(std::uint64_t& state) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (state >> 24) % (std::uint64_t{1} << 30) / 32 * 32;
}

TEST(HbmFast, AnIdleReadTakesItsBurstAndBothLatencies) {
  HbmFast hbm(small_hbm());
  EXPECT_EQ(hbm.accept(read_of(0, 32), 1000 * kNs), (1000 + 4 + 40 + 100) * kNs);
}

TEST(HbmFast, AnIdleWriteIsAcceptedAfterHalfOfTheFrontEnd) {
  HbmConfig config = small_hbm();
  config.write_batch_bytes = 1024;
  HbmFast hbm(config);
  EXPECT_EQ(hbm.accept(write_of(0, 32), 1000 * kNs), 1050 * kNs);
}

TEST(HbmFast, WritesAreHeldBackByMoreThanABatchOfBacklog) {
  HbmConfig config = small_hbm();
  config.write_batch_bytes = 256;  // 32 ns of one channel
  HbmFast hbm(config);
  const Femtoseconds done = hbm.accept(write_of(0, 4 * 1024), 0);  // 1 KiB a channel: 128 ns
  EXPECT_EQ(done, (128 - 32 + 50) * kNs);
}

TEST(HbmFast, AStreamRunsAtPeakLessRefresh) {
  HbmConfig config = small_hbm();
  config.refresh_interval_fs = 4000 * kNs;
  config.refresh_busy_fs = 400 * kNs;
  HbmFast hbm(config);
  Femtoseconds done = 0;
  for (std::uint32_t i = 0; i < 1024; ++i) {
    done = hbm.accept(read_of(i * 4096, 4096), 0);
  }
  const double seconds = to_seconds(done - 140 * kNs);
  EXPECT_NEAR(4096.0 * 1024 / seconds, 32e9 * 0.9, 32e9 * 1e-4);
}

TEST(HbmFast, RandomBurstsAreLimitedByActivates) {
  HbmConfig config = small_hbm();
  config.activate_interval_fs = 10 * kNs;  // a burst of 32 B takes 4 ns
  HbmFast hbm(config);
  std::uint64_t state = 1;
  Femtoseconds done = 0;
  constexpr std::uint64_t kReads = 20'000;
  for (std::uint64_t i = 0; i < kReads; ++i) {
    done = std::max(done, hbm.accept(read_of(random_address(state), 32), 0));
  }
  const std::uint64_t activates = hbm.counters().activates.value();
  EXPECT_GT(activates, kReads * 99 / 100);
  EXPECT_NEAR(static_cast<double>(done), static_cast<double>(kReads / 4 * 10 * kNs),
              0.03 * static_cast<double>(kReads / 4 * 10 * kNs));
}

TEST(HbmFast, ConflictsInOneBankTakeARowCycleEach) {
  HbmConfig config = small_hbm();
  config.stacks = config.channels_per_stack = 1;
  config.bandwidth_bytes_per_s = 8'000'000'000;
  config.row_cycle_fs = 50 * kNs;
  HbmFast hbm(config);
  std::uint64_t row = 0;
  Femtoseconds done = 0;
  constexpr std::uint64_t kReads = 500;
  for (std::uint64_t i = 0; i < kReads; ++row) {
    if (hbm.map().bank_of(row) == 3) {
      done = hbm.accept(read_of(row * 1024, 32), 0);
      ++i;
    }
  }
  EXPECT_EQ(done, ((kReads - 1) * 50 + 140) * kNs);
}

TEST(HbmFast, ManyRandomRunsAreLimitedByRowCycleOverBanks) {
  HbmConfig config = small_hbm();
  config.row_cycle_fs = 320 * kNs;  // of 16 banks: one run in 20 ns
  HbmFast hbm(config);
  std::uint64_t state = 7;
  Femtoseconds done = 0;
  constexpr std::uint64_t kReads = 40'000;
  for (std::uint64_t i = 0; i < kReads; ++i) {
    done = std::max(done, hbm.accept(read_of(random_address(state), 32), 0));
  }
  const auto expected = static_cast<double>(kReads / 4 * 20 * kNs);
  EXPECT_NEAR(static_cast<double>(done), expected, 0.15 * expected);
}

TEST(HbmFast, ARowThatIsOpenNeedsNoActivate) {
  HbmConfig config = small_hbm();
  config.stacks = config.channels_per_stack = 1;
  HbmFast hbm(config);
  hbm.accept(read_of(0, 32), 0);
  hbm.accept(read_of(512, 32), 0);
  EXPECT_EQ(hbm.counters().runs.value(), 2U);
  EXPECT_EQ(hbm.counters().activates.value(), 1U);
}

// Of one bank of a single channel: two rows in turn, a burst at a time, a burst every so often.
std::uint64_t activates_of_two_rows(Femtoseconds gap_fs) {
  HbmConfig config = small_hbm();
  config.stacks = config.channels_per_stack = 1;
  HbmFast hbm(config);
  std::uint64_t other = 1;
  while (hbm.map().bank_of(other) != hbm.map().bank_of(0)) {
    ++other;
  }
  for (std::uint32_t burst = 0; burst < 16; ++burst) {
    const std::uint64_t row = burst % 2 == 0 ? 0 : other;
    hbm.accept(read_of(row * config.row_bytes + burst * 32, 32), burst * gap_fs);
  }
  return hbm.counters().activates.value();
}

TEST(HbmFast, RunsThatWaitForTheChannelShareTheActivateOfTheirRow) {
  EXPECT_EQ(activates_of_two_rows(0), 3U);           // all wait but the first, whose row is shut
  EXPECT_EQ(activates_of_two_rows(100 * kNs), 16U);  // each finds the other's row open
}

TEST(HbmFast, TurnaroundsCostOnlyWhereReadsAreAbout) {
  HbmConfig config = small_hbm();
  config.turnaround_fs = 20 * kNs;
  config.write_batch_bytes = 1024;
  HbmFast hbm(config);
  hbm.accept(write_of(0, 4096), 0);
  EXPECT_EQ(hbm.counters().turnaround_fs.value(), 0U);
  hbm.accept(read_of(8192, 4096), 0);
  hbm.accept(write_of(16384, 4096), 0);
  EXPECT_EQ(hbm.counters().turnaround_fs.value(), 4 * 20 * kNs);  // 1 KiB on each of 4 channels
  hbm.accept(write_of(0, 4096), 1'000'000 * kNs);
  EXPECT_EQ(hbm.counters().turnaround_fs.value(), 4 * 20 * kNs);
}

TEST(HbmFast, BytesAreConservedOverChannels) {
  HbmFast hbm(small_hbm());
  hbm.accept(transfer_of(tile(5, 96, 77, 416)), 0);
  hbm.accept(transfer_of(tile(0, 0, 4096, 8192)), 0);
  std::uint64_t sum = 0;
  for (std::uint32_t channel = 0; channel < 4; ++channel) {
    sum += hbm.channel_bytes(channel);
  }
  EXPECT_EQ(sum, 77U * 416 + 4096U * 8192);
  EXPECT_EQ(hbm.counters().read_bytes.value(), sum);
}

TEST(HbmFast, ReadsThatOpenRowsMayTakeLongerThanWrites) {
  constexpr std::uint32_t kRows = 100;
  const auto time_of = [](Femtoseconds read_interval_fs,
                          Transfer (*access)(std::uint64_t, std::uint32_t)) {
    HbmConfig config = small_hbm();
    config.activate_interval_fs = 10 * kNs;  // a burst of 32 B takes 4 ns
    config.read_activate_interval_fs = read_interval_fs;
    HbmFast hbm(config);
    std::uint64_t state = 1;
    Femtoseconds done_fs = 0;
    for (std::uint32_t i = 0; i < kRows; ++i) {
      done_fs = std::max(done_fs, hbm.accept(access(random_address(state), 32), 0));
    }
    return done_fs;
  };
  EXPECT_GT(time_of(15 * kNs, read_of), time_of(0, read_of) + kRows / 4 * 4 * kNs);
  EXPECT_EQ(time_of(5 * kNs, read_of), time_of(0, read_of));  // no shorter than of all
  EXPECT_EQ(time_of(15 * kNs, write_of), time_of(0, write_of));
}

TEST(HbmFast, WholeGroupsByArithmeticAreWhatUnitsOneByOneAre) {
  HbmConfig config = small_hbm();
  config.stacks = 5;
  config.row_cycle_fs = 45 * kNs;
  config.activate_interval_fs = 3 * kNs;
  HbmFast whole(config);
  HbmFast parts(config);
  constexpr std::uint32_t kBytes = 100 * 1024;
  whole.accept(read_of(768, kBytes), 0);
  Transfer transfer = read_of(768, 256);
  transfer.blocks.clear();
  for (std::uint32_t at = 0; at < kBytes; at += 256) {
    transfer.blocks.push_back(stretch(768 + at, 256));
  }
  parts.accept(transfer, 0);
  EXPECT_EQ(whole.counters().activates.value(), parts.counters().activates.value());
  EXPECT_EQ(whole.counters().busy_fs.value(), parts.counters().busy_fs.value());
  for (std::uint32_t channel = 0; channel < config.channels(); ++channel) {
    EXPECT_EQ(whole.channel_bytes(channel), parts.channel_bytes(channel));
  }
}

TEST(HbmFast, RowsNextToEachOtherInMemoryAreOneStretch) {
  HbmFast hbm(small_hbm());
  hbm.accept(transfer_of({0, 64, 64, 0, 0, 64, 64}), 0);  // 4 KiB: a row of each of 4 channels
  EXPECT_EQ(hbm.counters().runs.value(), 4U);
}

TEST(HbmFast, PiecesOfBurstsMoveWholeBursts) {
  HbmFast hbm(small_hbm());
  hbm.accept(read_of(16, 32), 0);
  EXPECT_EQ(hbm.counters().padding_bytes.value(), 32U);
}

TEST(HbmFast, MoreBandwidthIsNeverSlower) {
  HbmConfig config = small_hbm();
  config.activate_interval_fs = 3 * kNs;
  config.row_cycle_fs = 45 * kNs;
  Femtoseconds before = kNever;
  for (const std::uint64_t factor : {1, 2, 3, 5, 8}) {
    config.bandwidth_bytes_per_s = factor * 16'000'000'000;
    HbmFast hbm(config);
    std::uint64_t state = 3;
    Femtoseconds done = 0;
    for (int i = 0; i < 300; ++i) {
      done = std::max(done, hbm.accept(read_of(random_address(state), 4096), 0));
    }
    EXPECT_LE(done, before);
    before = done;
  }
}

TEST(HbmFast, AnIdealMemoryAnswersAtOnce) {
  HbmConfig config;
  config.kind = MemoryKind::kIdeal;
  HbmFast hbm(config);
  EXPECT_EQ(hbm.accept(read_of(0, 1 << 20), 5), 5U);
  EXPECT_EQ(hbm.counters().read_bytes.value(), 1U << 20);
}

TEST(HbmFast, ResetClosesRowsAndForgetsTheBacklog) {
  HbmFast hbm(small_hbm());
  const Femtoseconds first = hbm.accept(read_of(0, 1 << 16), 0);
  hbm.reset();
  EXPECT_EQ(hbm.accept(read_of(0, 1 << 16), 0), first);
}

TEST(HbmFast, RefusesNoBandwidthAndAlwaysClosedChannels) {
  HbmConfig config = small_hbm();
  config.bandwidth_bytes_per_s = 0;
  EXPECT_THROW(HbmFast{config}, std::invalid_argument);
  config = small_hbm();
  config.refresh_interval_fs = config.refresh_busy_fs = kNs;
  EXPECT_THROW(HbmFast{config}, std::invalid_argument);
}

}  // namespace
}  // namespace orrery
