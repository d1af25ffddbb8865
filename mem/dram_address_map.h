// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mem/dram_device.h"

namespace orrery {

// Where a burst lies.
struct DramPlace {
  std::uint32_t channel = 0;  // of the chip
  std::uint32_t pseudo_channel = 0;
  std::uint32_t stack_id = 0;
  std::uint32_t bank_group = 0;
  std::uint32_t bank = 0;  // of its group
  std::uint32_t row = 0;
  std::uint32_t column = 0;

  // Of the pseudo-channel, as DramRun counts banks.
  std::uint32_t bank_index(const DramGeometry& geometry) const {
    return (stack_id * geometry.bank_groups + bank_group) * geometry.banks_per_group + bank;
  }
  bool operator==(const DramPlace&) const = default;
};

// How addresses become places: an order of fields, least significant first, each with the number
// of values it takes, and a hash. The number of a burst (address / burst bytes) is written in these
// digits. A field may stand in several places with a part of its values each:
//
//   column:8, channel, pseudo_channel, bank_group, column, bank, stack_id, row
//
// puts 8 bursts of a row side by side, then goes to the next channel; the second `column` has what
// is left. Every number of values is allowed (80 channels, 24576 rows). The map is a bijection.
//
// Hashes, all bijections too:
//   none
//   xor  bits above the channel are folded into it, bits of the row into pseudo-channel, bank group
//        and bank: the map H of other simulators' studies. Where a number of values is not a power
//        of two, it adds and wraps instead.
//   mix  each digit of channel, pseudo-channel, bank group and bank is turned by a multiplicative
//        hash of all digits above it: no pitch of a matrix keeps hitting the same few.
class DramAddressMap {
 public:
  enum class Field : std::uint8_t {
    kChannel,
    kPseudoChannel,
    kStackId,
    kBankGroup,
    kBank,
    kRow,
    kColumn,
  };
  static constexpr std::size_t kFields = 7;
  enum class Hash : std::uint8_t { kNone, kXor, kMix };

  // `order`: one of the names A, B, H (as in studies of HBM with bursts of 32 B; see
  // mem/README.md) and `default`, or fields as above. `hash`: none, xor, mix, or empty for the
  // name's own (A, B: none; H: xor; others: mix). Throws std::invalid_argument that says what is
  // wrong: unknown, missing or overlapping fields, parts that do not divide a field.
  DramAddressMap(const DramGeometry& geometry,
                 std::uint32_t channels,
                 std::string_view order,
                 std::string_view hash = "");

  DramPlace locate(std::uint64_t burst) const {
    if (!is_bits_) {
      return locate_digits(burst);
    }
    return {bits_of(Field::kChannel, burst), bits_of(Field::kPseudoChannel, burst),
            bits_of(Field::kStackId, burst), bits_of(Field::kBankGroup, burst),
            bits_of(Field::kBank, burst),    bits_of(Field::kRow, burst),
            bits_of(Field::kColumn, burst)};
  }
  // The inverse.
  std::uint64_t burst_of(const DramPlace& place) const;

  std::uint64_t bursts() const { return bursts_; }
  std::uint32_t channels() const { return count_[0]; }
  // So many consecutive bursts, from a multiple of it on, lie side by side in one row.
  std::uint32_t run_length() const { return run_length_; }
  // "column:8, channel, ..., row; hash mix"
  std::string text() const;

 private:
  struct Digit {
    Field field = Field::kColumn;
    std::uint32_t values = 1;
    std::uint32_t weight = 1;  // in its field
    std::uint32_t shift = 0;   // log2 of values, where it is a power of two
    bool power_of_two = false;
    bool mixed = false;
    std::uint64_t below = 1;  // product of the values of all digits below: its weight in the number
  };
  // A field as bits of the burst's number, in at most two pieces: what most maps without a hash
  // are.
  struct Bits {
    std::uint8_t shift = 0;
    std::uint8_t weight_shift = 0;
    std::uint32_t mask = 0;
  };
  std::uint32_t bits_of(Field field, std::uint64_t burst) const {
    const auto& pieces = bits_[static_cast<std::size_t>(field)];
    return (static_cast<std::uint32_t>(burst >> pieces[0].shift) & pieces[0].mask)
               << pieces[0].weight_shift |
           (static_cast<std::uint32_t>(burst >> pieces[1].shift) & pieces[1].mask)
               << pieces[1].weight_shift;
  }
  void find_bits();
  DramPlace locate_digits(std::uint64_t burst) const;
  std::uint32_t mix(const Digit& digit, std::uint64_t above) const;
  std::uint32_t fold_channel(std::uint64_t above) const;
  void parse(std::string_view order);
  void finish_digits();
  static std::uint32_t combine(std::uint32_t value, std::uint32_t with, std::uint32_t values);
  static std::uint32_t separate(std::uint32_t value, std::uint32_t with, std::uint32_t values);
  void hash_banks(DramPlace& place, bool forward) const;

  std::array<std::uint32_t, kFields> count_;  // values of each field
  Hash hash_ = Hash::kNone;
  std::vector<Digit> digits_;  // least significant first
  std::size_t channel_digit_ = 0;
  std::uint64_t bursts_ = 0;
  std::uint32_t run_length_ = 1;
  bool is_bits_ = false;
  std::array<std::array<Bits, 2>, kFields> bits_{};
};

}  // namespace orrery
