// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arch/core_engine.h"

namespace orrery {

// A kernel written out by hand: `script(task, position)` gives a task's commands by stream, where
// `position` counts the tasks of the context.
class ScriptedKernel : public Kernel {
 public:
  using Script =
      std::function<std::array<std::vector<Command>, kStreamCount>(std::uint64_t, std::uint64_t)>;
  explicit ScriptedKernel(Script commands) : script(std::move(commands)) {}

  const std::string& name() const override { return name_; }
  std::uint64_t task_count() const override { return tasks; }
  std::uint32_t cluster_size() const override { return cluster; }
  std::uint32_t contexts_per_core() const override { return contexts; }
  std::uint32_t tasks_in_flight() const override { return in_flight; }
  bool continues() const override { return continuing; }
  bool launches_early() const override { return early; }
  std::uint64_t scratchpad_bytes() const override { return scratchpad; }
  std::uint64_t accumulator_bytes() const override { return accumulators; }
  std::unique_ptr<CoreProgram> make_program(std::uint32_t /*rank*/) const override {
    return std::make_unique<Program>(*this);
  }

  Script script;
  std::uint64_t tasks = 1;
  std::uint32_t cluster = 1, contexts = 1, in_flight = 1;
  std::uint64_t scratchpad = 1024, accumulators = 1024;
  bool continuing = false, early = false;

 private:
  class Program : public CoreProgram {
   public:
    explicit Program(const ScriptedKernel& kernel) : kernel_(kernel) {}
    void assign(std::uint64_t task) override {
      const auto commands = kernel_.script(task, assigned_++);
      for (std::size_t i = 0; i < kStreamCount; ++i) {
        queues_[i].insert(queues_[i].end(), commands[i].begin(), commands[i].end());
      }
    }
    void close() override { closed_ = true; }
    Next next(Stream stream, Command& command) override {
      std::deque<Command>& queue = queues_[static_cast<std::size_t>(stream)];
      if (queue.empty()) {
        return closed_ ? Next::kFinished : Next::kNeedsTask;
      }
      command = queue.front();
      queue.pop_front();
      return Next::kCommand;
    }

   private:
    const ScriptedKernel& kernel_;
    std::array<std::deque<Command>, kStreamCount> queues_;
    std::uint64_t assigned_ = 0;
    bool closed_ = false;
  };

  std::string name_ = "scripted";
};

// Memory that answers a read after 100 ns and takes a write after 50 ns, and a dispatcher that
// hands tasks out at once.
class FakeSurroundings : public CoreEnvironment {
 public:
  static constexpr Femtoseconds kReadFs = 100 * kFsPerNanosecond;
  static constexpr Femtoseconds kWriteFs = 50 * kFsPerNanosecond;
  struct Sent {
    Femtoseconds at_fs;
    Access access;
    Block block;
    std::uint32_t receivers;
  };
  struct Remote {
    std::uint32_t context;
    std::uint8_t semaphore;
    CauseKind cause;
  };

  void send(Transfer& transfer, Femtoseconds at_fs) override {
    sent.push_back({at_fs, transfer.access, transfer.blocks.front(), transfer.receiver_count});
    const Femtoseconds latency_fs = transfer.access == Access::kRead ? kReadFs : kWriteFs;
    transfer.mark(Stage::kMemory, at_fs + latency_fs);
    answers_.emplace(at_fs + latency_fs, &transfer);
  }
  void request_task(std::uint32_t context) override { requests_.push_back(context); }
  void signal_cluster(std::uint32_t context,
                      std::uint8_t semaphore,
                      CauseKind cause,
                      const LoadJourney& /*journey*/) override {
    remote.push_back({context, semaphore, cause});
  }
  void end_tasks(std::uint32_t count) override {
    ended += count;
    ends_fs.push_back(now_fs);
  }

  // Runs a kernel from time 0 until nothing moves; that time.
  Femtoseconds run(CoreEngine& engine, const ScriptedKernel& kernel) {
    engine.accounting().begin(0);
    engine.begin_kernel(kernel, 0, 0);
    std::uint64_t next_task = 0;
    for (;;) {
      engine.advance(now_fs);
      while (!requests_.empty()) {
        const std::uint32_t context = requests_.front();
        requests_.pop_front();
        if (next_task < kernel.tasks) {
          engine.assign(context, next_task++, now_fs);
        } else {
          engine.close(context);
        }
        engine.advance(now_fs);
      }
      Femtoseconds next_fs = engine.next_event_fs();
      for (const auto& [at_fs, transfer] : answers_) {
        if (!hands_over_late || engine.matters_delivery(*transfer)) {
          next_fs = std::min(next_fs, at_fs);
          break;
        }
      }
      if (next_fs == kNever) {
        return now_fs;
      }
      now_fs = next_fs;
      while (!answers_.empty() && answers_.begin()->first <= now_fs) {
        const auto [at_fs, transfer] = *answers_.begin();
        answers_.erase(answers_.begin());
        transfer->receivers_left = 1;  // the other receivers are not there
        engine.deliver(*transfer, at_fs);
        handed_over_late += at_fs < now_fs ? 1 : 0;
      }
    }
  }

  bool hands_over_late = false;  // what does not matter, only when something else happens
  std::uint64_t handed_over_late = 0;
  Femtoseconds now_fs = 0;
  std::vector<Sent> sent;
  std::vector<Remote> remote;
  std::uint64_t ended = 0;
  std::vector<Femtoseconds> ends_fs;

 private:
  std::multimap<Femtoseconds, Transfer*> answers_;
  std::deque<std::uint32_t> requests_;
};

}  // namespace orrery
