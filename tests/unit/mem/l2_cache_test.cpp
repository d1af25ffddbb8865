// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_cache.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

constexpr NodeId kNode = 100;

// Drives the engine by hand: children are answered when the test says so.
class L2CacheTest : public ::testing::Test {
 protected:
  Transfer& send(L2Cache& cache,
                 const Block& block,
                 Access access,
                 Femtoseconds now,
                 Placement placement = Placement::kShared,
                 NodeId source = 0) {
    transfers_.push_back(transfer_of(block, access));
    Transfer& transfer = transfers_.back();
    transfer.placement = placement;
    transfer.source = source;
    transfer.issued_fs = now;
    cache.accept({&transfer, nullptr}, now);
    return transfer;
  }
  // The children that go out now, by lane.
  std::vector<Transfer*> children(L2Cache& cache, Femtoseconds now, std::uint32_t lane = 0) {
    std::vector<Transfer*> out;
    std::uint32_t got = 0;
    while (Transfer* child = cache.take_child(now, got)) {
      EXPECT_EQ(got, lane);
      out.push_back(child);
    }
    return out;
  }
  void answer_all(L2Cache& cache, Femtoseconds now) {
    std::uint32_t lane = 0;
    while (Transfer* child = cache.take_child(now, lane)) {
      child->mark(Stage::kMemory, now);
      cache.child_done(*child, now);
    }
  }
  std::vector<Transfer*> completed(L2Cache& cache, Femtoseconds now) {
    std::vector<Transfer*> out;
    Request request;
    while (cache.pop_completion(now, request)) {
      out.push_back(request.transfer);
    }
    return out;
  }
  // A tile of 32 x 128 whose home is partition `home`; number `n` of those.
  static Block block_at_home(const L2Cache& cache, std::uint32_t home, std::uint32_t n) {
    for (std::uint32_t row = 0;; row += 32) {
      if (cache.home_of({0, 8192, 4096, row, 0}) == home && n-- == 0) {
        return tile(row, 0, 32, 128);
      }
    }
  }
  std::deque<Transfer> transfers_;
};

TEST_F(L2CacheTest, AMissIsFetchedOnceAndTakesItsLatencyOnTheWayBack) {
  L2Cache cache(small_l2(), 0, kNode);
  send(cache, tile(0, 0, 128, 128), Access::kRead, 10 * kNs);
  const auto fills = children(cache, 10 * kNs);
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0]->blocks, std::vector{tile(0, 0, 128, 128)});
  EXPECT_EQ(fills[0]->source, kNode);
  EXPECT_EQ(cache.next_event(), kNever);
  cache.child_done(*fills[0], 500 * kNs);
  EXPECT_EQ(cache.next_event(), 600 * kNs);
  EXPECT_EQ(completed(cache, 600 * kNs).size(), 1U);
}

TEST_F(L2CacheTest, AHitTakesItsSlicesAndTheLatency) {
  SharedMemoryConfig config = small_l2();
  L2Cache cache(config, 0, kNode);
  cache.preload(tile(0, 0, 32, 128), false);
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  // 32 lines over 8 slices: 512 B each at 64 B a ns.
  EXPECT_EQ(cache.next_event(), (8 + 100) * kNs);
  EXPECT_EQ(cache.counters().hit_bytes.value(), 4096U);
}

