// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_module.h"

#include <algorithm>
#include <stdexcept>

#include "sim/sim_time.h"

namespace orrery {

HbmModule::HbmModule(const sc_core::sc_module_name& name,
                     const HbmConfig& config,
                     NodeId first_node,
                     CounterRegistry& registry)
    : sc_module(name),
      config_(config),
      first_node_(first_node),
      engine_(config),
      node_bytes_(config.node_count()),
      wake_up_(this->name(), registry) {
  engine_.register_counters(registry, this->name());
  SC_HAS_PROCESS(HbmModule);
  SC_METHOD(process);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

void HbmModule::send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) {
  inbox_.push(at_fs, transfer.source, transfer.sequence, {&transfer, &initiator},
              sc_core::sc_delta_count());
  wake_up_.at(at_fs);
}

void HbmModule::process() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  for (; !releases_.empty() && releases_.top().at_fs <= now; releases_.pop()) {
    User& user = users_[releases_.top().user];
    user.outstanding_bytes -= releases_.top().bytes;
    while (!user.waiting.empty() && fits(user, *user.waiting.front().transfer)) {
      admit(user, user.waiting.front());
      user.waiting.pop_front();
      --waiting_;
    }
  }
  inbox_.drain(now, sc_core::sc_delta_count(), [this](const Request& request, Femtoseconds) {
    const NodeId source = request.transfer->source;
    if (source >= users_.size()) {
      users_.resize(source + 1);
    }
    User& user = users_[source];
    if (config_.outstanding_bytes > 0 &&
        (!user.waiting.empty() || !fits(user, *request.transfer))) {
      user.waiting.push_back(request);
      ++waiting_;
    } else {
      admit(user, request);
    }
  });
  wake_up_.at(waiting_ > 0 ? std::min(releases_.top().at_fs, inbox_.next_fs()) : inbox_.next_fs());
}

void HbmModule::admit(User& user, Request request) {
  Transfer& transfer = *request.transfer;
  const Femtoseconds done_fs = engine_.accept(transfer, now_fs());
  if (config_.outstanding_bytes > 0) {
    user.outstanding_bytes += transfer.bytes();
    releases_.push({done_fs, transfer.source, transfer.bytes()});
  }
  transfer.mark(Stage::kMemory, done_fs);
  request.initiator->complete(transfer, done_fs);
}

void HbmModule::spread(Transfer& transfer) const {
  transfer.shares.clear();
  if (node_bytes_.size() == 1) {
    transfer.shares.push_back({first_node_, transfer.bytes()});
    return;
  }
  const AddressMap& map = engine_.map();
  const std::uint64_t unit_bytes = map.interleave_bytes();
  for (const Block& block : transfer.blocks) {
    const bool contiguous = block.rows <= 1 || block.pitch_bytes == block.row_bytes;
    const std::uint32_t rows = contiguous ? 1 : block.rows;
    for (std::uint32_t row = 0; row < rows; ++row) {
      std::uint64_t address = block.row_address(row);
      const std::uint64_t end = address + (contiguous ? block.bytes() : block.row_bytes);
      while (address < end) {
        const std::uint64_t unit = map.unit_of(address);
        const std::uint64_t next = std::min(end, (unit + 1) * unit_bytes);
        const std::uint32_t channel = map.channel_of(unit);
        node_bytes_[config_.node_per_channel ? channel : engine_.stack_of(channel)] +=
            next - address;
        address = next;
      }
    }
  }
  for (std::uint32_t node = 0; node < node_bytes_.size(); ++node) {
    if (node_bytes_[node] > 0) {
      transfer.shares.push_back({first_node_ + node, node_bytes_[node]});
      node_bytes_[node] = 0;
    }
  }
}

void HbmModule::report_waits(std::vector<std::string>& lines) const {
  if (!inbox_.empty()) {
    lines.push_back(std::string(name()) + " has not begun " + std::to_string(inbox_.size()) +
                    " transfers");
  }
  for (std::size_t source = 0; source < users_.size(); ++source) {
    if (!users_[source].waiting.empty()) {
      lines.push_back(std::string(name()) + ": " + std::to_string(users_[source].waiting.size()) +
                      " transfers of node " + std::to_string(source) + " wait for " +
                      std::to_string(users_[source].outstanding_bytes) + " outstanding bytes");
    }
  }
}

void HbmModule::reset() {
  if (!inbox_.empty() || waiting_ > 0) {
    throw std::logic_error(std::string(name()) + ": reset with transfers outstanding");
  }
  engine_.reset();
  releases_ = {};
  users_.clear();
}

}  // namespace orrery
