// SPDX-License-Identifier: Apache-2.0
#include "noc/network_module.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "noc/station_graph.h"
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
      layout_(layout),
      network_(make_network_engine(config, layout)),
      attached_(layout.count(), nullptr),
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
  NetworkCounters& count = network_->counters();
  counters.add(prefix + ".messages", "1", "requests and responses carried", count.messages);
  counters.add(prefix + ".delivered_bytes", "byte", "data handed to receivers, headers not counted",
               count.delivered_bytes);
  counters.add(prefix + ".byte_hops", "byte",
               "bytes with headers times the routers and crossbars they passed", count.byte_hops);
  counters.add(prefix + ".queueing", "fs",
               "time that messages took beyond that over an empty network, summed over messages",
               count.queueing_fs);
  counters.add(prefix + ".packets", "1", "packets delivered (detailed tier)", count.packets);
  counters.add(prefix + ".packet_hops", "1", "routers passed, summed over packets (detailed tier)",
               count.packet_hops);
  counters.add(prefix + ".credit_stall", "fs",
               "time for which packets had flits to send but no credit, summed (detailed tier)",
               count.credit_stall_fs);
}

void NetworkModule::attach(NodeId node, TransferInitiator& initiator) {
  TransferInitiator*& slot = attached_.at(node);
  if (slot != nullptr && slot != &initiator) {
    throw std::logic_error(node_name(layout_, node) + " is attached twice to " + this->name());
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

Receivers NetworkModule::receivers_of(const Transfer& transfer) {
  if (transfer.access == Access::kRead && transfer.receiver_count > 1) {
    return {transfer.first_receiver, transfer.receiver_count, transfer.receiver_step};
  }
  return {transfer.source};
}

// At the sender's call, so that a fault of the wiring shows where it was made.
void NetworkModule::check(const Transfer& transfer) const {
  const Receivers receivers = receivers_of(transfer);
  if (transfer.source >= layout_.count() || receivers.first >= layout_.count() ||
      receivers.last() >= layout_.count()) {
    throw std::out_of_range("a transfer of node " + std::to_string(transfer.source) +
                            " to nodes from " + std::to_string(receivers.first) + ", " +
                            std::to_string(receivers.count) + " in number: " + name() + " has " +
                            std::to_string(layout_.count()) + " nodes");
  }
  receivers.for_each([&](NodeId node) {
    if (attached_[node] == nullptr) {
      throw std::logic_error("a transfer for " + node_name(layout_, node) +
                             ", where nothing is attached to " + name());
    }
  });
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
  network_->advance(now_fs());
  inbox_.drain(now_fs(), sc_core::sc_delta_count(),
               [this](const Message& message, Femtoseconds /*at_fs: now*/) {
                 message.entrance != nullptr ? carry_request(message) : carry_response(message);
               });
  take_arrivals();
  if (now_fs() >= watch_at_fs_) {
    watch_at_fs_ = watcher_(now_fs());
  }
  wake_up_.at(std::min(inbox_.next_fs(), network_->next_event()));
}

std::uint64_t NetworkModule::issue_ticket(const Carried& carried) {
  if (free_tickets_.empty()) {
    carried_.push_back(carried);
    return carried_.size() - 1;
  }
  const std::uint64_t ticket = free_tickets_.back();
  free_tickets_.pop_back();
  carried_[ticket] = carried;
  return ticket;
}

void NetworkModule::carry_request(const Message& message) {
  Transfer& transfer = *message.transfer;
  const Femtoseconds now = now_fs();
  const std::uint32_t marks = transfer.segment_count;
  const Femtoseconds marked_fs =
      marks > 0 ? transfer.segments[marks - 1].end_fs : transfer.issued_fs;
  if (marked_fs < now) {
    transfer.mark(Stage::kCredit, now);
  }
  if (transfer.shares.empty()) {
    message.entrance->far_side().spread(transfer);
  }
  for (const Share& share : transfer.shares) {
    if (share.node >= attached_.size()) {
      throw std::out_of_range("a share at node " + std::to_string(share.node) + ": " + name() +
                              " has " + std::to_string(attached_.size()) + " nodes");
    }
  }
  const std::uint64_t bytes = transfer.access == Access::kWrite ? transfer.bytes() : 0;
  network_->carry_request(issue_ticket({message, bytes, now}), transfer.source, transfer.shares,
                          transfer.access, now);
}

void NetworkModule::carry_response(const Message& message) {
  Transfer& transfer = *message.transfer;
  if (transfer.slot >= waiting_.size() || waiting_[transfer.slot].transfer != &transfer) {
    throw std::logic_error(std::string(name()) + " did not send on the transfer " +
                           std::to_string(transfer.sequence) + " of node " +
                           std::to_string(transfer.source) + " that was answered");
  }
  waiting_[transfer.slot] = {};
  free_slots_.push_back(transfer.slot);
  const Receivers receivers = receivers_of(transfer);
  const std::uint64_t bytes =
      transfer.access == Access::kRead ? transfer.bytes() * receivers.count : 0;
  network_->carry_response(issue_ticket({message, bytes, now_fs()}), transfer.shares,
                           transfer.access, receivers, now_fs());
}

void NetworkModule::take_arrivals() {
  for (const NetworkEngine::Arrival& arrival : network_->arrivals()) {
    const auto [message, bytes, sent_fs] = carried_[arrival.ticket];
    free_tickets_.push_back(arrival.ticket);
    if (timeline_ != nullptr && bytes > 0) {
      timeline_->add(sent_fs, arrival.at_fs, bytes);
    }
    message.transfer->mark(Stage::kNetwork, arrival.at_fs);
    if (message.entrance != nullptr) {
      forward(*message.transfer, *message.entrance, arrival.at_fs);
    } else {
      deliver(*message.transfer, arrival.at_fs);
    }
  }
  network_->arrivals().clear();
}

void NetworkModule::forward(Transfer& transfer, Entrance& entrance, Femtoseconds arrival_fs) {
  note_waiting(transfer, entrance);
  entrance.far_side().send(transfer, *this, arrival_fs);
}

void NetworkModule::note_waiting(Transfer& transfer, const Entrance& entrance) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(waiting_.size()));
    waiting_.emplace_back();
  }
  transfer.slot = free_slots_.back();
  free_slots_.pop_back();
  waiting_[transfer.slot] = {&transfer, &entrance};
}

