// SPDX-License-Identifier: Apache-2.0
#include "mem/shared_sram.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "sim/clock.h"

namespace orrery {
namespace {

constexpr std::uint32_t kGroupRows = 4;  // blocks
constexpr std::uint32_t kGroupColumns = 2;

// About a third of the banks, coprime to them: a column of groups and a row of groups both visit
// every bank, and a square of groups visits most.
std::uint32_t group_stride(std::uint32_t banks) {
  std::uint32_t stride = std::max<std::uint32_t>(1, banks / 3);
  while (std::gcd(stride, banks) != 1) {
    ++stride;
  }
  return stride;
}

std::vector<NodeId> nodes_of(NodeId first, std::uint32_t banks) {
  if (banks == 0) {
    throw std::invalid_argument("a shared SRAM needs at least one bank");
  }
  std::vector<NodeId> nodes(banks);
  std::iota(nodes.begin(), nodes.end(), first);
  return nodes;
}

// Memory that the block takes: what lies beyond the matrix's last row or pitch does not exist.
std::uint64_t block_bytes(const MatrixBlock& block) {
  const BlockShape shape = block_shape(block.matrix_rows);
  std::uint64_t rows = shape.rows;
  if (block.matrix_rows > block.first_row) {
    rows = std::min<std::uint64_t>(rows, block.matrix_rows - block.first_row);
  }
  std::uint64_t width = shape.row_bytes;
  if (block.pitch_bytes > block.first_byte) {
    width = std::min(width, round_up(block.pitch_bytes - block.first_byte, kSectorBytes));
  }
  return rows * width;
}

}  // namespace

SharedSram::SharedSram(const SharedMemoryConfig& config, NodeId first_node)
    : first_node_(first_node),
      bank_capacity_bytes_(config.capacity_bytes / std::max(config.banks, 1U)),
      stride_(group_stride(std::max(config.banks, 1U))),
      banks_(config.banks),
      share_bytes_(config.banks),
      requests_(Clock(config.clock_hz).to_fs(config.latency_cycles)),
      children_(nodes_of(first_node, config.banks), config.fill_outstanding_bytes),
      bank_bytes_(config.banks) {
  if (config.bank_bytes_per_cycle == 0) {
    throw std::invalid_argument("a bank of a shared SRAM moves at least 1 B/clk");
  }
  for (Bank& bank : banks_) {
    bank.server = RateServer({config.bank_bytes_per_cycle, Clock(config.clock_hz).period_fs()});
  }
}

std::uint32_t SharedSram::bank_of(const MatrixBlock& block) const {
  const BlockShape shape = block_shape(block.matrix_rows);
  const std::uint64_t down = block.first_row / (shape.rows * kGroupRows);
  const std::uint64_t along = block.first_byte / (shape.row_bytes * kGroupColumns);
  const std::uint64_t banks = banks_.size();
  const std::uint64_t start = mix64(block.base_address) % banks;
  return static_cast<std::uint32_t>((start + down + along % banks * stride_) % banks);
}

std::uint32_t SharedSram::passing_bank(const Transfer& transfer) const {
  const Block& first = transfer.blocks.front();
  const std::uint64_t banks = banks_.size();
  const std::uint64_t down = first.first_row / std::max(first.rows, 1U);
  const std::uint64_t along = first.first_byte / std::max(first.row_bytes, 1U);
  const std::uint64_t start = mix64(first.base_address) % banks;
  return static_cast<std::uint32_t>((start + down + along % banks * stride_) % banks);
}

void SharedSram::spread(Transfer& transfer) const {
  transfer.shares.clear();
  if (passes_by(transfer)) {
    transfer.shares.push_back({first_node_ + passing_bank(transfer), transfer.bytes()});
    return;
  }
  for (const Block& block : transfer.blocks) {
    for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
      // Exact for rows and bytes that are no whole sectors, too.
      const BlockShape shape = block_shape(block.matrix_rows);
      const std::uint64_t from_row = std::max(piece.block.first_row, block.first_row);
      const std::uint64_t to_row =
          std::min<std::uint64_t>(std::uint64_t{piece.block.first_row} + shape.rows,
                                  std::uint64_t{block.first_row} + block.rows);
      const std::uint64_t from = std::max(piece.block.first_byte, block.first_byte);
      const std::uint64_t to =
          std::min(piece.block.first_byte + shape.row_bytes, block.first_byte + block.row_bytes);
      share_bytes_[bank_of(piece.block)] += (to_row - from_row) * (to - from);
    });
  }
  for (std::uint32_t bank = 0; bank < share_bytes_.size(); ++bank) {
    if (share_bytes_[bank] > 0) {
      transfer.shares.push_back({first_node_ + bank, share_bytes_[bank]});
      share_bytes_[bank] = 0;
    }
  }
}