TEST_F(L2CacheTest, ConcurrentMissesToOneBlockMerge) {
  L2Cache cache(small_l2(), 0, kNode);
  for (NodeId core = 0; core < 132; ++core) {
    send(cache, tile(0, 0, 64, 128), Access::kRead, 0, Placement::kShared, core);
  }
  const auto fills = children(cache, 0);
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(cache.counters().merged_bytes.value(), 131U * 64 * 128);
  cache.child_done(*fills[0], 5000 * kNs);
  EXPECT_EQ(completed(cache, 10'000 * kNs).size(), 132U);
}

TEST_F(L2CacheTest, AReadOfTwoPendingFillsWaitsForBoth) {
  L2Cache cache(small_l2(), 0, kNode);
  send(cache, tile(0, 0, 16, 128), Access::kRead, 0);
  send(cache, tile(16, 0, 16, 128), Access::kRead, 0);
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  const auto fills = children(cache, 0);
  ASSERT_EQ(fills.size(), 2U);
  cache.child_done(*fills[1], 1000 * kNs);
  EXPECT_EQ(completed(cache, 2000 * kNs).size(), 1U);
  cache.child_done(*fills[0], 3000 * kNs);
  EXPECT_EQ(completed(cache, 4000 * kNs).size(), 2U);
}

TEST_F(L2CacheTest, OnlyMissingSectorsAreFetched) {
  L2Cache cache(small_l2(), 0, kNode);
  cache.preload(tile(0, 0, 32, 64), false);
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  const auto fills = children(cache, 0);
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0]->blocks, std::vector{tile(0, 64, 32, 64)});
}

TEST_F(L2CacheTest, TimeWaitedForAFillIsTheFillsAndNotOurs) {
  L2Cache cache(small_l2(), 0, kNode);
  Transfer& first = send(cache, tile(0, 0, 32, 128), Access::kRead, 10 * kNs);
  const auto fills = children(cache, 10 * kNs);
  Transfer& late = send(cache, tile(0, 0, 32, 128), Access::kRead, 300 * kNs);
  fills[0]->mark(Stage::kNetwork, 100 * kNs);
  fills[0]->mark(Stage::kMemory, 500 * kNs);
  cache.child_done(*fills[0], 500 * kNs);
  ASSERT_EQ(first.segment_count, 3U);
  EXPECT_EQ(first.segments[0].stage, Stage::kNetwork);
  EXPECT_EQ(first.segments[1].stage, Stage::kMemory);
  EXPECT_EQ(first.segments[1].end_fs, 500 * kNs);
  EXPECT_EQ(first.segments[2].stage, Stage::kShared);
  EXPECT_EQ(first.segments[2].end_fs, 600 * kNs);
  ASSERT_EQ(late.segment_count, 2U);  // the fill had left the network when it came
  EXPECT_EQ(late.segments[0].stage, Stage::kMemory);
}

TEST_F(L2CacheTest, WritesAllocateWithoutFetchingAndAreFlushedDirty) {
  L2Cache cache(small_l2(), 0, kNode);
  send(cache, tile(0, 0, 64, 256), Access::kWrite, 0);
  EXPECT_TRUE(children(cache, 0).empty());
  EXPECT_EQ(completed(cache, 1000 * kNs).size(), 1U);
  std::uint64_t dirty = 0;
  for (const Block& block : cache.flush()) {
    dirty += block.bytes();
  }
  EXPECT_EQ(dirty, 64U * 256);
  EXPECT_TRUE(cache.flush().empty());
  send(cache, tile(0, 0, 64, 256), Access::kRead, 2000 * kNs);
  EXPECT_TRUE(children(cache, 2000 * kNs).empty());
}

TEST_F(L2CacheTest, DirtyVictimsAreWrittenBack) {
  SharedMemoryConfig config = small_l2();
  config.capacity_bytes = 16 * 4096;  // one set
  L2Cache cache(config, 0, kNode);
  for (std::uint32_t i = 0; i < 17; ++i) {
    send(cache, tile(32 * i, 0, 32, 128), Access::kWrite, 0);
  }
  const auto writes = children(cache, 0);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0]->access, Access::kWrite);
  EXPECT_EQ(writes[0]->blocks, std::vector{tile(0, 0, 32, 128)});
  EXPECT_EQ(cache.counters().writeback_bytes.value(), 4096U);
  EXPECT_EQ(cache.counters().evictions.value(), 1U);
}

