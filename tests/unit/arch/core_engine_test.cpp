// SPDX-License-Identifier: Apache-2.0
#include "arch/core_engine.h"

#include <numeric>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/arch/scripted_kernel.h"

namespace orrery {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr Femtoseconds kNs = kFsPerNanosecond;

// A core of the chip `tiny`, at 1 GHz: a cycle is a nanosecond.
CoreConfig small_core() {
  CoreConfig config;
  config.max_contexts = 2;
  config.tensor.flop_per_cycle.fill(512);
  config.tensor.instruction_m = 16;
  config.tensor.instruction_n = 8;
  config.tensor.instruction_k_bytes = 16;
  config.tensor.fill_cycles = 16;
  config.tensor.issue_cycles = 2;
  config.tensor.accumulator_bytes = 32 * 1024;
  config.vector.fp32_ops_per_cycle = 16;
  config.vector.startup_cycles = 4;
  config.scratchpad.capacity_bytes = 128 * 1024;
  config.scratchpad.banks = 16;
  config.dma.outstanding_bytes = 32 * 1024;
  config.dma.max_transfer_bytes = 16 * 1024;
  return config;
}

DispatchConfig twenty_ns_a_task() {
  DispatchConfig config;
  config.task_launch_fs = 20 * kNs;
  return config;
}

Block row(std::uint32_t bytes) {
  Block block;
  block.pitch_bytes = 65536;
  block.row_bytes = bytes;
  return block;
}

// Load 4096 B -> 16x8x8 matmul (22 cycles, 6 when the pipe is full) -> 64 operations (8 cycles) ->
// store 256 B, joined by semaphores 0, 1 and 2.
std::array<std::vector<Command>, kStreamCount> one_of_each(std::uint64_t /*task*/,
                                                           std::uint64_t position) {
  Command load;
  load.kind = Command::Kind::kLoad;
  load.transfer.block = row(4096);
  load.signal = 0;
  Command matmul;
  matmul.kind = Command::Kind::kMatmul;
  matmul.matmul = {16, 8, 8, Dtype::kBf16, 1, false};
  matmul.useful_flop = 2000;
  matmul.wait_for(0, position + 1);
  matmul.signal = 1;
  Command vector;
  vector.kind = Command::Kind::kVector;
  vector.vector.alu_ops = 64;
  vector.wait_for(1, position + 1);
  vector.signal = 2;
  Command store;
  store.kind = Command::Kind::kStore;
  store.transfer.block = row(256);
  store.wait_for(2, position + 1);
  store.ends_tasks = 1;
  return {{{load}, {matmul}, {vector}, {store}}};
}

class CoreEngineTest : public ::testing::Test {
 protected:
  CoreEngine make(const CoreConfig& config = small_core()) {
    return {config, twenty_ns_a_task(), 0, pool_, surroundings_};
  }
  static Femtoseconds part(const TimeSplit& split, TimeCategory category) {
    return split[static_cast<std::size_t>(category)];
  }

