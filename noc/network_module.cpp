// SPDX-License-Identifier: Apache-2.0
#include "noc/network_module.h"

#include <algorithm>
#include <stdexcept>

#include "sim/sim_time.h"

namespace orrery {

// One far side as initiators see it.
class NetworkModule::Entrance : public TransferTarget {
 public:
  Entrance(NetworkModule& network, TransferTarget& far_side)
      : network_(network), far_side_(far_side) {}

  void send(Transfer& transfer, TransferInitiator& /*initiator*/, Femtoseconds at_fs) override {
    network_.accept(transfer, *this, at_fs);
  }
  void spread(Transfer& transfer) const override { far_side_.spread(transfer); }

  TransferTarget& far_side() const { return far_side_; }
  std::string name() const {
    const auto* const object = dynamic_cast<const sc_core::sc_object*>(&far_side_);
    return object != nullptr ? object->name() : "its target";
  }

 private:
  NetworkModule& network_;
  TransferTarget& far_side_;
};

NetworkModule::NetworkModule(const sc_core::sc_module_name& name,
                             const NetworkConfig& config,
                             const NodeLayout& layout,
                             CounterRegistry& counters)
    : sc_core::sc_module(name),
      network_(config, layout),
      attached_(layout.count(), nullptr),
      waiting_(layout.count()),
      wake_up_(this->name(), counters) {
  SC_HAS_PROCESS(NetworkModule);
  SC_METHOD(wake);
  dont_initialize();
  wake_up_.wakes_on(sensitive);
  register_counters(counters);
}

NetworkModule::~NetworkModule() = default;

void NetworkModule::register_counters(CounterRegistry& counters) {
  const std::string prefix = name();
  NetworkCounters& count = network_.counters();
  counters.add(prefix + ".messages", "1", "requests and responses carried", count.messages);
  counters.add(prefix + ".delivered_bytes", "byte", "data handed to receivers, headers not counted",
               count.delivered_bytes);
  counters.add(prefix + ".byte_hops", "byte",
               "bytes with headers times the routers and crossbars they passed", count.byte_hops);
  counters.add(prefix + ".queueing", "fs",
               "time that messages took beyond that over an empty network, summed over messages",
               count.queueing_fs);
}

void NetworkModule::attach(NodeId node, TransferInitiator& initiator) {
  TransferInitiator*& slot = attached_.at(node);
  if (slot != nullptr && slot != &initiator) {
    throw std::logic_error(node_name(topology().layout(), node) + " is attached twice to " +
                           this->name());
  }
  slot = &initiator;
}

TransferTarget& NetworkModule::entrance(TransferTarget& far_side) {
  for (const std::unique_ptr<Entrance>& entrance : entrances_) {
    if (&entrance->far_side() == &far_side) {
      return *entrance;
    }
  }
  return *entrances_.emplace_back(std::make_unique<Entrance>(*this, far_side));
}

NetworkModule::Receivers NetworkModule::receivers_of(const Transfer& transfer) {
  if (transfer.access == Access::kRead && transfer.receiver_count > 1) {
    return {transfer.first_receiver, transfer.receiver_count};
  }
  return {transfer.source, 1};
}

// At the sender's call, so that a fault of the wiring shows where it was made.
void NetworkModule::check(const Transfer& transfer) const {
  const NodeLayout& layout = topology().layout();
  const Receivers receivers = receivers_of(transfer);
  if (transfer.source >= layout.count() ||
      std::uint64_t{receivers.first} + receivers.count > layout.count()) {
    throw std::out_of_range("a transfer of node " + std::to_string(transfer.source) +
                            " to nodes from " + std::to_string(receivers.first) + ", " +
                            std::to_string(receivers.count) + " in number: " + name() + " has " +
                            std::to_string(layout.count()) + " nodes");
  }
  for (NodeId node = receivers.first; node - receivers.first < receivers.count; ++node) {
    if (attached_[node] == nullptr) {
      throw std::logic_error("a transfer for " + node_name(layout, node) +
                             ", where nothing is attached to " + name());
    }
  }
}

void NetworkModule::accept(Transfer& transfer, Entrance& entrance, Femtoseconds at_fs) {
  check(transfer);
  inbox_.push(at_fs, transfer.source, transfer.sequence, {&transfer, &entrance},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void NetworkModule::complete(Transfer& transfer, Femtoseconds at_fs) {
  inbox_.push(at_fs, transfer.source, transfer.sequence, {&transfer, nullptr},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void NetworkModule::wake() {
  wake_up_.woken();
  inbox_.drain(now_fs(), sc_core::sc_delta_count(),
               [this](const Message& message, Femtoseconds /*at_fs: now*/) {
                 if (message.entrance != nullptr) {
                   forward(*message.transfer, *message.entrance);
                 } else {
                   deliver(*message.transfer);
                 }
               });
  wake_up_.at(inbox_.next_fs());
}

void NetworkModule::forward(Transfer& transfer, Entrance& entrance) {
  const Femtoseconds now = now_fs();
  const std::uint32_t marks = transfer.segment_count;
  const Femtoseconds marked_fs =
      marks > 0 ? transfer.segments[marks - 1].end_fs : transfer.issued_fs;
  if (marked_fs < now) {
    transfer.mark(Stage::kCredit, now);
  }
  if (transfer.shares.empty()) {
    entrance.far_side().spread(transfer);
  }
  for (const Share& share : transfer.shares) {
    if (share.node >= attached_.size()) {
      throw std::out_of_range("a share at node " + std::to_string(share.node) + ": " + name() +
                              " has " + std::to_string(attached_.size()) + " nodes");
    }
  }
  const Femtoseconds arrival_fs =
      network_.carry_request(transfer.source, transfer.shares, transfer.access, now);
  transfer.mark(Stage::kNetwork, arrival_fs);
  waiting_[transfer.source].push_back({&transfer, &entrance});
  entrance.far_side().send(transfer, *this, arrival_fs);
}

void NetworkModule::deliver(Transfer& transfer) {
  std::vector<Waiting>& waiting = waiting_.at(transfer.source);
  const auto found = std::find_if(waiting.begin(), waiting.end(),
                                  [&](const Waiting& w) { return w.transfer == &transfer; });
  if (found == waiting.end()) {
    throw std::logic_error(std::string(name()) + " did not send on the transfer " +
                           std::to_string(transfer.sequence) + " of node " +
                           std::to_string(transfer.source) + " that was answered");
  }
  *found = waiting.back();
  waiting.pop_back();
  const Receivers receivers = receivers_of(transfer);
  const Femtoseconds arrival_fs = network_.carry_response(
      transfer.shares, transfer.access, receivers.first, receivers.count, now_fs());
  transfer.mark(Stage::kNetwork, arrival_fs);
  transfer.shares.clear();
  transfer.receivers_left = receivers.count;
  for (NodeId node = receivers.first; node - receivers.first < receivers.count; ++node) {
    attached_[node]->complete(transfer, arrival_fs);
  }
}

void NetworkModule::report_waits(std::vector<std::string>& lines) const {
  const auto say = [&](const Transfer& transfer, const std::string& where) {
    lines.push_back(std::string(name()) + ": " +
                    (transfer.access == Access::kRead ? "read " : "write ") +
                    std::to_string(transfer.sequence) + " of " +
                    node_name(topology().layout(), transfer.source) + " (" +
                    std::to_string(transfer.bytes()) + " bytes) " + where);
  };
  for (const std::vector<Waiting>& waiting : waiting_) {
    std::vector<Waiting> by_age = waiting;
    std::sort(by_age.begin(), by_age.end(), [](const Waiting& a, const Waiting& b) {
      return a.transfer->sequence < b.transfer->sequence;
    });
    for (const Waiting& wait : by_age) {
      say(*wait.transfer, "waits for " + wait.entrance->name());
    }
  }
}

void NetworkModule::reset() {
  const bool idle = std::all_of(waiting_.begin(), waiting_.end(),
                                [](const std::vector<Waiting>& w) { return w.empty(); });
  if (!idle || !inbox_.empty()) {
    throw std::logic_error(std::string(name()) + ": reset with transfers outstanding");
  }
  wake_up_.cancel();
  network_.reset();
}

}  // namespace orrery
