// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "cli/validation.h"

// What `orrery validate` says.
namespace orrery {

struct ExplainedPoint {
  std::string group;  // its text()
  ValidationPoint point;
  std::string explanation;  // explanation_json(), as text
};

struct ValidationReport {
  std::vector<ValidationGroup> groups;
  std::vector<ExplainedPoint> worst;           // by group, worst first
  std::map<std::string, ChipConfig> chips;     // by device: whose constants are listed
  std::map<std::string, std::size_t> skipped;  // reason -> rows
  std::size_t failed = 0;
  bool sampled = false;
  double cpu_seconds = 0;  // of the whole command
};

nlohmann::ordered_json validation_json(const ValidationReport& report);
void print_validation(std::ostream& out, const ValidationReport& report);

// One line a row, in the order given.
void write_points(const std::string& path, const std::vector<ValidationPoint>& points);

}  // namespace orrery
