// SPDX-License-Identifier: Apache-2.0
#include "arch/core_engine.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace orrery {

CoreEngine::CoreEngine(const CoreConfig& config,
                       const DispatchConfig& dispatch,
                       NodeId node,
                       TransferPool& pool,
                       CoreEnvironment& environment)
    : config_(config),
      dispatch_(dispatch),
      clock_(config.clock_hz),
      node_(node),
      pool_(pool),
      environment_(environment),
      tensor_unit_(config.tensor),
      vector_unit_(config.vector),
      scratchpad_(config.scratchpad, clock_),
      load_dma_(config.dma, clock_),
      store_dma_(config.dma, clock_) {}

void CoreEngine::set_clock(std::uint64_t clock_hz) {
  clock_ = Clock(clock_hz);
  scratchpad_.set_clock(clock_);
  load_dma_.set_clock(clock_);
  store_dma_.set_clock(clock_);
}

void CoreEngine::begin_kernel(const Kernel& kernel,
                              std::uint32_t rank,
                              NodeId first_core_of_cluster) {
  if (load_dma_.outstanding_bytes() > 0 || !stores_.empty()) {
    throw std::logic_error(
        "a kernel ended before transfers that it asked for: a task ends with "
        "the last command that waits for them");
  }
  const std::uint32_t count = kernel.contexts_per_core();
  if (count > config_.max_contexts) {
    throw std::invalid_argument(fmt::format("kernel {} wants {} contexts a core, the core has {}",
                                            kernel.name(), count, config_.max_contexts));
  }
  if (kernel.scratchpad_bytes() * count > config_.scratchpad.capacity_bytes) {
    throw std::invalid_argument(fmt::format(
        "kernel {} needs {} B of scratchpad in each of {} contexts, the core has {} B",
        kernel.name(), kernel.scratchpad_bytes(), count, config_.scratchpad.capacity_bytes));
  }
  if (kernel.accumulator_bytes() * count > config_.tensor.accumulator_bytes) {
    throw std::invalid_argument(fmt::format(
        "kernel {} needs {} B of accumulators in each of {} contexts, the core has {} B",
        kernel.name(), kernel.accumulator_bytes(), count, config_.tensor.accumulator_bytes));
  }
  tasks_in_flight_ = kernel.tasks_in_flight();
  task_setup_fs_ = kernel.task_setup_fs();
  cluster_size_ = kernel.cluster_size();
  first_core_of_cluster_ = first_core_of_cluster;
  contexts_.clear();
  contexts_.resize(count);
  for (Context& context : contexts_) {
    context.program = kernel.make_program(rank);
  }
  // A pipe that ended a command of the kernel before is not full.
  tensor_.end_fs = vector_.end_fs = kNever;
  request_tasks();
}

void CoreEngine::request_tasks() {
  for (std::uint32_t i = 0; i < contexts_.size(); ++i) {
    Context& context = contexts_[i];
    if (context.requested || context.closed || context.tasks_starting > 0 ||
        context.tasks_held >= tasks_in_flight_) {
      continue;
    }
    const bool starved =
        context.assigned == 0 ||
        std::any_of(context.streams.begin(), context.streams.end(),
                    [](const StreamState& s) { return s.status == StreamStatus::kNeedsTask; });
    if (starved) {
      context.requested = true;
      environment_.request_task(i);
    }
  }
}

void CoreEngine::assign(std::uint32_t context, std::uint64_t task, Femtoseconds now_fs) {
  Context& c = contexts_[context];
  c.requested = false;
  // Set-up of a task overlaps the one before when the context holds both.
  const Femtoseconds setup_fs = c.tasks_held == 0 ? dispatch_.task_launch_fs + task_setup_fs_ : 0;
  ++c.tasks_held;
  ++c.assigned;
  ++c.tasks_starting;
  pending_tasks_.push_back({now_fs + setup_fs, context, task});
}

void CoreEngine::close(std::uint32_t context) {
  Context& c = contexts_[context];
  c.requested = false;
  c.closed = true;
  if (c.tasks_starting == 0) {
    c.program->close();
    refetch(c);
  }
}

void CoreEngine::refetch(Context& context) {
  for (StreamState& s : context.streams) {
    if (s.status == StreamStatus::kNeedsTask) {
      s.status = StreamStatus::kFetch;
    }
  }
}

