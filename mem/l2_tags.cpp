// SPDX-License-Identifier: Apache-2.0
#include "mem/l2_tags.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

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
  ranks_.resize(ids_.size());
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
    std::uint64_t& rank = ranks_[index_of(*entry)];
    rank = (rank & kKeep) | ++uses_;
  }
  return entry;
}

std::size_t L2Tags::next_victim(std::size_t first, std::uint64_t from) const {
  std::size_t chosen = kNone;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::size_t i = first; i < first + ways_; ++i) {
    if (ranks_[i] >= from && ranks_[i] < least) {
      least = ranks_[i];
      chosen = i;
    }
  }
  return chosen;
}

std::size_t L2Tags::victim_of(std::size_t first) const {
  const std::size_t oldest = next_victim(first, 0);
  for (std::size_t i = oldest; i != kNone; i = next_victim(first, ranks_[i] + 1)) {
    if (ids_[i] == 0 || entries_[i].pending < 0) {
      return i;
    }
  }
  return oldest;
}

L2Tags::Entry& L2Tags::insert(const BlockPiece& piece, Entry& victim, bool& evicted) {
  const std::size_t index = victim_of(first_of_set(piece));
  Entry& entry = entries_[index];
  evicted = ids_[index] != 0;
  if (evicted) {
    victim = entry;
  }
  ids_[index] = piece.id;
  ranks_[index] = ++uses_ | kKeep;
  entry = Entry{};
  entry.block = piece.block;
  return entry;
}

void L2Tags::age(std::uint64_t entries, std::uint64_t recent) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i] == 0 || entries_[i].pending < 0) {
      order.push_back(i);
    }
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(ranks_[a], a) < std::pair(ranks_[b], b);
  });
  if (order.empty()) {
    return;
  }
  const std::size_t lost = std::min<std::uint64_t>(entries, order.size());
  const std::size_t models = std::clamp<std::uint64_t>(recent, 1, order.size());
  std::vector<Entry> kinds;
  for (std::size_t i = order.size() - models; i < order.size(); ++i) {
    kinds.push_back(entries_[order[i]]);
  }
  for (std::size_t i = 0; i < lost; ++i) {
    const std::size_t index = order[i];
    entries_[index] = kinds[i % models];
    ids_[index] = kLost;
    ranks_[index] = std::max<std::uint64_t>(ranks_[index], 1);
  }
}

void L2Tags::clear() {
  std::fill(ids_.begin(), ids_.end(), 0);
  std::fill(ranks_.begin(), ranks_.end(), 0);
  std::fill(entries_.begin(), entries_.end(), Entry{});
  uses_ = 0;
}

}  // namespace orrery
