// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Of the config reader: "1.755 GHz" -> 1755000000, exactly, without floating point. Others use the
// tables of units at most.
namespace orrery {

// A unit and how many of the base unit it is: {"GHz", 1'000'000'000}.
struct UnitScale {
  std::string_view name;
  std::uint64_t factor;
};

// Spellings are those of SI and IEC: kB is 1000, KiB 1024, and KB is refused.
std::span<const UnitScale> byte_units();       // in bytes
std::span<const UnitScale> time_units();       // in femtoseconds
std::span<const UnitScale> frequency_units();  // in hertz
std::span<const UnitScale> bandwidth_units();  // in bytes a second
std::span<const UnitScale> power_units();      // in milliwatts
std::span<const UnitScale> voltage_units();    // in millivolts
std::span<const UnitScale> energy_units();     // in attojoules
std::span<const UnitScale> area_units();       // in square nanometres
std::span<const UnitScale> money_units();      // in millionths of a dollar

// Reads "<decimal number> <unit>", the blank being optional, into base units. Numbers are digits
// with an optional fraction and exponent. Throws std::invalid_argument with a message that says
// what was expected: a sign, a missing or unknown unit (all known ones are named), more than 64
// bits, or what is no whole number of base units.
std::uint64_t parse_quantity(std::string_view text, std::span<const UnitScale> units);

}  // namespace orrery