void SharedSram::accept(Request request, Femtoseconds now_fs) {
  const Transfer& transfer = *request.transfer;
  const bool is_read = transfer.access == Access::kRead;
  ticket_ = requests_.open(request);
  (is_read ? count_.read_bytes : count_.write_bytes) += transfer.bytes();
  for (const Block& block : transfer.blocks) {
    for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
      ++count_.lookups;
      if (is_read) {
        read_piece(piece, transfer, now_fs);
      } else {
        write_piece(piece, transfer, now_fs);
      }
    });
  }
  Femtoseconds finish_fs = now_fs;
  for (const std::uint32_t index : touched_) {
    Bank& bank = banks_[index];
    if (bank.bytes > 0) {
      finish_fs = std::max(finish_fs, bank.server.book(now_fs, bank.bytes));
      bank_bytes_[index] += bank.bytes;
      bank.bytes = 0;
    }
    if (bank.fetch != ChildTransfers::kNone) {
      children_.wait(bank.fetch, ticket_, requests_);
      children_.submit(bank.fetch);
      bank.fetch = ChildTransfers::kNone;
    }
  }
  touched_.clear();
  requests_.served(ticket_, finish_fs);
}

void SharedSram::read_piece(const BlockPiece& piece,
                            const Transfer& transfer,
                            Femtoseconds now_fs) {
  Entry* entry = find(piece);
  if (entry == nullptr && transfer.placement != Placement::kStream) {
    entry = allocate(piece, transfer.expected_reads);
  }
  if (entry == nullptr) {
    pass_by(piece, piece.mask, transfer, now_fs);
    return;
  }
  serve(entry->bank, piece.mask);
  entry->expected_reads = std::max(entry->expected_reads, transfer.expected_reads);
  const SectorMask present = entry->valid & piece.mask;
  SectorMask merged = 0;
  if (entry->pending >= 0) {
    merged = children_.wait_pending(entry->pending, present, ticket_, requests_);
  }
  count_.merged_bytes += sector_bytes(merged);
  count_.hit_bytes += sector_bytes(present & ~merged);
  if (const SectorMask missing = piece.mask & ~present; missing != 0) {
    count_.miss_bytes += sector_bytes(missing);
    const auto child = child_of(entry->bank, transfer, now_fs);
    append_rectangles(piece.block, block_shape(piece.block.matrix_rows), missing,
                      children_.blocks(child));
    entry->valid |= missing;
    children_.note_pending(entry->pending, child, missing);
  }
  entry->read_bytes += sector_bytes(piece.mask);
  if (entry->read_bytes >= entry->expected_reads * entry->bytes) {
    free_entry(*entry);
  }
}

void SharedSram::write_piece(const BlockPiece& piece,
                             const Transfer& transfer,
                             Femtoseconds now_fs) {
  Entry* entry = find(piece);
  if (entry == nullptr && transfer.placement != Placement::kStream) {
    entry = allocate(piece, transfer.expected_reads);
  }
  const bool through = transfer.placement == Placement::kThrough;
  if (entry == nullptr || through) {
    pass_by(piece, piece.mask, transfer, now_fs);
  }
  if (entry == nullptr) {
    return;
  }
  serve(entry->bank, piece.mask);
  entry->valid |= piece.mask;
  entry->dirty = through ? entry->dirty & ~piece.mask : entry->dirty | piece.mask;
  entry->read_bytes = 0;  // new data, to be read as often as it says
  entry->expected_reads = std::max(1U, transfer.expected_reads);
}

