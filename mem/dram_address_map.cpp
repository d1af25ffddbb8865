// SPDX-License-Identifier: Apache-2.0
#include "mem/dram_address_map.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <stdexcept>

namespace orrery {
namespace {

constexpr std::array<std::string_view, DramAddressMap::kFields> kNames{
    "channel", "pseudo_channel", "stack_id", "bank_group", "bank", "row", "column"};
constexpr std::uint64_t kInterleaveBytes = 256;  // of the named maps

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Fields of a named map. The channel comes above the lowest 256 B; where that cuts a field in two,
// its rest follows.
std::string named_order(std::string_view name, const DramGeometry& geometry) {
  const std::uint64_t unit = std::max<std::uint64_t>(1, kInterleaveBytes / geometry.burst_bytes);
  const auto with_channel = [&](const std::vector<std::pair<std::string, std::uint64_t>>& fields) {
    std::string order;
    std::uint64_t left = unit;  // values still to place below the channel
    const auto add = [&](const std::string& text) { order += (order.empty() ? "" : ",") + text; };
    for (const auto& [field, values] : fields) {
      if (left > 1 && values > left && values % left == 0) {
        add(field + ":" + std::to_string(left));
        add("channel");
        add(field);
        left = 0;
        continue;
      }
      add(field);
      if (left > 1 && left % values == 0) {
        left /= values;
        if (left == 1) {
          add("channel");
          left = 0;
        }
      }
    }
    return left == 0 ? order : "channel," + order;
  };
  const std::uint64_t pcs = geometry.pseudo_channels;
  if (name == "A" || name == "H") {
    return with_channel({{"pseudo_channel", pcs},
                         {"bank_group", geometry.bank_groups},
                         {"column", geometry.columns},
                         {"bank", geometry.banks_per_group},
                         {"stack_id", geometry.stack_ids},
                         {"row", geometry.rows}});
  }
  if (name == "B") {
    return with_channel({{"pseudo_channel", pcs},
                         {"column", geometry.columns},
                         {"bank_group", geometry.bank_groups},
                         {"bank", geometry.banks_per_group},
                         {"stack_id", geometry.stack_ids},
                         {"row", geometry.rows}});
  }
  if (name == "default") {
    const std::string first =
        geometry.columns > unit && geometry.columns % unit == 0
            ? fmt::format("column:{},channel,pseudo_channel,bank_group,column", unit)
            : std::string("column,channel,pseudo_channel,bank_group");
    return first + ",bank,stack_id,row";
  }
  return std::string(name);
}

}  // namespace

DramAddressMap::DramAddressMap(const DramGeometry& geometry,
                               std::uint32_t channels,
                               std::string_view order,
                               std::string_view hash)
    : count_{channels,
             geometry.pseudo_channels,
             geometry.stack_ids,
             geometry.bank_groups,
             geometry.banks_per_group,
             geometry.rows,
             geometry.columns} {
  order = trimmed(order);
  if (hash.empty()) {
    hash = order == "A" || order == "B" ? "none" : order == "H" ? "xor" : "mix";
  }
  if (hash != "none" && hash != "xor" && hash != "mix") {
    throw std::invalid_argument(fmt::format("unknown hash '{}', expected none, xor or mix", hash));
  }
  hash_ = hash == "none" ? Hash::kNone : hash == "xor" ? Hash::kXor : Hash::kMix;
  parse(named_order(order, geometry));
  finish_digits();
}

void DramAddressMap::parse(std::string_view order) {
  std::array<std::uint64_t, kFields> parts;  // product of the parts given
  parts.fill(1);
  std::array<bool, kFields> stands{};
  std::array<int, kFields> whole{};  // times a field stands without a number of values
  for (bool more = true; more;) {
    const auto comma = order.find(',');
    more = comma != std::string_view::npos;
    const std::string_view item = trimmed(order.substr(0, comma));
    order = more ? order.substr(comma + 1) : std::string_view{};
    const auto colon = item.find(':');
    const std::string_view name = trimmed(item.substr(0, colon));
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (name == "A" || name == "B" || name == "H" || name == "default") {
      throw std::invalid_argument(
          fmt::format("'{}' is a whole map and cannot be part of an order", name));
    }
    if (found == kNames.end()) {
      throw std::invalid_argument(
          fmt::format("unknown field '{}', expected A, B, H, default or an order of {}", name,
                      "channel, pseudo_channel, stack_id, bank_group, bank, row, column"));
    }
    const auto f = static_cast<std::size_t>(found - kNames.begin());
    Digit digit;
    digit.field = static_cast<Field>(f);
    digit.values = 0;
    stands[f] = true;
    if (colon == std::string_view::npos) {
      ++whole[f];
    } else {
      const std::string_view number = trimmed(item.substr(colon + 1));
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), digit.values);
      if (error != std::errc() || end != number.data() + number.size() || digit.values == 0) {
        throw std::invalid_argument(
            fmt::format("'{}': '{}' is not a number of values", item, number));
      }
      parts[f] *= digit.values;
      if (parts[f] > count_[f]) {
        throw std::invalid_argument(
            fmt::format("parts of '{}' have {} values, it has only {}", name, parts[f], count_[f]));
      }
    }
    if (digits_.size() == 64) {
      throw std::invalid_argument("more than 64 parts");
    }
    digits_.push_back(digit);
  }
  for (std::size_t f = 0; f < kFields; ++f) {
    if (whole[f] > 1) {
      throw std::invalid_argument(fmt::format(
          "'{}' stands {} times without a number of values: parts overlap", kNames[f], whole[f]));
    }
    if (!stands[f] && count_[f] > 1) {
      throw std::invalid_argument(
          fmt::format("'{}' is missing: the map is not a bijection", kNames[f]));
    }
    if (count_[f] % parts[f] != 0) {
      throw std::invalid_argument(
          fmt::format("the parts of '{}' make {}, which does not divide its {} values", kNames[f],
                      parts[f], count_[f]));
    }
    if (whole[f] == 0 && parts[f] != count_[f]) {
      throw std::invalid_argument(fmt::format(
          "parts of '{}' have only {} of its {} values: the map is not a bijection; add "
          "'{}' for the rest",
          kNames[f], parts[f], count_[f], kNames[f]));
    }
  }
  for (Digit& digit : digits_) {
    const auto f = static_cast<std::size_t>(digit.field);
    if (digit.values == 0) {
      digit.values = static_cast<std::uint32_t>(count_[f] / parts[f]);
    }
  }
}

