// SPDX-License-Identifier: Apache-2.0
#include "power/area_table.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/area_sample.h"

namespace orrery {
namespace {

std::string refusal_of_edit(const std::string& from, const std::string& to) {
  std::string text = kAreaTable;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  try {
    read_area_table(parse_config(text.replace(at, from.size(), to), "t.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(AreaTableReader, ReadsSquareMillimetresAndDollars) {
  const AreaTable table = read_area_table(parse_config(kAreaTable, "t.yaml"));
  EXPECT_DOUBLE_EQ(table.parts.tensor_flop_per_cycle[static_cast<std::size_t>(Dtype::kBf16)], 2e-4);
  EXPECT_DOUBLE_EQ(table.parts.further_formats, 0.1);
  EXPECT_DOUBLE_EQ(table.parts.fp64_lane, 8e-3);
  EXPECT_DOUBLE_EQ(table.parts.sram_mib, 0.5);
  EXPECT_DOUBLE_EQ(table.parts.crossbar_port, 0.01);
  EXPECT_DOUBLE_EQ(table.parts.link_control_gb_per_s, 0.03);
  EXPECT_DOUBLE_EQ(table.parts.die_to_die_tb_per_s, 2);
  EXPECT_DOUBLE_EQ(table.overhead, 0.2);
  EXPECT_DOUBLE_EQ(table.reticle_mm2, 800);
  ASSERT_EQ(table.nodes.size(), 2U);
  EXPECT_EQ(table.nodes[1].name, "n5");
  EXPECT_DOUBLE_EQ(table.nodes[1].logic, 0.5);
  EXPECT_DOUBLE_EQ(table.nodes[1].wafer_usd, 16000);
  EXPECT_DOUBLE_EQ(table.nodes[1].defects_per_cm2, 0.2);
  EXPECT_DOUBLE_EQ(table.memory_price.at("hbm3"), 10);
  EXPECT_DOUBLE_EQ(table.package_usd_per_mm2, 0.5);
}

TEST(AreaTableReader, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal_of_edit("sram: 0.5 mm2/MiB", "sram: 0.5 mm2"),
            "t.yaml:15:9: 'components.sram' is '0.5 mm2': unknown unit 'mm2', expected one of: "
            "um2/MiB, mm2/MiB");
  EXPECT_EQ(refusal_of_edit("sram: 0.5 mm2/MiB", "sram: 1001 mm2/MiB"),
            "t.yaml:15:9: at most 1000 mm2/MiB expected");
  EXPECT_EQ(refusal_of_edit("  sram: 0.5 mm2/MiB\n", ""),
            "t.yaml:3:3: missing key 'sram' in 'components'");
  EXPECT_EQ(refusal_of_edit("lane: 4000 um2/lane", "lane: 3999 um2/lane"),
            "t.yaml:14:18: at least twice tensor.fp32 and vector.bf16 together expected");
  EXPECT_EQ(refusal_of_edit("overhead: 20 %", "overhead: 91 %"),
            "t.yaml:28:11: at most 90 % expected");
  EXPECT_EQ(refusal_of_edit("reticle: 800 mm2", "reticle: 100 um2"),
            "t.yaml:29:10: from 1 mm2 to 1000000 mm2 expected");
  EXPECT_EQ(refusal_of_edit("- {name: n7", "- 7\n  - {name: n7"),
            "t.yaml:31:5: expected a node, e.g. {name: n5, logic: 0.66, sram: 0.78, phy: 1, ...}");
  EXPECT_EQ(refusal_of_edit("logic: 0.5", "logic: 0"),
            "t.yaml:32:23: 'nodes.1.logic' is '0', expected a number from 0.01 to 100");
  EXPECT_EQ(refusal_of_edit("name: n5", "name: n7"),
            "t.yaml:32:12: the node 'n7' is there already");
  EXPECT_EQ(refusal_of_edit("reference: n7", "reference: n5"),
            "t.yaml:1:12: 'n5' is no node whose logic, sram and phy are 1");
  EXPECT_EQ(refusal_of_edit("reference: n7", "reference: n6"),
            "t.yaml:1:12: 'n6' is no node whose logic, sram and phy are 1");
  EXPECT_EQ(refusal_of_edit("wafer: 16000 USD", "wafer: 1000001 USD"),
            "t.yaml:32:56: at most 1000000 USD expected");
  EXPECT_EQ(refusal_of_edit("wafer: 16000 USD", "wafer: 16000 EUR"),
            "t.yaml:32:56: 'nodes.1.wafer' is '16000 EUR': unknown unit 'EUR', expected one of: "
            "USD");
  EXPECT_EQ(refusal_of_edit("clustering: 2", "clustering: 0"),
            "t.yaml:33:45: 'yield.clustering' is '0', expected a number from 0.1 to 1000");
  EXPECT_EQ(refusal_of_edit("package: {", "package: {colour: red, "),
            "t.yaml:35:11: unknown key 'colour' in 'package'");
}

TEST(AreaTableReader, WantsNodes) {
  std::string text = kAreaTable;
  const std::size_t from = text.find("nodes:");
  text = text.substr(0, from) + "nodes: []\n" + text.substr(text.find("yield:"));
  try {
    read_area_table(parse_config(text, "t.yaml"));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "t.yaml:30:8: from 1 to 64 nodes expected");
  }
}

}  // namespace
}  // namespace orrery
