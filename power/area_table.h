// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config_node.h"
#include "sim/dtype.h"

namespace orrery {

// A file of configs/area: what the parts of a die take at a reference node, how that scales to
// others, and prices. Areas in mm2, money in US dollars. Floating point: areas and costs are for
// reports, nothing simulated depends on them.

// Area of one unit of each part at the reference node.
struct PartAreas {
  // Logic
  std::array<double, kDtypeCount> tensor_flop_per_cycle{};
  double further_formats = 0;  // share of what a format would take alone, beside the largest
  double vector_lane = 0;      // fp32 multiply-add and int32; it does two bf16 instead
  double bf16_lane = 0;        // a bf16 multiply-add beyond those
  double fp64_lane = 0, special_lane = 0;
  double core_control = 0;   // of a core that schedules as a GPU's multiprocessor does
  double sram_port = 0;      // B/clk of a scratchpad or a bank
  double crossbar_port = 0;  // B/clk of a core's port, with its share of the wires
  double router_port = 0;    // B/clk of a router's port, in and out together
  double cache_slice = 0;    // tags, misses
  double cache_port = 0;     // B/clk of a slice
  double hbm_controller = 0;
  double link_control_gb_per_s = 0;  // of a direction
  // SRAM arrays
  double sram_mib = 0, register_mib = 0;
  // PHYs
  double hbm_phy = 0;
  double serdes_lane = 0;
  double die_to_die_tb_per_s = 0;  // of both directions
};

// A process node. Areas are relative to the reference node's, by kind of circuit.
struct ProcessNode {
  std::string name;
  double logic = 1, sram = 1, phy = 1;
  double wafer_usd = 0;
  double defects_per_cm2 = 0;
};

struct AreaTable {
  PartAreas parts;
  double overhead = 0;  // share of the die that belongs to no part
  double reticle_mm2 = 0;
  std::vector<ProcessNode> nodes;
  double wafer_diameter_mm = 0;
  double clustering = 0;                       // alpha of the negative binomial yield
  std::map<std::string, double> memory_price;  // USD per 2^30 B, by product ("hbm3e")
  double package_usd_per_mm2 = 0;              // of dies and stacks
  double stack_mm2 = 0;                        // footprint of an HBM stack
};

// Throws InputError.
AreaTable read_area_table(const ConfigNode& root);

}  // namespace orrery
