// SPDX-License-Identifier: Apache-2.0
#include "cli/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace orrery {

namespace {

constexpr std::array<std::string_view, 12> kPrefixes{"f", "p", "n", "µ", "m", "",
                                                     "k", "M", "G", "T", "P", "E"};
constexpr int kNoPrefix = 5;

constexpr const char* kNotANumber = "n/a";

// Power of ten of the leading digit once `value` is rounded to `digits` digits: 999.7 has 3.
int exponent_of(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::stoi(text.substr(text.find('e') + 1));
}

}  // namespace

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) {
    return kNotANumber;
  }
  if (value == 0) {
    return "0";
  }
  return fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent_of(value, digits)));
}

std::string fixed(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : kNotANumber;
}

std::string microseconds(Femtoseconds time_fs, Femtoseconds whole_fs) {
  return fixed(to_microseconds(time_fs), whole_fs < 100 * kFsPerMicrosecond ? 3 : 1);
}

std::string percent(double ratio) {
  return fixed(100 * ratio, 1);
}

std::string engineering(double value, std::string_view unit) {
  if (!std::isfinite(value)) {
    return kNotANumber;
  }
  if (value == 0) {
    return fmt::format("0 {}", unit);
  }
  const int exponent = exponent_of(value, 3);
  const int thousands = static_cast<int>(std::floor(exponent / 3.0));
  const int place = std::clamp(thousands + kNoPrefix, 0, static_cast<int>(kPrefixes.size()) - 1);
  const double scaled = value / std::pow(1000.0, place - kNoPrefix);
  return fmt::format("{} {}{}", significant(scaled), kPrefixes[static_cast<std::size_t>(place)],
                     unit);
}

std::string format_time(Femtoseconds time_fs) {
  return engineering(to_seconds(time_fs), "s");
}

}  // namespace orrery
