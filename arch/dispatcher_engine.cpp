// SPDX-License-Identifier: Apache-2.0
#include "arch/dispatcher_engine.h"

#include <algorithm>

namespace orrery {

void DispatcherEngine::begin(const Grid& grid) {
  grid_ = grid;
  groups_ = grid.tasks / grid.cluster_size;
  next_group_ = 0;
  ended_ = 0;
  const std::uint32_t clusters = grid.cores / grid.cluster_size;
  shares_.assign(std::size_t{clusters} * grid.contexts, Share{});
  for (Share& share : shares_) {
    share.taken.assign(grid.cluster_size, 0);
  }
}

std::optional<std::uint64_t> DispatcherEngine::draw(std::uint32_t cluster,
                                                    std::uint32_t context,
                                                    Share& share) {
  std::uint64_t group = next_group_;
  if (grid_.policy == DispatchPolicy::kStatic) {
    const std::uint32_t clusters = grid_.cores / grid_.cluster_size;
    group = (share.drawn * grid_.contexts + context) * clusters + cluster;
  }
  if (group >= groups_) {
    return std::nullopt;
  }
  ++next_group_;
  ++share.drawn;
  return group;
}

std::uint64_t DispatcherEngine::waiting_tasks() const {
  if (grid_.policy == DispatchPolicy::kDynamic) {
    return (groups_ - next_group_) * grid_.cluster_size;
  }
  const std::uint64_t whole_rounds = shares_.empty() ? 0 : groups_ / shares_.size();
  std::uint64_t most_drawn = 0;
  for (const Share& share : shares_) {
    most_drawn = std::max(most_drawn, share.drawn);
  }
  return (whole_rounds - std::min(whole_rounds, most_drawn)) * slots();
}

std::vector<DispatcherEngine::TaskRange> DispatcherEngine::skip_tasks(std::uint64_t count) {
  std::vector<TaskRange> skipped;
  if (grid_.policy == DispatchPolicy::kDynamic) {
    skipped.push_back({next_group_ * grid_.cluster_size, count});
  } else {
    const std::uint64_t rounds = count / slots();
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t group = shares_[i].drawn++ * shares_.size() + i;
        skipped.push_back({group * grid_.cluster_size, grid_.cluster_size});
      }
    }
  }
  next_group_ += count / grid_.cluster_size;
  ended_ += count;
  return skipped;
}

std::optional<std::uint64_t> DispatcherEngine::next_task(std::uint32_t core,
                                                         std::uint32_t context) {
  const std::uint32_t clusters = grid_.cores / grid_.cluster_size;
  const std::uint32_t cluster = core / grid_.cluster_size;
  const std::uint32_t rank = core % grid_.cluster_size;
  if (cluster >= clusters) {
    return std::nullopt;
  }
  Share& share = shares_[std::size_t{context} * clusters + cluster];
  const std::uint64_t position = share.taken[rank] - share.first;
  if (position == share.groups.size()) {
    const std::optional<std::uint64_t> group = draw(cluster, context, share);
    if (!group) {
      return std::nullopt;
    }
    share.groups.push_back(*group);
  }
  const std::uint64_t group = share.groups[position];
  ++share.taken[rank];
  while (!share.groups.empty() &&
         *std::min_element(share.taken.begin(), share.taken.end()) > share.first) {
    share.groups.pop_front();
    ++share.first;
  }
  return group * grid_.cluster_size + rank;
}

}  // namespace orrery
