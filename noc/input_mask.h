// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

// Sets of small numbers as words of bits, for round-robin arbiters.
namespace orrery {

inline constexpr std::uint32_t kNoBit = 0xffffffff;

constexpr std::uint64_t low_bits(std::uint32_t count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

inline void set_bit(std::uint64_t* words, std::uint32_t bit) {
  words[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

inline void clear_bit(std::uint64_t* words, std::uint32_t bit) {
  words[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
}

inline bool any_bit(const std::uint64_t* words, std::uint32_t count) {
  for (std::uint32_t w = 0; w < count; ++w) {
    if (words[w] != 0) {
      return true;
    }
  }
  return false;
}

// The first bit of one word at or after `from`, going around; the word is not 0.
inline std::uint32_t first_from(std::uint64_t word, std::uint32_t from) {
  const int ahead = std::countr_zero(std::rotr(word, static_cast<int>(from)));
  return (static_cast<std::uint32_t>(ahead) + from) % 64;
}

// The first bit of `words` without `blocked` at or after `from`, going around; kNoBit: none.
inline std::uint32_t first_from(const std::uint64_t* words,
                                const std::uint64_t* blocked,
                                std::uint32_t count,
                                std::uint32_t from) {
  const std::uint32_t start = from / 64 < count ? from / 64 : 0;
  const std::uint32_t shift = from / 64 < count ? from % 64 : 0;
  for (std::uint32_t k = 0; k <= count; ++k) {
    const std::uint32_t w = start + k < count ? start + k : start + k - count;
    std::uint64_t word = words[w] & ~blocked[w];
    if (k == 0) {
      word &= ~std::uint64_t{0} << shift;
    }
    if (word != 0) {
      return w * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
    }
  }
  return kNoBit;
}

}  // namespace orrery
