// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_area.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kConfigs = std::string(ORRERY_SOURCE_DIR) + "/configs";
using Overrides = std::vector<std::string>;

ChipConfig chip(const std::string& name, const Overrides& overrides = {}) {
  return load_chip(name, kConfigs, overrides);
}

ChipArea area_of(const std::string& name, const Overrides& overrides = {}) {
  return chip_area(chip(name, overrides)).value();
}

double mm2(const ChipArea& area, AreaPart part) {
  return area.parts[static_cast<std::size_t>(part)].total();
}

std::string refusal(const std::string& name, const Overrides& overrides) {
  try {
    load_chip(name, kConfigs, overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ChipContentsTest, OfH100AreThoseOfTheWholeDie) {
  const ChipContents contents = chip_contents(chip("h100-sxm"));
  EXPECT_EQ(contents.cores, 144);
  EXPECT_EQ(contents.stacks, 6);
  EXPECT_EQ(contents.shared_bytes, 60 * 1048576.0);
  EXPECT_EQ(contents.cache_slices, 96);  // 80 and 16 spare
  EXPECT_EQ(contents.cache_bytes_per_cycle, 96 * 64.0);
  EXPECT_EQ(contents.bank_bytes_per_cycle, 0);
  EXPECT_EQ(contents.vector_lanes, 128);
  EXPECT_EQ(contents.bf16_lanes, 0);
  EXPECT_EQ(contents.fp64_lanes, 128);
  EXPECT_EQ(contents.scratchpad_bytes_per_cycle, 128);
  EXPECT_EQ(contents.register_bytes, (128 + 157) * 1024.0);
  EXPECT_EQ(contents.crossbar_bytes_per_cycle, 144 * 64.0);
  // Two partitions, and both ends of the link between them.
  EXPECT_EQ(contents.router_bytes_per_cycle, 2 * 2560.0 + 2 * 2560.0);
  EXPECT_EQ(contents.die_to_die_bytes_per_s, 0);
}

TEST(ChipContentsTest, OfA100HaveLanesOfBf16Alone) {
  const ChipContents contents = chip_contents(chip("a100-sxm-80gb"));
  EXPECT_EQ(contents.vector_lanes, 64);
  EXPECT_EQ(contents.bf16_lanes, 128) << "256 beside the 128 of the fp32 lanes";
}

TEST(ChipContentsTest, OfMaiaHaveRoutersPortsAndBanks) {
  const ChipContents contents = chip_contents(chip("maia100"));
  EXPECT_EQ(contents.crossbar_bytes_per_cycle, 0);
  // 64 tiles, 16 banks and 4 stacks; 4 x 4 routers have 24 links of two ends.
  EXPECT_EQ(contents.router_bytes_per_cycle, 64 * 128.0 + 20 * 512.0 + 48 * 512.0);
  EXPECT_EQ(contents.bank_bytes_per_cycle, 16 * 512.0);
  EXPECT_EQ(contents.cache_slices, 0);
  EXPECT_EQ(contents.shared_bytes, 384 * 1048576.0);
}

TEST(ChipContentsTest, OfTwoDiesHaveTheLinkBetweenThemOnBoth) {
  const ChipContents contents = chip_contents(chip("b200-sxm"));
  EXPECT_EQ(contents.cores, 160);
  EXPECT_EQ(contents.die_to_die_bytes_per_s, 2 * 2 * 2732 * 1.83e9);
}

TEST(ChipContentsTest, CountTheLinksOfEachTopology) {
  const auto router_ports = [](const Overrides& network) {
    Overrides overrides{"network.core_port=1 B/clk", "network.memory_port=1 B/clk"};
    overrides.insert(overrides.end(), network.begin(), network.end());
    const ChipConfig config = chip("maia100", overrides);
    return chip_contents(config).router_bytes_per_cycle - 64 - 20;
  };
  EXPECT_EQ(router_ports({"network.topology=cluster_mesh"}), 2 * 24 * 512.0);
  EXPECT_EQ(router_ports({"network.topology=torus"}), 2 * 32 * 512.0);
  EXPECT_EQ(router_ports({"network.topology=torus", "network.columns=8", "network.rows=2",
                          "network.memory_positions=[[0, 0], [0, 1], [7, 0], [7, 1]]"}),
            2 * (16 + 8) * 512.0)
      << "two routers make no ring";
  EXPECT_EQ(router_ports({"network.topology=dual_die", "network.columns=2",
                          "network.die_link=256 B/clk", "network.die_hop=20 clk", "area.dies=2"}),
            2 * (2 * 10 * 512.0 + 4 * 256.0));
}

TEST(ChipContentsTest, CountTheLinksOfARing) {
  ChipConfig config = chip("maia100");
  config.network.topology = TopologyKind::kRing;
  config.network.columns = 16;
  config.network.rows = 1;
  const double ports = 64 * 128.0 + 20 * 512.0;
  EXPECT_EQ(chip_contents(config).router_bytes_per_cycle, ports + 2 * 16 * 512.0);
  config.network.columns = 2;
  EXPECT_EQ(chip_contents(config).router_bytes_per_cycle, ports + 2 * 512.0);
}

TEST(ChipContentsTest, OfAnIdealNetworkHaveNone) {
  ChipConfig config = chip("h100-sxm");
  config.network.topology = TopologyKind::kIdeal;
  EXPECT_EQ(chip_contents(config).crossbar_bytes_per_cycle, 0);
  EXPECT_EQ(chip_contents(config).router_bytes_per_cycle, 0);
}

TEST(ChipContentsTest, OfACustomNetworkAreItsWires) {
  ChipConfig config = chip("h100-sxm");
  config.network.topology = TopologyKind::kCustom;
  config.network.custom.wires = {{0, 1, 64, 1, false}, {1, 0, 32, 1, false}};
  EXPECT_EQ(chip_contents(config).router_bytes_per_cycle, 144 * 64 + 2 * 2560 + 96);
}

TEST(ChipAreaTest, IsNoneWithoutTheMap) {
  EXPECT_FALSE(chip_area(chip("tiny")).has_value());
  EXPECT_FALSE(chip_area(chip("npu4")).has_value());
  EXPECT_FALSE(chip_area(chip("h100-sxm", {"area=null"})).has_value());
}

TEST(ChipAreaTest, PartsSumToTheWholeAndDiesShareIt) {
  const ChipArea area = area_of("b200-sxm");
  EXPECT_DOUBLE_EQ(area.total_mm2, total_of(area.parts));
  EXPECT_EQ(area.dies, 2U);
  EXPECT_DOUBLE_EQ(area.die_mm2(), area.total_mm2 / 2);
  EXPECT_GT(mm2(area, AreaPart::kDieToDie), 0);
}

TEST(ChipAreaTest, OfH200IsThatOfH100) {
  EXPECT_NEAR(area_of("h200-sxm").total_mm2, area_of("h100-sxm").total_mm2, 1e-9);
}

TEST(ChipAreaTest, IsInEveryResultsConfiguration) {
  const std::string text = chip("h100-sxm").resolved_text;
  EXPECT_THAT(text, HasSubstr("area table components"));
  EXPECT_THAT(text, HasSubstr("reticle: 858 mm2"));
}

TEST(ChipAreaTest, SaysWhenADieExceedsTheReticle) {
  EXPECT_EQ(area_warning(area_of("h100-sxm")), "");
  const ChipArea large = area_of("h100-sxm", {"core.count=264"});
  EXPECT_TRUE(large.exceeds_reticle());
  EXPECT_THAT(area_warning(large), EndsWith(" mm2 exceeds a reticle's 858 mm2: it cannot be made"));
  const ChipArea two = area_of("h100-sxm", {"core.count=264", "area.dies=2"});
  EXPECT_GT(two.total_mm2, large.total_mm2) << "a link between the dies is added";
  EXPECT_FALSE(two.exceeds_reticle()) << "the limit is a die's";
}

TEST(ChipAreaTest, HasNoCostWhereNoWaferGivesAGoodDie) {
  const ChipArea area = area_of("maia100", {"shared_memory.capacity=64 GiB"});
  EXPECT_FALSE(area.cost.has_value());
  EXPECT_THAT(area_warning(area), EndsWith("no wafer gives a good one, so the chip has no cost"));
}

TEST(ChipCostTest, SparePartsOfACoreRaiseTheYield) {
  const double none = area_of("h100-sxm", {"core.count=144", "area.spare_cores=0"}).cost->yield;
  const ChipArea some = area_of("h100-sxm");
  EXPECT_NEAR(some.total_mm2,
              area_of("h100-sxm", {"core.count=144", "area.spare_cores=0"}).total_mm2, 1e-9);
  EXPECT_GT(some.cost->yield, none + 0.1);
}

TEST(ChipCostTest, PaysForWholeStacksAndTheirSites) {
  const ChipCost cost = area_of("h100-sxm").cost.value();
  EXPECT_DOUBLE_EQ(cost.memory_usd, 5 * 16 * 17);
  EXPECT_NEAR(cost.package_usd, 0.5 * (area_of("h100-sxm").total_mm2 + 6 * 110), 1e-9);
  EXPECT_DOUBLE_EQ(area_of("h200-sxm").cost->memory_usd, 6 * 24 * 16.5);
}

TEST(ChipAreaConfig, NamesWhatDoesNotFitTheChip) {
  EXPECT_THAT(refusal("maia100", {"area.dies=2"}),
              EndsWith("two dies expect network.topology partitioned_crossbar or dual_die, whose "
                       "halves are the dies"));
  EXPECT_THAT(refusal("maia100", {"network.topology=dual_die", "network.columns=2",
                                  "network.die_link=256 B/clk", "network.die_hop=20 clk"}),
              EndsWith("network.topology is dual_die, so 'dies: 2' is expected"));
  EXPECT_THAT(refusal("maia100", {"memory.product=gddr6"}),
              EndsWith("area table 'components' has no price for memory of product 'gddr6'; known: "
                       "hbm2, hbm2e, hbm3, hbm3e, hbm4"));
}

}  // namespace
}  // namespace orrery
