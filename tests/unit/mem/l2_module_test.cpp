// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_module.h"

#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

class L2ModuleTest : public SystemCTest {
 protected:
  CounterRegistry registry_;
};

TEST_F(L2ModuleTest, AMissTakesMemoryAndLatencyAndAHitTheLatency) {
  L2Module l2("l2", small_l2(), 0, 100, registry_);
  FixedMemory memory("memory", 300 * kNs);
  Sender core("core");
  core.port(l2);
  l2.memory_port(memory);
  Transfer& miss = core.at(10 * kNs, tile(0, 0, 128, 128));
  Transfer& hit = core.at(1000 * kNs, tile(0, 0, 128, 128));
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.done_fs[1], (10 + 300 + 100) * kNs);
  EXPECT_EQ(core.recorder.done_fs[2], (1000 + 32 + 100) * kNs);  // 16 KiB over 8 slices
  EXPECT_EQ(memory.read_bytes, 128U * 128);
  EXPECT_EQ(memory.sources, std::vector<NodeId>{100});
  ASSERT_EQ(miss.segment_count, 2U);
  EXPECT_EQ(miss.segments[0].stage, Stage::kMemory);
  EXPECT_EQ(miss.segments[0].end_fs, 310 * kNs);
  EXPECT_EQ(miss.segments[1].stage, Stage::kShared);
  EXPECT_EQ(hit.segment_count, 1U);
  EXPECT_EQ(registry_.value("l2.hit_bytes"), 128U * 128);
}

TEST_F(L2ModuleTest, SpreadNamesThePartition) {
  L2Module l2("l2", small_l2(), 0, 100, registry_);
  Transfer transfer = transfer_of(tile(0, 0, 128, 128));
  l2.spread(transfer);
  ASSERT_EQ(transfer.shares.size(), 1U);
  EXPECT_EQ(transfer.shares[0].node, 100U);
  EXPECT_EQ(transfer.shares[0].bytes, 128U * 128);
}

TEST_F(L2ModuleTest, FillsNeverExceedTheirCredits) {
  SharedMemoryConfig config = small_l2();
  config.fill_outstanding_bytes = 16384;
  L2Module l2("l2", config, 0, 100, registry_);
  FixedMemory memory("memory", 300 * kNs);
  Sender core("core");
  core.port(l2);
  l2.memory_port(memory);
  for (std::uint32_t i = 0; i < 20; ++i) {
    core.at(0, tile(i * 64, 0, 64, 128));
  }
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.order.size(), 20U);
  EXPECT_EQ(memory.most_outstanding_bytes, 16384U);
}

class L2ModulesOfTwoPartitions : public L2ModuleTest {
 protected:
  L2ModulesOfTwoPartitions() {
    for (std::uint32_t p = 0; p < 2; ++p) {
      core_[p]->port(*l2_[p]);
      l2_[p]->memory_port(memory_);
      l2_[p]->peer_port(*l2_[1 - p]);
      l2_[p]->peer_copies(*l2_[1 - p]);
    }
  }
  FixedMemory memory_{"memory", 300 * kNs};
  std::unique_ptr<L2Module> l2_[2] = {
      std::make_unique<L2Module>("l2_0", small_l2(2), 0, 100, registry_),
      std::make_unique<L2Module>("l2_1", small_l2(2), 1, 101, registry_)};
  std::unique_ptr<Sender> core_[2] = {std::make_unique<Sender>("core_0"),
                                      std::make_unique<Sender>("core_1")};
};

TEST_F(L2ModulesOfTwoPartitions, BothHalvesReadMemoryOnce) {
  for (std::uint32_t row = 0; row < 1024; row += 128) {
    core_[0]->at(0, tile(row, 0, 128, 128), Access::kRead, 0);
    core_[1]->at(0, tile(row, 0, 128, 128), Access::kRead, 1);
  }
  sc_core::sc_start();
  EXPECT_EQ(core_[0]->recorder.order.size(), 8U);
  EXPECT_EQ(core_[1]->recorder.order.size(), 8U);
  EXPECT_EQ(memory_.read_bytes, 1024U * 128);
}

TEST_F(L2ModulesOfTwoPartitions, AFarReadPaysBothLatencies) {
  std::uint32_t row = 0;
  while (l2_[0]->engine().home_of({0, 8192, 4096, row, 0}) != 1) {
    row += 32;
  }
  core_[0]->at(0, tile(row, 0, 32, 128));
  sc_core::sc_start();
  EXPECT_EQ(core_[0]->recorder.done_fs[1], (300 + 100 + 100) * kNs);
}

TEST_F(L2ModulesOfTwoPartitions, ACopyIsReadAgainAfterItsHomeWasWritten) {
  std::uint32_t row = 0;
  while (l2_[0]->engine().home_of({0, 8192, 4096, row, 0}) != 1) {
    row += 32;
  }
  core_[0]->at(0, tile(row, 0, 32, 128), Access::kRead, 0);
  core_[1]->at(1000 * kNs, tile(row, 0, 32, 128), Access::kWrite, 1);
  core_[0]->at(2000 * kNs, tile(row, 0, 32, 128), Access::kRead, 0);
  sc_core::sc_start();
  EXPECT_EQ(registry_.value("l2_0.dropped_copies"), 1U);
  EXPECT_EQ(registry_.value("l2_0.fill_bytes"), 8192U);
  EXPECT_EQ(memory_.read_bytes, 4096U);
}

TEST_F(L2ModuleTest, ResetWithWorkOutstandingIsRefused) {
  L2Module l2("l2", small_l2(), 0, 100, registry_);
  FixedMemory memory("memory", 300 * kNs);
  Sender core("core");
  core.port(l2);
  l2.memory_port(memory);
  core.at(0, tile(0, 0, 32, 128));
  sc_core::sc_start(10, sc_core::SC_NS);
  EXPECT_THROW(l2.reset_timing(), std::logic_error);
  EXPECT_THROW(l2.invalidate(), std::logic_error);
  std::vector<std::string> lines;
  l2.report_waits(lines);
  EXPECT_FALSE(lines.empty());
  sc_core::sc_start();
  EXPECT_NO_THROW(l2.reset_timing());
}

}  // namespace
}  // namespace orrery
