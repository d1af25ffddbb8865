// SPDX-License-Identifier: Apache-2.0
#include "arch/core_module.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/arch/scripted_kernel.h"

// A core between a memory and a dispatcher that are not there: times by formula.
namespace orrery {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Femtoseconds kNs = kFsPerNanosecond;
constexpr Femtoseconds kSetUpFs = 20 * kNs;
constexpr Femtoseconds kReadFs = 100 * kNs;
constexpr Femtoseconds kWriteFs = 50 * kNs;

// Says at once when its answer will arrive.
struct FakeMemory : TransferTarget {
  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override {
    const bool reads = transfer.access == Access::kRead;
    (reads ? reads_fs : writes_fs).push_back(at_fs);
    const Femtoseconds end_fs = at_fs + (reads ? kReadFs : kWriteFs);
    transfer.mark(Stage::kMemory, end_fs);
    transfer.receivers_left = 1;
    initiator.complete(transfer, end_fs);
  }
  void spread(Transfer& /*transfer*/) const override {}

  std::vector<Femtoseconds> reads_fs, writes_fs;
};

// Hands out tasks 0, 1, ... at once, and notes when they end.
struct FakeDispatcher : TaskSource {
  void request_task(std::uint32_t /*core*/, std::uint32_t context) override {
    if (next < tasks) {
      core->assign_task(context, next++);
    } else {
      core->no_more_tasks(context);
    }
  }
  void end_tasks(std::uint32_t from, std::uint32_t count) override {
    for (std::uint32_t i = 0; i < count; ++i) {
      ends_fs.push_back(now_fs());
    }
    last_core = from;
  }

  TaskSink* core = nullptr;
  std::uint64_t next = 0, tasks = 1;
  std::vector<Femtoseconds> ends_fs;
  std::uint32_t last_core = 0;
};

// 1 GHz: a cycle is a nanosecond.
CoreConfig one_ghz() {
  CoreConfig config;
  config.max_contexts = 2;
  config.tensor.flop_per_cycle.fill(512);
  config.tensor.instruction_m = 16;
  config.tensor.instruction_n = 8;
  config.tensor.instruction_k_bytes = 16;
  config.tensor.fill_cycles = 16;
  config.tensor.issue_cycles = 2;
  config.tensor.accumulator_bytes = 32 * 1024;
  config.scratchpad.capacity_bytes = 128 * 1024;
  config.scratchpad.bank_bytes_per_cycle = 1024;  // out of the way
  config.dma.outstanding_bytes = 8192;
  config.dma.issue_cycles = 3;
  config.dma.max_transfer_bytes = 4096;
  return config;
}

DispatchConfig set_up() {
  DispatchConfig config;
  config.task_launch_fs = kSetUpFs;
  return config;
}

Command load_of(std::uint32_t bytes, std::uint8_t signal) {
  Command load;
  load.kind = Command::Kind::kLoad;
  load.transfer.block.pitch_bytes = 65536;
  load.transfer.block.row_bytes = bytes;
  load.signal = signal;
  return load;
}

// Load, multiply 16 x 8 x (8 * steps), store.
class CoreModuleTest : public SystemCTest {
 protected:
  CoreModuleTest() {
    core_.memory_port.bind(memory_);
    core_.dispatcher_port.bind(dispatcher_);
    dispatcher_.core = &core_;
  }
  static ScriptedKernel kernel_of(std::uint32_t load_bytes, std::uint32_t steps) {
    return ScriptedKernel([=](std::uint64_t, std::uint64_t position) {
      Command matmul;
      matmul.kind = Command::Kind::kMatmul;
      matmul.matmul = {16, 8, 8 * steps, Dtype::kBf16, 1, false};
      matmul.wait_for(0, position + 1);
      matmul.signal = 1;
      Command store = load_of(256, kNoSemaphore);
      store.kind = Command::Kind::kStore;
      store.wait_for(1, position + 1);
      store.ends_tasks = 1;
      return std::array<std::vector<Command>, kStreamCount>{
          {{load_of(load_bytes, 0)}, {matmul}, {}, {store}}};
    });
  }
  void run(const ScriptedKernel& kernel) {
    dispatcher_.tasks = kernel.tasks;
    core_.engine().accounting().begin(0);
    core_.begin_kernel(kernel, 0, 0, {});
    sc_core::sc_start();
  }
  // 16 cycles to fill, 2 to issue, 4 for 16 x 8 x 8 at 512 FLOP a cycle.
  static Femtoseconds multiply_fs(std::uint32_t steps) { return (16 + 2 + 4 * steps) * kNs; }

