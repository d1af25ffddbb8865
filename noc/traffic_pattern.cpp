// SPDX-License-Identifier: Apache-2.0
#include "noc/traffic_pattern.h"

#include <charconv>
#include <fmt/format.h>
#include <stdexcept>

#include "sim/random.h"

namespace orrery {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::uint32_t read_node(std::string_view text, std::uint32_t nodes) {
  std::uint32_t node = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), node);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || node >= nodes) {
    throw std::invalid_argument(fmt::format(
        "hotspot '{}', expected nodes from 0 to {}, separated by commas", text, nodes - 1));
  }
  return node;
}

std::vector<std::uint32_t> nodes_of_side(std::string_view side, const NodeGrid& grid) {
  std::vector<std::uint32_t> nodes;
  const bool vertical = side == "west" || side == "east";
  if (!vertical && side != "north" && side != "south") {
    throw std::invalid_argument(fmt::format(
        "edge '{}', expected any of west, east, north, south, separated by commas", side));
  }
  for (std::uint32_t i = 0; i < (vertical ? grid.rows : grid.columns); ++i) {
    nodes.push_back(side == "west"    ? i * grid.columns
                    : side == "east"  ? i * grid.columns + grid.columns - 1
                    : side == "north" ? i
                                      : (grid.rows - 1) * grid.columns + i);
  }
  return nodes;
}

}  // namespace

TrafficPattern::TrafficPattern(std::string_view text, const NodeGrid& grid) : grid_(grid) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const bool named = colon != std::string_view::npos;
  if (name == "uniform" && !named) {
    kind_ = Kind::kUniform;
  } else if (name == "transpose" && !named) {
    kind_ = Kind::kTranspose;
    if (grid.columns != grid.rows) {
      throw std::invalid_argument(
          fmt::format("transpose on {} x {} nodes, expected a square", grid.columns, grid.rows));
    }
  } else if (name == "tornado" && !named) {
    kind_ = Kind::kTornado;
  } else if (name == "neighbor" && !named) {
    kind_ = Kind::kNeighbor;
  } else if (name == "hotspot" && named) {
    kind_ = Kind::kTargets;
    for (const std::string_view node : split(rest)) {
      targets_.push_back(read_node(node, grid.count()));
    }
  } else if (name == "edge") {
    kind_ = Kind::kTargets;
    for (const std::string_view side : split(named ? rest : "west,east")) {
      for (const std::uint32_t node : nodes_of_side(side, grid)) {
        targets_.push_back(node);
      }
    }
  } else {
    throw std::invalid_argument(
        fmt::format("'{}', expected uniform, transpose, tornado, neighbor, hotspot:NODE,... or "
                    "edge:SIDE,...",
                    text));
  }
}

std::uint32_t TrafficPattern::destination(std::uint32_t source,
                                          std::uint64_t seed,
                                          std::uint64_t counter) const {
  const std::uint32_t x = source % grid_.columns;
  const std::uint32_t y = source / grid_.columns;
  const auto at = [&](std::uint32_t column, std::uint32_t row) {
    return row % grid_.rows * grid_.columns + column % grid_.columns;
  };
  switch (kind_) {
    case Kind::kUniform:
      return static_cast<std::uint32_t>(random_below(seed, counter, grid_.count()));
    case Kind::kTranspose:
      return at(y, x);
    case Kind::kTornado:
      return at(x + (grid_.columns + 1) / 2 - 1, y + (grid_.rows + 1) / 2 - 1);
    case Kind::kNeighbor:
      return at(x + 1, y + 1);
    case Kind::kTargets:
      return targets_[random_below(seed, counter, targets_.size())];
  }
  return source;
}

}  // namespace orrery
