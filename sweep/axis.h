// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/config_node.h"

namespace orrery {

// A key and the values that a sweep gives it, each written as `--set key=value` takes it.
struct Axis {
  std::string key;  // of the chip, or "workload.batch" and the like
  std::vector<std::string> values;
  SourceLocation location;

  bool of_workload() const { return key.starts_with("workload."); }
};

// Axes that move together (zip); one alone is a group of one.
struct AxisGroup {
  std::vector<Axis> axes;

  std::size_t size() const { return axes.front().values.size(); }
  bool of_workload() const;  // all of them
};

// A value as an override takes it: a list on one line.
std::string inline_text(const ConfigNode& node);

inline constexpr std::size_t kMostAxisValues = 100'000;

// Reads the value of a key in `axes`:
//
//   [32, 48, 64]                                   a list
//   {from: 1.2 GHz, to: 1.8 GHz, steps: 5}         a range, both ends included
//   {from: 96 MiB, to: 768 MiB, steps: 4, scale: log}
//   {from: 10, to: 100, steps: 5, multiple: 8}     each rounded to a multiple
//
// Values of a range keep the unit of `from`, rounded to six digits; to whole numbers where the unit
// knows no parts (bytes, clocks, counts). What rounding makes equal counts once. Throws InputError:
// an empty list, a value twice, values of two kinds, a range that does not rise.
Axis read_axis(const ConfigNode& parent, const std::string& key);

// `axes`, a map, and `zip`, a list of such maps. Throws InputError: a key twice, zipped axes of
// different lengths.
std::vector<AxisGroup> read_axes(const ConfigNode& plan);

}  // namespace orrery
