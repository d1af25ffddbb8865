// SPDX-License-Identifier: Apache-2.0
#include "noc/channel_dependencies.h"

#include <algorithm>
#include <limits>

namespace orrery {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

}  // namespace

ChannelDependencies::ChannelDependencies(const NetworkGraph& graph, std::uint32_t classes)
    : classes_(classes), links_from_(graph.routers.size()) {
  for (GraphLinkId link = 0; link < graph.links.size(); ++link) {
    std::vector<GraphLinkId>& links = links_from_[graph.links[link].from];
    local_index_.push_back(static_cast<std::uint32_t>(links.size()));
    far_router_.push_back(graph.links[link].to);
    links.push_back(link);
  }
  first_entry_.push_back(0);
  for (const RouterId router : far_router_) {
    for (std::uint32_t vc_class = 0; vc_class < classes_; ++vc_class) {
      first_entry_.push_back(first_entry_.back() + links_from_[router].size() * classes_);
    }
  }
  depends_.resize(first_entry_.back());
}

std::vector<std::uint32_t> ChannelDependencies::find_cycle() const {
  const std::optional<Edge> edge = edge_of_a_cycle();
  if (!edge) {
    return {};
  }
  std::vector<std::uint32_t> cycle = shortest_path(edge->wanted, edge->held);
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  return cycle;
}

// Depth-first search: an edge back to a channel whose search is not over closes a cycle. With a
// stack of its own, since a search may be as deep as there are channels.
std::optional<ChannelDependencies::Edge> ChannelDependencies::edge_of_a_cycle() const {
  enum class Search : std::uint8_t { kNotBegun, kOpen, kOver };
  struct Visit {
    std::uint32_t channel;
    std::size_t next_entry = 0;
  };
  const auto channels = static_cast<std::uint32_t>(first_entry_.size() - 1);
  std::vector<Search> search(channels, Search::kNotBegun);
  std::vector<Visit> stack;
  const auto open = [&](std::uint32_t channel) {
    search[channel] = Search::kOpen;
    stack.push_back({channel});
  };
  for (std::uint32_t root = 0; root < channels; ++root) {
    if (search[root] == Search::kNotBegun) {
      open(root);
    }
    while (!stack.empty()) {
      const std::uint32_t held = stack.back().channel;
      if (stack.back().next_entry == entries(held)) {
        search[held] = Search::kOver;
        stack.pop_back();
        continue;
      }
      const std::size_t index = stack.back().next_entry++;
      const std::uint32_t next = wanted(held, index);
      if (!depends_[first_entry_[held] + index] || search[next] == Search::kOver) {
        continue;
      }
      if (search[next] == Search::kOpen) {
        return Edge{held, next};
      }
      open(next);
    }
  }
  return std::nullopt;
}

// Breadth-first; there is a path.
std::vector<std::uint32_t> ChannelDependencies::shortest_path(std::uint32_t from,
                                                              std::uint32_t to) const {
  std::vector<std::uint32_t> came_from(first_entry_.size() - 1, kNone);
  std::vector<std::uint32_t> reached{from};
  came_from[from] = from;
  for (std::size_t visited = 0; came_from[to] == kNone; ++visited) {
    const std::uint32_t held = reached[visited];
    for (std::size_t index = 0; index < entries(held); ++index) {
      const std::uint32_t next = wanted(held, index);
      if (depends_[first_entry_[held] + index] && came_from[next] == kNone) {
        came_from[next] = held;
        reached.push_back(next);
      }
    }
  }
  std::vector<std::uint32_t> path{to};
  while (path.back() != from) {
    path.push_back(came_from[path.back()]);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace orrery
