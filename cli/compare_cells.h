// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/units.h"

// Cells of the tables of `orrery compare`.
namespace orrery {

inline constexpr double kFsPerUs = static_cast<double>(kFsPerMicrosecond);

// Microseconds with as many decimals as a table needs whose total is `whole_us`; never "-0.0".
std::string us(double time_us, double whole_us);
std::string signed_us(double time_us, double whole_us);  // "+1.0", "-1.0", "0.0"
std::string signed_percent(double ratio);                // 0.012 -> "+1.2"
std::string ratio(double b, double a);                   // "" where one is not there

// With a prefix, in the unit that a record gives: 1e9, "byte" -> "1.00 GB"; "none" for no value.
std::string amount(double value, const std::string& unit);
std::string amount(const std::optional<double>& value, const std::string& unit);

// What people call a step of the waterfall.
struct StepLabel {
  const char* label;  // in its table
  const char* brief;  // behind an operator
};
const StepLabel& label_of(const std::string& step);

}  // namespace orrery
