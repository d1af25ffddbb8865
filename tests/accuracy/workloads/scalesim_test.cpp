// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/chip_workload.h"

// A whole chip of one systolic core, with everything around the array out of the way, takes the
// cycles that SCALE-Sim reports, for every GEMM of the reference set.
namespace orrery {
namespace {

struct Reference {
  std::uint32_t rows = 0, columns = 0;
  std::string dataflow;
  GemmShape shape;
  std::uint64_t reported_cycles = 0;
};

std::vector<Reference> references() {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/tests/accuracy/workloads/scalesim.csv");
  std::vector<Reference> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("rows")) {
      continue;
    }
    std::istringstream fields(line);
    std::vector<std::string> values;
    for (std::string value; std::getline(fields, value, ',');) {
      values.push_back(value);
    }
    Reference reference;
    reference.rows = static_cast<std::uint32_t>(std::stoul(values.at(0)));
    reference.columns = static_cast<std::uint32_t>(std::stoul(values.at(1)));
    reference.dataflow = values.at(2);
    reference.shape = {1, std::stoull(values.at(3)), std::stoull(values.at(4)),
                       std::stoull(values.at(5))};
    reference.reported_cycles = std::stoull(values.at(6));
    all.push_back(reference);
  }
  return all;
}

// Nothing but the array takes time, or next to none: the scratchpad moves 2^36 B a cycle.
ChipConfig only_an_array(const Reference& reference) {
  ChipConfig chip;
  chip.name = "array";
  chip.core.clock_hz = 1'000'000'000;
  TensorUnitConfig& unit = chip.core.tensor;
  unit.kind = TensorUnitKind::kSystolic;
  unit.rows = reference.rows;
  unit.columns = reference.columns;
  unit.flop_per_cycle.fill(2ULL * reference.rows * reference.columns);
  unit.dataflow = reference.dataflow == "ws"   ? Dataflow::kWeightStationary
                  : reference.dataflow == "os" ? Dataflow::kOutputStationary
                                               : Dataflow::kInputStationary;
  unit.fold_overlap = FoldOverlap::kNone;
  unit.accumulator_bytes = std::uint64_t{1} << 32;
  unit.converts_output = true;
  chip.core.scratchpad.capacity_bytes = std::uint64_t{1} << 32;
  chip.core.scratchpad.banks = 65536;
  chip.core.scratchpad.bank_bytes_per_cycle = 1 << 20;
  chip.core.dma.outstanding_bytes = std::uint64_t{1} << 32;
  chip.core.dma.issue_cycles = 0;
  chip.network.topology = TopologyKind::kIdeal;
  chip.shared.kind = SharedMemoryKind::kNone;
  chip.memory.kind = MemoryKind::kIdeal;
  chip.memory.capacity_bytes = std::uint64_t{1} << 32;
  return chip;
}

TEST(ScaleSimTest, EveryGemmTakesTheReportedCyclesAndTheLast) {
  const std::vector<Reference> all = references();
  ASSERT_EQ(all.size(), 97U);
  for (const Reference& reference : all) {
    const GemmShape& shape = reference.shape;
    SimulationOptions options;
    options.tile = {static_cast<std::uint32_t>(shape.m),
                    static_cast<std::uint32_t>(shape.n),
                    static_cast<std::uint32_t>(shape.k),
                    1,
                    1,
                    1};
    const ChipRun run = run_on(only_an_array(reference), gemm_workload(shape), options);
    const std::uint64_t cycles = run.result.duration_fs / kFsPerNanosecond;
    const Femtoseconds rest_fs = run.result.duration_fs % kFsPerNanosecond;
    EXPECT_EQ(cycles, reference.reported_cycles + 1)
        << reference.rows << "x" << reference.columns << " " << reference.dataflow << " " << shape.m
        << " " << shape.n << " " << shape.k;
    EXPECT_LE(rest_fs, 10'000U) << "loads, store and dispatch";
  }
}

}  // namespace
}  // namespace orrery
