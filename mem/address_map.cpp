// SPDX-License-Identifier: Apache-2.0
#include "mem/address_map.h"

#include <bit>
#include <limits>
#include <stdexcept>

namespace orrery {

AddressMap::AddressMap(std::uint32_t channels,
                       std::uint64_t interleave_bytes,
                       std::uint64_t row_bytes,
                       std::uint32_t banks)
    : channels_(channels) {
  if (channels == 0 || channels >= (1U << 21)) {
    throw std::invalid_argument("channels must be between 1 and 2^21 - 1");
  }
  if (interleave_bytes < 32 || !std::has_single_bit(interleave_bytes)) {
    throw std::invalid_argument("interleave must be a power of two of at least 32 B");
  }
  if (!std::has_single_bit(row_bytes) || row_bytes < interleave_bytes) {
    throw std::invalid_argument("row size must be a power of two of at least the interleave");
  }
  if (!std::has_single_bit(banks)) {
    throw std::invalid_argument("banks must be a power of two");
  }
  interleave_shift_ = static_cast<std::uint32_t>(std::countr_zero(interleave_bytes));
  units_per_row_shift_ =
      static_cast<std::uint32_t>(std::countr_zero(row_bytes)) - interleave_shift_;
  bank_shift_ = static_cast<std::uint32_t>(std::countr_zero(banks));
  bank_mask_ = banks - 1;
  even_shift_ = static_cast<std::uint32_t>(std::countr_zero(channels));
  even_mask_ = (std::uint64_t{1} << even_shift_) - 1;
  odd_ = channels >> even_shift_;
  reciprocal_ = std::numeric_limits<std::uint64_t>::max() / odd_ + 1;
}

}  // namespace orrery
