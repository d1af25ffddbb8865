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

void HbmModule::send(Transfer& transfer, TransferInitiator& initiator) {
  inbox_.push(transfer.source, transfer.sequence, {&transfer, &initiator},
              sc_core::sc_delta_count());
  wake_up_.soon();
}

void HbmModule::process() {
  wake_up_.woken();
  inbox_.drain(sc_core::sc_delta_count(), [this](const Request& request) {
    const NodeId source = request.transfer->source;
    if (source >= users_.size()) {
      users_.resize(source + 1);
    }
    User& user = users_[source];
    const std::uint64_t wanted = user.outstanding_bytes + request.transfer->bytes();
    if (config_.outstanding_bytes > 0 && user.outstanding_bytes > 0 &&
        (wanted > config_.outstanding_bytes || !user.waiting.empty())) {
      user.waiting.push_back(request);
    } else {
      admit(user, request);
    }
  });

  const Femtoseconds now = now_fs();
  Request done;
  while (completions_.pop(now, done)) {
    User& user = users_[done.transfer->source];
    user.outstanding_bytes -= done.transfer->bytes();
    while (!user.waiting.empty() &&
           (user.outstanding_bytes == 0 ||
            user.outstanding_bytes + user.waiting.front().transfer->bytes() <=
                config_.outstanding_bytes)) {
      admit(user, user.waiting.front());
      user.waiting.pop_front();
    }
    done.transfer->mark(Stage::kMemory, now);
    done.initiator->complete(*done.transfer);
  }
  if (!inbox_.empty()) {
    wake_up_.soon();
  } else if (completions_.next_event() != kNever) {
    wake_up_.at(completions_.next_event());
  }
}

void HbmModule::admit(User& user, Request request) {
  user.outstanding_bytes += request.transfer->bytes();
  completions_.push(engine_.accept(*request.transfer, now_fs()), request);
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
  if (!inbox_.empty() || completions_.size() > 0) {
    lines.push_back(std::string(name()) + " still works on " +
                    std::to_string(inbox_.size() + completions_.size()) + " transfers");
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
  if (!inbox_.empty() || completions_.size() > 0) {
    throw std::logic_error(std::string(name()) + ": reset with transfers outstanding");
  }
  engine_.reset();
}

}  // namespace orrery
