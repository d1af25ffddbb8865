// SPDX-License-Identifier: Apache-2.0
#include "sim/quantity.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <stdexcept>

namespace orrery {
namespace {

constexpr std::array<UnitScale, 11> kByteUnits{{{"B", 1},
                                                {"kB", 1'000},
                                                {"MB", 1'000'000},
                                                {"GB", 1'000'000'000},
                                                {"TB", 1'000'000'000'000},
                                                {"PB", 1'000'000'000'000'000},
                                                {"KiB", 1ULL << 10},
                                                {"MiB", 1ULL << 20},
                                                {"GiB", 1ULL << 30},
                                                {"TiB", 1ULL << 40},
                                                {"PiB", 1ULL << 50}}};
constexpr std::array<UnitScale, 6> kTimeUnits{{{"fs", 1},
                                               {"ps", 1'000},
                                               {"ns", 1'000'000},
                                               {"us", 1'000'000'000},
                                               {"ms", 1'000'000'000'000},
                                               {"s", 1'000'000'000'000'000}}};
constexpr std::array<UnitScale, 4> kFrequencyUnits{
    {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}}};
constexpr std::array<UnitScale, 5> kBandwidthUnits{{{"B/s", 1},
                                                    {"kB/s", 1'000},
                                                    {"MB/s", 1'000'000},
                                                    {"GB/s", 1'000'000'000},
                                                    {"TB/s", 1'000'000'000'000}}};

constexpr std::array<UnitScale, 3> kPowerUnits{{{"mW", 1}, {"W", 1'000}, {"kW", 1'000'000}}};
constexpr std::array<UnitScale, 2> kVoltageUnits{{{"mV", 1}, {"V", 1'000}}};
constexpr std::array<UnitScale, 4> kEnergyUnits{
    {{"aJ", 1}, {"fJ", 1'000}, {"pJ", 1'000'000}, {"nJ", 1'000'000'000}}};
constexpr std::array<UnitScale, 2> kAreaUnits{{{"um2", 1'000'000}, {"mm2", 1'000'000'000'000}}};
constexpr std::array<UnitScale, 1> kMoneyUnits{{{"USD", 1'000'000}}};

// digits * 10^exponent
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw std::invalid_argument("does not fit in 64 bits");
  }
  return product;
}

// Takes the number off the front of `text`.
Decimal take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t i = 0;
  std::size_t zeros = 0;  // seen, but only counted once a digit follows: 1.500 is 1.5
  bool fraction = false;
  const auto take_digit = [&](char c) {
    if (c == '0') {
      ++zeros;
      return;
    }
    for (; zeros > 0; --zeros) {
      number.digits = times(number.digits, 10);
      number.exponent -= fraction ? 1 : 0;
    }
    number.digits = times(number.digits, 10);
    if (__builtin_add_overflow(number.digits, static_cast<std::uint64_t>(c - '0'),
                               &number.digits)) {
      throw std::invalid_argument("does not fit in 64 bits");
    }
    number.exponent -= fraction ? 1 : 0;
  };
  for (; i < text.size() && is_digit(text[i]); ++i) {
    take_digit(text[i]);
  }
  if (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
    for (; zeros > 0; --zeros) {
      number.digits = times(number.digits, 10);
    }
    fraction = true;
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
      take_digit(text[i]);
    }
  } else {
    for (; zeros > 0; --zeros) {
      number.digits = times(number.digits, 10);
    }
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    const bool has_sign = i + 1 < text.size() && (text[i + 1] == '-' || text[i + 1] == '+');
    std::size_t j = i + (has_sign ? 2 : 1);
    int exponent = 0;
    const std::size_t first = j;
    for (; j < text.size() && is_digit(text[j]); ++j) {
      exponent = std::min(exponent * 10 + (text[j] - '0'), 10'000);
    }
    if (j > first) {
      number.exponent += has_sign && text[i + 1] == '-' ? -exponent : exponent;
      i = j;
    }
  }
  text.remove_prefix(i);
  return number;
}

std::uint64_t scale(Decimal number, std::uint64_t factor) {
  if (number.digits == 0) {
    return 0;
  }
  // Tens are taken out of the digits, then twos and fives out of either side, so that nothing
  // overflows that does not overflow in the end.
  std::uint64_t digits = number.digits;
  int exponent = number.exponent;
  for (; exponent < 0; ++exponent) {
    for (const std::uint64_t prime : {2U, 5U}) {
      if (digits % prime == 0) {
        digits /= prime;
      } else if (factor % prime == 0) {
        factor /= prime;
      } else {
        throw std::invalid_argument("is not a whole number of the smallest unit");
      }
    }
  }
  std::uint64_t value = times(digits, factor);
  for (; exponent > 0; --exponent) {
    value = times(value, 10);
  }
  return value;
}

}  // namespace

std::span<const UnitScale> byte_units() {
  return kByteUnits;
}
std::span<const UnitScale> time_units() {
  return kTimeUnits;
}
std::span<const UnitScale> frequency_units() {
  return kFrequencyUnits;
}
std::span<const UnitScale> bandwidth_units() {
  return kBandwidthUnits;
}
std::span<const UnitScale> power_units() {
  return kPowerUnits;
}
std::span<const UnitScale> voltage_units() {
  return kVoltageUnits;
}
std::span<const UnitScale> energy_units() {
  return kEnergyUnits;
}
std::span<const UnitScale> area_units() {
  return kAreaUnits;
}
std::span<const UnitScale> money_units() {
  return kMoneyUnits;
}

std::uint64_t parse_quantity(std::string_view text, std::span<const UnitScale> units) {
  std::string accepted;
  for (const UnitScale& unit : units) {
    accepted += (accepted.empty() ? "" : ", ") + std::string(unit.name);
  }
  if (text.starts_with('-')) {
    throw std::invalid_argument("is negative");
  }
  if (text.empty() || !is_digit(text.front())) {
    throw std::invalid_argument("expected a number with a unit of: " + accepted);
  }
  const Decimal number = take_decimal(text);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty()) {
    throw std::invalid_argument("the unit is missing, expected one of: " + accepted);
  }
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const UnitScale& known) { return known.name == text; });
  if (unit == units.end()) {
    throw std::invalid_argument(
        fmt::format("unknown unit '{}', expected one of: {}", text, accepted));
  }
  return scale(number, unit->factor);
}

}  // namespace orrery
