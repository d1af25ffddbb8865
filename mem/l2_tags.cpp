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

void L2Tags::age(const Insertions& more, const Insertions& recent) {
  std::vector<std::size_t> order;  // in which they go
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i] == 0 || entries_[i].pending < 0) {
      order.push_back(i);
    }
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(ranks_[a], a) < std::pair(ranks_[b], b);
  });
  const auto first_kept =
      std::find_if(order.begin(), order.end(), [&](std::size_t i) { return ranks_[i] >= kKeep; });
  const std::vector<std::size_t> streaming(order.begin(), first_kept);
  const std::vector<std::size_t> kept(first_kept, order.end());
  // What is to be kept takes the places of what streams first.
  const std::size_t taken = std::min<std::uint64_t>(more.kept, streaming.size());
  const std::size_t restreamed =
      std::min<std::uint64_t>(more.evict_first, streaming.size() - taken);
  const std::size_t rekept = std::min<std::uint64_t>(more.kept - taken, kept.size());
  const std::span<const std::size_t> all(streaming);
  replace(all.subspan(taken, restreamed), streaming, recent.evict_first, true);
  replace(all.first(taken), kept, recent.kept, false);
  replace(std::span(kept).first(rekept), kept, recent.kept, false);
}

void L2Tags::replace(std::span<const std::size_t> places,
                     std::span<const std::size_t> models,
                     std::uint64_t recent,
                     bool evict_first) {
  std::vector<Entry> kinds;  // copies: some of them are replaced
  const std::size_t count =
      std::clamp<std::uint64_t>(recent, 1, std::max<std::size_t>(1, models.size()));
  for (const std::size_t model : models.last(std::min(count, models.size()))) {
    kinds.push_back(entries_[model]);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    entries_[places[i]] = kinds.empty() ? Entry{} : kinds[i % kinds.size()];
    entries_[places[i]].pending = -1;
    ids_[places[i]] = kLost;
    ranks_[places[i]] = ++uses_ | (evict_first ? 0 : kKeep);
  }
}

void L2Tags::clear() {
  std::fill(ids_.begin(), ids_.end(), 0);
  std::fill(ranks_.begin(), ranks_.end(), 0);
  std::fill(entries_.begin(), entries_.end(), Entry{});
  uses_ = 0;
}

}  // namespace orrery
