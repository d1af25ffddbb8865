// SPDX-License-Identifier: Apache-2.0
#include "workloads/chip_rates.h"

#include <gtest/gtest.h>

#include "arch/chip_config.h"

namespace orrery {
namespace {

TEST(ChipRatesTest, ReadsOfScatteredRowsAreHeldByTheActivates) {
  const ChipRates rates = ChipRates::of(load_chip("h100-sxm", ORRERY_SOURCE_DIR "/configs"));
  constexpr std::uint64_t kBytes = 64 << 20;
  const Femtoseconds streaming_fs = rates.memory_read_fs(kBytes, 1024);
  EXPECT_EQ(streaming_fs, rates.memory.time_for(kBytes));
  // 11 clocks of 764 ps for 128 B in each of 160 pseudo-channels: 2.4 TB/s.
  const Femtoseconds scattered_fs = rates.memory_read_fs(kBytes, 128);
  EXPECT_NEAR(static_cast<double>(kBytes) / static_cast<double>(scattered_fs) * 1e3, 2.436, 0.01);
  EXPECT_GT(scattered_fs, streaming_fs);
}

}  // namespace
}  // namespace orrery
