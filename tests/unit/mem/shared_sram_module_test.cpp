// SPDX-License-Identifier: Apache-2.0
#include "mem/shared_sram_module.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

class SharedSramModuleTest : public SystemCTest {
 protected:
  SharedSramModuleTest() {
    core_.port(sram_);
    sram_.memory_port(memory_);
  }
  CounterRegistry registry_;
  SharedSramModule sram_{"sram", small_sram(), 64, registry_};
  FixedMemory memory_{"memory", 300 * kNs};
  Sender core_{"core"};
};

TEST_F(SharedSramModuleTest, AFirstReadWaitsForMemoryALaterOneDoesNot) {
  Transfer& first = core_.at(0, tile(0, 0, 32, 128));
  first.expected_reads = 2;
  core_.at(1000 * kNs, tile(0, 0, 32, 128)).expected_reads = 2;
  sc_core::sc_start();
  EXPECT_EQ(core_.recorder.done_fs[1], 350 * kNs);
  EXPECT_EQ(core_.recorder.done_fs[2], (1000 + 32 + 50) * kNs);
  EXPECT_EQ(first.segments[0].stage, Stage::kMemory);
  EXPECT_EQ(first.segments[1].stage, Stage::kShared);
  EXPECT_EQ(registry_.value("sram.freed_bytes"), 4096U);
}

TEST_F(SharedSramModuleTest, FillsComeFromTheNodesOfTheirBanks) {
  core_.at(0, tile(0, 0, 512, 64));
  sc_core::sc_start();
  EXPECT_EQ(memory_.sources.size(), 4U);
  for (const NodeId source : memory_.sources) {
    EXPECT_GE(source, 64U);
    EXPECT_LT(source, 68U);
  }
}

TEST_F(SharedSramModuleTest, ResetWithWorkOutstandingIsRefused) {
  core_.at(0, tile(0, 0, 32, 128));
  sc_core::sc_start(10, sc_core::SC_NS);
  EXPECT_THROW(sram_.reset_timing(), std::logic_error);
  std::vector<std::string> lines;
  sram_.report_waits(lines);
  EXPECT_FALSE(lines.empty());
  sc_core::sc_start();
  EXPECT_NO_THROW(sram_.invalidate());
}

}  // namespace
}  // namespace orrery