bool CoreEngine::start_tasks(Femtoseconds now_fs) {
  bool any = false;
  for (std::size_t i = 0; i < pending_tasks_.size();) {
    if (pending_tasks_[i].at_fs > now_fs) {
      ++i;
      continue;
    }
    const PendingTask task = pending_tasks_[i];
    pending_tasks_.erase(pending_tasks_.begin() + static_cast<std::ptrdiff_t>(i));
    Context& c = contexts_[task.context];
    c.program->assign(task.task);
    c.task_starts.push_back(now_fs);
    accounting_.task_started(now_fs);
    --c.tasks_starting;
    if (c.closed && c.tasks_starting == 0) {
      c.program->close();
    }
    refetch(c);
    any = true;
  }
  return any;
}

void CoreEngine::update(Context& context, Stream which, Femtoseconds now_fs) {
  StreamState& s = stream(context, which);
  if (s.status == StreamStatus::kFetch) {
    s.command = Command{};
    switch (context.program->next(which, s.command)) {
      case CoreProgram::Next::kCommand:
        s.status = StreamStatus::kWaits;
        break;
      case CoreProgram::Next::kNeedsTask:
        s.status = StreamStatus::kNeedsTask;
        break;
      case CoreProgram::Next::kFinished:
        s.status = StreamStatus::kFinished;
        break;
    }
  }
  if (s.status == StreamStatus::kWaits) {
    for (const Wait& wait : s.command.waits) {
      if (wait.semaphore != kNoSemaphore && context.semaphores[wait.semaphore].value < wait.value) {
        return;
      }
    }
    s.status = StreamStatus::kReady;
    s.ready_fs = now_fs;
  }
}

