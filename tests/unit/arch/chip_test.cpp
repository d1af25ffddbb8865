// SPDX-License-Identifier: Apache-2.0
#include "arch/chip.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/systemc_test.h"
#include "tests/unit/arch/scripted_kernel.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

class ChipTest : public SystemCTest {
 protected:
  static ChipConfig tiny() {
    return load_chip("tiny", std::string(ORRERY_SOURCE_DIR) + "/configs");
  }
  static std::vector<std::unique_ptr<Kernel>> one(ScriptedKernel kernel) {
    std::vector<std::unique_ptr<Kernel>> kernels;
    kernels.push_back(std::make_unique<ScriptedKernel>(std::move(kernel)));
    return kernels;
  }
};

// The load comes; a vector command waits for two of them, the store for the vector command.
TEST_F(ChipTest, AKernelThatNeverSignalsIsADeadlockWithTheChainOfWaits) {
  Chip chip("chip", tiny());
  const auto kernels = one(ScriptedKernel([](std::uint64_t, std::uint64_t) {
    Command load;
    load.kind = Command::Kind::kLoad;
    load.transfer.block.pitch_bytes = load.transfer.block.row_bytes = 4096;
    load.signal = 0;
    Command vector;
    vector.kind = Command::Kind::kVector;
    vector.wait_for(0, 2);
    vector.signal = 2;
    Command store = load;
    store.kind = Command::Kind::kStore;
    store.signal = kNoSemaphore;
    store.wait_for(2, 1);
    store.ends_tasks = 1;
    return std::array<std::vector<Command>, kStreamCount>{{{load}, {}, {vector}, {store}}};
  }));
  std::string message;
  try {
    chip.run(kernels);
  } catch (const DeadlockError& error) {
    message = error.what();
  }
  EXPECT_THAT(message, HasSubstr("no event is left and work is outstanding"));
  EXPECT_THAT(message, HasSubstr("chip.dispatcher waits for 1 of 1 tile tasks to end"));
  EXPECT_THAT(message,
              HasSubstr("chip.core_0 context 0 vector stream waits for semaphore 0 >= 2 (is 1)"));
  EXPECT_THAT(message,
              HasSubstr("chip.core_0 context 0 store stream waits for semaphore 2 >= 1 (is 0)"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("core_1")));  // it has no task and waits for none
}

TEST_F(ChipTest, AKernelThatContinuesTheOneBeforeIsNotLaunchedAndAnEarlyOneIsLaunchedSooner) {
  ChipConfig config = tiny();
  config.dispatch.dependent_launch_fs = 3 * kFsPerMicrosecond;
  config.dispatch.early_launch_fs = 2 * kFsPerMicrosecond;
  const ScriptedKernel first([](std::uint64_t, std::uint64_t) {
    Command store;
    store.kind = Command::Kind::kStore;
    store.transfer.block.pitch_bytes = store.transfer.block.row_bytes = 4096;
    store.ends_tasks = 1;
    return std::array<std::vector<Command>, kStreamCount>{{{}, {}, {}, {store}}};
  });
  Chip chip("chip", config);
  const auto duration_fs = [&](bool continuing, bool early = false) {
    chip.reset();
    std::vector<std::unique_ptr<Kernel>> kernels = one(first);
    auto second = std::make_unique<ScriptedKernel>(first);
    second->continuing = continuing;
    second->early = early;
    kernels.push_back(std::move(second));
    const OperatorRun run = chip.run(kernels);
    return run.end_fs - run.start_fs;
  };
  const Femtoseconds launched_fs = duration_fs(false);
  EXPECT_EQ(launched_fs - duration_fs(true), 3 * kFsPerMicrosecond);
  EXPECT_EQ(launched_fs - duration_fs(false, true), kFsPerMicrosecond);
}

}  // namespace
}  // namespace orrery
