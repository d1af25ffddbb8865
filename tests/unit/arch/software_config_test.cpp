// SPDX-License-Identifier: Apache-2.0
#include "arch/software_config.h"

#include <string>

#include <gtest/gtest.h>

#include "arch/chip_config.h"
#include "sim/error.h"

namespace orrery {
namespace {

const std::string kConfigs = std::string(ORRERY_SOURCE_DIR) + "/configs";

TEST(SoftwareConfig, is_absent_where_a_chip_names_no_library) {
  EXPECT_FALSE(load_chip("tiny", kConfigs).software.attention);
  EXPECT_TRUE(load_chip("h100-sxm", kConfigs).software.attention);
}

TEST(SoftwareConfig, may_leave_out_the_kernel_for_narrow_caches) {
  const AttentionSoftware with = *load_chip("h100-sxm", kConfigs).software.attention;
  EXPECT_TRUE(with.packed_narrow);
  EXPECT_EQ(with.packed.split_rule, SplitRule::kHistory);
  EXPECT_GT(with.unpacked.task_setup_fs, with.packed.task_setup_fs);
}

TEST(SoftwareConfig, tells_what_a_packed_block_takes_by_flop_or_by_rows_and_latency) {
  const PackedDecodeSoftware by_flop = load_chip("h100-sxm", kConfigs).software.attention->packed;
  EXPECT_GT(by_flop.flop_per_cycle, 0U);
  EXPECT_FALSE(by_flop.whole_blocks || by_flop.narrow_products || by_flop.combines_in_kernel);
  const PackedDecodeSoftware by_rows = load_chip("b200-sxm", kConfigs).software.attention->packed;
  EXPECT_EQ(by_rows.flop_per_cycle, 0U);
  EXPECT_GT(by_rows.row_stall_cycles, 0U);
  EXPECT_EQ(by_rows.most_transposed_group, 16U);
  EXPECT_EQ(by_flop.most_transposed_group, 0U);
  EXPECT_TRUE(by_rows.whole_blocks && by_rows.narrow_products && by_rows.combines_in_kernel);
  const PackedDecodeSoftware by_latency =
      *load_chip("h100-sxm", kConfigs).software.attention->packed_narrow;
  EXPECT_EQ(by_latency.flop_per_cycle, 0U);
  EXPECT_GT(by_latency.block_latency_cycles, 0U);
  EXPECT_GT(by_latency.row_setup_cycles, 0U);
  EXPECT_EQ(by_latency.ring_bytes, 32U * 1024);
  EXPECT_EQ(by_latency.stages, 2U);
  EXPECT_EQ(by_latency.threads, 384U);
  EXPECT_GT(by_latency.registers, 0U);
}

TEST(SoftwareConfig, refuses_values_of_whole_blocks_and_names_the_key) {
  const std::string packed = "software.attention.packed_decode.";
  for (const std::string bad : {"combine=sometimes", "whole_blocks=1", "narrow_products=2",
                                "row_stall=2 us", "most_transposed_group=0"}) {
    try {
      load_chip("b200-sxm", kConfigs, {packed + bad});
      FAIL() << bad;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(bad.substr(0, bad.find('='))), std::string::npos)
          << error.what();
    }
  }
}

TEST(SoftwareConfig, refuses_values_of_blocks_that_share_registers_and_names_the_key) {
  const std::string packed = "software.attention.packed_narrow_decode.";
  for (const std::string bad : {"ring=2", "stages=0", "threads=2048", "registers=0",
                                "registers=256", "block_latency=1 us", "row_setup=-1 clk"}) {
    try {
      load_chip("h100-sxm", kConfigs, {packed + bad});
      FAIL() << bad;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(bad.substr(0, bad.find('='))), std::string::npos)
          << error.what();
    }
  }
}

TEST(SoftwareConfig, refuses_values_out_of_range_and_names_the_key) {
  for (const std::string bad :
       {"software.attention.prefill.mma_percent=0", "software.attention.packed_decode.splits=some",
        "software.attention.unpacked_decode.contexts=0", "software.attention.prefill.stall=2 us",
        "software.gemm.tile_edges=some", "software.gemm.split_4bit=1",
        "software.gemm.static_waves=0", "software.quantize.8bit.in_flight=8 clk"}) {
    try {
      load_chip("h100-sxm", kConfigs, {bad});
      FAIL() << bad;
    } catch (const InputError& error) {
      const std::string key = bad.substr(bad.rfind('.') + 1, bad.find('=') - bad.rfind('.') - 1);
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace orrery