  TransferPool pool_;
  FakeSurroundings surroundings_;
};

// 20 set-up, 100 load, 22 matmul, 8 vector, 50 store.
TEST_F(CoreEngineTest, ATaskTakesItsStepsOneAfterAnother) {
  CoreEngine engine = make();
  const ScriptedKernel kernel(one_of_each);
  EXPECT_EQ(surroundings_.run(engine, kernel), 200 * kNs);
  EXPECT_EQ(surroundings_.ended, 1U);
  EXPECT_TRUE(engine.is_done());
  EXPECT_FALSE(engine.holds_tasks());
  EXPECT_EQ(pool_.in_use(), 0U);
  ASSERT_EQ(surroundings_.sent.size(), 2U);
  EXPECT_EQ(surroundings_.sent[0].at_fs, 20 * kNs);
  EXPECT_EQ(surroundings_.sent[0].access, Access::kRead);
  EXPECT_EQ(surroundings_.sent[1].at_fs, 150 * kNs);
  EXPECT_EQ(surroundings_.sent[1].access, Access::kWrite);
}

// Half as fast: the load is there after 128 ns from the start, for its 4096 B take the scratchpad
// as long; 44 matmul, 16 vector, 50 store.
TEST_F(CoreEngineTest, ItsClockIsThatOfItsUnitsAndNotOfMemory) {
  CoreEngine engine = make();
  engine.set_clock(500'000'000);
  const ScriptedKernel kernel(one_of_each);
  EXPECT_EQ(surroundings_.run(engine, kernel), 238 * kNs);
}

TEST_F(CoreEngineTest, EnergysEventsAreCountedByDtypeAndWithoutPadding) {
  CoreEngine engine = make();
  const ScriptedKernel kernel(one_of_each);
  surroundings_.run(engine, kernel);
  const CoreCounters& counters = engine.counters();
  EXPECT_EQ(counters.tensor_flop[static_cast<std::size_t>(Dtype::kBf16)].value(), 2U * 16 * 8 * 8);
  EXPECT_EQ(counters.tensor_flop[static_cast<std::size_t>(Dtype::kFp8)].value(), 0U);
  EXPECT_EQ(counters.vector_ops.value(), 64U);
}

TEST_F(CoreEngineTest, TimeIsAccountedToTheFemtosecond) {
  CoreEngine engine = make();
  const ScriptedKernel kernel(one_of_each);
  const Femtoseconds end_fs = surroundings_.run(engine, kernel);
  const TimeSplit split = engine.accounting().finish(end_fs, end_fs);
  EXPECT_EQ(part(split, TimeCategory::kLaunch), 20 * kNs);
  EXPECT_EQ(part(split, TimeCategory::kLoadMemory), 100 * kNs);
  EXPECT_EQ(part(split, TimeCategory::kTensor), 22 * kNs);
  EXPECT_EQ(part(split, TimeCategory::kVector), 8 * kNs);
  EXPECT_EQ(part(split, TimeCategory::kStore), 50 * kNs);
  EXPECT_EQ(std::accumulate(split.begin(), split.end(), Femtoseconds{0}), end_fs);
}

TEST_F(CoreEngineTest, CountersSayWhatWasDone) {
  CoreEngine engine = make();
  const ScriptedKernel kernel(one_of_each);
  surroundings_.run(engine, kernel);
  const CoreCounters& counters = engine.counters();
  EXPECT_EQ(counters.load_bytes.value(), 4096U);
  EXPECT_EQ(counters.store_bytes.value(), 256U);
  EXPECT_EQ(counters.transfers.value(), 2U);
  EXPECT_EQ(counters.tasks.value(), 1U);
  EXPECT_EQ(counters.matmuls.value(), 1U);
  EXPECT_EQ(counters.vector_commands.value(), 1U);
  EXPECT_EQ(counters.useful_flop.value(), 2000U);
  EXPECT_EQ(counters.padded_flop.value(), 2048U);
  EXPECT_EQ(counters.tensor_busy_fs.value(), 22 * kNs);
  EXPECT_EQ(counters.vector_busy_fs.value(), 8 * kNs);
  EXPECT_EQ(counters.scratchpad_bytes.value(), 4096U + 256 + (16 * 8 + 8 * 8) * 2);
}

TEST_F(CoreEngineTest, OneTaskAtATimeFollowsTheOneBefore) {
  CoreEngine engine = make();
  ScriptedKernel kernel(one_of_each);
  kernel.tasks = 3;
  EXPECT_EQ(surroundings_.run(engine, kernel), 600 * kNs);
  EXPECT_EQ(surroundings_.ended, 3U);
}

// The second load leaves a cycle after the first. The scratchpad, busy with the first load until
// 120 and the first matmul's operands until 126, has taken it in at 190; 22, 8 and 50 follow.
TEST_F(CoreEngineTest, TwoTasksInFlightOverlapLoadsAndStores) {
  CoreEngine engine = make();
  ScriptedKernel kernel(one_of_each);
  kernel.tasks = 2;
  kernel.in_flight = 2;
  EXPECT_EQ(surroundings_.run(engine, kernel), 270 * kNs);
  EXPECT_EQ(surroundings_.ended, 2U);
  EXPECT_EQ(surroundings_.ends_fs.front(), 200 * kNs);
  EXPECT_EQ(surroundings_.sent[1].at_fs, 21 * kNs);
  EXPECT_EQ(surroundings_.sent[1].access, Access::kRead);
}

TEST_F(CoreEngineTest, TwoContextsShareTheUnits) {
  CoreConfig config = small_core();
  config.scratchpad.bank_bytes_per_cycle = 1024;  // bandwidth out of the way
  CoreEngine engine = make(config);
  ScriptedKernel kernel(one_of_each);
  kernel.tasks = 2;
  kernel.contexts = 2;
  // Loads leave at 20 and 21; matmuls 120..142 and, in a full pipe, 142..148; vector work
  // 142..150 and 150..158; stores 50 more.
  EXPECT_EQ(surroundings_.run(engine, kernel), 208 * kNs);
  EXPECT_EQ(surroundings_.ends_fs, (std::vector<Femtoseconds>{200 * kNs, 208 * kNs}));
}

// As above, but results of the vector unit take 10 more: 150 to 160, and 158 to 168.
TEST_F(CoreEngineTest, OthersUseTheVectorUnitWhileAResultSettles) {
  CoreConfig config = small_core();
  config.scratchpad.bank_bytes_per_cycle = 1024;
  CoreEngine engine = make(config);
  ScriptedKernel kernel([](std::uint64_t task, std::uint64_t position) {
    auto commands = one_of_each(task, position);
    commands[static_cast<std::size_t>(Stream::kVector)][0].vector.latency_cycles = 10;
    return commands;
  });
  kernel.tasks = 2;
  kernel.contexts = 2;
  EXPECT_EQ(surroundings_.run(engine, kernel), 218 * kNs);
  EXPECT_EQ(surroundings_.ends_fs, (std::vector<Femtoseconds>{210 * kNs, 218 * kNs}));
  EXPECT_TRUE(engine.is_done());
}

// 142..150, there at 160; 160..168, there at 178; 50 for the store.
TEST_F(CoreEngineTest, TheNextVectorCommandOfAStreamWaitsUntilAResultIsThere) {
  CoreEngine engine = make();
  const ScriptedKernel kernel([](std::uint64_t task, std::uint64_t position) {
    auto commands = one_of_each(task, position);
    auto& vector = commands[static_cast<std::size_t>(Stream::kVector)];
    vector[0].vector.latency_cycles = 10;
    vector.push_back(vector[0]);
    commands[static_cast<std::size_t>(Stream::kStore)][0].waits[0].value = 2;
    return commands;
  });
  EXPECT_EQ(surroundings_.run(engine, kernel), 228 * kNs);
}

// Tensor work outlasts the loads, so that many arrive while nothing could start by them.
TEST_F(CoreEngineTest, WhatDoesNotMatterYetMayBeHandedOverLate) {
  std::uint64_t late = 0;
  for (const std::uint32_t contexts : {1U, 2U}) {
    for (const std::uint32_t in_flight : {1U, 2U, 3U}) {
      ScriptedKernel kernel([](std::uint64_t task, std::uint64_t position) {
        auto commands = one_of_each(task, position);
        commands[0].front().transfer.block = row(task % 3 == 0 ? 1000 : 7000);
        commands[1].front().matmul.k = static_cast<std::uint32_t>(64 << task % 4);
        return commands;
      });
      kernel.tasks = 12;
      kernel.contexts = contexts;
      kernel.in_flight = in_flight;
      CoreConfig config = small_core();
      config.dma.outstanding_bytes = 9000;
      FakeSurroundings prompt;
      CoreEngine first(config, twenty_ns_a_task(), 0, pool_, prompt);
      const Femtoseconds end_fs = prompt.run(first, kernel);
      FakeSurroundings slack;
      slack.hands_over_late = true;
      CoreEngine second(config, twenty_ns_a_task(), 0, pool_, slack);
      EXPECT_EQ(slack.run(second, kernel), end_fs);
      EXPECT_EQ(slack.ends_fs, prompt.ends_fs);
      EXPECT_EQ(second.accounting().finish(end_fs, end_fs),
                first.accounting().finish(end_fs, end_fs));
      late += slack.handed_over_late;
    }
  }
  EXPECT_GT(late, 0U);
}

TEST_F(CoreEngineTest, AMatmulEndsNoSoonerThanItsOperandsAreRead) {
  CoreConfig config = small_core();
  config.scratchpad.banks = 4;
  config.scratchpad.bank_bytes_per_cycle = 1;
  CoreEngine engine = make(config);
  const ScriptedKernel kernel([](std::uint64_t, std::uint64_t) {
    std::array<std::vector<Command>, kStreamCount> commands;
    Command matmul;
    matmul.kind = Command::Kind::kMatmul;
    matmul.matmul = {16, 8, 8, Dtype::kBf16, 1, false};
    matmul.ends_tasks = 1;
    commands[1].push_back(matmul);
    return commands;
  });
  EXPECT_EQ(surroundings_.run(engine, kernel), (20 + 384 / 4) * kNs);
}

TEST_F(CoreEngineTest, LoadsSignalInOrderThoughPiecesCrossInFlight) {
  // Two loads signal semaphore 0; a vector command waits for each count.
  CoreEngine engine = make();
  const ScriptedKernel kernel([](std::uint64_t, std::uint64_t) {
    std::array<std::vector<Command>, kStreamCount> commands;
    for (std::uint64_t i = 0; i < 2; ++i) {
      Command load;
      load.kind = Command::Kind::kLoad;
      load.transfer.block = row(i == 0 ? 40000 : 16);  // three pieces, then one
      load.signal = 0;
      commands[0].push_back(load);
      Command vector;
      vector.kind = Command::Kind::kVector;
      vector.wait_for(0, i + 1);
      vector.ends_tasks = i == 1 ? 1 : 0;
      commands[2].push_back(vector);
    }
    return commands;
  });
  surroundings_.run(engine, kernel);
  EXPECT_EQ(surroundings_.ended, 1U);
  EXPECT_EQ(surroundings_.sent.size(), 4U);
  EXPECT_EQ(engine.counters().load_bytes.value(), 40016U);
}

TEST_F(CoreEngineTest, AMulticastReachesTheClusterAndSignalsIt) {
  CoreEngine engine = make();
  ScriptedKernel kernel([](std::uint64_t task, std::uint64_t position) {
    auto commands = one_of_each(task, position);
    commands[0].front().transfer.multicast = {0, 2};
    return commands;
  });
  kernel.cluster = 2;
  surroundings_.run(engine, kernel);
  EXPECT_EQ(surroundings_.sent.front().receivers, 2U);
  EXPECT_EQ(surroundings_.sent.back().receivers, 1U);
  ASSERT_EQ(surroundings_.remote.size(), 1U);
  EXPECT_EQ(surroundings_.remote.front().semaphore, 0U);
  EXPECT_EQ(surroundings_.remote.front().cause, CauseKind::kLoad);
}

TEST_F(CoreEngineTest, ARemoteSignalCountsLikeAnOwnOne) {
  CoreEngine engine = make();
  const ScriptedKernel kernel([](std::uint64_t, std::uint64_t) {
    std::array<std::vector<Command>, kStreamCount> commands;
    Command vector;
    vector.kind = Command::Kind::kVector;
    vector.wait_for(9, 1);
    vector.ends_tasks = 1;
    commands[2].push_back(vector);
    return commands;
  });
  EXPECT_EQ(surroundings_.run(engine, kernel), 20 * kNs);
  EXPECT_EQ(surroundings_.ended, 0U);
  std::vector<std::string> lines;
  engine.report_waits("core 0", lines);
  EXPECT_THAT(lines,
              Contains(HasSubstr("core 0 context 0 vector stream waits for semaphore 9 >= 1")));
  engine.remote_signal(0, 9, CauseKind::kCompute, {}, 70 * kNs);
  engine.advance(70 * kNs);
  engine.advance(74 * kNs);
  EXPECT_EQ(surroundings_.ended, 1U);
  const TimeSplit split = engine.accounting().finish(74 * kNs, 74 * kNs);
  EXPECT_EQ(part(split, TimeCategory::kSync), 50 * kNs);
}

TEST_F(CoreEngineTest, KernelsThatDoNotFitAreRefused) {
  CoreEngine engine = make();
  const auto refusal = [&](const ScriptedKernel& kernel) -> std::string {
    try {
      engine.begin_kernel(kernel, 0, 0);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  ScriptedKernel kernel(one_of_each);
  kernel.contexts = 2;
  kernel.scratchpad = 64 * 1024;
  EXPECT_EQ(refusal(kernel), "");
  ++kernel.scratchpad;
  EXPECT_THAT(refusal(kernel), HasSubstr("65537 B of scratchpad in each of 2 contexts"));
  kernel.scratchpad = 1;
  kernel.accumulators = 16 * 1024 + 1;
  EXPECT_THAT(refusal(kernel), HasSubstr("accumulators"));
  kernel.accumulators = 1;
  kernel.contexts = 3;
  EXPECT_THAT(refusal(kernel), HasSubstr("3 contexts"));
}

}  // namespace
}  // namespace orrery
