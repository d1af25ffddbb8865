// SPDX-License-Identifier: Apache-2.0
#include "arch/scratchpad.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

constexpr Femtoseconds kCycle = kFsPerNanosecond;

ScratchpadConfig banks(std::uint32_t count, std::uint64_t width, bool swizzle = false) {
  ScratchpadConfig config;
  config.banks = count;
  config.bank_bytes_per_cycle = width;
  config.swizzle = swizzle;
  return config;
}

// A line of 128 B has 8 places for pieces of 16 B; row r begins at r * pitch modulo 128.
TEST(BankConflictTest, DegreesOfALineOf128BytesAreThoseReckonedByHand) {
  const ScratchpadConfig config = banks(32, 4);
  EXPECT_EQ(bank_conflict_degree(config, 16), 1U);
  EXPECT_EQ(bank_conflict_degree(config, 32), 2U);
  EXPECT_EQ(bank_conflict_degree(config, 64), 4U);
  EXPECT_EQ(bank_conflict_degree(config, 128), 8U);
  EXPECT_EQ(bank_conflict_degree(config, 256), 8U);
  EXPECT_EQ(bank_conflict_degree(config, 144), 1U);  // one piece of padding a row
  EXPECT_EQ(bank_conflict_degree(config, 160), 2U);
}

TEST(BankConflictTest, ANarrowLineTakesSeveralCyclesWithoutAConflict) {
  const ScratchpadConfig config = banks(16, 4);  // 64 B: two cycles for 128 B at the least
  EXPECT_EQ(bank_conflict_degree(config, 16), 1U);
  EXPECT_EQ(bank_conflict_degree(config, 32), 2U);
  EXPECT_EQ(bank_conflict_degree(config, 64), 4U);
}

TEST(BankConflictTest, AWideLineMeetsFewerBanksTwice) {
  const ScratchpadConfig config = banks(32, 8);
  EXPECT_EQ(bank_conflict_degree(config, 32), 1U);
  EXPECT_EQ(bank_conflict_degree(config, 64), 2U);
  EXPECT_EQ(bank_conflict_degree(config, 256), 8U);
}

TEST(BankConflictTest, SwizzlingAvoidsAllConflicts) {
  for (const std::uint64_t pitch : {16U, 32U, 64U, 128U, 256U, 4096U}) {
    EXPECT_EQ(bank_conflict_degree(banks(32, 4, true), pitch), 1U) << pitch;
  }
}

TEST(ScratchpadTest, AccessesShareTheBandwidth) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  EXPECT_EQ(scratchpad.access(0, 256), 2 * kCycle);
  EXPECT_EQ(scratchpad.access(0, 128), 3 * kCycle);
  EXPECT_EQ(scratchpad.access(10 * kCycle, 128), 11 * kCycle);
  EXPECT_EQ(scratchpad.bytes(), 512U);
  EXPECT_EQ(scratchpad.busy_fs(), 4 * kCycle);
}

TEST(ScratchpadTest, APortOfItsOwnFillsBesideReaders) {
  ScratchpadConfig config = banks(32, 4);
  for (const bool fill_port : {false, true}) {
    config.fill_port = fill_port;
    Scratchpad scratchpad(config, Clock(1'000'000'000));
    scratchpad.absorb(2 * kCycle, 256);
    EXPECT_EQ(scratchpad.access(0, 256), (fill_port ? 2 : 4) * kCycle);
    EXPECT_EQ(scratchpad.absorb(2 * kCycle, 128), (fill_port ? 3 : 5) * kCycle);
    EXPECT_EQ(scratchpad.bytes(), 640U);
    scratchpad.reset();
    EXPECT_EQ(scratchpad.absorb(kCycle, 128), kCycle);
  }
}

TEST(ScratchpadTest, WorkInRegistersDoesNotQueue) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  scratchpad.access(0, 1 << 20);
  EXPECT_EQ(scratchpad.access(5 * kCycle, 0), 5 * kCycle);
}

TEST(ScratchpadTest, ConflictsCostTimeAndNoBytes) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  EXPECT_EQ(scratchpad.access_rows(0, 1024, 128), 64 * kCycle);
  EXPECT_EQ(scratchpad.bytes(), 1024U);
}

TEST(ScratchpadTest, DataThatStreamedInIsThereWhenItArrives) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  EXPECT_EQ(scratchpad.absorb(10 * kCycle, 1024), 10 * kCycle);
  // Arriving together with the first: the banks are behind by as much as it takes.
  EXPECT_EQ(scratchpad.absorb(10 * kCycle, 1024), 18 * kCycle);
}

TEST(ScratchpadTest, ANewClockHoldsForWhatIsBookedFromNowOn) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  EXPECT_EQ(scratchpad.access(0, 1024), 8 * kCycle);
  scratchpad.set_clock(Clock(500'000'000));
  EXPECT_EQ(scratchpad.access(0, 1024), 24 * kCycle);
}

TEST(ScratchpadTest, ResetForgetsWhatWasBooked) {
  Scratchpad scratchpad(banks(32, 4), Clock(1'000'000'000));
  scratchpad.access(0, 1 << 20);
  scratchpad.reset();
  EXPECT_EQ(scratchpad.bytes(), 0U);
  EXPECT_EQ(scratchpad.access(0, 128), kCycle);
}

}  // namespace
}  // namespace orrery
