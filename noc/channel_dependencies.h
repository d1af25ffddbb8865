// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "noc/network_graph.h"

namespace orrery {

// Which channels a packet may ask for while it holds another. A channel is a class of virtual
// channels on a link.
class ChannelDependencies {
 public:
  ChannelDependencies(const NetworkGraph& graph, std::uint32_t classes);

  std::uint32_t channel(GraphLinkId link, std::uint32_t vc_class) const {
    return link * classes_ + vc_class;
  }
  GraphLinkId link_of(std::uint32_t channel) const { return channel / classes_; }
  std::uint32_t class_of(std::uint32_t channel) const { return channel % classes_; }

  // `wanted` is on a link that starts where the link of `held` ends.
  void add(std::uint32_t held, std::uint32_t wanted) { depends_[entry(held, wanted)] = true; }

  // Channels that wait for each other in a circle, as few as there are through one of its edges,
  // beginning with the lowest; empty: there is none.
  std::vector<std::uint32_t> find_cycle() const;

 private:
  struct Edge {
    std::uint32_t held, wanted;
  };

  std::size_t entry(std::uint32_t held, std::uint32_t wanted) const {
    const std::uint32_t local = local_index_[link_of(wanted)] * classes_ + class_of(wanted);
    return first_entry_[held] + local;
  }
  std::size_t entries(std::uint32_t held) const {
    return first_entry_[held + 1] - first_entry_[held];
  }
  // The channel of the `index`th entry of `held`.
  std::uint32_t wanted(std::uint32_t held, std::size_t index) const {
    const std::vector<GraphLinkId>& links = links_from_[far_router_[link_of(held)]];
    return channel(links[index / classes_], static_cast<std::uint32_t>(index % classes_));
  }

  std::optional<Edge> edge_of_a_cycle() const;
  std::vector<std::uint32_t> shortest_path(std::uint32_t from, std::uint32_t to) const;

  std::uint32_t classes_;
  std::vector<std::vector<GraphLinkId>> links_from_;  // by router
  std::vector<std::uint32_t> local_index_;            // by link: among those of its router
  std::vector<RouterId> far_router_;                  // by link
  // Bits, by channel held and then by channel wanted: all those that start where the first ends.
  std::vector<std::size_t> first_entry_;
  std::vector<bool> depends_;
};

}  // namespace orrery
