// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program_checker.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

// One task of one load and one store, with a fault on demand.
enum class Fault : std::uint8_t { kNone, kDeadlock, kEndsTwice, kRunsAhead, kLeavesMatrix };

class OneLoadProgram : public CoreProgram {
 public:
  explicit OneLoadProgram(Fault fault) : fault_(fault) {}
  void assign(std::uint64_t /*task*/) override { ++assigned_; }
  void close() override { closed_ = true; }
  Next next(Stream stream, Command& command) override {
    std::uint64_t& done = done_[static_cast<std::size_t>(stream)];
    const bool moves = stream == Stream::kLoad || stream == Stream::kStore;
    if (!moves || done == assigned_) {
      return closed_ ? Next::kFinished : Next::kNeedsTask;
    }
    ++done;
    command = Command{};
    command.kind = stream == Stream::kLoad ? Command::Kind::kLoad : Command::Kind::kStore;
    command.transfer.block.pitch_bytes = 64;
    command.transfer.block.row_bytes = fault_ == Fault::kLeavesMatrix ? 65 : 64;
    if (stream == Stream::kLoad) {
      command.signal = 0;
    } else {
      command.wait_for(0, done + (fault_ == Fault::kDeadlock ? 1 : 0));
      command.ends_tasks = fault_ == Fault::kEndsTwice ? 2 : 1;
    }
    return Next::kCommand;
  }

 private:
  Fault fault_;
  std::uint64_t assigned_ = 0;
  std::array<std::uint64_t, kStreamCount> done_{};
  bool closed_ = false;
};

class OneLoadKernel : public Kernel {
 public:
  explicit OneLoadKernel(Fault fault) : fault_(fault) {}
  const std::string& name() const override { return name_; }
  std::uint64_t task_count() const override { return 5; }
  std::uint32_t tasks_in_flight() const override { return 2; }
  std::uint64_t scratchpad_bytes() const override { return fault_ == Fault::kRunsAhead ? 64 : 128; }
  std::uint64_t accumulator_bytes() const override { return 0; }
  std::unique_ptr<CoreProgram> make_program(std::uint32_t /*rank*/) const override {
    return std::make_unique<OneLoadProgram>(fault_);
  }

 private:
  Fault fault_;
  std::string name_ = "one load";
};

std::string failure_of(Fault fault) {
  return run_programs(OneLoadKernel(fault), 1, Interleaving::kLoadsFirst).failure;
}

TEST(ProgramChecker, passes_a_kernel_that_is_right) {
  const ProgramCount count = run_programs(OneLoadKernel(Fault::kNone), 2);
  EXPECT_EQ(count.failure, "");
  EXPECT_EQ(count.tasks_ended, 5U);
  EXPECT_EQ(count.load_bytes.at(0), 5U * 64);
}

TEST(ProgramChecker, says_who_waits_for_what_in_a_deadlock) {
  EXPECT_NE(failure_of(Fault::kDeadlock).find("store is stuck, waits for semaphore 0"),
            std::string::npos);
}

TEST(ProgramChecker, finds_tasks_that_end_twice) {
  EXPECT_NE(failure_of(Fault::kEndsTwice).find("more tasks than it was given"), std::string::npos);
}

TEST(ProgramChecker, finds_loads_that_overrun_the_scratchpad) {
  EXPECT_NE(failure_of(Fault::kRunsAhead).find("128 bytes ahead"), std::string::npos);
}

TEST(ProgramChecker, finds_blocks_that_leave_their_matrix) {
  EXPECT_NE(failure_of(Fault::kLeavesMatrix).find("leaves its matrix"), std::string::npos);
}

}  // namespace
}  // namespace orrery
