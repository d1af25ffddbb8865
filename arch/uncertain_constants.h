// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/config_node.h"

namespace orrery {

// A number of a chip that no source states: fitted to measurements, or assumed. A chip's file lists
// them, so that whoever reads a result can see what it rests on:
//
//   fitted:
//     - {constant: core.tensor.issue, range: [0 clk, 64 clk], on: "GEMM of the fitting half"}
//   assumed:
//     - {constant: core.vector.startup, range: [0 clk, 60 clk]}
struct UncertainConstant {
  std::string path;   // where it stands: "core.tensor.issue"; keys of the preset: "memory.KEY"
  std::string value;  // as it is used, overrides included
  std::string least, most;  // what is physically possible, in a unit of the same kind
  std::string on;           // what it was fitted on; empty for what is assumed

  bool operator==(const UncertainConstant&) const = default;
};

// Reads the list `section` of a chip; empty where the chip has none. `leaves` are all constants
// with their values. Throws InputError, with the place in the file, for a constant that is not
// there or listed twice, a range that is none, and a value of the file that lies outside of its
// range
// (`overrides`, "key=value", may leave it: that is what they are for).
std::vector<UncertainConstant> read_uncertain(
    const ConfigNode& root,
    std::string_view section,
    const std::vector<std::pair<std::string, std::string>>& leaves,
    const std::vector<std::string>& overrides);

}  // namespace orrery
