// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_tags.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>

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
  const std::size_t first = first_of_set(piece.id);
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

bool L2Tags::better_victim(std::size_t a, std::size_t b) const {
  const auto rank = [this](std::size_t i) {
    const Entry& entry = entries_[i];
    return std::tuple(ids_[i] != 0, entry.pending >= 0, !entry.evict_first, entry.last_use);
  };
  return rank(a) < rank(b);
}

L2Tags::Entry& L2Tags::insert(const BlockPiece& piece, Entry& victim, bool& evicted) {
  const std::size_t first = first_of_set(piece.id);
  std::size_t chosen = first;
  for (std::size_t i = first + 1; i < first + ways_ && ids_[chosen] != 0; ++i) {
    if (better_victim(i, chosen)) {
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
