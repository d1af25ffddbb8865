// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "noc/network_config.h"
#include "noc/network_engine.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/timeline.h"
#include "sim/transfer.h"
#include "sim/wake_up.h"

namespace orrery {

// The on-chip network between initiators (DMA engines, caches that fill) and targets (L2, SRAM,
// HBM). Initiators send through `entrance(far_side)`, which stands for the far side on their side
// of the network; the request is carried to the nodes that hold the transfer's shares and sent on
// to the far side, whose completion is carried back as the response.
//
// Completions go to whoever is attached at a receiver's node, not to the initiator that `send` is
// given. A read with receiver_count > 1 is delivered to all its receivers at one time, with
// `receivers_left` set to their number; every other transfer goes back to its source. Shares are
// asked of the far side unless the initiator filled them in, and are cleared before completion.
//
// Marks: what passed since the last mark and before the network took the transfer is kCredit; both
// ways through the network are kNetwork.
//
// The network hands transfers on as soon as their time of arrival is known: at once in the fast
// tier, some cycles ahead in the detailed one. Those that come at one time are carried in the order
// of (source, sequence), whatever the order in which they were sent. Faults of the wiring are
// thrown as std::logic_error or std::out_of_range.
class NetworkModule : public sc_core::sc_module, public TransferInitiator, public WaitReporter {
 public:
  // Registers the counters "<name>.messages", ".delivered_bytes", ".byte_hops", ".queueing",
  // ".packets", ".packet_hops" and ".credit_stall".
  // Throws std::invalid_argument as `check_network` does.
  NetworkModule(const sc_core::sc_module_name& name,
                const NetworkConfig& config,
                const NodeLayout& layout,
                CounterRegistry& counters);
  ~NetworkModule() override;

  // Who gets the transfers that arrive at `node`, for good. One a node.
  void attach(NodeId node, TransferInitiator& initiator);

  // The same object for the same far side; it lives as long as the module.
  TransferTarget& entrance(TransferTarget& far_side);

  // The far side's answer.
  void complete(Transfer& transfer, Femtoseconds at_fs) override;

  void report_waits(std::vector<std::string>& lines) const override;
  const NetworkCounters& counters() const { return network_->counters(); }
  std::vector<LinkLoad> link_loads() const { return network_->link_loads(); }
  // Data over time, each message's spread from its sending to its arrival; null for none.
  void set_timeline(Timeline* bytes) { timeline_ = bytes; }
  // Called with the time of a wake-up at or after `at_fs`; it returns when to call it next.
  void watch(Femtoseconds at_fs, std::function<Femtoseconds(Femtoseconds)> watcher) {
    watch_at_fs_ = at_fs;
    watcher_ = std::move(watcher);
  }

  // Between kernels: frees the links and forgets what they carried; counters stay. Throws
  // std::logic_error with transfers outstanding.
  void reset();

 private:
  class Entrance;
  struct Message {
    Transfer* transfer = nullptr;
    Entrance* entrance = nullptr;  // of a request; none: a response
  };
  struct Carried {
    Message message;
    std::uint64_t bytes = 0;  // of data
    Femtoseconds sent_fs = 0;
  };
  struct Waiting {
    const Transfer* transfer = nullptr;  // none: the slot is free
    const Entrance* entrance = nullptr;
  };

  static Receivers receivers_of(const Transfer& transfer);

  void accept(Transfer& transfer, Entrance& entrance, Femtoseconds at_fs);
  void check(const Transfer& transfer) const;
  void wake();
  void carry_request(const Message& message);
  void carry_response(const Message& message);
  void take_arrivals();
  void forward(Transfer& transfer, Entrance& entrance, Femtoseconds arrival_fs);
  void deliver(Transfer& transfer, Femtoseconds arrival_fs);
  void note_waiting(Transfer& transfer, const Entrance& entrance);
  std::uint64_t issue_ticket(const Carried& carried);
  std::vector<Message> under_way() const;
  void register_counters(CounterRegistry& counters);

  NodeLayout layout_;
  std::unique_ptr<NetworkEngine> network_;
  std::vector<TransferInitiator*> attached_;  // by node
  std::vector<std::unique_ptr<Entrance>> entrances_;

  Inbox<Message> inbox_;
  std::vector<Carried> carried_;  // by ticket
  std::vector<std::uint64_t> free_tickets_;
  std::vector<Waiting> waiting_;  // by Transfer::slot: sent on and not yet answered
  std::vector<std::uint32_t> free_slots_;
  WakeUp wake_up_;
  Timeline* timeline_ = nullptr;
  Femtoseconds watch_at_fs_ = kNever;
  std::function<Femtoseconds(Femtoseconds)> watcher_;
};

}  // namespace orrery
