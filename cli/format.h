// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sim/units.h"

// Numbers as people read them: three significant digits and a prefix. "n/a" for what is not a
// finite number.
namespace orrery {

// 1.23e-5, "s" -> "12.3 µs"; 7.45e14, "FLOP/s" -> "745 TFLOP/s". Prefixes from f to E.
std::string engineering(double value, std::string_view unit);

std::string format_time(Femtoseconds time_fs);  // "12.3 µs", "1.23 ms"

// Cells of tables, whose unit stands in the heading.
std::string significant(double value, int digits = 3);  // "745", "74.5", "0.745", "12345"
// With as many decimals as a table needs whose total is `whole_fs`.
std::string microseconds(Femtoseconds time_fs, Femtoseconds whole_fs);
std::string fixed(double value, int decimals);  // "12.30"
std::string percent(double ratio);              // 0.612 -> "61.2"

}  // namespace orrery