TEST_F(L2CacheTest, AWriteWaitsUntilItsWriteBackHasCredits) {
  SharedMemoryConfig config = small_l2();
  config.capacity_bytes = 16 * 4096;
  config.fill_outstanding_bytes = 4096;
  L2Cache cache(config, 0, kNode);
  for (std::uint32_t i = 0; i < 18; ++i) {
    send(cache, tile(32 * i, 0, 32, 128), Access::kWrite, 0);
  }
  const auto writes = children(cache, 0);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(completed(cache, 1000 * kNs).size(), 17U);
  cache.child_done(*writes[0], 2000 * kNs);
  EXPECT_EQ(children(cache, 2000 * kNs).size(), 1U);
  EXPECT_EQ(completed(cache, 3000 * kNs).size(), 1U);
}

TEST_F(L2CacheTest, FillsBeyondTheCreditsWaitInOrder) {
  SharedMemoryConfig config = small_l2();
  config.fill_outstanding_bytes = 8192;
  L2Cache cache(config, 0, kNode);
  for (std::uint32_t i = 0; i < 5; ++i) {
    send(cache, tile(32 * i, 0, 32, 128), Access::kRead, 0);
  }
  const auto first = children(cache, 0);
  ASSERT_EQ(first.size(), 2U);
  cache.child_done(*first[0], 100 * kNs);
  const auto next = children(cache, 100 * kNs);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0]->blocks[0].first_row, 64U);
  EXPECT_EQ(next[0]->segments[0].stage, Stage::kCredit);
}

TEST_F(L2CacheTest, StreamedDataDoesNotPushOutWhatIsKept) {
  SharedMemoryConfig config = small_l2();
  config.capacity_bytes = 16 * 4096;
  L2Cache cache(config, 0, kNode);
  for (std::uint32_t i = 0; i < 12; ++i) {
    send(cache, tile(32 * i, 0, 32, 128), Access::kRead, 0);
  }
  answer_all(cache, 100 * kNs);
  for (std::uint32_t i = 20; i < 80; ++i) {
    send(cache, tile(32 * i, 0, 32, 128), Access::kRead, i * 1000 * kNs, Placement::kStream);
    answer_all(cache, i * 1000 * kNs);
  }
  const std::uint64_t misses = cache.counters().miss_bytes.value();
  send(cache, tile(0, 0, 32 * 12, 128), Access::kRead, 100'000 * kNs);
  EXPECT_EQ(cache.counters().miss_bytes.value(), misses);
}

class L2CacheOfTwoPartitions : public L2CacheTest {
 protected:
  L2Cache near_{small_l2(2), 0, kNode};
  L2Cache far_{small_l2(2), 1, kNode + 1};
};

TEST_F(L2CacheOfTwoPartitions, HomesAreEvenlySpread) {
  std::uint32_t of_one = 0;
  for (std::uint32_t row = 0; row < 4096; row += 32) {
    for (std::uint64_t byte = 0; byte < 8192; byte += 256) {
      of_one += near_.home_of({0, 8192, 4096, row, byte});
    }
  }
  EXPECT_NEAR(of_one, 2048, 200);
}

TEST_F(L2CacheOfTwoPartitions, FarDataComesFromThePeerAndIsKept) {
  const Block block = block_at_home(near_, 1, 0);
  send(near_, block, Access::kRead, 0);
  const auto fills = children(near_, 0, L2Cache::kToPeer);
  ASSERT_EQ(fills.size(), 1U);
  near_.child_done(*fills[0], 100 * kNs);
  send(near_, block, Access::kRead, 200 * kNs);
  EXPECT_TRUE(children(near_, 200 * kNs).empty());
  EXPECT_EQ(near_.counters().hit_bytes.value(), 4096U);
  EXPECT_EQ(near_.counters().far_bytes.value(), 8192U);
}

TEST_F(L2CacheOfTwoPartitions, WithoutCopiesEveryFarReadGoesToThePeer) {
  SharedMemoryConfig config = small_l2(2);
  config.keep_far_copies = false;
  L2Cache cache(config, 0, kNode);
  const Block block = block_at_home(cache, 1, 0);
  for (int i = 0; i < 3; ++i) {
    send(cache, block, Access::kRead, 0);
  }
  EXPECT_EQ(children(cache, 0, L2Cache::kToPeer).size(), 3U);
}

TEST_F(L2CacheOfTwoPartitions, ThePeersRequestIsServedAsHome) {
  const Block block = block_at_home(near_, 1, 0);
  send(far_, block, Access::kRead, 0, Placement::kShared, kNode);
  EXPECT_EQ(children(far_, 0, L2Cache::kToMemory).size(), 1U);
}

TEST_F(L2CacheOfTwoPartitions, FarWritesAreForwarded) {
  const Block block = block_at_home(near_, 1, 0);
  send(near_, block, Access::kWrite, 0);
  const auto writes = children(near_, 0, L2Cache::kToPeer);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0]->access, Access::kWrite);
  EXPECT_TRUE(near_.flush().empty());
  EXPECT_TRUE(completed(near_, 1000 * kNs).empty());
  near_.child_done(*writes[0], 1000 * kNs);
  EXPECT_EQ(completed(near_, 2000 * kNs).size(), 1U);
}

