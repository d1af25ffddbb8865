// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mem/matrix_blocks.h"

namespace orrery {

// The tags of one L2 partition: set-associative over blocks of a matrix (or lines, the oracle),
// with a mask of valid and of dirty sectors each. The victim of a set is, in this order: a free
// entry, the oldest one that software marked as streaming, the oldest one; entries that wait for
// data go last. State only, no time.
class L2Tags {
 public:
  struct Entry {
    MatrixBlock block;
    SectorMask valid = 0;
    SectorMask dirty = 0;
    std::int32_t pending = -1;  // list of fills on their way, see ChildTransfers
    bool copied = false;        // the other partition may hold a copy
  };

  // Throws std::invalid_argument when there is not room for one tag, or no way.
  L2Tags(std::uint64_t capacity_bytes, std::uint32_t ways, Granularity granularity);

  // The block's entry, now the most recently used, or null.
  Entry* find(const BlockPiece& piece);
  // Without a change of order.
  Entry* peek(const BlockPiece& piece);
  // A new entry for a block that has none. What had to go is moved to `victim`; `evicted` says
  // whether there was such a thing.
  Entry& insert(const BlockPiece& piece, Entry& victim, bool& evicted);
  void set_evict_first(const Entry& entry, bool evict_first) {
    std::uint64_t& rank = ranks_[index_of(entry)];
    rank = evict_first ? rank & ~kKeep : rank | kKeep;
  }

  // Calls take(Entry&) for all entries in use, in the order of sets and ways.
  template <typename Take>
  void for_each(Take&& take) {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (ids_[i] != 0) {
        take(entries_[i]);
      }
    }
  }
  void clear();
  // As if that many more had been inserted, in all sets alike, like the last `recent` ones: what
  // they would have displaced is lost, but for entries that wait for data, and what nobody will
  // find has its place.
  struct Insertions {
    std::uint64_t evict_first = 0;  // marked as streaming
    std::uint64_t kept = 0;
  };
  void age(const Insertions& more, const Insertions& recent);

  Granularity granularity() const { return granularity_; }
  std::uint64_t entry_count() const { return ids_.size(); }

 private:
  // Consecutive blocks of a matrix are dealt to consecutive sets, so that a matrix that fits has no
  // conflicts; every round of all sets starts elsewhere, so that columns do not gather in few sets.
  std::size_t first_of_set(const BlockPiece& piece) const {
    const std::uint64_t round = piece.number / sets_;
    const std::uint64_t turn = reduce(mix64(round), sets_);
    return static_cast<std::size_t>((piece.number - round * sets_ + turn) % sets_) * ways_;
  }
  std::size_t index_of(const Entry& entry) const {
    return static_cast<std::size_t>(&entry - entries_.data());
  }
  // The way of the set to go first of those with a rank of at least `from`: kNone without one.
  std::size_t next_victim(std::size_t first, std::uint64_t from) const;
  std::size_t victim_of(std::size_t first) const;
  // Puts copies of the `recent` newest of `models` into the given places.
  void replace(std::span<const std::size_t> places,
               std::span<const std::size_t> models,
               std::uint64_t recent,
               bool evict_first);

  static constexpr std::uint64_t kLost = 2;  // an id that no block has
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::uint64_t kKeep = std::uint64_t{1} << 63;

  Granularity granularity_;
  std::uint32_t ways_;
  std::uint32_t sets_;
  std::vector<std::uint64_t> ids_;    // 0: free; apart from the entries, for the scan
  std::vector<std::uint64_t> ranks_;  // number of the last use and kKeep; 0: free
  std::vector<Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace orrery
