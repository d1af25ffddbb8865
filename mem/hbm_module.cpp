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
    : HbmModule(name, config, make_hbm_engine(config), first_node, registry) {}

HbmModule::HbmModule(const sc_core::sc_module_name& name,
                     const HbmConfig& config,
                     std::unique_ptr<HbmEngine> engine,
                     NodeId first_node,
                     CounterRegistry& registry)
    : sc_module(name),
      config_(config),
      first_node_(first_node),
      engine_(std::move(engine)),
      node_bytes_(config.node_count()),
      wake_up_(this->name(), registry) {
  engine_->register_counters(registry, this->name());
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
  engine_->advance(now);
  answer();
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
  Femtoseconds next = std::min(inbox_.next_fs(), engine_->next_event());
  if (waiting_ > 0 && !releases_.empty()) {
    next = std::min(next, releases_.top().at_fs);
  }
  wake_up_.at(next);
}

void HbmModule::admit(User& user, Request request) {
  if (config_.outstanding_bytes > 0) {
    user.outstanding_bytes += request.transfer->bytes();
  }
  ++in_service_;
  engine_->accept(request, now_fs());
  answer();
}

void HbmModule::answer() {
  for (const auto& [request, done_fs] : engine_->completions()) {
    Transfer& transfer = *request.transfer;
    if (config_.outstanding_bytes > 0) {
      releases_.push({done_fs, transfer.source, transfer.bytes()});
    }
    --in_service_;
    transfer.mark(Stage::kMemory, done_fs);
    request.initiator->complete(transfer, done_fs);
  }
  engine_->completions().clear();
}

void HbmModule::spread(Transfer& transfer) const {
  transfer.shares.clear();
  if (node_bytes_.size() == 1) {
    transfer.shares.push_back({first_node_, transfer.bytes()});
    return;
  }
  engine_->add_node_bytes(transfer, node_bytes_);
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
  if (in_service_ > 0) {
    lines.push_back(std::string(name()) + " serves " + std::to_string(in_service_) + " transfers");
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
  if (!inbox_.empty() || waiting_ > 0 || in_service_ > 0) {
    throw std::logic_error(std::string(name()) + ": reset with transfers outstanding");
  }
  engine_->reset();
  releases_ = {};
  users_.clear();
  wake_up_.cancel();
}

}  // namespace orrery
