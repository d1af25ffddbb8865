// SPDX-License-Identifier: Apache-2.0
#include "mem/shared_sram.h"

#include <algorithm>
#include <deque>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

constexpr NodeId kFirst = 64;

class SharedSramTest : public ::testing::Test {
 protected:
  Transfer& send(SharedSram& sram,
                 const Block& block,
                 Access access = Access::kRead,
                 std::uint32_t expected_reads = 100,
                 Placement placement = Placement::kShared) {
    transfers_.push_back(transfer_of(block, access));
    Transfer& transfer = transfers_.back();
    transfer.expected_reads = expected_reads;
    transfer.placement = placement;
    sram.accept({&transfer, nullptr}, now_);
    return transfer;
  }
  std::vector<Transfer*> children(SharedSram& sram) {
    std::vector<Transfer*> out;
    while (Transfer* child = sram.take_child(now_)) {
      out.push_back(child);
    }
    return out;
  }
  void answer_all(SharedSram& sram) {
    while (Transfer* child = sram.take_child(now_)) {
      sram.child_done(*child, now_);
    }
  }
  std::size_t completed(SharedSram& sram, Femtoseconds now) {
    std::size_t count = 0;
    Request request;
    while (sram.pop_completion(now, request)) {
      ++count;
    }
    return count;
  }
  Femtoseconds now_ = 0;
  std::deque<Transfer> transfers_;
};

TEST_F(SharedSramTest, TheFirstTouchFetchesOnceForAll) {
  SharedSram sram(small_sram(), kFirst);
  for (int core = 0; core < 16; ++core) {
    send(sram, tile(0, 0, 128, 128));
  }
  const auto fills = children(sram);
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0]->blocks, std::vector{tile(0, 0, 128, 128)});
  EXPECT_EQ(fills[0]->source, kFirst + sram.bank_of({0, 8192, 4096, 0, 0}));
  EXPECT_EQ(sram.counters().merged_bytes.value(), 15U * 16384);
  sram.child_done(*fills[0], 500 * kNs);
  // 16 reads of 16 KiB at 128 B a ns are longer than the fill.
  EXPECT_EQ(completed(sram, (16 * 128 + 50) * kNs), 16U);
  send(sram, tile(0, 0, 128, 128));
  EXPECT_TRUE(children(sram).empty());
}

TEST_F(SharedSramTest, ATileTouchesFewBanksAndTilesSpreadEvenly) {
  SharedMemoryConfig config = small_sram();
  config.banks = 16;
  SharedSram sram(config, kFirst);
  std::vector<std::uint64_t> load(16);
  for (std::uint32_t row = 0; row < 4096; row += 128) {
    for (std::uint64_t byte = 0; byte < 8192; byte += 128) {
      Transfer transfer = transfer_of(tile(row, byte, 128, 128));
      sram.spread(transfer);
      EXPECT_EQ(transfer.shares.size(), 1U);
      load[transfer.shares[0].node - kFirst] += transfer.shares[0].bytes;
    }
  }
  EXPECT_EQ(*std::max_element(load.begin(), load.end()), 4096U * 8192 / 16);
  // One column of tiles, as the cores of a K-step read it, and one row of tiles.
  std::set<NodeId> down;
  std::set<NodeId> along;
  for (std::uint32_t i = 0; i < 16; ++i) {
    down.insert(sram.bank_of({0, 8192, 4096, i * 128, 0}));
    along.insert(sram.bank_of({0, 8192, 4096, 0, i * 256}));
  }
  EXPECT_EQ(down.size(), 16U);
  EXPECT_EQ(along.size(), 16U);
}

TEST_F(SharedSramTest, SpreadCountsEveryByteOnce) {
  SharedSram sram(small_sram(), kFirst);
  Transfer transfer = transfer_of(tile(3, 40, 500, 1000));
  sram.spread(transfer);
  std::uint64_t sum = 0;
  for (const Share& share : transfer.shares) {
    sum += share.bytes;
  }
  EXPECT_EQ(sum, 500U * 1000);
}

TEST_F(SharedSramTest, DataIsFreedAfterItsLastExpectedRead) {
  SharedSram sram(small_sram(), kFirst);
  for (int i = 0; i < 3; ++i) {
    send(sram, tile(0, 0, 64, 128), Access::kRead, 3);
    EXPECT_EQ(sram.used_bytes(), i < 2 ? 8192U : 0U);
  }
  EXPECT_EQ(sram.counters().freed_bytes.value(), 8192U);
}

TEST_F(SharedSramTest, DataWrittenThroughIsInMemoryAndMayBeDropped) {
  SharedSram sram(small_sram(), kFirst);
  send(sram, tile(0, 0, 64, 128), Access::kWrite, 9, Placement::kThrough);
  EXPECT_EQ(sram.used_bytes(), 8192U);
  std::uint64_t written = 0;
  for (const Transfer* const child : children(sram)) {
    EXPECT_EQ(child->access, Access::kWrite);
    written += child->bytes();
  }
  EXPECT_EQ(written, 64U * 128);
  EXPECT_TRUE(sram.flush().empty());
  send(sram, tile(0, 0, 64, 128), Access::kRead, 9);
  EXPECT_TRUE(children(sram).empty());
  EXPECT_EQ(sram.release(0, 4096), 8192U);
}

