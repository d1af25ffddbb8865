// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Counter-based random numbers: the n-th number of a seed is a function of both, so that it does
// not depend on who else drew numbers, or in which order.
namespace orrery {

// 64 bits that look random: two rounds of the SplitMix64 finaliser (Steele, Lea, Flood 2014) over
// the counter, in a sequence that the seed selects.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t counter) {
  constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15ULL;
  const auto mix = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  return mix(mix(seed + kGoldenGamma) + (counter + 1) * kGoldenGamma);
}

// Uniform in [0, bound), bound > 0: the high half of a product (the bias is below bound / 2^64).
constexpr std::uint64_t random_below(std::uint64_t seed,
                                     std::uint64_t counter,
                                     std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random_bits(seed, counter)) * bound) >> 64);
}

}  // namespace orrery
