// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// An area table of round numbers, to reckon by hand.
namespace orrery {

inline const std::string kAreaTable =
    R"(reference: n7
components:
  tensor:
    fp32: 1000 um2/(FLOP/clk)
    tf32: 500 um2/(FLOP/clk)
    bf16: 200 um2/(FLOP/clk)
    fp16: 200 um2/(FLOP/clk)
    fp8: 100 um2/(FLOP/clk)
    int8: 100 um2/(FLOP/clk)
    mx9: 100 um2/(FLOP/clk)
    mx6: 50 um2/(FLOP/clk)
    fp4: 50 um2/(FLOP/clk)
    further_formats: 10 %
  vector: {lane: 4000 um2/lane, bf16: 1000 um2/lane, fp64: 8000 um2/lane, special: 5000 um2/lane}
  sram: 0.5 mm2/MiB
  registers: 1 mm2/MiB
  sram_port: 1000 um2/(B/clk)
  core_control: 1 mm2/core
  crossbar_port: 10000 um2/(B/clk)
  router_port: 1000 um2/(B/clk)
  cache_slice: 0.5 mm2/slice
  cache_port: 5000 um2/(B/clk)
  hbm_phy: 10 mm2/stack
  hbm_controller: 5 mm2/stack
  serdes_lane: 0.5 mm2/lane
  link_control: 0.03 mm2/(GB/s)
  die_to_die: 2 mm2/(TB/s)
overhead: 20 %
reticle: 800 mm2
nodes:
  - {name: n7, logic: 1, sram: 1, phy: 1, wafer: 10000 USD, defects_per_cm2: 0.1}
  - {name: n5, logic: 0.5, sram: 0.8, phy: 0.9, wafer: 16000 USD, defects_per_cm2: 0.2}
yield: {wafer_diameter_mm: 300, clustering: 2}
memory: {hbm2: 5 USD/GB, hbm3: 10 USD/GB}
package: {area: 0.5 USD/mm2, stack: 100 mm2}
)";

}  // namespace orrery
