// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// The two quantities everything counts in. Names carry the unit: `_fs`, `_bytes`, `_cycles`.
namespace orrery {

// Simulated time. An integer, so that sums are exact; 2^64 fs are 5.1 hours.
using Femtoseconds = std::uint64_t;

inline constexpr Femtoseconds kNever = ~Femtoseconds{0};

inline constexpr Femtoseconds kFsPerSecond = 1'000'000'000'000'000ULL;
inline constexpr Femtoseconds kFsPerMicrosecond = 1'000'000'000ULL;
inline constexpr Femtoseconds kFsPerNanosecond = 1'000'000ULL;

constexpr std::uint64_t ceil_div(std::uint64_t numerator, std::uint64_t denominator) {
  return numerator / denominator + (numerator % denominator != 0 ? 1 : 0);
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return ceil_div(value, multiple) * multiple;
}

// A quotient of 128 bits costs a library call; what fits 64 bits, as most does, does without.
__extension__ using WideUnsigned = unsigned __int128;
constexpr std::uint64_t wide_quotient(WideUnsigned numerator, std::uint64_t denominator) {
  return static_cast<std::uint64_t>(numerator >> 64) == 0
             ? static_cast<std::uint64_t>(numerator) / denominator
             : static_cast<std::uint64_t>(numerator / denominator);
}

// value * numerator / denominator, rounded up, without overflow in between.
constexpr std::uint64_t scale_up(std::uint64_t value,
                                 std::uint64_t numerator,
                                 std::uint64_t denominator) {
  const WideUnsigned product = static_cast<WideUnsigned>(value) * numerator;
  return wide_quotient(product + denominator - 1, denominator);
}

// value * numerator / denominator, to the nearest.
constexpr std::uint64_t scale(std::uint64_t value,
                              std::uint64_t numerator,
                              std::uint64_t denominator) {
  const WideUnsigned product = static_cast<WideUnsigned>(value) * numerator;
  return wide_quotient(product + denominator / 2, denominator);
}

// For reports only; nothing inside the simulator reads time as a floating-point number.
constexpr double to_microseconds(Femtoseconds time_fs) {
  return static_cast<double>(time_fs) / static_cast<double>(kFsPerMicrosecond);
}
constexpr double to_seconds(Femtoseconds time_fs) {
  return static_cast<double>(time_fs) / static_cast<double>(kFsPerSecond);
}

}  // namespace orrery
