// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_area.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

// What a sweep relies on: more of anything is never a smaller die, nor a cheaper chip.
namespace orrery {
namespace {

const std::string kConfigs = std::string(ORRERY_SOURCE_DIR) + "/configs";
using Overrides = std::vector<std::string>;

struct Growth {
  std::string chip, key;
  std::vector<std::string> values;  // rising
};

void PrintTo(const Growth& growth, std::ostream* out) {
  *out << growth.chip << " " << growth.key;
}

class MoreIsLarger : public ::testing::TestWithParam<Growth> {};

TEST_P(MoreIsLarger, OfItsKey) {
  const Growth& growth = GetParam();
  double last_mm2 = 0;
  for (const std::string& value : growth.values) {
    const ChipConfig chip = load_chip(growth.chip, kConfigs, {growth.key + "=" + value});
    const ChipArea area = chip_area(chip).value();
    EXPECT_GT(area.total_mm2, last_mm2) << value;
    last_mm2 = area.total_mm2;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Chips,
    MoreIsLarger,
    ::testing::Values(
        Growth{"h100-sxm", "core.count", {"33", "66", "132", "133", "264"}},
        Growth{"h100-sxm", "core.scratchpad.capacity", {"64 KiB", "227 KiB", "228 KiB"}},
        Growth{"h100-sxm", "core.scratchpad.bank_width", {"2 B/clk", "4 B/clk", "8 B/clk"}},
        Growth{"h100-sxm", "core.tensor.accumulators", {"64 KiB", "128 KiB", "256 KiB"}},
        Growth{"h100-sxm",
               "core.tensor.rates.bf16",
               {"2048 FLOP/clk", "4096 FLOP/clk", "8192 FLOP/clk"}},
        Growth{"h100-sxm",
               "core.tensor.rates.fp8",
               {"4096 FLOP/clk", "8192 FLOP/clk", "16384 FLOP/clk"}},
        Growth{"h100-sxm", "core.vector.fp32", {"128 op/clk", "160 op/clk", "256 op/clk"}},
        Growth{"h100-sxm", "core.vector.bf16", {"256 op/clk", "300 op/clk", "512 op/clk"}},
        Growth{"h100-sxm", "core.vector.special", {"8 op/clk", "16 op/clk", "32 op/clk"}},
        Growth{"h100-sxm", "shared_memory.capacity", {"25 MiB", "50 MiB", "100 MiB"}},
        Growth{"h100-sxm", "shared_memory.slice_bandwidth", {"64 B/clk", "96 B/clk", "128 B/clk"}},
        Growth{"h100-sxm", "memory.stacks", {"5", "6", "8"}},
        Growth{"h100-sxm", "network.core_port", {"32 B/clk", "64 B/clk", "128 B/clk"}},
        Growth{"h100-sxm", "network.memory_port", {"1280 B/clk", "2560 B/clk", "5120 B/clk"}},
        Growth{"h100-sxm", "network.partition_link", {"1280 B/clk", "2560 B/clk", "5120 B/clk"}},
        Growth{"h100-sxm", "area.spare_cores", {"0", "12", "24"}},
        Growth{"h100-sxm", "area.spare_slices", {"0", "16", "24"}},
        Growth{"h100-sxm", "area.core_fp64", {"64 op/clk", "128 op/clk"}},
        Growth{"h100-sxm", "area.links.lanes", {"16", "52", "104"}},
        Growth{"h100-sxm", "area.links.bandwidth", {"64 GB/s", "514 GB/s", "1 TB/s"}},
        Growth{"b200-sxm", "network.partition_link", {"1366 B/clk", "2732 B/clk"}},
        Growth{"maia100", "network.link", {"128 B/clk", "512 B/clk", "1024 B/clk"}},
        Growth{"maia100", "shared_memory.capacity", {"192 MiB", "384 MiB", "768 MiB"}},
        Growth{"maia100", "shared_memory.bank_bandwidth", {"256 B/clk", "512 B/clk"}},
        Growth{
            "maia100", "core.tensor.rates.fp32", {"256 FLOP/clk", "512 FLOP/clk", "1024 FLOP/clk"}},
        Growth{"maia100", "area.node", {"n3", "n4", "n5", "n7"}}));

TEST(MoreIsDearer, CoresOnOneDie) {
  double last_usd = 0;
  for (const char* const count : {"66", "100", "132", "160"}) {
    const ChipConfig chip = load_chip("h100-sxm", kConfigs, {std::string("core.count=") + count});
    const double usd = chip_area(chip)->cost->total_usd();
    EXPECT_GT(usd, last_usd) << count;
    last_usd = usd;
  }
}

// A lane takes fp32 work off the tensor unit, and must not make the core smaller by it.
TEST(MoreIsLargerToo, LanesBesideATensorUnitOfFp32) {
  ChipConfig chip = load_chip("maia100", kConfigs);
  chip.core.vector.bf16_ops_per_cycle = 4096;
  chip.core.tensor.flop_per_cycle.fill(0);
  chip.core.tensor.flop_per_cycle[static_cast<std::size_t>(Dtype::kFp32)] = 4096;
  double last_mm2 = 0;
  for (std::uint64_t lanes = 1; lanes < 4096; lanes += 7) {
    chip.core.vector.fp32_ops_per_cycle = lanes;
    const double total_mm2 = chip_area(chip)->total_mm2;
    ASSERT_GT(total_mm2, last_mm2) << lanes;
    last_mm2 = total_mm2;
  }
}

}  // namespace
}  // namespace orrery
