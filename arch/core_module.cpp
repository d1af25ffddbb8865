// SPDX-License-Identifier: Apache-2.0
#include "arch/core_module.h"

#include "sim/sim_time.h"

namespace orrery {
namespace {

// Sequence numbers stay below this: a core would need 2^40 transfers to reach it.
constexpr int kSourceShift = 40;

}  // namespace

CoreModule::CoreModule(const sc_core::sc_module_name& name,
                       const CoreConfig& config,
                       const DispatchConfig& dispatch,
                       std::uint32_t index,
                       TransferPool& pool,
                       CounterRegistry& counters)
    : sc_module(name),
      index_(index),
      engine_(config, dispatch, index, pool, *this),
      wake_up_(this->name(), counters) {
  engine_.counters().register_in(counters, this->name());
  SC_HAS_PROCESS(CoreModule);
  SC_METHOD(work);
  wake_up_.wakes_on(sensitive);
  dont_initialize();
}

void CoreModule::begin_kernel(const Kernel& kernel,
                              std::uint32_t rank,
                              NodeId first_core_of_cluster,
                              std::vector<SemaphoreSink*> peers) {
  settle();
  peers_ = std::move(peers);
  engine_.begin_kernel(kernel, rank, first_core_of_cluster);
}

void CoreModule::push(Femtoseconds at_fs,
                      std::uint64_t key_high,
                      std::uint64_t key_low,
                      Item item) {
  // What cannot start anything waits until something else wakes the core (`work` looks again).
  if (matters(item)) {
    wake_up_.at(at_fs);
  }
  inbox_.push(at_fs, key_high, key_low, std::move(item), sc_core::sc_delta_count());
}

bool CoreModule::matters(const Item& item) const {
  switch (item.kind) {
    case Item::Kind::kDelivery:
      return engine_.matters_delivery(*item.transfer);
    case Item::Kind::kSignal:
      return engine_.matters_signal(item.context, item.semaphore);
    case Item::Kind::kTask:
    case Item::Kind::kClose:
      break;
  }
  return true;
}

void CoreModule::complete(Transfer& transfer, Femtoseconds at_fs) {
  Item item;
  item.transfer = &transfer;
  push(at_fs, 0, (std::uint64_t{transfer.source} << kSourceShift) | transfer.sequence,
       std::move(item));
}

void CoreModule::remote_signal(std::uint32_t from_core,
                               std::uint32_t context,
                               std::uint8_t semaphore,
                               CauseKind cause,
                               const LoadJourney& journey) {
  Item item;
  item.kind = Item::Kind::kSignal;
  item.cause = cause;
  item.semaphore = semaphore;
  item.context = context;
  if (cause == CauseKind::kLoad) {
    item.journey = std::make_unique<LoadJourney>(journey);
  }
  // Signals of one sender keep their order: its process pushes them one after another.
  push(now_fs(), 1, (std::uint64_t{from_core} << kSourceShift) | signals_received_++,
       std::move(item));
}

void CoreModule::assign_task(std::uint32_t context, std::uint64_t task) {
  Item item;
  item.kind = Item::Kind::kTask;
  item.context = context;
  item.task = task;
  push(now_fs(), 2, context, std::move(item));
}

void CoreModule::no_more_tasks(std::uint32_t context) {
  Item item;
  item.kind = Item::Kind::kClose;
  item.context = context;
  push(now_fs(), 3, context, std::move(item));
}

void CoreModule::take(const Item& item, Femtoseconds at_fs) {
  switch (item.kind) {
    case Item::Kind::kDelivery:
      engine_.deliver(*item.transfer, at_fs);
      break;
    case Item::Kind::kSignal: {
      static const LoadJourney kNone;
      engine_.remote_signal(item.context, item.semaphore, item.cause,
                            item.journey ? *item.journey : kNone, at_fs);
      break;
    }
    case Item::Kind::kTask:
      engine_.assign(item.context, item.task, at_fs);
      break;
    case Item::Kind::kClose:
      engine_.close(item.context);
      break;
  }
}

void CoreModule::work() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(now, sc_core::sc_delta_count(),
               [this](const Item& item, Femtoseconds at_fs) { take(item, at_fs); });
  engine_.advance(now);
  Femtoseconds next_fs = engine_.next_event_fs();
  inbox_.for_each([&](const Item& item, Femtoseconds at_fs) {
    if (at_fs < next_fs && matters(item)) {
      next_fs = at_fs;
    }
  });
  wake_up_.at(next_fs);
  if (engine_.pauses()) {
    sc_core::sc_pause();
  }
}

void CoreModule::settle() {
  inbox_.drain_all([this](const Item& item, Femtoseconds at_fs) {
    // Answers and signals on their way when the last task ended mean nothing any more.
    if (item.kind == Item::Kind::kDelivery) {
      take(item, at_fs);
    }
  });
  engine_.settle();
}

void CoreModule::send(Transfer& transfer, Femtoseconds at_fs) {
  memory_port->send(transfer, *this, at_fs);
}

void CoreModule::request_task(std::uint32_t context) {
  dispatcher_port->request_task(index_, context);
}

void CoreModule::signal_cluster(std::uint32_t context,
                                std::uint8_t semaphore,
                                CauseKind cause,
                                const LoadJourney& journey) {
  for (SemaphoreSink* const peer : peers_) {
    peer->remote_signal(index_, context, semaphore, cause, journey);
  }
}

void CoreModule::end_tasks(std::uint32_t count) {
  dispatcher_port->end_tasks(index_, count);
}

void CoreModule::report_waits(std::vector<std::string>& lines) const {
  if (!engine_.is_done() || engine_.holds_tasks()) {
    engine_.report_waits(name(), lines);
  }
}

void CoreModule::reset() {
  inbox_.clear();
  peers_.clear();
  signals_received_ = 0;
  engine_.reset();
  wake_up_.cancel();
}

}  // namespace orrery
