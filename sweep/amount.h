// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Numbers with units, as expressions of a plan reckon with them and as columns of a sweep hold
// them: floating point, for comparisons and reports. What a chip is made of is read exactly, by
// sim/config_node.h.
namespace orrery {

// What an amount is of, as powers of base units. Clocks ("clk") and per cents are numbers, so that
// FLOP/clk times Hz is FLOP/s.
struct Dimension {
  enum Base : std::uint8_t { kSecond, kByte, kFlop, kOp, kJoule, kVolt, kSquareMm, kDollar };
  static constexpr std::size_t kBases = 8;
  std::array<std::int8_t, kBases> powers{};

  bool operator==(const Dimension&) const = default;
  bool is_number() const { return *this == Dimension{}; }
  Dimension times(const Dimension& other) const;
  Dimension over(const Dimension& other) const;
  std::string text() const;  // "byte/s", "1"
};

// In base units: s, byte, FLOP, op, J, V, mm2, USD.
struct Amount {
  double value = 0;
  Dimension dimension;
};

// A unit of those in configurations and results, "GHz", "FLOP/clk", "pJ/B", "fs", "1".
struct Unit {
  double factor = 1;  // to the base units of Amount
  Dimension dimension;
  std::string column;        // what a column of such values is in: "Hz", "byte/clk", "fs"
  double column_factor = 1;  // to that
};
// None when it is not known.
std::optional<Unit> find_unit(std::string_view text);

// The longest known unit at the front of `text`, "GB/s" of "GB/s * 3"; its length, 0 for none.
std::size_t unit_length(std::string_view text);

// A number with an optional unit, as it stands in a configuration: "1.4 GHz", "64". None where it
// is anything else.
struct ParsedAmount {
  double number = 0;
  std::string unit_text;  // "GHz", "" for none
  Unit unit;
  Amount amount() const { return {number * unit.factor, unit.dimension}; }
  double in_column() const { return number * unit.column_factor; }
};
std::optional<ParsedAmount> parse_amount(std::string_view text);

}  // namespace orrery
