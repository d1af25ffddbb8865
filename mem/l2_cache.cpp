// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_cache.h"

#include <utility>

#include "sim/clock.h"

namespace orrery {
namespace {

Granularity granularity_of(const SharedMemoryConfig& config) {
  return config.per_sector_tags ? Granularity::kLine : Granularity::kBlock;
}

}  // namespace

L2Cache::L2Cache(const SharedMemoryConfig& config, std::uint32_t partition, NodeId node)
    : partition_(partition),
      partitions_(config.partitions),
      peer_node_(partition == 0 ? node + 1 : node - 1),
      keep_far_copies_(config.keep_far_copies),
      tags_(config.capacity_bytes / config.partitions, config.ways, granularity_of(config)),
      slices_(config.slices / config.partitions,
              config.slice_bytes_per_cycle,
              Clock(config.clock_hz).period_fs()),
      write_cost_(std::max<std::uint64_t>(
          1, config.slice_bytes_per_cycle / config.slice_write_bytes_per_cycle)),
      requests_(Clock(config.clock_hz).to_fs(config.latency_cycles)),
      children_({node, node}, config.fill_outstanding_bytes) {}

// Neighbouring blocks of a row have one home, so that a piece fills an interleave unit of the HBM.
std::uint32_t L2Cache::home_of(const MatrixBlock& block) const {
  if (partitions_ == 1) {
    return 0;
  }
  const std::uint64_t row = block.first_row / kMaxBlockRows;
  const std::uint64_t column =
      block.first_byte / (2 * shape_of(block.matrix_rows, Granularity::kBlock).row_bytes);
  const std::uint64_t hash =
      mix64(mix64(block.base_address) + row * 0x9E3779B97F4A7C15ULL + column);
  return static_cast<std::uint32_t>(hash & 1);
}

void L2Cache::accept(Request request, Femtoseconds now_fs) {
  const Transfer& transfer = *request.transfer;
  const bool is_read = transfer.access == Access::kRead;
  const bool from_peer = partitions_ > 1 && transfer.source == peer_node_;
  ticket_ = requests_.open(request);
  placement_ = transfer.placement;
  fills_ = {ChildTransfers::kNone, ChildTransfers::kNone};
  forward_ = writeback_ = ChildTransfers::kNone;
  for (const Block& block : transfer.blocks) {
    for_each_piece(block, tags_.granularity(), [&](const BlockPiece& piece) {
      ++count_.lookups;
      if (is_read) {
        read_piece(piece, from_peer, now_fs);
      } else {
        write_piece(piece, from_peer, now_fs);
      }
    });
  }
  (is_read ? count_.read_bytes : count_.write_bytes) += transfer.bytes();
  // Write-backs go first: they make room for what follows.
  for (const ChildTransfers::Child child : {writeback_, fills_[0], fills_[1], forward_}) {
    if (child != ChildTransfers::kNone) {
      children_.wait(child, ticket_, requests_);
      children_.submit(child);
    }
  }
  requests_.served(ticket_, slices_.book(now_fs, is_read ? 1 : write_cost_));
}

void L2Cache::read_piece(const BlockPiece& piece, bool from_peer, Femtoseconds now_fs) {
  slices_.add(piece);
  const bool far = !from_peer && home_of(piece.block) != partition_;
  if (far) {
    count_.far_bytes += sector_bytes(piece.mask);
  }
  Entry* entry = tags_.find(piece);
  SectorMask present = 0;
  if (entry != nullptr) {
    if (placement_ != Placement::kStream) {
      tags_.set_evict_first(*entry, false);
    }
    present = entry->valid & piece.mask;
    SectorMask merged = 0;
    if (entry->pending >= 0) {
      merged = children_.wait_pending(entry->pending, present, ticket_, requests_);
      count_.merged_bytes += sector_bytes(merged);
    }
    count_.hit_bytes += sector_bytes(present & ~merged);
  }
  if (present != piece.mask) {
    const bool keep = !far || keep_far_copies_;
    if (entry == nullptr && keep) {
      entry = &allocate(piece, now_fs);
    }
    fetch(piece, piece.mask & ~present, entry, far, now_fs);
  }
  if (entry != nullptr && from_peer && keep_far_copies_) {
    entry->copied = true;
  }
}

void L2Cache::fetch(
    const BlockPiece& piece, SectorMask missing, Entry* entry, bool far, Femtoseconds now_fs) {
  const std::uint32_t lane = far ? kToPeer : kToMemory;
  const auto child = child_for(fills_[lane], lane, Access::kRead, now_fs);
  append_rectangles(piece.block, shape(piece.block), missing, children_.blocks(child));
  count_.miss_bytes += sector_bytes(missing);
  count_.fill_bytes += sector_bytes(missing);
  if (entry != nullptr) {
    entry->valid |= missing;
    children_.note_pending(entry->pending, child, missing);
  }
}

void L2Cache::write_piece(const BlockPiece& piece, bool from_peer, Femtoseconds now_fs) {
  if (!from_peer && home_of(piece.block) != partition_) {
    // The home keeps the data; a copy that we hold takes the new values along the way.
    count_.far_bytes += sector_bytes(piece.mask);
    const auto child = child_for(forward_, kToPeer, Access::kWrite, now_fs);
    append_rectangles(piece.block, shape(piece.block), piece.mask, children_.blocks(child));
    return;  // it passes by: only the home's slices are kept busy
  }
  slices_.add(piece);
  Entry* entry = tags_.find(piece);
  if (entry == nullptr) {
    entry = &allocate(piece, now_fs);
  }
  entry->valid |= piece.mask;
  entry->dirty |= piece.mask;
  tags_.set_evict_first(*entry, placement_ == Placement::kStream);
  if (entry->copied && !from_peer) {
    tell_peer(piece, *entry);
  }
}

void L2Cache::tell_peer(const BlockPiece& piece, Entry& entry) {
  append_rectangles(piece.block, shape(piece.block), kAllSectors, stale_copies_);
  entry.copied = false;
}

std::vector<Block> L2Cache::take_stale_copies() {
  return std::exchange(stale_copies_, {});
}

void L2Cache::drop_copies(const Block& block) {
  for_each_piece(block, tags_.granularity(), [&](const BlockPiece& piece) {
    Entry* entry = tags_.peek(piece);
    if (entry != nullptr && home_of(piece.block) != partition_) {
      entry->valid &= ~piece.mask;
      ++count_.dropped_copies;
    }
  });
}

L2Cache::Entry& L2Cache::allocate(const BlockPiece& piece, Femtoseconds now_fs) {
  Entry victim;
  bool evicted = false;
  Entry& entry = tags_.insert(piece, victim, evicted);
  tags_.set_evict_first(entry, placement_ == Placement::kStream);
  ++(placement_ == Placement::kStream ? insertions_.evict_first : insertions_.kept);
  if (evicted) {
    ++count_.evictions;
    children_.forget_pending(victim.pending);
    if (victim.dirty != 0) {
      const bool is_new = writeback_ == ChildTransfers::kNone;
      const auto child = child_for(writeback_, kToMemory, Access::kWrite, now_fs);
      if (is_new) {
        children_.release_when_sent(child);
      }
      append_rectangles(victim.block, shape(victim.block), victim.dirty, children_.blocks(child));
      count_.writeback_bytes += sector_bytes(victim.dirty);
    }
  }
  return entry;
}

ChildTransfers::Child& L2Cache::child_for(ChildTransfers::Child& child,
                                          std::uint32_t lane,
                                          Access access,
                                          Femtoseconds now_fs) {
  if (child == ChildTransfers::kNone) {
    child = children_.begin(lane, access, placement_, now_fs);
  }
  return child;
}

void L2Cache::child_done(Transfer& child, Femtoseconds now_fs) {
  children_.done(child, requests_, now_fs);
}

void L2Cache::preload(const Block& block, bool dirty) {
  placement_ = Placement::kShared;
  for_each_piece(block, tags_.granularity(), [&](const BlockPiece& piece) {
    const bool far = home_of(piece.block) != partition_;
    if (far && (dirty || !keep_far_copies_)) {
      return;
    }
    Entry* entry = tags_.find(piece);
    if (entry == nullptr) {
      Entry victim;
      bool evicted = false;
      entry = &tags_.insert(piece, victim, evicted);
    }
    entry->valid |= piece.mask;
    entry->dirty |= dirty ? piece.mask : 0;
    entry->copied = entry->copied || (!far && !dirty && partitions_ > 1 && keep_far_copies_);
  });
}

std::vector<Block> L2Cache::flush() {
  std::vector<Block> dirty;
  tags_.for_each([&](Entry& entry) {
    if (entry.dirty != 0) {
      append_rectangles(entry.block, shape(entry.block), entry.dirty, dirty);
      entry.dirty = 0;
    }
  });
  return dirty;
}

void L2Cache::invalidate() {
  tags_.clear();
  reset_timing();
}

void L2Cache::reset_timing() {
  tags_.for_each([](Entry& entry) { entry.pending = -1; });
  slices_.reset();
  requests_.clear();
  children_.clear();
  stale_copies_.clear();
}

void L2Cache::report_waits(const std::string& who, std::vector<std::string>& lines) const {
  requests_.report_waits(who, lines);
  children_.report_waits(who, lines);
}

void L2Cache::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".lookups", "1", "tags looked up", count_.lookups);
  registry.add(path + ".read_bytes", "byte", "bytes read by requests", count_.read_bytes);
  registry.add(path + ".write_bytes", "byte", "bytes written by requests", count_.write_bytes);
  registry.add(path + ".hit_bytes", "byte", "read and present, in sectors", count_.hit_bytes);
  registry.add(path + ".miss_bytes", "byte", "read and fetched, in sectors", count_.miss_bytes);
  registry.add(path + ".merged_bytes", "byte", "read and already on their way",
               count_.merged_bytes);
  registry.add(path + ".far_bytes", "byte", "read or written here with the peer as home",
               count_.far_bytes);
  registry.add(path + ".fill_bytes", "byte", "asked of memory or the peer", count_.fill_bytes);
  registry.add(path + ".writeback_bytes", "byte", "dirty bytes evicted to memory",
               count_.writeback_bytes);
  registry.add(path + ".evictions", "1", "blocks displaced", count_.evictions);
  registry.add(path + ".dropped_copies", "1", "copies made stale by a write of the peer",
               count_.dropped_copies);
  slices_.register_counters(registry, path);
}

}  // namespace orrery
