// SPDX-License-Identifier: Apache-2.0
#include "workloads/kv_layout.h"

#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

Tensor cache_of(std::uint64_t rows, std::uint64_t columns) {
  Tensor tensor;
  tensor.name = "k_cache";
  tensor.rows = rows;
  tensor.columns = columns;
  return tensor;
}

// Two sequences of 100 tokens, 4 heads of 64.
TEST(KvLayout, finds_a_head_in_the_columns_of_a_token_major_cache) {
  const Block block = KvLayout(cache_of(200, 256), 2, 4, 64, 100).block(1, 3, 1, 10, 20);
  EXPECT_EQ(block.first_row, 110U);
  EXPECT_EQ(block.first_byte, 3U * 64 * 2);
  EXPECT_EQ(block.rows, 20U);
  EXPECT_EQ(block.row_bytes, 64U * 2);
}

TEST(KvLayout, finds_a_head_in_rows_of_its_own_of_a_head_major_cache) {
  const Block block = KvLayout(cache_of(800, 64), 2, 4, 64, 100).block(1, 3, 1, 10, 20);
  EXPECT_EQ(block.first_row, 710U);
  EXPECT_EQ(block.first_byte, 0U);
}

TEST(KvLayout, moves_a_whole_block_back_into_the_tensor) {
  const KvLayout layout(cache_of(800, 64), 2, 4, 64, 100);
  EXPECT_EQ(layout.whole_block(0, 1, 90, 128).first_row, 190U);  // into the next head
  const Block last = layout.whole_block(1, 3, 90, 128);
  EXPECT_EQ(last.first_row, 800U - 128);
  EXPECT_EQ(last.rows, 128U);
  const Block all = KvLayout(cache_of(60, 64), 1, 1, 64, 60).whole_block(0, 0, 0, 128);
  EXPECT_EQ(all.first_row, 0U);
  EXPECT_EQ(all.rows, 60U);
}

TEST(KvLayout, refuses_columns_that_fit_neither_layout) {
  EXPECT_THROW(KvLayout(cache_of(200, 128), 2, 4, 64, 100), InputError);
}

TEST(KvLayout, refuses_a_cache_without_room_for_the_tokens) {
  EXPECT_THROW(KvLayout(cache_of(199, 256), 2, 4, 64, 100), InputError);
}

}  // namespace
}  // namespace orrery