void DramAddressMap::finish_digits() {
  std::array<std::uint32_t, kFields> weight;
  weight.fill(1);
  bursts_ = 1;
  std::size_t channel_digits = 0;
  for (std::size_t i = 0; i < digits_.size(); ++i) {
    Digit& digit = digits_[i];
    const auto f = static_cast<std::size_t>(digit.field);
    digit.weight = weight[f];
    weight[f] *= digit.values;
    digit.power_of_two = std::has_single_bit(digit.values);
    digit.shift = static_cast<std::uint32_t>(std::countr_zero(digit.values));
    digit.mixed = hash_ == Hash::kMix && digit.values > 1 &&
                  (digit.field == Field::kChannel || digit.field == Field::kPseudoChannel ||
                   digit.field == Field::kBankGroup || digit.field == Field::kBank);
    digit.below = bursts_;
    bursts_ *= digit.values;
    if (digit.field == Field::kChannel) {
      channel_digit_ = i;
      ++channel_digits;
    }
  }
  if (hash_ == Hash::kXor && channel_digits > 1) {
    throw std::invalid_argument("hash xor needs the channel in one part");
  }
  run_length_ = digits_[0].field == Field::kColumn ? digits_[0].values : 1;
  find_bits();
}

void DramAddressMap::find_bits() {
  is_bits_ = hash_ == Hash::kNone;
  std::array<std::size_t, kFields> pieces{};
  std::uint32_t shift = 0;
  for (const Digit& digit : digits_) {
    const auto f = static_cast<std::size_t>(digit.field);
    is_bits_ = is_bits_ && digit.power_of_two && pieces[f] < 2 && shift < 64;
    if (!is_bits_) {
      return;
    }
    bits_[f][pieces[f]++] = {static_cast<std::uint8_t>(shift),
                             static_cast<std::uint8_t>(std::countr_zero(digit.weight)),
                             digit.values - 1};
    shift += digit.shift;
  }
}

// Uniform over the digit's values; the weight keeps the digits' hashes apart.
std::uint32_t DramAddressMap::mix(const Digit& digit, std::uint64_t above) const {
  std::uint64_t x = (above + digit.below) * 0x9E3779B97F4A7C15ULL;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9ULL;
  return static_cast<std::uint32_t>(((x >> 32) * digit.values) >> 32);
}

