// SPDX-License-Identifier: Apache-2.0
// Tags per block with a sector mask against tags per line of 128 B: the hit rates of traces.
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "mem/l2_cache.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

struct Random {
  std::uint64_t state;
  std::uint32_t below(std::uint32_t count) {
    state += 0x9E3779B97F4A7C15ULL;
    return reduce(mix64(state), count);
  }
};

double hit_rate(const std::vector<Transfer>& trace, bool per_sector, std::uint64_t capacity) {
  SharedMemoryConfig config = small_l2();
  config.capacity_bytes = capacity;
  config.per_sector_tags = per_sector;
  L2Cache cache(config, 0, 0);
  Femtoseconds now = 0;
  for (Transfer transfer : trace) {
    cache.accept({&transfer, nullptr}, now);
    std::uint32_t lane = 0;
    while (Transfer* child = cache.take_child(now, lane)) {
      cache.child_done(*child, now);
    }
    now += 1000 * kNs;
    Request request;
    while (cache.pop_completion(now, request)) {
    }
  }
  const auto& count = cache.counters();
  return static_cast<double>(count.hit_bytes.value()) /
         static_cast<double>(count.read_bytes.value());
}

void expect_alike(const std::vector<Transfer>& trace, std::uint64_t capacity) {
  const double blocks = hit_rate(trace, false, capacity);
  const double lines = hit_rate(trace, true, capacity);
  EXPECT_NEAR(blocks, lines, 0.01) << "capacity " << capacity;
  ::testing::Test::RecordProperty("hit_rate", std::to_string(lines));
}

class BlockTagsAgainstLines : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Capacity,
                         BlockTagsAgainstLines,
                         ::testing::Values(1 << 20, 3 << 20, 6 << 20));

TEST_P(BlockTagsAgainstLines, OnAGemmInWaves) {
  // C[2048, 2048] in tiles of 128 x 256, bf16, K = 512: A and B are 2 MiB each.
  std::vector<Transfer> trace;
  constexpr std::uint64_t kB = 1ULL << 30;
  constexpr std::uint64_t kC = 2ULL << 30;
  constexpr std::uint32_t kWave = 33;
  for (std::uint32_t wave = 0; wave * kWave < 128; ++wave) {
    for (std::uint64_t k = 0; k < 1024; k += 128) {
      for (std::uint32_t core = 0; core < kWave && wave * kWave + core < 128; ++core) {
        const std::uint32_t task = wave * kWave + core;
        trace.push_back(transfer_of({0, 1024, 2048, task % 16 * 128, k, 128, 128}));
        trace.push_back(transfer_of({kB, 1024, 2048, task / 16 * 256, k, 256, 128}));
      }
    }
    for (std::uint32_t core = 0; core < kWave && wave * kWave + core < 128; ++core) {
      const std::uint32_t task = wave * kWave + core;
      for (std::uint32_t row = 0; row < 128; row += 64) {
        trace.push_back(transfer_of(
            {kC, 4096, 2048, task % 16 * 128 + row, task / 16 * 512, 64, 512}, Access::kWrite));
      }
    }
  }
  expect_alike(trace, GetParam());
}

TEST_P(BlockTagsAgainstLines, OnRowWiseOperators) {
  // Two passes over 4 MiB, 32 rows x 1 KiB a transfer, and a vector that all rows share.
  std::vector<Transfer> trace;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::uint32_t row = 0; row < 1024; row += 32) {
      for (std::uint64_t byte = 0; byte < 4096; byte += 1024) {
        trace.push_back(transfer_of({0, 4096, 1024, row, byte, 32, 1024}));
        trace.push_back(transfer_of({1ULL << 30, 4096, 1, 0, byte, 1, 1024}));
      }
    }
  }
  expect_alike(trace, GetParam());
}

TEST_P(BlockTagsAgainstLines, OnAKvCacheReadByGroupsOfHeads) {
  // 8 heads of 256 B a token, 2048 tokens; 4 query heads read each in turn.
  std::vector<Transfer> trace;
  for (std::uint32_t group = 0; group < 3; ++group) {
    for (std::uint64_t head = 0; head < 8; ++head) {
      for (std::uint32_t token = 0; token < 2048; token += 64) {
        trace.push_back(transfer_of({0, 2048, 2048, token, head * 256, 64, 256}));
      }
    }
  }
  expect_alike(trace, GetParam());
}

TEST_P(BlockTagsAgainstLines, OnRandomBlocks) {
  Random random{11};
  std::vector<Transfer> trace;
  for (int i = 0; i < 2500; ++i) {
    const std::uint32_t row = random.below(128) * 32;
    const std::uint64_t byte = random.below(13) * 128;
    const std::uint32_t rows = 32 * (1 + random.below(3));
    const std::uint32_t bytes = 128 * (1 + random.below(3));
    trace.push_back(transfer_of({0, 2048, 4096, std::min(row, 4000U), byte, rows, bytes},
                                random.below(4) == 0 ? Access::kWrite : Access::kRead));
  }
  expect_alike(trace, GetParam());
}

}  // namespace
}  // namespace orrery
