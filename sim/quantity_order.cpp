// SPDX-License-Identifier: Apache-2.0
#include "sim/quantity_order.h"

#include <charconv>
#include <span>
#include <system_error>

#include "sim/quantity.h"

namespace orrery {
namespace {

// A number in the base unit of its kind. Units of no known kind ("clk", "pJ/B") are a kind each.
struct Measured {
  double value = 0;
  std::string_view kind;
};

std::optional<Measured> measured(std::string_view text) {
  Measured result;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, result.value);
  if (number.ec != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  result.kind = text;
  for (const std::span<const UnitScale> units :
       {byte_units(), time_units(), frequency_units(), bandwidth_units(), power_units(),
        voltage_units(), area_units(), money_units()}) {
    for (const UnitScale& unit : units) {
      if (unit.name == text) {
        result.value *= static_cast<double>(unit.factor);
        result.kind = units.front().name;
      }
    }
  }
  return result;
}

}  // namespace

std::optional<bool> lies_within(std::string_view text,
                                std::string_view least,
                                std::string_view most) {
  const auto value = measured(text);
  const auto low = measured(least);
  const auto high = measured(most);
  if (!value || !low || !high || value->kind != low->kind || value->kind != high->kind) {
    return std::nullopt;
  }
  return low->value <= value->value && value->value <= high->value;
}

}  // namespace orrery