std::uint32_t DramAddressMap::combine(std::uint32_t value,
                                      std::uint32_t with,
                                      std::uint32_t values) {
  return std::has_single_bit(values) ? (value ^ with) & (values - 1)
                                     : (value + with % values) % values;
}

std::uint32_t DramAddressMap::separate(std::uint32_t value,
                                       std::uint32_t with,
                                       std::uint32_t values) {
  return std::has_single_bit(values) ? (value ^ with) & (values - 1)
                                     : (value + values - with % values) % values;
}

// All digits above, in base of the number of channels, combined.
std::uint32_t DramAddressMap::fold_channel(std::uint64_t above) const {
  const std::uint32_t channels = count_[0];
  std::uint32_t folded = 0;
  for (; channels > 1 && above > 0; above /= channels) {
    folded = combine(folded, static_cast<std::uint32_t>(above % channels), channels);
  }
  return folded;
}

void DramAddressMap::hash_banks(DramPlace& place, bool forward) const {
  const auto turn = forward ? combine : separate;
  const std::uint32_t groups = count_[static_cast<std::size_t>(Field::kBankGroup)];
  const std::uint32_t banks = count_[static_cast<std::size_t>(Field::kBank)];
  const std::uint32_t pcs = count_[static_cast<std::size_t>(Field::kPseudoChannel)];
  place.bank_group = turn(place.bank_group, place.row % groups, groups);
  place.bank = turn(place.bank, place.row / groups % banks, banks);
  place.pseudo_channel =
      turn(place.pseudo_channel, static_cast<std::uint32_t>(std::popcount(place.row)) & 1U, pcs);
}

DramPlace DramAddressMap::locate_digits(std::uint64_t burst) const {
  std::array<std::uint32_t, kFields> field{};
  std::uint64_t above = burst;
  for (std::size_t i = 0; i < digits_.size(); ++i) {
    const Digit& digit = digits_[i];
    std::uint32_t value = 0;
    if (digit.power_of_two) {
      value = static_cast<std::uint32_t>(above) & (digit.values - 1);
      above >>= digit.shift;
    } else {
      value = static_cast<std::uint32_t>(above % digit.values);
      above /= digit.values;
    }
    if (digit.mixed) {
      value += mix(digit, above);
      value -= value >= digit.values ? digit.values : 0;
    } else if (hash_ == Hash::kXor && i == channel_digit_) {
      value = combine(value, fold_channel(above), digit.values);
    }
    field[static_cast<std::size_t>(digit.field)] += value * digit.weight;
  }
  DramPlace place{field[0], field[1], field[2], field[3], field[4], field[5], field[6]};
  if (hash_ == Hash::kXor) {
    hash_banks(place, true);
  }
  return place;
}

std::uint64_t DramAddressMap::burst_of(const DramPlace& hashed) const {
  DramPlace place = hashed;
  if (hash_ == Hash::kXor) {
    hash_banks(place, false);
  }
  const std::array<std::uint32_t, kFields> field{
      place.channel, place.pseudo_channel, place.stack_id, place.bank_group, place.bank,
      place.row,     place.column};
  std::uint64_t above = 0;
  for (std::size_t i = digits_.size(); i > 0; --i) {
    const Digit& digit = digits_[i - 1];
    std::uint32_t value =
        field[static_cast<std::size_t>(digit.field)] / digit.weight % digit.values;
    if (digit.mixed) {
      const std::uint32_t by = mix(digit, above);
      value = value >= by ? value - by : value + digit.values - by;
    } else if (hash_ == Hash::kXor && i - 1 == channel_digit_) {
      value = separate(value, fold_channel(above), digit.values);
    }
    above = above * digit.values + value;
  }
  return above;
}

std::string DramAddressMap::text() const {
  std::string text;
  for (const Digit& digit : digits_) {
    const auto f = static_cast<std::size_t>(digit.field);
    text += text.empty() ? "" : ", ";
    text += kNames[f];
    if (digit.values != count_[f]) {
      text += ":" + std::to_string(digit.values);
    }
  }
  return text + "; hash " + (hash_ == Hash::kNone ? "none" : hash_ == Hash::kXor ? "xor" : "mix");
}

}  // namespace orrery