int CoreEngine::pick(Stream which, Femtoseconds now_fs) {
  int best = -1;
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    update(contexts_[i], which, now_fs);
    const StreamState& s = stream(contexts_[i], which);
    if (s.status == StreamStatus::kReady &&
        (best < 0 ||
         s.ready_fs < stream(contexts_[static_cast<std::size_t>(best)], which).ready_fs)) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

const CoreEngine::Semaphore* CoreEngine::last_arrival(const Context& context,
                                                      const Command& command) const {
  const Semaphore* last = nullptr;
  for (const Wait& wait : command.waits) {
    if (wait.semaphore != kNoSemaphore && wait.value > 0) {
      const Semaphore& semaphore = context.semaphores[wait.semaphore];
      if (last == nullptr || semaphore.at_fs > last->at_fs) {
        last = &semaphore;
      }
    }
  }
  return last;
}

bool CoreEngine::start_tensor(Femtoseconds now_fs) {
  if (tensor_.busy) {
    return false;
  }
  const int index = pick(Stream::kTensor, now_fs);
  if (index < 0) {
    return false;
  }
  Context& context = contexts_[static_cast<std::size_t>(index)];
  StreamState& s = stream(context, Stream::kTensor);
  s.status = StreamStatus::kFetch;
  if (s.command.kind == Command::Kind::kSignal) {
    finish_command(static_cast<std::uint32_t>(index), s.command, CauseKind::kCompute, now_fs);
    return true;
  }
  const Semaphore* const cause = last_arrival(context, s.command);
  accounting_.start_tensor(now_fs, cause != nullptr ? cause->cause : CauseKind::kCompute,
                           cause != nullptr ? &cause->journey : nullptr);
  const MatmulWork& work = s.command.matmul;
  const std::uint64_t cycles = tensor_unit_.cycles(work, tensor_.end_fs == now_fs);
  const std::uint64_t bytes = tensor_unit_.operand_bytes(work);
  const Femtoseconds operands_fs =
      scratchpad_.access_rows(now_fs, bytes, bytes_of(work.dtype, work.k));
  tensor_.busy = true;
  tensor_.start_fs = now_fs;
  tensor_.end_fs = std::max(now_fs + clock_.to_fs(cycles), operands_fs);
  tensor_.context = static_cast<std::uint32_t>(index);
  tensor_.command = s.command;
  ++counters_.matmuls;
  counters_.padded_flop += tensor_unit_.padded_flop(work);
  counters_.tensor_flop[static_cast<std::size_t>(work.dtype)] +=
      2 * std::uint64_t{work.m} * work.n * work.k;
  counters_.useful_flop += s.command.useful_flop;
  counters_.scratchpad_bytes += bytes;
  return true;
}

bool CoreEngine::start_vector(Femtoseconds now_fs) {
  if (vector_.busy) {
    return false;
  }
  const int index = pick(Stream::kVector, now_fs);
  if (index < 0) {
    return false;
  }
  Context& context = contexts_[static_cast<std::size_t>(index)];
  StreamState& s = stream(context, Stream::kVector);
  s.status = StreamStatus::kFetch;
  if (s.command.kind == Command::Kind::kSignal) {
    finish_command(static_cast<std::uint32_t>(index), s.command, CauseKind::kCompute, now_fs);
    return true;
  }
  const Semaphore* const cause = last_arrival(context, s.command);
  accounting_.start_vector(now_fs, cause != nullptr ? cause->cause : CauseKind::kCompute,
                           cause != nullptr ? &cause->journey : nullptr);
  const VectorWork& work = s.command.vector;
  const Femtoseconds operands_fs = scratchpad_.access(now_fs, work.scratchpad_bytes);
  vector_.busy = true;
  vector_.start_fs = now_fs;
  vector_.end_fs = std::max(now_fs + clock_.to_fs(vector_unit_.cycles(work)), operands_fs);
  vector_.context = static_cast<std::uint32_t>(index);
  vector_.command = s.command;
  if (work.latency_cycles > 0) {
    s.status = StreamStatus::kSettles;
  }
  ++counters_.vector_commands;
  counters_.vector_ops += work.alu_ops;
  counters_.special_ops += work.special_ops;
  counters_.useful_flop += s.command.useful_flop;
  counters_.scratchpad_bytes += work.scratchpad_bytes;
  return true;
}

bool CoreEngine::finish_units(Femtoseconds now_fs) {
  bool any = false;
  if (tensor_.busy && tensor_.end_fs <= now_fs) {
    tensor_.busy = false;
    accounting_.stop_tensor(now_fs);
    counters_.tensor_busy_fs += tensor_.end_fs - tensor_.start_fs;
    count_progress(false);
    if (observers_.tensor_busy != nullptr) {
      observers_.tensor_busy->add(tensor_.start_fs, tensor_.end_fs,
                                  tensor_.end_fs - tensor_.start_fs);
    }
    if (observers_.units != nullptr) {
      observers_.units->add(EventLog::Kind::kTensor, node_, tensor_.start_fs, tensor_.end_fs);
    }
    finish_command(tensor_.context, tensor_.command, CauseKind::kCompute, now_fs);
    any = true;
  }
  if (vector_.busy && vector_.end_fs <= now_fs) {
    vector_.busy = false;
    accounting_.stop_vector(now_fs);
    counters_.vector_busy_fs += vector_.end_fs - vector_.start_fs;
    count_progress(true);
    if (observers_.vector_busy != nullptr) {
      observers_.vector_busy->add(vector_.start_fs, vector_.end_fs,
                                  vector_.end_fs - vector_.start_fs);
    }
    if (observers_.units != nullptr) {
      observers_.units->add(EventLog::Kind::kVector, node_, vector_.start_fs, vector_.end_fs);
    }
    if (const std::uint64_t latency = vector_.command.vector.latency_cycles; latency > 0) {
      pending_results_.push_back({now_fs + clock_.to_fs(latency), vector_.context});
    } else {
      finish_command(vector_.context, vector_.command, CauseKind::kCompute, now_fs);
    }
    any = true;
  }
  return any;
}

bool CoreEngine::finish_results(Femtoseconds now_fs) {
  bool any = false;
  for (std::size_t i = 0; i < pending_results_.size();) {
    const PendingResult result = pending_results_[i];
    if (result.at_fs > now_fs) {
      ++i;
      continue;
    }
    pending_results_.erase(pending_results_.begin() + static_cast<std::ptrdiff_t>(i));
    StreamState& s = stream(contexts_[result.context], Stream::kVector);
    s.status = StreamStatus::kFetch;
    finish_command(result.context, s.command, CauseKind::kCompute, now_fs);
    any = true;
  }
  return any;
}

void CoreEngine::finish_command(std::uint32_t context,
                                const Command& command,
                                CauseKind cause,
                                Femtoseconds now_fs) {
  signal(context, command.signal, command.scope, cause, nullptr, now_fs);
  end_tasks(context, command.ends_tasks, now_fs);
}

void CoreEngine::end_tasks(std::uint32_t context, std::uint32_t count, Femtoseconds now_fs) {
  if (count == 0) {
    return;
  }
  Context& c = contexts_[context];
  c.tasks_held -= count;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (observers_.events != nullptr) {
      observers_.events->add(EventLog::Kind::kTask, node_, c.task_starts.front(), now_fs);
    }
    c.task_starts.pop_front();
  }
  counters_.tasks += count;
  accounting_.task_ended(now_fs);
  environment_.end_tasks(count);
}

