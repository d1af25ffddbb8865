// SPDX-License-Identifier: Apache-2.0
#include "cli/area_tables.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/area_sample.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::EndsWith;

// The chip `tiny` by the table of round numbers: two cores, an L2 of 256 KiB, an HBM2 stack of 2
// GiB.
class AreaTablesTest : public ::testing::Test {
 protected:
  ChipConfig tiny(const std::vector<std::string>& more = {}) const {
    write_text(folder_.file("table.yaml"), kAreaTable);
    write_text(folder_.file("chip.yaml"), "extends: " ORRERY_SOURCE_DIR
                                          "/configs/chips/tiny.yaml\narea: {table: " +
                                              folder_.file("table.yaml") + ", node: n7}\n");
    return load_chip(folder_.file("chip.yaml"), ORRERY_SOURCE_DIR "/configs", more);
  }
  static std::string text_of(const ChipConfig& chip) {
    std::ostringstream out;
    print_area(out, chip);
    return out.str();
  }
  static nlohmann::ordered_json json_of(const ChipConfig& chip) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    add_area_json(json, chip);
    return json;
  }
  ScratchFolder folder_;
};

TEST_F(AreaTablesTest, PrintsPartsAndCosts) {
  // By hand: 0.24448 + 0.168 + 0.253 + 0.0625 + 2 + 0.704 + 2.445 + 15 = 20.87698, and a fifth more
  // of the whole. pi 150^2 / 26.0962 - pi 300 / sqrt(2 x 26.0962) = 2708.7 - 130.5; 0.1 defects a
  // cm2 on all but 0.25 mm2 of arrays: (1 + 0.0258462 / 2)^-2.
  EXPECT_EQ(text_of(tiny()),
            "\n"
            "die area                     mm²      %\n"
            "---------------------------------------\n"
            "tensor units                 0.2    0.9\n"
            "vector lanes                 0.2    0.6\n"
            "scratchpads                  0.3    1.0\n"
            "registers and accumulators   0.1    0.2\n"
            "control of the cores         2.0    7.7\n"
            "network                      0.7    2.7\n"
            "shared memory                2.4    9.4\n"
            "HBM interfaces              15.0   57.5\n"
            "overhead                     5.2   20.0\n"
            "---------------------------------------\n"
            "total                       26.1  100.0\n"
            "\n"
            "cost                       value\n"
            "--------------------------------\n"
            "process node                  n7\n"
            "dies on a wafer             2578\n"
            "good ones        2512.8 (97.5 %)\n"
            "die                        4 USD\n"
            "HBM                       10 USD\n"
            "package                   63 USD\n"
            "--------------------------------\n"
            "chip                      77 USD\n");
}

TEST_F(AreaTablesTest, GivesProgramsTheSame) {
  const nlohmann::ordered_json json = json_of(tiny());
  EXPECT_NEAR(json["area_mm2"].get<double>(), 20.87698 / 0.8, 1e-9);
  EXPECT_EQ(json["area"]["dies"], 1);
  EXPECT_EQ(json["area"]["exceeds_reticle"], false);
  EXPECT_NEAR(json["area"]["parts_mm2"]["shared_memory"].get<double>(), 2.445, 1e-9);
  EXPECT_EQ(json["area"]["parts_mm2"]["die_to_die"], 0.0);
  EXPECT_FALSE(json["area"].contains("warning"));
  EXPECT_EQ(json["cost"]["gross_dies_per_wafer"], 2578);
  EXPECT_NEAR(json["cost"]["memory_usd"].get<double>(), 10, 1e-9);
  EXPECT_NEAR(json["chip_cost_usd"].get<double>(),
              json["cost"]["dies_usd"].get<double>() + 10 + 0.5 * (20.87698 / 0.8 + 100), 1e-9);
}

TEST_F(AreaTablesTest, WarnOfALargeDie) {
  const ChipConfig large = tiny({"shared_memory.capacity=2 GiB"});
  EXPECT_THAT(text_of(large),
              EndsWith("\nwarning: a die of 1306 mm2 exceeds a reticle's 800 mm2: it cannot be "
                       "made\n"));
  EXPECT_EQ(json_of(large)["area"]["exceeds_reticle"], true);
  EXPECT_TRUE(json_of(large).contains("chip_cost_usd"));
}

TEST_F(AreaTablesTest, HaveNothingToSayOfAChipWithoutArea) {
  const ChipConfig chip = tiny({"area=null"});
  EXPECT_EQ(text_of(chip), "");
  EXPECT_TRUE(json_of(chip).empty());
}

}  // namespace
}  // namespace orrery
