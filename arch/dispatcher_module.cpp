// SPDX-License-Identifier: Apache-2.0
#include "arch/dispatcher_module.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/sim_time.h"

namespace orrery {

DispatcherModule::DispatcherModule(const sc_core::sc_module_name& name, CounterRegistry& counters)
    : sc_module(name), wake_up_(this->name(), counters) {
  SC_HAS_PROCESS(DispatcherModule);
  SC_METHOD(work);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

void DispatcherModule::launch(const DispatcherEngine::Grid& grid,
                              Femtoseconds start_fs,
                              std::vector<TaskSink*> sinks) {
  inbox_.clear();  // requests of the kernel before
  engine_.begin(grid);
  sinks_ = std::move(sinks);
  start_fs_ = start_fs;
  running_ = true;
  wake_up_.at(start_fs);
}

void DispatcherModule::request_task(std::uint32_t core, std::uint32_t context) {
  // First contexts of all cores before second ones, so that few tasks spread over all cores.
  inbox_.push(std::max(start_fs_, now_fs()), 1 + std::uint64_t{context}, core,
              {true, core, context, 0}, sc_core::sc_delta_count());
  wake_up_.at(std::max(start_fs_, now_fs()));
}

void DispatcherModule::end_tasks(std::uint32_t core, std::uint32_t count) {
  inbox_.push(now_fs(), 0, core, {false, core, 0, count}, sc_core::sc_delta_count());
  wake_up_.soon();
}

void DispatcherModule::work() {
  wake_up_.woken();
  if (now_fs() < start_fs_) {
    wake_up_.at(start_fs_);
    return;
  }
  inbox_.drain(now_fs(), sc_core::sc_delta_count(), [this](const Item& item, Femtoseconds) {
    if (!item.is_request) {
      engine_.end_tasks(item.ended);
      if (progress_ != nullptr) {
        progress_->tasks += item.ended;
      }
      return;
    }
    if (const auto task = engine_.next_task(item.core, item.context)) {
      sinks_[item.core]->assign_task(item.context, *task);
    } else {
      sinks_[item.core]->no_more_tasks(item.context);
    }
  });
  wake_up_.at(inbox_.next_fs());
  if (running_ && engine_.all_ended()) {
    running_ = false;
    end_fs_ = now_fs();
    sc_core::sc_pause();
  } else if (progress_ != nullptr && progress_->pauses()) {
    sc_core::sc_pause();
  }
}

void DispatcherModule::report_waits(std::vector<std::string>& lines) const {
  if (!engine_.all_ended()) {
    lines.push_back(fmt::format("{} waits for {} of {} tile tasks to end", name(),
                                engine_.tasks() - engine_.ended(), engine_.tasks()));
  }
}

void DispatcherModule::reset() {
  inbox_.clear();
  running_ = false;
  start_fs_ = end_fs_ = 0;
  wake_up_.cancel();
}

}  // namespace orrery
