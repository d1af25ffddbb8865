// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/core_accounting.h"
#include "arch/core_config.h"
#include "arch/core_counters.h"
#include "arch/dma_engine.h"
#include "arch/kernel_progress.h"
#include "arch/program.h"
#include "arch/scratchpad.h"
#include "arch/tensor_unit.h"
#include "arch/vector_unit.h"
#include "sim/clock.h"
#include "sim/event_log.h"
#include "sim/histogram.h"
#include "sim/timeline.h"
#include "sim/transfer_pool.h"

namespace orrery {

// What a core asks of its surroundings; the module (or a test) carries it out.
class CoreEnvironment {
 public:
  virtual ~CoreEnvironment() = default;
  // Out to memory, now or later. Comes back through CoreEngine::deliver on every receiver.
  virtual void send(Transfer& transfer, Femtoseconds at_fs) = 0;
  // The context could take another tile task: answer with assign() or close(), later.
  virtual void request_task(std::uint32_t context) = 0;
  // Adds one to a semaphore of the same context on every other core of the cluster.
  virtual void signal_cluster(std::uint32_t context,
                              std::uint8_t semaphore,
                              CauseKind cause,
                              const LoadJourney& journey) = 0;
  virtual void end_tasks(std::uint32_t count) = 0;
};

// The timing of one core: engines that execute the command streams of a kernel's programs
// (arch/program.h). Plain C++; arch/core_module.h gives it ports and a wake-up.
//
// Each engine takes commands in order within a context and, between contexts, the one that became
// ready first. The tensor unit and the vector unit work on one command at a time; both end no
// sooner than the scratchpad has delivered their operands. Loads run concurrently, as far as DMA
// credits go, and signal in order.
//
// What comes from outside (data, acknowledgements, signals) carries its time and may be handed over
// late, as long as the order of times is kept: it must be there when a command can start by it, and
// the matters_* functions say whether one can. A busy core need not be woken for every arrival.
class CoreEngine {
 public:
  CoreEngine(const CoreConfig& config,
             const DispatchConfig& dispatch,
             NodeId node,
             TransferPool& pool,
             CoreEnvironment& environment);

  // For all that starts from now on: commands and transfers under way end as they would have.
  void set_clock(std::uint64_t clock_hz);
  // Loads the kernel's programs. `first_core` and `cluster_size` say who multicasts reach.
  // Throws std::invalid_argument when scratchpad or accumulators do not suffice, std::logic_error
  // when transfers of the kernel before are still under way.
  void begin_kernel(const Kernel& kernel, std::uint32_t rank, NodeId first_core_of_cluster);
  void assign(std::uint32_t context, std::uint64_t task, Femtoseconds now_fs);
  void close(std::uint32_t context);
  void deliver(Transfer& transfer, Femtoseconds now_fs);
  void remote_signal(std::uint32_t context,
                     std::uint8_t semaphore,
                     CauseKind cause,
                     const LoadJourney& journey,
                     Femtoseconds now_fs);

  // Does all that can be done at `now_fs`.
  void advance(Femtoseconds now_fs);
  Femtoseconds next_event_fs() const;
  // Whether something could start, or somebody else would hear of it, as soon as it arrives.
  bool matters_delivery(const Transfer& transfer) const;
  bool matters_signal(std::uint32_t context, std::uint8_t semaphore) const;
  // The kernel has ended: takes note of data that nobody waited for.
  void settle();

  // All streams have finished and nothing is under way.
  bool is_done() const;
  bool holds_tasks() const {
    return std::any_of(contexts_.begin(), contexts_.end(),
                       [](const Context& context) { return context.tasks_held > 0; });
  }
  void report_waits(const std::string& name, std::vector<std::string>& lines) const;

  CoreAccounting& accounting() { return accounting_; }
  CoreCounters& counters() { return counters_; }
  // Who watches; any may be absent.
  struct Observers {
    Timeline* tensor_busy = nullptr;
    Timeline* vector_busy = nullptr;
    Histogram* load_latency = nullptr;
    EventLog* events = nullptr;  // of tile tasks
    KernelProgress* progress = nullptr;
    EventLog* units = nullptr;  // of what the tensor and vector unit compute
  };
  void observe(const Observers& observers) { observers_ = observers; }
  void log_units(EventLog* units) { observers_.units = units; }
  void watch(KernelProgress* progress) { observers_.progress = progress; }
  // For sampling: the inner loop that a context is in; leaving steps of it out.
  std::uint32_t contexts() const { return static_cast<std::uint32_t>(contexts_.size()); }
  bool is_idle(std::uint32_t context) const {
    return contexts_[context].tasks_held == 0 && contexts_[context].closed;
  }
  std::optional<CoreProgram::Loop> loop(std::uint32_t context) const {
    return contexts_[context].program->loop();
  }
  void skip_steps(std::uint32_t context, std::uint64_t steps) {
    counters_.useful_flop += contexts_[context].program->skip_steps(steps);
  }
  bool pauses() const { return observers_.progress != nullptr && observers_.progress->pauses(); }
  // Forgets everything but the counters.
  void reset();

