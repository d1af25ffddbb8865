// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mem/child_transfers.h"
#include "mem/l2_tags.h"
#include "mem/request_table.h"
#include "mem/shared_memory_config.h"
#include "mem/slice_set.h"
#include "sim/counters.h"
#include "sim/transfer.h"

namespace orrery {

// One partition of an L2 cache (the only one, or one of the two of A100 and H100).
//
// Every block of a matrix has a home partition. Reads go to the reader's own partition: what is
// there is served, sectors that are missing are gathered into one fill each from memory (home
// blocks) and from the peer partition (far blocks). With `keep_far_copies` far data is kept here
// too. A request for sectors that are on their way waits for that fill (it is merged).
// Writes go to the home partition, allocate without fetching and stay dirty until evicted; the part
// of a write whose home is far is forwarded. A write at home tells the peer to drop its copy.
//
// Time: the request's lines are booked on their slices when it arrives; it is complete a latency
// after its slices and its fills are done. A miss is looked up at once and pays the latency on the
// way back. A request whose evictions must be written back waits until the write-back has got its
// credits. Not modelled: the slices' load by fills, byte masks below a sector, refusal of requests.
class L2Cache {
 public:
  static constexpr std::uint32_t kToMemory = 0;  // lanes of children
  static constexpr std::uint32_t kToPeer = 1;

  // `node` is the partition's; those of the two partitions follow each other.
  // Throws std::invalid_argument.
  L2Cache(const SharedMemoryConfig& config, std::uint32_t partition, NodeId node);

  void accept(Request request, Femtoseconds now_fs);
  void child_done(Transfer& child, Femtoseconds now_fs);
  // The peer has written these blocks: our copies are stale.
  void drop_copies(const Block& block);

  Femtoseconds next_event() const { return requests_.next_event(); }
  bool pop_completion(Femtoseconds now_fs, Request& request) {
    return requests_.pop(now_fs, request);
  }
  // The next request whose end is known, and when that is.
  bool pop_next_completion(Request& request, Femtoseconds& at_fs) {
    return requests_.pop_next(request, at_fs);
  }
  // Children with credits, to be sent now; null when there are no more.
  Transfer* take_child(Femtoseconds now_fs, std::uint32_t& lane) {
    return children_.take_ready(requests_, now_fs, lane);
  }
  // Blocks written here of which the peer may hold copies, since the last call.
  std::vector<Block> take_stale_copies();

  // Functional, without time. `preload` puts the home part of a block (and copies of far blocks,
  // where they are kept and clean) into the cache as the most recently used.
  void preload(const Block& block, bool dirty);
  // The dirty data, which is clean afterwards.
  std::vector<Block> flush();
  // Blocks that were given a place, since the beginning.
  const L2Tags::Insertions& insertions() const { return insertions_; }
  // As if more blocks had been given places, like the last `recent` ones (sampling).
  void age(const L2Tags::Insertions& more, const L2Tags::Insertions& recent) {
    tags_.age(more, recent);
  }
  std::uint64_t block_bytes() const {
    return tags_.granularity() == Granularity::kBlock ? kBlockBytes : kLineBytes;
  }
  void invalidate();    // forgets everything, dirty data too
  void reset_timing();  // idle; tags stay

  std::uint64_t outstanding() const { return requests_.outstanding() + children_.in_flight(); }
  void report_waits(const std::string& who, std::vector<std::string>& lines) const;

  struct Counters {
    Counter lookups, read_bytes, write_bytes, hit_bytes, miss_bytes, merged_bytes, far_bytes,
        fill_bytes, writeback_bytes, evictions, dropped_copies;
  };
  const Counters& counters() const { return count_; }
  const SliceSet& slices() const { return slices_; }
  void register_counters(CounterRegistry& registry, const std::string& path);
  std::uint32_t home_of(const MatrixBlock& block) const;

 private:
  using Entry = L2Tags::Entry;

  void read_piece(const BlockPiece& piece, bool from_peer, Femtoseconds now_fs);
  void write_piece(const BlockPiece& piece, bool from_peer, Femtoseconds now_fs);
  void fetch(
      const BlockPiece& piece, SectorMask missing, Entry* entry, bool far, Femtoseconds now_fs);
  // A new entry; what it displaces goes into the request's write-back.
  Entry& allocate(const BlockPiece& piece, Femtoseconds now_fs);
  ChildTransfers::Child& child_for(ChildTransfers::Child& child,
                                   std::uint32_t lane,
                                   Access access,
                                   Femtoseconds now_fs);
  BlockShape shape(const MatrixBlock& block) const {
    return shape_of(block.matrix_rows, tags_.granularity());
  }
  void tell_peer(const BlockPiece& piece, Entry& entry);

  const std::uint32_t partition_;
  const std::uint32_t partitions_;
  const NodeId peer_node_;
  const bool keep_far_copies_;
  L2Tags tags_;
  SliceSet slices_;
  std::uint64_t write_cost_;  // of a slice: the time to write a byte over that to read one
  RequestTable requests_;
  ChildTransfers children_;

  // Of the request being accepted.
  RequestTable::Ticket ticket_ = 0;
  Placement placement_ = Placement::kShared;
  std::array<ChildTransfers::Child, 2> fills_{};  // by lane
  ChildTransfers::Child forward_ = ChildTransfers::kNone;
  ChildTransfers::Child writeback_ = ChildTransfers::kNone;

  L2Tags::Insertions insertions_;
  std::vector<Block> stale_copies_;
  std::vector<Block> scratch_;
  Counters count_;
};

}  // namespace orrery
