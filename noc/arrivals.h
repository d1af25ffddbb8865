// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "noc/router_engine.h"
#include "sim/random.h"

namespace orrery {

// When each node creates its next packet: gaps of a Bernoulli process are geometric.
class Arrivals {
 public:
  Arrivals(std::uint32_t nodes, double chance, std::uint64_t seed)
      : scale_(1.0 / std::log1p(-std::min(chance, 1.0 - 1e-12))), seed_(seed), drawn_(nodes, 0) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      next_.push({gap(node), node});
    }
  }
  Tick next_tick() const { return next_.top().first; }
  std::uint32_t take() {
    const auto [at, node] = next_.top();
    next_.pop();
    next_.push({at + 1 + gap(node), node});
    return node;
  }

 private:
  Tick gap(std::uint32_t node) {
    const std::uint64_t bits = random_bits(seed_ ^ 0x5bd1e995, drawn_[node]++ << 20 | node);
    const double uniform = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
    return static_cast<Tick>(std::min(std::log(uniform) * scale_, 1e15));
  }

  using Entry = std::pair<Tick, std::uint32_t>;
  double scale_;
  std::uint64_t seed_;
  std::vector<std::uint64_t> drawn_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> next_;
};

}  // namespace orrery
