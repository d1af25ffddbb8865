// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <systemc>

#include "mem/shared_sram.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

// The shared SRAM of a chip, all banks of it, behind one port. A network delivers a transfer here
// when it has been carried to the nodes of its shares. Fills and write-throughs leave by
// `memory_port`, from the node of the bank they belong to.
class SharedSramModule : public sc_core::sc_module,
                         public TransferTarget,
                         public TransferInitiator,
                         public WaitReporter {
 public:
  sc_core::sc_port<TransferTarget> memory_port{"memory_port"};

  SharedSramModule(const sc_core::sc_module_name& name,
                   const SharedMemoryConfig& config,
                   NodeId first_node,
                   CounterRegistry& registry);

  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override;
  void spread(Transfer& transfer) const override { engine_.spread(transfer); }
  void complete(Transfer& child, Femtoseconds at_fs) override;
  void report_waits(std::vector<std::string>& lines) const override;

  // Between kernels; both throw std::logic_error with work outstanding.
  void reset_timing();  // data stays
  void invalidate();    // empty
  void reset();         // as if it were new

  // release, preload and flush are functional: call them on the engine.
  SharedSram& engine() { return engine_; }

 private:
  void process();
  void refuse_while_busy(const char* what) const;

  SharedSram engine_;
  Inbox<Request> inbox_;  // without an initiator: a child of ours
  WakeUp wake_up_;
};

}  // namespace orrery
