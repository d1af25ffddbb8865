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
  // The kernel before ended when its last task did; answers and signals of it that are still on
  // their way mean nothing to this one.
  inbox_.erase_if([](const Item& item) { return item.kind != Item::Kind::kDelivery; });
  peers_ = std::move(peers);
  engine_.begin_kernel(kernel, rank, first_core_of_cluster);
}

void CoreModule::push(std::uint64_t key_high, std::uint64_t key_low, Item item) {
  inbox_.push(key_high, key_low, std::move(item), sc_core::sc_delta_count());
  wake_up_.soon();
}

void CoreModule::complete(Transfer& transfer) {
  Item item;
  item.transfer = &transfer;
  push(0, (std::uint64_t{transfer.source} << kSourceShift) | transfer.sequence, std::move(item));
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
  push(1, (std::uint64_t{from_core} << kSourceShift) | signals_received_++, std::move(item));
}

void CoreModule::assign_task(std::uint32_t context, std::uint64_t task) {
  Item item;
  item.kind = Item::Kind::kTask;
  item.context = context;
  item.task = task;
  push(2, context, std::move(item));
}

void CoreModule::no_more_tasks(std::uint32_t context) {
  Item item;
  item.kind = Item::Kind::kClose;
  item.context = context;
  push(3, context, std::move(item));
}

void CoreModule::work() {
  wake_up_.woken();
  const Femtoseconds now = now_fs();
  inbox_.drain(sc_core::sc_delta_count(), [&](Item& item) {
    switch (item.kind) {
      case Item::Kind::kDelivery:
        engine_.deliver(*item.transfer, now);
        break;
      case Item::Kind::kSignal: {
        static const LoadJourney kNone;
        engine_.remote_signal(item.context, item.semaphore, item.cause,
                              item.journey ? *item.journey : kNone, now);
        break;
      }
      case Item::Kind::kTask:
        engine_.assign(item.context, item.task, now);
        break;
      case Item::Kind::kClose:
        engine_.close(item.context);
        break;
    }
  });
  engine_.advance(now);
  if (!inbox_.empty()) {
    wake_up_.soon();
  } else if (const Femtoseconds next_fs = engine_.next_event_fs(); next_fs != CoreEngine::kNever) {
    wake_up_.at(next_fs);
  }
}

void CoreModule::send(Transfer& transfer) {
  memory_port->send(transfer, *this);
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
  engine_.reset();
  wake_up_.cancel();
}

}  // namespace orrery
