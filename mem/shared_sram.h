// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tsl/robin_map.h>
#include <utility>
#include <vector>

#include "mem/child_transfers.h"
#include "mem/request_table.h"
#include "mem/shared_memory_config.h"
#include "sim/counters.h"
#include "sim/rate_server.h"
#include "sim/transfer.h"

namespace orrery {

// Software-managed SRAM in banks, one at each shared node of the network (Maia's cluster SRAM).
// Unlike a cache it never evicts: data stays until software says that it is dead.
//
// Data is placed by 4 KiB blocks of a matrix (mem/matrix_blocks.h). Groups of 4 x 2 blocks (128
// rows x 256 B of a large matrix, 32 KiB) have one home bank, so that a tile's transfer touches few
// banks; groups are dealt to banks round robin down and along the matrix.
//
// Read, Placement::kShared: what is absent is allocated and fetched from memory once; concurrent
// and later reads share it. A block that has been read `expected_reads` times in full is dead and
// is freed, dirty or not. Write, kShared: allocates, stays dirty; kThrough: allocates and goes to
// memory too.
// kStream, and whatever finds no room in its bank, passes by to and from memory; data that is
// present is always used. A transfer with several receivers counts as one read.
// A kStream transfer has no place to be at, so one bank fetches or writes all of it, as one engine
// of a cluster's DMA would; transfers are dealt to banks round robin down and along the matrix, in
// units of their own shape. (What of it is present is served by its bank and leaves by the other's
// port.)
//
// Time: bytes are booked on their banks at arrival; complete a latency after banks and fills.
class SharedSram {
 public:
  // Banks have the nodes [first_node, first_node + config.banks). Throws std::invalid_argument.
  SharedSram(const SharedMemoryConfig& config, NodeId first_node);

  void accept(Request request, Femtoseconds now_fs);
  void child_done(Transfer& child, Femtoseconds now_fs);
  void spread(Transfer& transfer) const;

  Femtoseconds next_event() const { return requests_.next_event(); }
  bool pop_completion(Femtoseconds now_fs, Request& request) {
    return requests_.pop(now_fs, request);
  }
  // The next request whose end is known, and when that is.
  bool pop_next_completion(Request& request, Femtoseconds& at_fs) {
    return requests_.pop_next(request, at_fs);
  }
  Transfer* take_child(Femtoseconds now_fs) {
    std::uint32_t bank = 0;
    return children_.take_ready(requests_, now_fs, bank);
  }

  // What software says of matrices whose base address lies in [begin, end).
  // Dead: frees it, dirty or not. Returns the bytes freed.
  std::uint64_t release(std::uint64_t begin, std::uint64_t end);
  // Functional, without time. Returns the bytes that found no room.
  std::uint64_t preload(const Block& block, bool dirty, std::uint32_t expected_reads = 1);
  std::vector<Block> flush();  // the dirty data, in order of address; clean afterwards
  void invalidate();           // empty
  void reset_timing();         // idle; data stays

  std::uint64_t used_bytes() const;
  std::uint32_t bank_of(const MatrixBlock& block) const;
  std::uint64_t outstanding() const { return requests_.outstanding() + children_.in_flight(); }
  void report_waits(const std::string& who, std::vector<std::string>& lines) const;

  struct Counters {
    Counter lookups, read_bytes, write_bytes, hit_bytes, miss_bytes, merged_bytes, bypass_bytes,
        allocated_bytes, freed_bytes;
  };
  const Counters& counters() const { return count_; }
  void register_counters(CounterRegistry& registry, const std::string& path);

 private:
  using EntryIndex = std::uint32_t;
  static constexpr EntryIndex kNoEntry = ~EntryIndex{0};

  struct Entry {
    MatrixBlock block;
    std::uint64_t id = 0;  // 0: free
    SectorMask valid = 0;
    SectorMask dirty = 0;
    std::uint64_t bytes = 0;  // that it takes of the bank
    std::uint64_t read_bytes = 0;
    std::uint32_t expected_reads = 1;
    std::uint32_t bank = 0;
    std::int32_t pending = -1;
    // The other blocks of its matrix; of a free entry, `next` is the next free one.
    EntryIndex previous = kNoEntry;
    EntryIndex next = kNoEntry;
  };
  struct Bank {
    RateServer server;
    std::uint64_t used_bytes = 0;
    // Of the request being accepted.
    std::uint64_t bytes = 0;
    ChildTransfers::Child fetch = ChildTransfers::kNone;
  };
  void read_piece(const BlockPiece& piece, const Transfer& transfer, Femtoseconds now_fs);
  void write_piece(const BlockPiece& piece, const Transfer& transfer, Femtoseconds now_fs);
  void pass_by(const BlockPiece& piece,
               SectorMask mask,
               const Transfer& transfer,
               Femtoseconds now_fs);
  ChildTransfers::Child child_of(std::uint32_t bank, const Transfer& transfer, Femtoseconds now_fs);
  static bool passes_by(const Transfer& transfer) {
    return transfer.placement == Placement::kStream && !transfer.blocks.empty();
  }
  std::uint32_t passing_bank(const Transfer& transfer) const;  // of one that passes by
  Entry* find(const BlockPiece& piece);
  Entry* allocate(const BlockPiece& piece, std::uint32_t expected_reads);  // null: no room
  void free_entry(Entry& entry);
  void serve(std::uint32_t bank, SectorMask mask);

  const NodeId first_node_;
  const std::uint64_t bank_capacity_bytes_;
  const std::uint32_t stride_;  // banks between neighbouring groups of a row
  std::vector<Bank> banks_;
  mutable std::vector<std::uint64_t> share_bytes_;
  std::vector<std::uint32_t> touched_;  // banks of the request being accepted
  std::deque<Entry> entries_;           // addresses must stay: see ChildTransfers::note_pending
  EntryIndex free_entries_ = kNoEntry;
  tsl::robin_map<std::uint64_t, EntryIndex> index_;      // by the block's id
  std::map<std::uint64_t, EntryIndex> first_of_matrix_;  // by the matrix's base address
  RequestTable requests_;
  ChildTransfers children_;
  RequestTable::Ticket ticket_ = 0;
  std::vector<Counter> bank_bytes_;
  Counters count_;
};

}  // namespace orrery
