// SPDX-License-Identifier: Apache-2.0
// Holds the detailed HBM tier to Ramulator 2.1 (commit c5b1c3a) on fixed request streams, through
// the SystemC module: streams.csv beside this file, measured by Orrery's authors; the rules of the
// streams are in mem/README.md. Tolerances: 1 % of bandwidth, 2 % of mean read latency and of
// activates.
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mem/hbm_config.h"
#include "mem/hbm_probe.h"
#include "tests/support/fresh_kernel.h"

namespace orrery {
namespace {

constexpr double kBandwidthTolerance = 0.01;
constexpr double kLatencyTolerance = 0.02;
constexpr double kActivateTolerance = 0.02;

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    cells.push_back(cell);
  }
  return cells;
}

std::vector<Row> read_rows(const std::string& path) {
  std::ifstream file(path);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = split(line);
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line);
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i) {
      row[names[i]] = i < cells.size() ? cells[i] : "";
    }
    rows.push_back(row);
  }
  return rows;
}

HbmProbe probe_of(const Row& row) {
  static const std::map<std::string, std::string> kPresets{{"HBM2_2000", "hbm2-2000"},
                                                           {"HBM2E_3200s", "hbm2e-3200"},
                                                           {"HBM3_6400", "hbm3-6400"},
                                                           {"HBM3E_9600s", "hbm3e-9600"},
                                                           {"HBM4_8000", "hbm4-8000"}};
  const std::string folder = ORRERY_SOURCE_DIR "/configs/memories";
  HbmProbe probe;
  probe.config = read_hbm_config(
      load_memory_preset(kPresets.at(row.at("preset")), folder,
                         {"stacks=1", "fidelity=detailed", "address_map=" + row.at("mapping")}),
      folder);
  const auto queue = static_cast<std::uint32_t>(std::stoul(row.at("queue_entries")));
  probe.config.controller.read_queue = probe.config.controller.write_queue = queue;
  probe.pattern = static_cast<StreamPattern>(row.at("pattern")[0]);
  probe.channels = static_cast<std::uint32_t>(std::stoul(row.at("channels")));
  probe.requests = std::stoull(row.at("requests"));
  if (!row.at("gap_ticks").empty()) {
    probe.gap_fs = std::stoull(row.at("gap_ticks")) * probe.config.dram->device.tick_fs();
  }
  return probe;
}

double error_of(double simulated, const std::string& reference) {
  return simulated / std::stod(reference) - 1;
}

TEST(HbmStreams, EveryRowOfTheReferenceIsMet) {
  const std::vector<Row> rows = read_rows(ORRERY_SOURCE_DIR "/tests/accuracy/mem/streams.csv");
  ASSERT_EQ(rows.size(), 75U);
  fmt::print("{:<12} {} {} {:>3} {:>7}  {:>9} {:>8} {:>8}\n", "preset", "p", "m", "ch", "bursts",
             "bandwidth", "latency", "ACT");
  for (const Row& row : rows) {
    const std::string name =
        fmt::format("{:<12} {} {} {:>3} {:>7}", row.at("preset"), row.at("pattern"),
                    row.at("mapping"), row.at("channels"), row.at("requests"));
    SCOPED_TRACE(name);
    const FreshKernel kernel;
    const HbmProbeResult result = run_hbm_probe(probe_of(row));
    // The reference has four decimals: a small bandwidth is known to half of the last.
    const double rounding = 0.00005 / std::stod(row.at("bw_frac_of_peak"));
    const double bandwidth = error_of(result.bandwidth_of_peak, row.at("bw_frac_of_peak"));
    const double activates = error_of(static_cast<double>(result.activates), row.at("n_act"));
    EXPECT_LE(std::abs(bandwidth), kBandwidthTolerance + rounding);
    EXPECT_LE(std::abs(activates), kActivateTolerance);
    double latency = 0;
    if (!row.at("avg_read_latency_ns").empty()) {
      ASSERT_TRUE(result.mean_read_latency_ns.has_value());
      latency = error_of(*result.mean_read_latency_ns, row.at("avg_read_latency_ns"));
      EXPECT_LE(std::abs(latency), kLatencyTolerance);
    }
    EXPECT_EQ(static_cast<double>(result.reads), std::stod(row.at("n_rd")));
    EXPECT_EQ(static_cast<double>(result.writes), std::stod(row.at("n_wr")));
    EXPECT_EQ(static_cast<double>(result.refreshes), std::stod(row.at("n_ref")));
    fmt::print("{}  {:>+8.2f}% {:>+7.2f}% {:>+7.2f}%\n", name, bandwidth * 100, latency * 100,
               activates * 100);
  }
}

// As measured on real GPUs, which refresh by bank (95 % of peak on H100).
TEST(HbmStreams, PerBankRefreshLetsReadsReachNinetyFivePercentOfPeak) {
  const std::string folder = ORRERY_SOURCE_DIR "/configs/memories";
  for (const std::string map : {"A", "B", "H", "default"}) {
    SCOPED_TRACE(map);
    const FreshKernel kernel;
    HbmProbe probe;
    probe.config = read_hbm_config(
        load_memory_preset("hbm3-6400", folder,
                           {"stacks=1", "fidelity=detailed", "controller.refresh=per_bank",
                            "controller.read_queue=128", "address_map=" + map}),
        folder);
    probe.requests = 400'000;
    const HbmProbeResult result = run_hbm_probe(probe);
    EXPECT_GE(result.bandwidth_of_peak, 0.95);
    EXPECT_GT(result.refreshes, 3600U);  // 4000 in 244 us, less the eight that may be late
  }
}

}  // namespace
}  // namespace orrery
