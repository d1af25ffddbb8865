// SPDX-License-Identifier: Apache-2.0
#include "power/energy.h"

#include <gtest/gtest.h>

#include "tests/support/power_sample.h"

namespace orrery {
namespace {

std::uint64_t picojoules(const DynamicEnergy& energy, EnergyPart part) {
  return static_cast<std::uint64_t>(energy[static_cast<std::size_t>(part)] / 1'000'000);
}

EventCounts counts() {
  EventCounts counts;
  counts.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)] = 1000;
  counts.vector_ops = 20;
  counts.special_ops = 30;
  counts.scratchpad_bytes = 400;
  counts.network_byte_hops = 500;
  counts.shared_bytes = 600;
  counts.hbm_bytes = 700;
  return counts;
}

TEST(Energy, EachEventCostsItsOwn) {
  const DynamicEnergy energy = dynamic_energy(counts(), sample_power().energy, 1000);
  EXPECT_EQ(picojoules(energy, EnergyPart::kTensor), 1000U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kVector), 50U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kScratchpad), 400U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kNetwork), 500U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kShared), 600U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kHbm), 700U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kStatic), 0U);
}

TEST(Energy, OperandsOfZerosSaveInAllButHbm) {
  const DynamicEnergy energy = dynamic_energy(counts(), sample_power().energy, 400);
  EXPECT_EQ(picojoules(energy, EnergyPart::kTensor), 400U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kShared), 240U);
  EXPECT_EQ(picojoules(energy, EnergyPart::kHbm), 700U);
}

TEST(Energy, DtypesAreToldApart) {
  EventCounts narrow;
  narrow.tensor_flop[static_cast<std::size_t>(Dtype::kFp8)] = 1000;
  EXPECT_EQ(picojoules(dynamic_energy(narrow, sample_power().energy, 1000), EnergyPart::kTensor),
            0U);
}

TEST(Energy, ASecondOfALargeChipFits) {
  EventCounts much;
  much.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)] = 10'000'000'000'000'000;  // 10 PFLOP
  const DynamicEnergy energy = dynamic_energy(much, sample_power().energy, 1000);
  EXPECT_EQ(picojoules(energy, EnergyPart::kTensor), 10'000'000'000'000'000U);
}

TEST(Energy, DifferencesAreTakenEventByEvent) {
  EventCounts before = counts();
  before.hbm_bytes = 1;
  const EventCounts between = counts() - before;
  EXPECT_EQ(between.hbm_bytes, 699U);
  EXPECT_EQ(between.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)], 0U);
}

}  // namespace
}  // namespace orrery
