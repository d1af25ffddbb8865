// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_module.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/mem/memory_test_parts.h"

namespace orrery {
namespace {

class HbmModuleTest : public SystemCTest {
 protected:
  CounterRegistry registry_;
};

TEST_F(HbmModuleTest, AnswersAtTheEnginesTimeAndMarksMemory) {
  HbmModule hbm("hbm", small_hbm(), 10, registry_);
  Sender core("core");
  core.port(hbm);
  Transfer& transfer = core.at(50 * kNs, tile(0, 0, 1, 32));
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.done_fs[1], (50 + 4 + 140) * kNs);
  ASSERT_EQ(transfer.segment_count, 1U);
  EXPECT_EQ(transfer.segments[0].stage, Stage::kMemory);
  EXPECT_EQ(transfer.segments[0].end_fs, 194 * kNs);
  EXPECT_EQ(registry_.value("hbm.read_bytes"), 32U);
}

TEST_F(HbmModuleTest, SeveralInitiatorsShareTheBandwidth) {
  HbmModule hbm("hbm", small_hbm(), 10, registry_);
  Sender a("a");
  Sender b("b");
  a.port(hbm);
  b.port(hbm);
  a.at(0, tile(0, 0, 1, 4096), Access::kRead, 0);
  b.at(0, tile(0, 4096, 1, 4096), Access::kRead, 1);
  sc_core::sc_start();
  EXPECT_EQ(a.recorder.done_fs[1], (128 + 140) * kNs);
  EXPECT_EQ(b.recorder.done_fs[1], (256 + 140) * kNs);
}

TEST_F(HbmModuleTest, AUserBeyondItsCreditsWaits) {
  HbmConfig config = small_hbm();
  config.outstanding_bytes = 4096;
  HbmModule hbm("hbm", config, 10, registry_);
  Sender core("core");
  core.port(hbm);
  core.at(0, tile(0, 0, 1, 4096));
  core.at(0, tile(1, 0, 1, 4096));
  core.at(0, tile(2, 0, 1, 4096), Access::kRead, 1);  // another user
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.done_fs[1], (128 + 140) * kNs);
  EXPECT_EQ(core.recorder.done_fs[3], (256 + 140) * kNs);
  EXPECT_EQ(core.recorder.done_fs[2], (128 + 140 + 128 + 140) * kNs);
}

TEST_F(HbmModuleTest, SpreadTellsTheBytesOfEachStackOrChannel) {
  HbmConfig config = small_hbm();
  for (const bool per_channel : {false, true}) {
    config.node_per_channel = per_channel;
    HbmModule hbm(per_channel ? "by_channel" : "by_stack", config, 10, registry_);
    Transfer transfer = transfer_of(tile(3, 128, 100, 1024));
    hbm.spread(transfer);
    std::uint64_t sum = 0;
    for (const Share& share : transfer.shares) {
      EXPECT_GE(share.node, 10U);
      EXPECT_LT(share.node, 10U + config.node_count());
      sum += share.bytes;
    }
    EXPECT_EQ(transfer.shares.size(), per_channel ? 4U : 2U);
    EXPECT_EQ(sum, 100U * 1024);
  }
}

TEST_F(HbmModuleTest, ResetWithWorkOutstandingIsRefused) {
  HbmConfig config = small_hbm();
  config.outstanding_bytes = 32;
  HbmModule hbm("hbm", config, 10, registry_);
  Sender core("core");
  core.port(hbm);
  core.at(0, tile(0, 0, 1, 32));
  core.at(0, tile(1, 0, 1, 32));
  sc_core::sc_start(1, sc_core::SC_NS);
  EXPECT_THROW(hbm.reset(), std::logic_error);
  std::vector<std::string> lines;
  hbm.report_waits(lines);
  EXPECT_EQ(lines.size(), 1U);
  sc_core::sc_start();
  EXPECT_NO_THROW(hbm.reset());
}

TEST_F(HbmModuleTest, IdealMemoryAnswersInTheSameInstant) {
  HbmConfig config;
  config.kind = MemoryKind::kIdeal;
  HbmModule hbm("hbm", config, 10, registry_);
  Sender core("core");
  core.port(hbm);
  core.at(7 * kNs, tile(0, 0, 128, 128));
  sc_core::sc_start();
  EXPECT_EQ(core.recorder.done_fs[1], 7 * kNs);
}

}  // namespace
}  // namespace orrery
