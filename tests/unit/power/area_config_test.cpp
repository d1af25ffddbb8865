// SPDX-License-Identifier: Apache-2.0
#include "power/area_config.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

const std::string kFolder = std::string(ORRERY_SOURCE_DIR) + "/configs/area";
const std::string kArea =
    R"(table: components
node: n4
dies: 2
spare_cores: 12
spare_stacks: 1
spare_shared: 10 MiB
spare_slices: 16
core_registers: 157 KiB
core_fp64: 128 op/clk
core_control: 0.5 mm2
links: {lanes: 52, bandwidth: 514 GB/s}
)";

std::string refusal_of_edit(const std::string& from, const std::string& to) {
  std::string text = kArea;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  try {
    read_area_config(parse_config(text.replace(at, from.size(), to), "c.yaml"), kFolder);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(AreaConfigReader, ReadsCountsOfWhatIsBuilt) {
  const AreaConfig config = read_area_config(parse_config(kArea, "c.yaml"), kFolder);
  EXPECT_EQ(config.node.name, "n4");
  EXPECT_EQ(config.dies, 2U);
  EXPECT_EQ(config.spare_cores, 12U);
  EXPECT_EQ(config.spare_stacks, 1U);
  EXPECT_EQ(config.spare_slices, 16U);
  EXPECT_EQ(config.spare_shared_bytes, 10U << 20);
  EXPECT_EQ(config.register_bytes, 157U << 10);
  EXPECT_EQ(config.fp64_lanes, 128U);
  EXPECT_DOUBLE_EQ(config.control_mm2, 0.5);
  EXPECT_EQ(config.serdes_lanes, 52U);
  EXPECT_EQ(config.link_bytes_per_s, 514'000'000'000U);
  EXPECT_NE(config.table_text.find("reticle: 858 mm2"), std::string::npos);
}

TEST(AreaConfigReader, NeedsTableAndNodeOnly) {
  const AreaConfig config =
      read_area_config(parse_config("table: components\nnode: n7\n", "c.yaml"), kFolder);
  EXPECT_EQ(config.dies, 1U);
  EXPECT_EQ(config.spare_cores, 0U);
  EXPECT_EQ(config.link_bytes_per_s, 0U);
}

TEST(AreaConfigReader, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal_of_edit("table: components", "table: component"),
            "c.yaml:1:8: no area table 'component' in " + kFolder + "; did you mean 'components'?");
  EXPECT_EQ(refusal_of_edit("table: components", "table: ./nowhere.yaml"),
            "c.yaml:1:8: no area table './nowhere.yaml'");
  EXPECT_EQ(refusal_of_edit("node: n4", "node: n6"),
            "c.yaml:2:7: 'node' is 'n6', expected one of: n7, n5, n4, n3");
  EXPECT_EQ(refusal_of_edit("dies: 2", "dies: 3"),
            "c.yaml:3:7: 'dies' is '3', expected an integer from 1 to 2");
  EXPECT_EQ(refusal_of_edit("spare_cores: 12", "spare_cores: -1"),
            "c.yaml:4:14: 'spare_cores' is '-1', expected an integer from 0 to 1024");
  EXPECT_EQ(refusal_of_edit("spare_stacks: 1", "spare_stacks: 65"),
            "c.yaml:5:15: 'spare_stacks' is '65', expected an integer from 0 to 64");
  EXPECT_EQ(refusal_of_edit("10 MiB", "2 TiB"), "c.yaml:6:15: at most 1 TiB expected");
  EXPECT_EQ(refusal_of_edit("spare_slices: 16", "spare_slices: 4097"),
            "c.yaml:7:15: 'spare_slices' is '4097', expected an integer from 0 to 4096");
  EXPECT_EQ(refusal_of_edit("157 KiB", "2 TiB"), "c.yaml:8:17: at most 1 TiB expected");
  EXPECT_EQ(refusal_of_edit("128 op/clk", "65537 op/clk"),
            "c.yaml:9:12: at most 65536 op/clk expected");
  EXPECT_EQ(refusal_of_edit("0.5 mm2", "0 mm2"),
            "c.yaml:10:15: more than 0 and at most 1000 mm2 expected");
  EXPECT_EQ(refusal_of_edit("514 GB/s", "1001 TB/s"), "c.yaml:11:31: at most 1000 TB/s expected");
  EXPECT_EQ(refusal_of_edit("lanes: 52", "lanes: 65537"),
            "c.yaml:11:16: 'links.lanes' is '65537', expected an integer from 0 to 65536");
  EXPECT_EQ(refusal_of_edit("spare_cores: 12", "spare_core: 12"),
            "c.yaml:4:1: unknown key 'spare_core', did you mean 'spare_cores'?");
}

}  // namespace
}  // namespace orrery