void NetworkModule::deliver(Transfer& transfer, Femtoseconds arrival_fs) {
  const Receivers receivers = receivers_of(transfer);
  transfer.shares.clear();
  transfer.receivers_left = receivers.count;
  receivers.for_each([&](NodeId node) { attached_[node]->complete(transfer, arrival_fs); });
}

// Messages in the network, by age.
std::vector<NetworkModule::Message> NetworkModule::under_way() const {
  std::vector<bool> free(carried_.size(), false);
  for (const std::uint64_t ticket : free_tickets_) {
    free[ticket] = true;
  }
  std::vector<Message> messages;
  for (std::size_t ticket = 0; ticket < carried_.size(); ++ticket) {
    if (!free[ticket]) {
      messages.push_back(carried_[ticket].message);
    }
  }
  std::sort(messages.begin(), messages.end(), [](const Message& a, const Message& b) {
    return std::pair(a.transfer->source, a.transfer->sequence) <
           std::pair(b.transfer->source, b.transfer->sequence);
  });
  return messages;
}

void NetworkModule::report_waits(std::vector<std::string>& lines) const {
  const auto say = [&](const Transfer& transfer, const std::string& where) {
    lines.push_back(
        std::string(name()) + ": " + (transfer.access == Access::kRead ? "read " : "write ") +
        std::to_string(transfer.sequence) + " of " + node_name(layout_, transfer.source) + " (" +
        std::to_string(transfer.bytes()) + " bytes) " + where);
  };
  for (const Message& message : under_way()) {
    say(*message.transfer, message.entrance != nullptr
                               ? "is on its way to " + message.entrance->name()
                               : "is on its way back");
  }
  std::vector<Waiting> by_age;
  std::copy_if(waiting_.begin(), waiting_.end(), std::back_inserter(by_age),
               [](const Waiting& wait) { return wait.transfer != nullptr; });
  std::sort(by_age.begin(), by_age.end(), [](const Waiting& a, const Waiting& b) {
    return std::pair(a.transfer->source, a.transfer->sequence) <
           std::pair(b.transfer->source, b.transfer->sequence);
  });
  for (const Waiting& wait : by_age) {
    say(*wait.transfer, "waits for " + wait.entrance->name());
  }
}

void NetworkModule::reset() {
  const bool idle =
      free_tickets_.size() == carried_.size() && free_slots_.size() == waiting_.size();
  if (!idle || !inbox_.empty()) {
    throw std::logic_error(std::string(name()) + ": reset with transfers outstanding");
  }
  carried_.clear();
  free_tickets_.clear();
  waiting_.clear();
  free_slots_.clear();
  wake_up_.cancel();
  network_->reset();
}

}  // namespace orrery