TEST_F(SharedSramTest, WrittenDataStaysDirtyAndIsReadWithoutMemory) {
  SharedSram sram(small_sram(), kFirst);
  send(sram, tile(0, 0, 64, 256), Access::kWrite, 2);
  EXPECT_TRUE(children(sram).empty());
  send(sram, tile(0, 0, 64, 256), Access::kRead, 2);
  EXPECT_TRUE(children(sram).empty());
  std::uint64_t dirty = 0;
  for (const Block& block : sram.flush()) {
    dirty += block.bytes();
  }
  EXPECT_EQ(dirty, 64U * 256);
  EXPECT_TRUE(sram.flush().empty());
}

TEST_F(SharedSramTest, DeadDirtyDataIsNeverWritten) {
  SharedSram sram(small_sram(), kFirst);
  send(sram, tile(0, 0, 32, 128), Access::kWrite, 1);
  send(sram, tile(0, 0, 32, 128), Access::kRead, 1);
  EXPECT_EQ(sram.used_bytes(), 0U);
  EXPECT_TRUE(sram.flush().empty());
}

TEST_F(SharedSramTest, WhatFindsNoRoomPassesBy) {
  SharedMemoryConfig config = small_sram();
  config.capacity_bytes = 4 * 32768;  // one group a bank
  SharedSram sram(config, kFirst);
  for (std::uint32_t row = 0; row < 4096; row += 128) {
    send(sram, tile(row, 0, 128, 256));
    answer_all(sram);
  }
  EXPECT_EQ(sram.used_bytes(), 4U * 32768);
  EXPECT_EQ(sram.counters().bypass_bytes.value(), 28U * 32768);
  send(sram, tile(3968, 0, 128, 256), Access::kWrite);
  const auto writes = children(sram);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0]->access, Access::kWrite);
}

TEST_F(SharedSramTest, StreamsPassByUnlessTheDataIsThere) {
  SharedSram sram(small_sram(), kFirst);
  send(sram, tile(0, 0, 32, 128), Access::kRead, 1, Placement::kStream);
  EXPECT_EQ(children(sram).size(), 1U);
  EXPECT_EQ(sram.used_bytes(), 0U);
  send(sram, tile(0, 0, 32, 128), Access::kWrite);
  send(sram, tile(0, 0, 32, 128), Access::kRead, 1, Placement::kStream);
  EXPECT_TRUE(children(sram).empty());
}

TEST_F(SharedSramTest, AStreamPassesByOneBankWholeAndItsNeighboursByOthers) {
  SharedSram sram(small_sram(), kFirst);
  std::set<NodeId> nodes;
  for (const std::uint64_t first_byte : {0U, 1024U}) {
    Transfer transfer;
    transfer.blocks = {tile(0, first_byte, 128, 1024)};  // four groups of blocks
    transfer.placement = Placement::kStream;
    sram.spread(transfer);
    ASSERT_EQ(transfer.shares.size(), 1U);
    EXPECT_EQ(transfer.shares[0].bytes, 128U * 1024);
    nodes.insert(transfer.shares[0].node);
    send(sram, tile(0, first_byte, 128, 1024), Access::kRead, 1, Placement::kStream);
    const auto fetched = children(sram);
    ASSERT_EQ(fetched.size(), 1U);
    EXPECT_EQ(fetched[0]->source, transfer.shares[0].node);
    EXPECT_EQ(fetched[0]->bytes(), 128U * 1024);
  }
  EXPECT_EQ(nodes.size(), 2U);
}

TEST_F(SharedSramTest, ARequestTakesItsBanksAndTheLatency) {
  SharedSram sram(small_sram(), kFirst);
  sram.preload(tile(0, 0, 128, 128), false, 9);
  send(sram, tile(0, 0, 128, 128));
  EXPECT_EQ(sram.next_event(), (16384 / 128 + 50) * kNs);
}

TEST_F(SharedSramTest, FillsOfABankKeepToItsCredits) {
  SharedMemoryConfig config = small_sram();
  config.banks = 1;
  config.fill_outstanding_bytes = 16384;
  SharedSram sram(config, kFirst);
  for (std::uint32_t row = 0; row < 512; row += 128) {
    send(sram, tile(row, 0, 128, 128));
  }
  EXPECT_EQ(children(sram).size(), 1U);
}

TEST_F(SharedSramTest, PreloadSaysWhatFoundNoRoom) {
  SharedMemoryConfig config = small_sram();
  config.capacity_bytes = 4 * 32768;
  SharedSram sram(config, kFirst);
  EXPECT_EQ(sram.preload(tile(0, 0, 1024, 256), false), 4U * 32768);
  sram.invalidate();
  EXPECT_EQ(sram.used_bytes(), 0U);
}

TEST_F(SharedSramTest, SmallBlocksTakeOnlyWhatExists) {
  SharedSram sram(small_sram(), kFirst);
  send(sram, {0, 512, 1, 0, 0, 1, 512}, Access::kRead, 2);
  EXPECT_EQ(sram.used_bytes(), 512U);
  send(sram, {0, 512, 1, 0, 0, 1, 512}, Access::kRead, 2);
  EXPECT_EQ(sram.used_bytes(), 0U);
}

TEST_F(SharedSramTest, RefusesNoBanksAndNoBandwidth) {
  SharedMemoryConfig config = small_sram();
  config.banks = 0;
  EXPECT_THROW(SharedSram(config, 0), std::invalid_argument);
  config = small_sram();
  config.bank_bytes_per_cycle = 0;
  EXPECT_THROW(SharedSram(config, 0), std::invalid_argument);
}

}  // namespace
}  // namespace orrery
