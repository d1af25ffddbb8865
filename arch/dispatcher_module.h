// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <systemc>

#include "arch/dispatch_ports.h"
#include "arch/dispatcher_engine.h"
#include "arch/kernel_progress.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

// The dispatcher of a chip: answers requests for tasks once a kernel has been launched, and pauses
// the simulation when the kernel's last task has ended.
class DispatcherModule : public sc_core::sc_module, public TaskSource, public WaitReporter {
 public:
  DispatcherModule(const sc_core::sc_module_name& name, CounterRegistry& counters);

  // Requests are answered from `start_fs` on. `sinks` by core number; they outlive the kernel.
  void launch(const DispatcherEngine::Grid& grid,
              Femtoseconds start_fs,
              std::vector<TaskSink*> sinks);
  // Counts ended tasks there and pauses where it says; null: does not.
  void watch(KernelProgress* progress) { progress_ = progress; }
  DispatcherEngine& engine() { return engine_; }
  bool all_ended() const { return engine_.all_ended(); }
  Femtoseconds end_fs() const { return end_fs_; }

  void request_task(std::uint32_t core, std::uint32_t context) override;
  void end_tasks(std::uint32_t core, std::uint32_t count) override;
  void report_waits(std::vector<std::string>& lines) const override;
  void reset();

 private:
  struct Item {
    bool is_request = false;
    std::uint32_t core = 0;
    std::uint32_t context = 0;
    std::uint32_t ended = 0;
  };
  void work();

  DispatcherEngine engine_;
  Inbox<Item> inbox_;
  std::vector<TaskSink*> sinks_;
  Femtoseconds start_fs_ = 0;
  Femtoseconds end_fs_ = 0;
  bool running_ = false;
  KernelProgress* progress_ = nullptr;
  WakeUp wake_up_;
};

}  // namespace orrery