  TransferPool pool_;
  CounterRegistry counters_;
  FakeMemory memory_;
  FakeDispatcher dispatcher_;
  CoreModule core_{"core_7", one_ghz(), set_up(), 7, pool_, counters_};
};

TEST_F(CoreModuleTest, ATaskTakesItsStepsOneAfterAnother) {
  for (const std::uint32_t steps : {1U, 50U}) {
    dispatcher_.next = 0;
    dispatcher_.ends_fs.clear();
    const Femtoseconds start_fs = now_fs();
    run(kernel_of(4096, steps));
    EXPECT_THAT(dispatcher_.ends_fs,
                ElementsAre(start_fs + kSetUpFs + kReadFs + multiply_fs(steps) + kWriteFs));
    EXPECT_EQ(dispatcher_.last_core, 7U);
  }
  EXPECT_EQ(pool_.in_use(), 0U);
}

// Pieces of 4 KiB leave 3 cycles apart while there is credit for 8 KiB; the third waits for the
// first to come back, the fourth for the second.
TEST_F(CoreModuleTest, LoadsLeaveAtTheDmasPaceAndByItsCredits) {
  run(kernel_of(16384, 1));
  const Femtoseconds first_fs = kSetUpFs;
  EXPECT_THAT(memory_.reads_fs, ElementsAre(first_fs, first_fs + 3 * kNs, first_fs + kReadFs,
                                            first_fs + kReadFs + 3 * kNs));
  const Femtoseconds loaded_fs = first_fs + 2 * kReadFs + 3 * kNs;
  EXPECT_THAT(memory_.writes_fs, ElementsAre(loaded_fs + multiply_fs(1)));
  EXPECT_THAT(dispatcher_.ends_fs, ElementsAre(loaded_fs + multiply_fs(1) + kWriteFs));
}

TEST_F(CoreModuleTest, TasksFollowEachOther) {
  ScriptedKernel kernel = kernel_of(4096, 1);
  kernel.tasks = 3;
  run(kernel);
  const Femtoseconds task_fs = kSetUpFs + kReadFs + multiply_fs(1) + kWriteFs;
  EXPECT_THAT(dispatcher_.ends_fs, ElementsAre(task_fs, 2 * task_fs, 3 * task_fs));
}

TEST_F(CoreModuleTest, AnotherCoresSignalIsWaitedFor) {
  ScriptedKernel kernel([](std::uint64_t, std::uint64_t) {
    std::array<std::vector<Command>, kStreamCount> commands;
    commands[0] = {load_of(4096, 0)};
    commands[0].front().wait_for(9, 1);
    commands[0].front().ends_tasks = 1;
    return commands;
  });
  run(kernel);
  EXPECT_TRUE(memory_.reads_fs.empty());
  std::vector<std::string> lines;
  core_.report_waits(lines);
  EXPECT_THAT(lines,
              Contains(HasSubstr("core_7 context 0 load stream waits for semaphore 9 >= 1")));

  const Femtoseconds signal_fs = now_fs();
  core_.remote_signal(6, 0, 9, CauseKind::kCompute, {});
  sc_core::sc_start();
  EXPECT_THAT(memory_.reads_fs, ElementsAre(signal_fs));
  EXPECT_THAT(dispatcher_.ends_fs, ElementsAre(signal_fs + kReadFs));
}

}  // namespace
}  // namespace orrery
