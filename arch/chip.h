// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>

#include "arch/chip_config.h"
#include "arch/chip_sampler.h"
#include "arch/chip_timelines.h"
#include "arch/core_module.h"
#include "arch/dispatcher_module.h"
#include "mem/hbm_module.h"
#include "mem/l2_module.h"
#include "mem/shared_sram_module.h"
#include "noc/network_module.h"
#include "power/power_model.h"
#include "sim/counters.h"
#include "sim/event_log.h"
#include "sim/histogram.h"
#include "sim/inserted_time.h"
#include "sim/timeline.h"
#include "sim/transfer_pool.h"

namespace orrery {

// What a chip did for one operator.
struct OperatorRun {
  Femtoseconds start_fs = 0;
  Femtoseconds end_fs = 0;
  TimeSplit split{};  // summed over cores: exactly cores x (end - start)
  std::uint64_t flop = 0;
  std::uint64_t hbm_read_bytes = 0;
  std::uint64_t hbm_write_bytes = 0;
  std::uint64_t shared_bytes = 0;   // read from and written to L2 or SRAM by cores
  std::uint64_t network_bytes = 0;  // handed to receivers
  std::uint64_t transfers = 0;
  // Of a sampled run: how much of the duration was left out, and by how much that may be wrong.
  Femtoseconds credited_fs = 0;
  Femtoseconds sampling_error_fs = 0;
  bool has_power = false;           // where power is not modelled, energy is 0
  std::uint64_t mean_clock_hz = 0;  // of the cores
  bool capped = false;              // the power cap held that below the highest
  EnergySplit energy_fj{};
  std::uint64_t core_reference_fj = 0;  // see PowerUse

  std::uint64_t total_energy_fj() const { return total_of(energy_fj); }
  Femtoseconds duration_fs() const { return end_fs - start_fs; }
};

// A chip, wired from its configuration: cores and their dispatcher, the network, shared memory and
// HBM. Kernels run one after another on the same elaborated chip; what they leave in shared memory
// stays there until `forget_data`.
//
//   cores --network--> L2 partitions ------> HBM      (GPU; partitions reach each other by the
//   network) cores --network--> SRAM banks --network--> HBM    (Maia) cores --network--> HBM
//   channels                   (NPU without shared memory)
//
// One chip a SystemC kernel, one SystemC kernel a process at a time.
class Chip : public sc_core::sc_module {
 public:
  // `memory`: a target of the caller's in place of our HBM (a TLM-2.0 model behind
  // mem/tlm_memory_adapter.h); it must outlive the chip.
  // `order_seed`: other than 0, modules are made, joined and told of a kernel in an order drawn
  // from it. Counters are then listed in another order; no number depends on it.
  Chip(const sc_core::sc_module_name& name,
       const ChipConfig& config,
       TransferTarget* memory = nullptr,
       std::uint64_t order_seed = 0);
  ~Chip() override;

  const ChipConfig& config() const { return config_; }

  // What is assumed of the past and of the data, from the next operator on; nothing that ran before
  // is remembered. Without it: sustained work on random operands.
  void set_power_protocol(const PowerProtocol& protocol);
  const PowerProtocol& power_protocol() const { return protocol_; }
  // Of the cores, for what starts now.
  std::uint64_t clock_hz() const { return power_ ? power_->clock_hz() : config_.core.clock_hz; }

  // Launches the kernels of one operator one after another and waits for the last to end. Writes
  // that memory still works on go on. Throws DeadlockError with the chain of waits when nothing
  // can move any more, std::invalid_argument when a kernel does not fit a core.
  OperatorRun run(const std::vector<std::unique_ptr<Kernel>>& kernels, std::uint32_t op = 0);

  // From the next kernel on, leaves out what repeats (arch/chip_sampler.h).
  void sample();
  bool samples() const { return sampler_ != nullptr; }

  // From the next operator on, also keeps what each unit of a core, each memory channel and each
  // link did over time, and when units computed. Throws std::logic_error for a chip that samples.
  void watch_components();
  const ComponentTimelines* component_timelines() const { return component_timelines_.get(); }
  const EventLog& unit_events() const { return unit_events_; }  // empty unless watched

