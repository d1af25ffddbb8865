// SPDX-License-Identifier: Apache-2.0
#include "sim/random.h"

#include <array>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Random, gives_the_same_number_for_the_same_seed_and_counter) {
  EXPECT_EQ(random_bits(1, 7), random_bits(1, 7));
  EXPECT_NE(random_bits(1, 7), random_bits(1, 8));
  EXPECT_NE(random_bits(1, 7), random_bits(2, 7));
}

TEST(Random, spreads_evenly_below_its_bound) {
  std::array<int, 10> buckets{};
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const std::uint64_t number = random_below(3, i, 10);
    ASSERT_LT(number, 10U);
    ++buckets[number];
  }
  for (const int count : buckets) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

}  // namespace
}  // namespace orrery
