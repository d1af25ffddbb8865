// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_tags.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace orrery {

L2Tags::L2Tags(std::uint64_t capacity_bytes, std::uint32_t ways, Granularity granularity)
    : granularity_(granularity) {
  const std::uint64_t tags =
      capacity_bytes / (granularity == Granularity::kBlock ? kBlockBytes : kLineBytes);
  if (tags == 0 || ways == 0) {
    throw std::invalid_argument("an L2 partition must hold at least 4 KiB in at least one way");
  }
  ways_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(ways, tags));
  if (tags / ways_ > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument("an L2 partition holds at most 2^32 sets");
  }
  sets_ = static_cast<std::uint32_t>(tags / ways_);
  ids_.resize(std::size_t{sets_} * ways_);
  entries_.resize(ids_.size());
}

L2Tags::Entry* L2Tags::peek(const BlockPiece& piece) {
  const std::size_t first = first_of_set(piece);
  for (std::size_t i = first; i < first + ways_; ++i) {
    if (ids_[i] == piece.id && entries_[i].block == piece.block) {
      return &entries_[i];
    }
  }
  return nullptr;
}

L2Tags::Entry* L2Tags::find(const BlockPiece& piece) {
  Entry* entry = peek(piece);
  if (entry != nullptr) {
    entry->last_use = ++uses_;
  }
  return entry;
}

// The least rank goes first.
std::uint64_t L2Tags::rank_of(const Entry& entry) {
  return (entry.pending >= 0 ? std::uint64_t{1} << 63 : 0) |
         (entry.evict_first ? 0 : std::uint64_t{1} << 62) | entry.last_use;
}

L2Tags::Entry& L2Tags::insert(const BlockPiece& piece, Entry& victim, bool& evicted) {
  const std::size_t first = first_of_set(piece);
  std::size_t chosen = first;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::size_t i = first; i < first + ways_; ++i) {
    if (ids_[i] == 0) {
      chosen = i;
      break;
    }
    if (const std::uint64_t rank = rank_of(entries_[i]); rank < least) {
      least = rank;
      chosen = i;
    }
  }
  evicted = ids_[chosen] != 0;
  if (evicted) {
    victim = entries_[chosen];
  }
  ids_[chosen] = piece.id;
  entries_[chosen] = Entry{};
  entries_[chosen].block = piece.block;
  entries_[chosen].last_use = ++uses_;
  return entries_[chosen];
}

void L2Tags::clear() {
  std::fill(ids_.begin(), ids_.end(), 0);
  std::fill(entries_.begin(), entries_.end(), Entry{});
  uses_ = 0;
}

}  // namespace orrery