  // Since the chip began or was reset: what was left out, and by how much that may be wrong.
  Femtoseconds credited_fs() const { return sampler_ ? sampler_->credited_fs() : 0; }
  Femtoseconds sampling_error_fs() const { return sampler_ ? sampler_->error_fs() : 0; }
  Femtoseconds busy_until_fs() const { return reported_fs(free_fs_); }  // the last operator's end
  // As if it were new, time included; only who samples or counts power goes on to. Memory that the
  // caller brought is theirs to reset.
  void reset();

  // Lets memory finish what it works on.
  void drain();
  // Functional, in no time. Data of matrices lying in [begin, end):
  // Put it into shared memory; an SRAM frees it when it has been read so often.
  void preload(const Block& block, bool dirty, std::uint32_t expected_reads = 1);
  void release(std::uint64_t begin, std::uint64_t end);  // SRAM: it is dead
  std::uint64_t flush_bytes();  // dirty data that is still to be written to HBM; clean afterwards
  void forget_data();           // empty shared memory; drains first

  const CounterRegistry& counters() const { return counters_; }
  // Times that a module's process has run: the simulator's own work.
  std::uint64_t activations() const;
  const EventLog& events() const { return events_; }
  const Timeline& tensor_timeline() const { return tensor_timeline_; }
  const Timeline& vector_timeline() const { return vector_timeline_; }
  const Timeline& hbm_timeline() const { return hbm_timeline_; }
  const Timeline& network_timeline() const { return network_timeline_; }
  const Timeline& energy_timeline() const { return energy_timeline_; }  // picojoules
  const Histogram& load_latency() const { return load_latency_; }
  // Null where the caller brought the memory.
  const HbmEngine* memory() const { return hbm_ ? &hbm_->engine() : nullptr; }
  std::vector<LinkLoad> link_loads() const { return network_->link_loads(); }

 private:
  struct Totals {
    std::uint64_t flop = 0, hbm_read = 0, hbm_write = 0, shared = 0, network = 0, transfers = 0;
  };
  void make_modules(bool with_memory, std::uint64_t order_seed);
  void wire_l2(TransferTarget& memory);
  void wire_sram(TransferTarget& memory);
  void wire_core(std::uint32_t index, TransferTarget& memory);
  Totals totals() const;
  struct Busy {  // what timelines show
    Femtoseconds tensor_fs = 0, vector_fs = 0;
    std::uint64_t hbm_bytes = 0, network_bytes = 0;
  };
  Busy busy() const;
  EventCounts event_counts() const;
  std::uint64_t active_permille() const;  // cores that hold a task
  void begin_power(Femtoseconds start_fs);
  void close_stretch(Femtoseconds now_fs);
  void finish_power(OperatorRun& run);
  void run_until_idle();
  void launch(const Kernel& kernel, Femtoseconds start_fs);
  // Where the simulation has paused for it: may leave out periods of the kernel.
  void look_at_sample();
  // SystemC's time does not pass while something is left out; the time that is reported does.
  Femtoseconds reported_fs(Femtoseconds time_fs) const { return time_fs + credited_fs(); }
  [[noreturn]] void report_deadlock() const;

  const ChipConfig config_;
  CounterRegistry counters_;
  TransferPool pool_;
  Timeline tensor_timeline_;
  Timeline vector_timeline_;
  Timeline hbm_timeline_;
  Timeline network_timeline_;
  Timeline energy_timeline_;
  Histogram load_latency_;
  EventLog events_;
  EventLog unit_events_;
  InsertedTime inserted_;

  DispatcherModule dispatcher_;
  std::unique_ptr<NetworkModule> network_;
  std::unique_ptr<HbmModule> hbm_;
  std::vector<std::unique_ptr<L2Module>> l2_;
  std::unique_ptr<SharedSramModule> sram_;
  std::vector<std::unique_ptr<CoreModule>> cores_;
  std::unique_ptr<ChipSampler> sampler_;
  std::unique_ptr<ComponentTimelines> component_timelines_;
  std::vector<std::uint32_t> core_order_;  // first to last, but for an order_seed
  Femtoseconds free_fs_ = 0;               // end of the last operator
  PowerProtocol protocol_;
  std::optional<PowerModel> power_;
};

}  // namespace orrery
