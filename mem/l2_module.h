// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <systemc>

#include "mem/l2_cache.h"
#include "mem/shared_memory_config.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

// How one L2 partition tells the other that copies of its blocks are stale. Takes no time and no
// bandwidth: in hardware these are a few bytes a block.
class CopyHolder : public virtual sc_core::sc_interface {
 public:
  virtual void drop_copies(const Block& block, NodeId writer, std::uint64_t sequence) = 0;
};

// An L2 partition behind a port. `memory_port` leads to the HBM, directly or by way of the network;
// with two partitions `peer_port` leads to the other one and `peer_copies` is bound to it.
class L2Module : public sc_core::sc_module,
                 public TransferTarget,
                 public TransferInitiator,
                 public CopyHolder,
                 public WaitReporter {
 public:
  sc_core::sc_port<TransferTarget> memory_port{"memory_port"};
  sc_core::sc_port<TransferTarget, 1, sc_core::SC_ZERO_OR_MORE_BOUND> peer_port{"peer_port"};
  sc_core::sc_port<CopyHolder, 1, sc_core::SC_ZERO_OR_MORE_BOUND> peer_copies{"peer_copies"};

  // `node` is this partition's on the network; partition p of two has node first + p.
  L2Module(const sc_core::sc_module_name& name,
           const SharedMemoryConfig& config,
           std::uint32_t partition,
           NodeId node,
           CounterRegistry& registry);

  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override;
  void spread(Transfer& transfer) const override;
  void complete(Transfer& child, Femtoseconds at_fs) override;
  void drop_copies(const Block& block, NodeId writer, std::uint64_t sequence) override;
  void report_waits(std::vector<std::string>& lines) const override;

  // Between kernels; both throw std::logic_error with work outstanding.
  void reset_timing();  // tags stay
  void invalidate();    // an empty cache
  void reset();         // as if it were new
  void preload(const Block& block, bool dirty) { engine_.preload(block, dirty); }
  // The dirty data, which is clean afterwards; the caller accounts for writing it.
  std::vector<Block> flush() { return engine_.flush(); }

  L2Cache& engine() { return engine_; }

 private:
  struct Arrival {
    enum class Kind : std::uint8_t { kRequest, kChild, kStale } kind = Kind::kRequest;
    Request request;
    Block stale;
  };

  void process();
  void refuse_while_busy(const char* what) const;

  const NodeId node_;
  L2Cache engine_;
  Inbox<Arrival> inbox_;
  std::uint64_t stale_sequence_ = 0;
  WakeUp wake_up_;
};

}  // namespace orrery