void SharedSram::pass_by(const BlockPiece& piece,
                         SectorMask mask,
                         const Transfer& transfer,
                         Femtoseconds now_fs) {
  count_.bypass_bytes += sector_bytes(mask);
  append_rectangles(
      piece.block, block_shape(piece.block.matrix_rows), mask,
      children_.blocks(child_of(passes_by(transfer) ? passing_bank(transfer) : bank_of(piece.block),
                                transfer, now_fs)));
}

ChildTransfers::Child SharedSram::child_of(std::uint32_t index,
                                           const Transfer& transfer,
                                           Femtoseconds now_fs) {
  Bank& bank = banks_[index];
  if (bank.fetch == ChildTransfers::kNone) {
    bank.fetch = children_.begin(index, transfer.access, transfer.placement, now_fs);
    touched_.push_back(index);
  }
  return bank.fetch;
}

void SharedSram::serve(std::uint32_t index, SectorMask mask) {
  if (banks_[index].bytes == 0) {
    touched_.push_back(index);
  }
  banks_[index].bytes += sector_bytes(mask);
}

SharedSram::Entry* SharedSram::find(const BlockPiece& piece) {
  const auto it = index_.find(piece.id);
  if (it == index_.end()) {
    return nullptr;
  }
  Entry& entry = entries_[it->second];
  return entry.block == piece.block ? &entry : nullptr;
}

SharedSram::Entry* SharedSram::allocate(const BlockPiece& piece, std::uint32_t expected_reads) {
  const std::uint32_t bank_index = bank_of(piece.block);
  const std::uint64_t bytes = block_bytes(piece.block);
  Bank& bank = banks_[bank_index];
  if (bank.used_bytes + bytes > bank_capacity_bytes_) {
    return nullptr;
  }
  const EntryIndex place =
      free_entries_ == kNoEntry ? static_cast<EntryIndex>(entries_.size()) : free_entries_;
  if (!index_.try_emplace(piece.id, place).second) {
    return nullptr;  // another block with the same hash: there is room for one of them only
  }
  if (place == entries_.size()) {
    entries_.emplace_back();
  } else {
    free_entries_ = entries_[place].next;
  }
  bank.used_bytes += bytes;
  count_.allocated_bytes += bytes;
  Entry& entry = entries_[place];
  entry = {};
  entry.block = piece.block;
  entry.id = piece.id;
  entry.bytes = bytes;
  entry.expected_reads = std::max(1U, expected_reads);
  entry.bank = bank_index;
  EntryIndex& first =
      first_of_matrix_.try_emplace(piece.block.base_address, kNoEntry).first->second;
  entry.next = first;
  if (first != kNoEntry) {
    entries_[first].previous = place;
  }
  first = place;
  return &entry;
}

void SharedSram::free_entry(Entry& entry) {
  banks_[entry.bank].used_bytes -= entry.bytes;
  count_.freed_bytes += entry.bytes;
  children_.forget_pending(entry.pending);
  const auto indexed = index_.find(entry.id);
  const EntryIndex place = indexed->second;
  index_.erase(indexed);
  if (entry.next != kNoEntry) {
    entries_[entry.next].previous = entry.previous;
  }
  if (entry.previous != kNoEntry) {
    entries_[entry.previous].next = entry.next;
  } else if (entry.next != kNoEntry) {
    first_of_matrix_[entry.block.base_address] = entry.next;
  } else {
    first_of_matrix_.erase(entry.block.base_address);
  }
  entry.id = 0;
  entry.next = free_entries_;
  free_entries_ = place;
}

void SharedSram::child_done(Transfer& child, Femtoseconds now_fs) {
  children_.done(child, requests_, now_fs);
}

