// SPDX-License-Identifier: Apache-2.0
#include "sweep/amount.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <span>
#include <system_error>
#include <vector>

#include "sim/quantity.h"

namespace orrery {
namespace {

using Base = Dimension::Base;

// One word of a unit: what stands before or behind the "/".
struct UnitWord {
  std::string name;
  double factor = 1;
  Dimension dimension;
  std::string column;
  double column_factor = 1;
};

constexpr Dimension of(Base base, std::int8_t power = 1) {
  Dimension dimension;
  dimension.powers[base] = power;
  return dimension;
}

void add(std::vector<UnitWord>& words,
         std::span<const UnitScale> units,
         double smallest,
         const Dimension& dimension,
         const std::string& column,
         double column_smallest) {
  for (const UnitScale& unit : units) {
    const auto factor = static_cast<double>(unit.factor);
    // 1 fs is a thousandth of a picosecond; divided, so that the factors of larger units are exact
    words.push_back(
        {std::string(unit.name), factor / smallest, dimension, column, factor / column_smallest});
  }
}

std::vector<UnitWord> make_words() {
  std::vector<UnitWord> words;
  Dimension watt = of(Base::kJoule);
  watt.powers[Base::kSecond] = -1;
  add(words, byte_units(), 1, of(Base::kByte), "byte", 1);
  add(words, time_units(), 1e15, of(Base::kSecond), "fs", 1);
  add(words, frequency_units(), 1, of(Base::kSecond, -1), "Hz", 1);
  add(words, power_units(), 1e3, watt, "W", 1e3);
  add(words, voltage_units(), 1e3, of(Base::kVolt), "V", 1e3);
  add(words, energy_units(), 1e18, of(Base::kJoule), "J", 1e18);
  const auto one = [&](const char* name, double factor, const Dimension& dimension,
                       const char* column) {
    words.push_back({name, factor, dimension, column, factor});
  };
  one("byte", 1, of(Base::kByte), "byte");
  one("uJ", 1e-6, of(Base::kJoule), "J");
  one("mJ", 1e-3, of(Base::kJoule), "J");
  one("J", 1, of(Base::kJoule), "J");
  one("op", 1, of(Base::kOp), "op");
  one("mm2", 1, of(Base::kSquareMm), "mm2");
  one("USD", 1, of(Base::kDollar), "USD");
  one("1", 1, {}, "1");
  words.push_back({"clk", 1, {}, "clk", 1});
  words.push_back({"%", 0.01, {}, "%", 1});
  double factor = 1;
  for (const char* const name : {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"}) {
    one(name, factor, of(Base::kFlop), "FLOP");
    factor *= 1e3;
  }
  return words;
}

const UnitWord* find_word(std::string_view text) {
  static const std::vector<UnitWord> words = make_words();
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](const UnitWord& word) { return word.name == text; });
  return found == words.end() ? nullptr : &*found;
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '%' ||
         c == '_' || c == '.';
}

std::size_t word_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_word_char(text[length])) {
    ++length;
  }
  return length;
}

constexpr std::array<const char*, Dimension::kBases> kBaseNames{"s", "byte", "FLOP", "op",
                                                                "J", "V",    "mm2",  "USD"};

}  // namespace

Dimension Dimension::times(const Dimension& other) const {
  Dimension product;
  for (std::size_t i = 0; i < kBases; ++i) {
    product.powers[i] =
        static_cast<std::int8_t>(std::clamp(powers[i] + other.powers[i], -100, 100));
  }
  return product;
}

Dimension Dimension::over(const Dimension& other) const {
  Dimension inverse;
  for (std::size_t i = 0; i < kBases; ++i) {
    inverse.powers[i] = static_cast<std::int8_t>(-other.powers[i]);
  }
  return times(inverse);
}

std::string Dimension::text() const {
  std::string above;
  std::string below;
  for (std::size_t i = 0; i < kBases; ++i) {
    if (powers[i] != 0) {
      std::string& side = powers[i] > 0 ? above : below;
      const int power = std::abs(powers[i]);
      side += fmt::format("{}{}{}", side.empty() ? "" : " ", kBaseNames[i],
                          power > 1 ? fmt::format("^{}", power) : "");
    }
  }
  if (below.empty()) {
    return above.empty() ? "a plain number" : above;
  }
  return (above.empty() ? "1" : above) + "/" + below;
}

std::optional<Unit> find_unit(std::string_view text) {
  if (text.empty()) {
    return Unit{1, {}, "1", 1};
  }
  const std::size_t slash = text.find('/');
  const UnitWord* const above = find_word(text.substr(0, slash));
  if (above == nullptr) {
    return std::nullopt;
  }
  Unit unit{above->factor, above->dimension, above->column, above->column_factor};
  if (slash == std::string_view::npos) {
    return unit;
  }
  const UnitWord* const below = find_word(text.substr(slash + 1));
  if (below == nullptr || below->dimension == of(Base::kSecond, -1)) {
    return std::nullopt;
  }
  unit.factor /= below->factor;
  unit.dimension = unit.dimension.over(below->dimension);
  // A rate is by second, whatever a time alone is stored in.
  const bool per_time = below->dimension == of(Base::kSecond);
  unit.column += "/" + (per_time ? std::string("s") : below->column);
  unit.column_factor /= per_time ? below->factor : below->column_factor;
  return unit;
}

std::size_t unit_length(std::string_view text) {
  const std::size_t first = word_length(text);
  if (first == 0 || text.front() == '1' || !find_unit(text.substr(0, first))) {
    return 0;
  }
  if (first < text.size() && text[first] == '/') {
    const std::size_t whole = first + 1 + word_length(text.substr(first + 1));
    if (find_unit(text.substr(0, whole))) {
      return whole;
    }
  }
  return first;
}

std::optional<ParsedAmount> parse_amount(std::string_view text) {
  ParsedAmount parsed;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, parsed.number);
  if (error != std::errc() || !std::isfinite(parsed.number)) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::optional<Unit> unit = find_unit(text);
  if (!unit) {
    return std::nullopt;
  }
  parsed.unit_text = text;
  parsed.unit = *unit;
  return parsed;
}

}  // namespace orrery