TEST_F(L2CacheOfTwoPartitions, AWriteAtHomeMakesTheCopyStale) {
  const Block block = block_at_home(near_, 1, 0);
  near_.preload(block, false);
  send(far_, block, Access::kRead, 0, Placement::kShared, kNode);  // the peer takes a copy
  answer_all(far_, 100 * kNs);
  EXPECT_TRUE(far_.take_stale_copies().empty());
  send(far_, block, Access::kWrite, 1000 * kNs, Placement::kShared, 3);
  const auto stale = far_.take_stale_copies();
  ASSERT_EQ(stale.size(), 1U);
  near_.drop_copies(stale[0]);
  EXPECT_EQ(near_.counters().dropped_copies.value(), 1U);
  send(near_, block, Access::kRead, 2000 * kNs);
  EXPECT_EQ(children(near_, 2000 * kNs, L2Cache::kToPeer).size(), 1U);
}

TEST_F(L2CacheOfTwoPartitions, PreloadKeepsDirtyDataAtHomeOnly) {
  const Block block = block_at_home(near_, 1, 0);
  near_.preload(block, true);
  far_.preload(block, true);
  EXPECT_TRUE(near_.flush().empty());
  EXPECT_EQ(far_.flush().size(), 1U);
}

TEST_F(L2CacheTest, ResetOfTimingKeepsTagsInvalidateDoesNot) {
  L2Cache cache(small_l2(), 0, kNode);
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  answer_all(cache, 10 * kNs);
  completed(cache, 1000 * kNs);
  cache.reset_timing();
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  EXPECT_TRUE(children(cache, 0).empty());
  completed(cache, 1000 * kNs);
  cache.invalidate();
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  EXPECT_EQ(children(cache, 0).size(), 1U);
}

TEST_F(L2CacheTest, SlicesShareTheLoadEvenly) {
  L2Cache cache(small_l2(), 0, kNode);
  for (std::uint32_t row = 0; row < 4096; row += 128) {
    send(cache, tile(row, 0, 128, 128), Access::kWrite, 0);
  }
  EXPECT_LE(cache.slices().imbalance_permille(), 1010U);
}

TEST_F(L2CacheTest, WaitsAreReported) {
  L2Cache cache(small_l2(), 0, kNode);
  send(cache, tile(0, 0, 32, 128), Access::kRead, 0);
  std::vector<std::string> lines;
  cache.report_waits("l2", lines);
  EXPECT_EQ(lines.size(), 2U);  // the request and its fill
  EXPECT_EQ(cache.outstanding(), 2U);
}

}  // namespace
}  // namespace orrery
