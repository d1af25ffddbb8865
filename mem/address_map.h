// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace orrery {

// Where a byte address lies in HBM. Addresses are dealt to channels in units of
// `interleave_bytes`; higher address bits are hashed in, so that no pitch of a matrix keeps hitting
// the same few channels.
//
// A group of as many consecutive units as there are channels covers each channel once, whatever
// their number; within its channel the group's unit is number `address / (channels * interleave)`.
// The map is therefore a bijection. With channels = m * 2^b, m odd: the unit's remainder by m is
// rotated, its next b bits are XORed, both with a multiplicative hash of the digits above them.
// Channels are numbered so that neighbours lie in different stacks: stack = channel % stacks.
class AddressMap {
 public:
  struct Place {
    std::uint32_t channel = 0;
    std::uint64_t row = 0;  // of the channel; unique there, the bank included
    std::uint32_t bank = 0;
  };

  // Sizes and banks are powers of two, a row holds a whole number of units; addresses lie below
  // 2^48. Throws std::invalid_argument.
  AddressMap(std::uint32_t channels,
             std::uint64_t interleave_bytes,
             std::uint64_t row_bytes,
             std::uint32_t banks);

  Place locate(std::uint64_t address) const { return locate_unit(unit_of(address)); }
  Place locate_unit(std::uint64_t unit) const {
    const std::uint64_t above = divide_by_odd(unit);
    const std::uint64_t group = above >> even_shift_;
    const std::uint64_t row = group >> units_per_row_shift_;
    return {channel_of(unit, above, group), row, bank_of(row)};
  }

  std::uint64_t unit_of(std::uint64_t address) const { return address >> interleave_shift_; }
  std::uint64_t group_of(std::uint64_t unit) const { return divide_by_odd(unit) >> even_shift_; }
  std::uint32_t channel_of(std::uint64_t unit) const {
    const std::uint64_t above = divide_by_odd(unit);
    return channel_of(unit, above, above >> even_shift_);
  }
  // Consecutive rows of a channel lie in different banks.
  std::uint32_t bank_of(std::uint64_t row) const {
    if (bank_shift_ == 0) {
      return 0;
    }
    const std::uint64_t mixed = hash(row >> bank_shift_) >> (64 - bank_shift_);
    return static_cast<std::uint32_t>((row ^ mixed) & bank_mask_);
  }

  std::uint32_t channels() const { return channels_; }
  std::uint64_t interleave_bytes() const { return std::uint64_t{1} << interleave_shift_; }
  std::uint64_t units_per_row() const { return std::uint64_t{1} << units_per_row_shift_; }

 private:
  // The high bits count. Two rounds: after one, pitches near a multiple of the channels resonate.
  static constexpr std::uint64_t hash(std::uint64_t value) {
    value *= 0x9E3779B97F4A7C15ULL;
    value ^= value >> 29;
    return value * 0xBF58476D1CE4E5B9ULL;
  }

  std::uint32_t channel_of(std::uint64_t unit, std::uint64_t above, std::uint64_t group) const {
    std::uint64_t channel = above & even_mask_;
    if (even_shift_ > 0) {
      channel ^= hash(group) >> (64 - even_shift_);
    }
    if (odd_ == 1) {
      return static_cast<std::uint32_t>(channel);
    }
    std::uint64_t rotated = unit - above * odd_ + ((hash(above) >> 40) * odd_ >> 24);
    rotated -= rotated >= odd_ ? odd_ : 0;
    return static_cast<std::uint32_t>(channel * odd_ + rotated);
  }

  // unit / odd_, by a multiplication: exact below 2^43 for every odd_ below 2^21.
  std::uint64_t divide_by_odd(std::uint64_t unit) const {
    if (odd_ == 1) {
      return unit;
    }
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(unit) * reciprocal_) >> 64);
  }

  std::uint32_t channels_;
  std::uint32_t interleave_shift_;
  std::uint32_t units_per_row_shift_;
  std::uint32_t bank_shift_;
  std::uint64_t bank_mask_;
  std::uint64_t odd_;         // the odd factor of the number of channels
  std::uint64_t reciprocal_;  // 2^64 / odd_, rounded up
  std::uint32_t even_shift_;  // channels = odd_ << even_shift_
  std::uint64_t even_mask_;
};

}  // namespace orrery