 private:
  enum class StreamStatus : std::uint8_t {
    kFetch,
    kWaits,
    kReady,
    kSettles,
    kNeedsTask,
    kFinished
  };
  struct StreamState {
    StreamStatus status = StreamStatus::kFetch;
    Command command;
    Femtoseconds ready_fs = 0;
  };
  struct Semaphore {
    std::uint64_t value = 0;
    Femtoseconds at_fs = 0;
    CauseKind cause = CauseKind::kCompute;
    LoadJourney journey;
  };
  struct Load {
    std::uint32_t pieces_left = 0;
    std::uint8_t signal = kNoSemaphore;
    SignalScope scope = SignalScope::kCore;
    std::uint32_t ends_tasks = 0;
    bool multicast = false;
    LoadJourney journey;
  };
  struct Context {
    std::unique_ptr<CoreProgram> program;
    std::array<StreamState, kStreamCount> streams;
    std::array<Semaphore, kSemaphoresPerContext> semaphores;
    std::deque<Load> loads;        // in flight, in order
    std::uint64_t first_load = 0;  // number of loads.front()
    std::uint32_t tasks_held = 0;
    std::deque<Femtoseconds> task_starts;  // of those held
    std::uint64_t assigned = 0;
    std::uint32_t tasks_starting = 0;  // assigned, their set-up not over
    bool requested = false;
    bool closed = false;
  };
  struct Unit {  // tensor or vector unit
    bool busy = false;
    Femtoseconds start_fs = 0;
    Femtoseconds end_fs = kNever;  // of the last command, while idle
    std::uint32_t context = 0;
    Command command;
  };
  struct PendingResult {  // of the vector unit, by its command's latency
    Femtoseconds at_fs;
    std::uint32_t context;
  };
  struct PendingTask {
    Femtoseconds at_fs;
    std::uint32_t context;
    std::uint64_t task;
  };
  struct PendingDelivery {
    Femtoseconds at_fs;
    std::uint64_t tag;
    std::uint64_t bytes;
    LoadJourney journey;
  };

  StreamState& stream(Context& context, Stream which) {
    return context.streams[static_cast<std::size_t>(which)];
  }
  void update(Context& context, Stream which, Femtoseconds now_fs);
  int pick(Stream which, Femtoseconds now_fs);
  bool start_tensor(Femtoseconds now_fs);
  bool start_vector(Femtoseconds now_fs);
  bool start_load(Femtoseconds now_fs);
  bool start_store(Femtoseconds now_fs);
  bool issue(DmaEngine& dma, Access access, Femtoseconds now_fs);
  bool finish_units(Femtoseconds now_fs);
  void count_progress(bool vector_unit) {
    if (observers_.progress != nullptr && observers_.progress->of_vector_unit == vector_unit) {
      ++observers_.progress->commands;
    }
  }
  bool finish_results(Femtoseconds now_fs);
  bool finish_deliveries(Femtoseconds now_fs);
  bool matters_load(std::uint64_t tag) const;
  bool start_tasks(Femtoseconds now_fs);
  void request_tasks();
  static void refetch(Context& context);
  void piece_arrived(std::uint64_t tag, const LoadJourney& journey, Femtoseconds at_fs);
  void finish_command(std::uint32_t context,
                      const Command& command,
                      CauseKind cause,
                      Femtoseconds now_fs);
  void signal(std::uint32_t context,
              std::uint8_t semaphore,
              SignalScope scope,
              CauseKind cause,
              const LoadJourney* journey,
              Femtoseconds now_fs);
  void end_tasks(std::uint32_t context, std::uint32_t count, Femtoseconds now_fs);
  // The semaphore that a command waited for longest: what its start is blamed on.
  const Semaphore* last_arrival(const Context& context, const Command& command) const;

  const CoreConfig config_;
  const DispatchConfig dispatch_;
  Clock clock_;
  const NodeId node_;
  TransferPool& pool_;
  CoreEnvironment& environment_;

  TensorUnit tensor_unit_;
  VectorUnit vector_unit_;
  Scratchpad scratchpad_;
  DmaEngine load_dma_;
  DmaEngine store_dma_;
  CoreAccounting accounting_;
  CoreCounters counters_;
  Observers observers_;

  std::vector<Context> contexts_;
  Unit tensor_;
  Unit vector_;
  std::uint32_t tasks_in_flight_ = 1;
  Femtoseconds task_setup_fs_ = 0;  // of the kernel
  std::uint32_t cluster_size_ = 1;
  NodeId first_core_of_cluster_ = 0;
  std::uint64_t transfer_sequence_ = 0;
  // Load commands under way on the DMA engine and stores by number, with what to do at their end.
  struct Store {
    std::uint32_t context = 0;
    std::uint32_t pieces_left = 0;
    Command command;
  };
  std::deque<Store> stores_;
  std::uint64_t first_store_ = 0;
  TransferWork load_work_;  // of the load that the DMA engine is issuing
  TransferWork store_work_;
  std::vector<PendingTask> pending_tasks_;
  std::vector<PendingResult> pending_results_;
  std::vector<PendingDelivery> pending_deliveries_;
};

}  // namespace orrery
