// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sweep/expression.h"
#include "sweep/grid.h"
#include "sweep/resolver.h"

namespace orrery {

// What names in a plan's conditions stand for at a point: "chip" and "workload", axes, other keys
// of the chip at their base values, "workload.batch" and the like, and what follows from the chip
// of the point (sweep/derived_values.h).
class PointNames {
 public:
  // Loads the base chips. Throws InputError.
  explicit PointNames(const Plan& plan);

  // Throws InputError for what follows from a chip that is refused.
  std::optional<Value> find(const Choice& choice, const std::string& name) const;
  bool chip_is_refused(const Choice& choice) const;

  // "core.count" -> "64", of a base chip with the plan's overrides, in file order.
  const std::vector<std::pair<std::string, std::string>>& base_leaves(std::size_t chip) const {
    return leaves_[chip];
  }
  // Every name that a point has, for suggestions.
  std::vector<std::string> known() const;

 private:
  const Plan& plan_;
  std::vector<std::vector<std::pair<std::string, std::string>>> leaves_;
  std::vector<std::map<std::string, Value>> chip_values_, workload_values_;
  std::vector<std::string> chip_names_;
  struct AxisPlace {
    std::size_t group = 0;
    std::vector<Value> values;
  };
  std::map<std::string, AxisPlace> axes_;
  mutable Resolver resolver_;  // keeps the chip that was asked for last
};

// Scalars of a chip's own file and of its memory preset, from ChipConfig::resolved_text.
std::vector<std::pair<std::string, std::string>> leaves_of_chip(const std::string& resolved_text);

}  // namespace orrery
