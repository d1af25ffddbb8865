// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "arch/core_engine.h"
#include "arch/dispatch_ports.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

// A core on the chip: CoreEngine with ports and one wake-up event.
class CoreModule : public sc_core::sc_module,
                   public TransferInitiator,
                   public TaskSink,
                   public SemaphoreSink,
                   public WaitReporter,
                   private CoreEnvironment {
 public:
  CoreModule(const sc_core::sc_module_name& name,
             const CoreConfig& config,
             const DispatchConfig& dispatch,
             std::uint32_t index,
             TransferPool& pool,
             CounterRegistry& counters);

  sc_core::sc_port<TransferTarget> memory_port{"memory"};
  sc_core::sc_port<TaskSource> dispatcher_port{"dispatcher"};

  // `peers`: the other cores of the cluster. Throws std::invalid_argument when the kernel does
  // not fit the core.
  void begin_kernel(const Kernel& kernel,
                    std::uint32_t rank,
                    NodeId first_core_of_cluster,
                    std::vector<SemaphoreSink*> peers);
  // After a kernel: takes what nobody waited for out of the inbox, so that counters are complete.
  void settle();
  CoreEngine& engine() { return engine_; }

  void complete(Transfer& transfer, Femtoseconds at_fs) override;
  void assign_task(std::uint32_t context, std::uint64_t task) override;
  void no_more_tasks(std::uint32_t context) override;
  void remote_signal(std::uint32_t from_core,
                     std::uint32_t context,
                     std::uint8_t semaphore,
                     CauseKind cause,
                     const LoadJourney& journey) override;
  void report_waits(std::vector<std::string>& lines) const override;
  void reset();

 private:
  struct Item {
    enum class Kind : std::uint8_t { kDelivery, kSignal, kTask, kClose };
    Kind kind = Kind::kDelivery;
    CauseKind cause = CauseKind::kCompute;
    std::uint8_t semaphore = 0;
    std::uint32_t context = 0;
    std::uint64_t task = 0;
    Transfer* transfer = nullptr;
    std::unique_ptr<LoadJourney> journey;
  };
  void push(Femtoseconds at_fs, std::uint64_t key_high, std::uint64_t key_low, Item item);
  void take(const Item& item, Femtoseconds at_fs);
  bool matters(const Item& item) const;
  void work();

  void send(Transfer& transfer, Femtoseconds at_fs) override;
  void request_task(std::uint32_t context) override;
  void signal_cluster(std::uint32_t context,
                      std::uint8_t semaphore,
                      CauseKind cause,
                      const LoadJourney& journey) override;
  void end_tasks(std::uint32_t count) override;

  const std::uint32_t index_;
  CoreEngine engine_;
  Inbox<Item> inbox_;
  std::vector<SemaphoreSink*> peers_;
  std::uint64_t signals_received_ = 0;
  WakeUp wake_up_;
};

}  // namespace orrery