void CoreEngine::signal(std::uint32_t context,
                        std::uint8_t semaphore,
                        SignalScope scope,
                        CauseKind cause,
                        const LoadJourney* journey,
                        Femtoseconds now_fs) {
  if (semaphore == kNoSemaphore) {
    return;
  }
  Semaphore& s = contexts_[context].semaphores[semaphore];
  ++s.value;
  s.at_fs = now_fs;
  s.cause = cause;
  if (journey != nullptr) {
    s.journey = *journey;
  }
  if (scope == SignalScope::kCluster && cluster_size_ > 1) {
    environment_.signal_cluster(context, semaphore, cause, s.journey);
  }
}

void CoreEngine::remote_signal(std::uint32_t context,
                               std::uint8_t semaphore,
                               CauseKind cause,
                               const LoadJourney& journey,
                               Femtoseconds now_fs) {
  signal(context, semaphore, SignalScope::kCore,
         cause == CauseKind::kLoad ? CauseKind::kLoad : CauseKind::kRemote, &journey, now_fs);
}

void CoreEngine::advance(Femtoseconds now_fs) {
  for (bool progress = true; progress;) {
    progress = finish_units(now_fs);
    progress |= finish_results(now_fs);
    progress |= finish_deliveries(now_fs);
    progress |= start_tasks(now_fs);
    progress |= start_tensor(now_fs);
    progress |= start_vector(now_fs);
    progress |= start_load(now_fs);
    while (issue(load_dma_, Access::kRead, now_fs)) {
      progress = true;
    }
    progress |= start_store(now_fs);
    while (issue(store_dma_, Access::kWrite, now_fs)) {
      progress = true;
    }
  }
  request_tasks();
}

Femtoseconds CoreEngine::next_event_fs() const {
  Femtoseconds next_fs = kNever;
  if (tensor_.busy) {
    next_fs = std::min(next_fs, tensor_.end_fs);
  }
  if (vector_.busy) {
    next_fs = std::min(next_fs, vector_.end_fs);
  }
  for (const PendingResult& result : pending_results_) {
    next_fs = std::min(next_fs, result.at_fs);
  }
  for (const PendingTask& task : pending_tasks_) {
    next_fs = std::min(next_fs, task.at_fs);
  }
  for (const PendingDelivery& delivery : pending_deliveries_) {
    if (delivery.at_fs < next_fs && matters_load(delivery.tag)) {
      next_fs = delivery.at_fs;
    }
  }
  return next_fs;
}

bool CoreEngine::matters_signal(std::uint32_t context, std::uint8_t semaphore) const {
  if (context >= contexts_.size()) {
    return false;
  }
  const Context& c = contexts_[context];
  const std::array<bool, kStreamCount> is_idle{load_dma_.is_idle(), !tensor_.busy, !vector_.busy,
                                               store_dma_.is_idle()};
  for (std::size_t i = 0; i < kStreamCount; ++i) {
    const StreamState& s = c.streams[i];
    if (!is_idle[i] || s.status != StreamStatus::kWaits) {
      continue;
    }
    for (const Wait& wait : s.command.waits) {
      if (wait.semaphore == semaphore && c.semaphores[semaphore].value < wait.value) {
        return true;
      }
    }
  }
  return false;
}

bool CoreEngine::is_done() const {
  const bool streams_done =
      std::all_of(contexts_.begin(), contexts_.end(), [](const Context& context) {
        return std::all_of(
            context.streams.begin(), context.streams.end(),
            [](const StreamState& s) { return s.status == StreamStatus::kFinished; });
      });
  return streams_done && pending_tasks_.empty() && pending_results_.empty() && !tensor_.busy &&
         !vector_.busy && stores_.empty() && load_dma_.outstanding_bytes() == 0;
}

void CoreEngine::reset() {
  contexts_.clear();
  tensor_ = Unit{};
  vector_ = Unit{};
  scratchpad_.reset();
  load_dma_.reset();
  store_dma_.reset();
  stores_.clear();
  first_store_ = 0;
  transfer_sequence_ = 0;
  pending_tasks_.clear();
  pending_results_.clear();
  pending_deliveries_.clear();
}

}  // namespace orrery
