// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// Nodes as a traffic pattern sees them: one for each point of a grid, row by row. A crossbar or a
// ring is one row.
struct NodeGrid {
  std::uint32_t columns = 1, rows = 1;
  std::uint32_t count() const { return columns * rows; }
};

// To which node each node sends. The synthetic patterns of Dally and Towles (2004), table 3.1.
class TrafficPattern {
 public:
  // `text` is one of
  //   uniform             any node, itself too
  //   transpose           (x, y) to (y, x); a square grid only
  //   tornado             half way round each dimension: x + ceil(k/2) - 1 modulo k
  //   neighbor            (x+1, y+1), modulo the side
  //   hotspot:A,B,...     one of the nodes named
  //   edge:SIDES          a node of the grid's sides: any of west, east, north, south,
  //   comma-separated
  // Throws std::invalid_argument that says what was expected.
  TrafficPattern(std::string_view text, const NodeGrid& grid);

  std::uint32_t destination(std::uint32_t source, std::uint64_t seed, std::uint64_t counter) const;

 private:
  enum class Kind : std::uint8_t { kUniform, kTranspose, kTornado, kNeighbor, kTargets };

  NodeGrid grid_;
  Kind kind_ = Kind::kUniform;
  std::vector<std::uint32_t> targets_;
};

}  // namespace orrery
