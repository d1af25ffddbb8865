// SPDX-License-Identifier: Apache-2.0
// How a core engine drives its two DMA engines: loads and stores out, deliveries and
// acknowledgements in.
#include "arch/core_engine.h"

namespace orrery {

namespace {

// The tag of a piece: which command of which context it belongs to.
constexpr std::uint64_t kContextShift = 48;
constexpr std::uint64_t kNumberMask = (std::uint64_t{1} << kContextShift) - 1;

LoadJourney journey_of(const Transfer& transfer) {
  return {transfer.issued_fs, transfer.segments, transfer.segment_count};
}

}  // namespace

bool CoreEngine::start_load(Femtoseconds now_fs) {
  if (!load_dma_.is_idle()) {
    return false;
  }
  const int index = pick(Stream::kLoad, now_fs);
  if (index < 0) {
    return false;
  }
  Context& context = contexts_[static_cast<std::size_t>(index)];
  StreamState& s = stream(context, Stream::kLoad);
  s.status = StreamStatus::kFetch;
  const Command& command = s.command;
  if (command.kind == Command::Kind::kSignal) {
    finish_command(static_cast<std::uint32_t>(index), command, CauseKind::kCompute, now_fs);
    return true;
  }
  const std::uint64_t number = context.first_load + context.loads.size();
  const std::uint64_t tag = (static_cast<std::uint64_t>(index) << kContextShift) | number;
  load_work_ = command.transfer;
  Load load;
  load.pieces_left = load_dma_.start(command.transfer.block, tag, now_fs);
  load.signal = command.signal;
  load.scope = command.scope;
  load.ends_tasks = command.ends_tasks;
  load.multicast = command.transfer.multicast.count > 0 && cluster_size_ > 1;
  context.loads.push_back(load);
  return true;
}

bool CoreEngine::start_store(Femtoseconds now_fs) {
  if (!store_dma_.is_idle()) {
    return false;
  }
  const int index = pick(Stream::kStore, now_fs);
  if (index < 0) {
    return false;
  }
  StreamState& s = stream(contexts_[static_cast<std::size_t>(index)], Stream::kStore);
  s.status = StreamStatus::kFetch;
  if (s.command.kind == Command::Kind::kSignal) {
    finish_command(static_cast<std::uint32_t>(index), s.command, CauseKind::kStore, now_fs);
    return true;
  }
  const std::uint64_t number = first_store_ + stores_.size();
  store_work_ = s.command.transfer;
  const std::uint32_t pieces = store_dma_.start(s.command.transfer.block, number, now_fs);
  stores_.push_back({static_cast<std::uint32_t>(index), pieces, s.command});
  return true;
}

bool CoreEngine::issue(DmaEngine& dma, Access access, Femtoseconds now_fs) {
  DmaEngine::Piece piece;
  if (!dma.try_take(now_fs, piece)) {
    return false;
  }
  const bool is_read = access == Access::kRead;
  const TransferWork& work = is_read ? load_work_ : store_work_;
  Transfer& transfer = pool_.acquire();
  transfer.blocks.push_back(piece.block);
  transfer.access = access;
  transfer.placement = work.placement;
  transfer.expected_reads = work.expected_reads;
  transfer.source = node_;
  transfer.sequence = transfer_sequence_++;
  transfer.first_receiver = node_;
  transfer.receiver_count = 1;
  transfer.receiver_step = 1;
  if (is_read && work.multicast.count > 0 && cluster_size_ > 1) {
    transfer.first_receiver = first_core_of_cluster_ + work.multicast.first_rank;
    transfer.receiver_count = work.multicast.count;
    transfer.receiver_step = work.multicast.rank_step;
  }
  transfer.receivers_left = transfer.receiver_count;
  transfer.tag = piece.command;
  transfer.issued_fs = piece.asked_fs;
  if (piece.leaves_fs > piece.asked_fs) {
    transfer.mark(Stage::kCredit, piece.leaves_fs);
  }
  ++counters_.transfers;
  if (!is_read) {
    counters_.store_bytes += piece.block.bytes();
    counters_.scratchpad_bytes += piece.block.bytes();
    scratchpad_.absorb(now_fs, piece.block.bytes());
  }
  environment_.send(transfer, piece.leaves_fs);
  return true;
}

void CoreEngine::deliver(Transfer& transfer, Femtoseconds now_fs) {
  const std::uint64_t bytes = transfer.bytes();
  if (transfer.access == Access::kRead) {
    counters_.load_bytes += bytes;
    counters_.scratchpad_bytes += bytes;
    const Femtoseconds at_fs = scratchpad_.absorb(now_fs, bytes);
    if (observers_.load_latency != nullptr && transfer.source == node_) {
      observers_.load_latency->add(now_fs - transfer.issued_fs);
    }
    if (transfer.source == node_) {
      pending_deliveries_.push_back({at_fs, transfer.tag, bytes, journey_of(transfer)});
      load_dma_.return_credit(bytes);
    }
  } else {
    store_dma_.return_credit(bytes);
    Store& store = stores_[transfer.tag - first_store_];
    --store.pieces_left;
    while (!stores_.empty() && stores_.front().pieces_left == 0) {
      const Store done = stores_.front();
      stores_.pop_front();
      ++first_store_;
      finish_command(done.context, done.command, CauseKind::kStore, now_fs);
    }
  }
  if (--transfer.receivers_left == 0) {
    pool_.release(transfer);
  }
}

bool CoreEngine::finish_deliveries(Femtoseconds now_fs) {
  bool any = false;
  for (std::size_t i = 0; i < pending_deliveries_.size();) {
    if (pending_deliveries_[i].at_fs > now_fs) {
      ++i;
      continue;
    }
    const PendingDelivery delivery = pending_deliveries_[i];
    pending_deliveries_.erase(pending_deliveries_.begin() + static_cast<std::ptrdiff_t>(i));
    piece_arrived(delivery.tag, delivery.journey, delivery.at_fs);
    any = true;
  }
  return any;
}

bool CoreEngine::matters_load(std::uint64_t tag) const {
  const auto index = static_cast<std::uint32_t>(tag >> kContextShift);
  const Context& context = contexts_[index];
  // Loads signal in order: this one may be what complete ones behind it wait for.
  for (std::size_t i = (tag & kNumberMask) - context.first_load; i < context.loads.size(); ++i) {
    const Load& load = context.loads[i];
    if (load.multicast || load.ends_tasks > 0 || load.scope == SignalScope::kCluster ||
        matters_signal(index, load.signal)) {
      return true;
    }
    if (i + 1 < context.loads.size() && context.loads[i + 1].pieces_left > 0) {
      break;
    }
  }
  return false;
}

bool CoreEngine::matters_delivery(const Transfer& transfer) const {
  if (transfer.source != node_) {
    return false;  // the core that asked for it signals here
  }
  return transfer.access == Access::kWrite || load_dma_.waits_for_credit() ||
         matters_load(transfer.tag);
}

void CoreEngine::settle() {
  finish_deliveries(kNever);
}

void CoreEngine::piece_arrived(std::uint64_t tag, const LoadJourney& journey, Femtoseconds at_fs) {
  const auto index = static_cast<std::uint32_t>(tag >> kContextShift);
  const std::uint64_t number = tag & kNumberMask;
  Context& context = contexts_[index];
  Load& load = context.loads[number - context.first_load];
  load.journey = journey;
  --load.pieces_left;
  while (!context.loads.empty() && context.loads.front().pieces_left == 0) {
    const Load done = context.loads.front();
    context.loads.pop_front();
    ++context.first_load;
    signal(index, done.signal, done.multicast ? SignalScope::kCluster : done.scope,
           CauseKind::kLoad, &done.journey, at_fs);
    end_tasks(index, done.ends_tasks, at_fs);
  }
}

}  // namespace orrery