std::uint64_t SharedSram::release(std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t before = used_bytes();
  auto matrix = first_of_matrix_.lower_bound(begin);
  while (matrix != first_of_matrix_.end() && matrix->first < end) {
    const auto next_matrix = std::next(matrix);  // with its last block the matrix goes
    for (EntryIndex i = matrix->second; i != kNoEntry;) {
      const EntryIndex next = entries_[i].next;
      free_entry(entries_[i]);
      i = next;
    }
    matrix = next_matrix;
  }
  return before - used_bytes();
}

std::uint64_t SharedSram::preload(const Block& block, bool dirty, std::uint32_t expected_reads) {
  std::uint64_t left_out = 0;
  for_each_piece(block, Granularity::kBlock, [&](const BlockPiece& piece) {
    Entry* entry = find(piece);
    if (entry == nullptr) {
      entry = allocate(piece, expected_reads);
    }
    if (entry == nullptr) {
      left_out += sector_bytes(piece.mask);
      return;
    }
    entry->valid |= piece.mask;
    entry->dirty |= dirty ? piece.mask : 0;
  });
  return left_out;
}

std::vector<Block> SharedSram::flush() {
  std::vector<Entry*> dirty;
  for (Entry& entry : entries_) {
    if (entry.id != 0 && entry.dirty != 0) {
      dirty.push_back(&entry);
    }
  }
  std::sort(dirty.begin(), dirty.end(), [](const Entry* a, const Entry* b) {
    const auto key = [](const MatrixBlock& m) {
      return std::tuple(m.base_address, m.pitch_bytes, m.matrix_rows, m.first_row, m.first_byte);
    };
    return key(a->block) < key(b->block);
  });
  std::vector<Block> blocks;
  for (Entry* entry : dirty) {
    append_rectangles(entry->block, block_shape(entry->block.matrix_rows), entry->dirty, blocks);
    entry->dirty = 0;
  }
  return blocks;
}

void SharedSram::invalidate() {
  entries_.clear();
  free_entries_ = kNoEntry;
  index_.clear();
  first_of_matrix_.clear();
  for (Bank& bank : banks_) {
    bank.used_bytes = 0;
  }
  reset_timing();
}

void SharedSram::reset_timing() {
  for (Entry& entry : entries_) {
    entry.pending = -1;
  }
  for (Bank& bank : banks_) {
    bank.server.reset();
  }
  requests_.clear();
  children_.clear();
}

std::uint64_t SharedSram::used_bytes() const {
  return std::accumulate(banks_.begin(), banks_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Bank& bank) { return sum + bank.used_bytes; });
}

void SharedSram::report_waits(const std::string& who, std::vector<std::string>& lines) const {
  requests_.report_waits(who, lines);
  children_.report_waits(who, lines);
}

void SharedSram::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".lookups", "1", "blocks looked up", count_.lookups);
  registry.add(path + ".read_bytes", "byte", "bytes read by requests", count_.read_bytes);
  registry.add(path + ".write_bytes", "byte", "bytes written by requests", count_.write_bytes);
  registry.add(path + ".hit_bytes", "byte", "read and present, in sectors", count_.hit_bytes);
  registry.add(path + ".miss_bytes", "byte", "read and fetched, in sectors", count_.miss_bytes);
  registry.add(path + ".merged_bytes", "byte", "read and already on their way",
               count_.merged_bytes);
  registry.add(path + ".bypass_bytes", "byte", "passed by to or from memory, in sectors",
               count_.bypass_bytes);
  registry.add(path + ".allocated_bytes", "byte", "room given to data", count_.allocated_bytes);
  registry.add(path + ".freed_bytes", "byte", "room freed when data was dead", count_.freed_bytes);
  for (std::size_t i = 0; i < bank_bytes_.size(); ++i) {
    registry.add(path + ".bank[" + std::to_string(i) + "].bytes", "byte", "bytes the bank served",
                 bank_bytes_[i]);
  }
}

}  // namespace orrery
