// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include <systemc>

#include "mem/hbm_config.h"
#include "mem/hbm_engine.h"
#include "mem/request.h"
#include "sim/counters.h"
#include "sim/inbox.h"
#include "sim/ports.h"
#include "sim/wake_up.h"

namespace orrery {

// The chip's HBM behind a port, of either tier, for any number of initiators. Offers each user
// (source node) `outstanding_bytes`: transfers beyond wait here, in order, and their wait counts as
// memory time. Nodes on the network: [first_node, first_node + config.node_count()), a stack or a
// channel each.
class HbmModule : public sc_core::sc_module, public TransferTarget, public WaitReporter {
 public:
  HbmModule(const sc_core::sc_module_name& name,
            const HbmConfig& config,
            NodeId first_node,
            CounterRegistry& registry);
  // With an engine of the caller's.
  HbmModule(const sc_core::sc_module_name& name,
            const HbmConfig& config,
            std::unique_ptr<HbmEngine> engine,
            NodeId first_node,
            CounterRegistry& registry);

  void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) override;
  void spread(Transfer& transfer) const override;
  void report_waits(std::vector<std::string>& lines) const override;

  // Between kernels: idle channels, closed rows. Throws std::logic_error with work outstanding.
  void reset();
  HbmEngine& engine() { return *engine_; }
  const HbmEngine& engine() const { return *engine_; }

 private:
  struct User {
    std::uint64_t outstanding_bytes = 0;
    std::deque<Request> waiting;
  };

  struct Release {  // credits that come back
    Femtoseconds at_fs;
    NodeId user;
    std::uint64_t bytes;
    bool operator>(const Release& other) const {
      return std::tie(at_fs, user, bytes) > std::tie(other.at_fs, other.user, other.bytes);
    }
  };

  void process();
  void admit(User& user, Request request);
  void answer();
  bool fits(const User& user, const Transfer& transfer) const {
    return user.outstanding_bytes == 0 ||
           user.outstanding_bytes + transfer.bytes() <= config_.outstanding_bytes;
  }

  const HbmConfig config_;
  const NodeId first_node_;
  std::unique_ptr<HbmEngine> engine_;
  Inbox<Request> inbox_;
  // With a limit on outstanding bytes.
  std::priority_queue<Release, std::vector<Release>, std::greater<>> releases_;
  std::size_t waiting_ = 0;
  std::size_t in_service_ = 0;
  std::vector<User> users_;  // by source node
  mutable std::vector<std::uint64_t> node_bytes_;
  WakeUp wake_up_;
};

}  // namespace orrery
